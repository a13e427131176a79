#!/usr/bin/env bash
# What takes longer than a test suite should: long fuzzing, many random kills, big tables.
# The log goes to build/soak.log as well.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p build
exec > >(tee build/soak.log) 2>&1
./dev/packages.sh install test
cmake --preset dev >/dev/null && cmake --build build/dev --parallel "$(nproc)" >/dev/null
echo "== fuzz targets, five minutes each"
./dev/fuzz.sh 300
echo "== long live tests"
./dev/services.sh up postgres mariadb mysql
trap './dev/services.sh down postgres mariadb mysql' EXIT
RIVET_BUILD_DIR=build/dev RIVET_SOAK=1 "$(./dev/python.sh tests/requirements.txt)" -m pytest -q -p no:cacheprovider tests/live -m soak
