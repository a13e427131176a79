#!/usr/bin/env bash
# Makes .venv with the pinned packages of a requirements file and prints the path of its python.
#   dev/python.sh tests/requirements.txt
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=$1
venv=${RIVET_VENV:-.venv}
stamp="$venv/.$(basename "$requirements").$(sha256sum "$requirements" | cut -c1-16)"

if [ ! -e "$stamp" ]; then
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2
    touch "$stamp"
fi
echo "$venv/bin/python"
