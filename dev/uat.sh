#!/usr/bin/env bash
# The acceptance plan, every row from Pre-P1 to U3, one line each: PASS|FAIL|SKIP id fact.
#   dev/uat.sh              all rows
#   dev/uat.sh R3 Q6 E      some rows, or whole suites
#   dev/uat.sh --list       the rows
# Exit 1 when a row fails. Summary and JSON: /tmp/rivet_uat/uat.{txt,json}; each row's commands and
# their output: /tmp/rivet_uat/<id>/commands.log. Servers that do not run are started by
# dev/services.sh and ended again; databases without the full seed are seeded, which takes some
# minutes. Other databases, ports and folders: the head of dev/uat/world.py.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${RIVET_BUILD_DIR:-}" ] && [ ! -x build/rivet ]; then
    make
fi
python=$(./dev/python.sh tests/requirements.txt)
PYTHONPATH=dev exec "$python" -B -m uat "$@"
