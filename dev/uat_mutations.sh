#!/usr/bin/env bash
# Proves that each row of dev/uat.sh can fail: each is run under a mutation that it must notice.
#   dev/uat_mutations.sh [ROW…] [--table dev/uat/mutations.md]
# Exit 1 when a row passes in spite of its mutation, fails without it, or fails for another reason.
# The mutations and the reasons: dev/uat/mutations.py.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(./dev/python.sh tests/requirements.txt)
PYTHONPATH=dev exec "$python" -B -m uat.mutations "$@"
