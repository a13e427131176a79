#!/usr/bin/env bash
# What takes longer than a test suite should: long fuzzing, many random kills, big tables.
# The log goes to build/soak.log as well.
set -euo pipefail
cd "$(dirname "$0")/.."
. dev/with_services.sh

mkdir -p build
exec > >(tee build/soak.log) 2>&1
./dev/packages.sh install test
for preset in release dev; do
    cmake --preset "$preset" >/dev/null
    cmake --build "build/${preset/#release/.}" --parallel "$(nproc)" >/dev/null
done
echo "== fuzz targets, five minutes each"
./dev/fuzz.sh 300
echo "== long live tests"
start_services
RIVET_BUILD_DIR=build/dev RIVET_SOAK=1 "$(./dev/python.sh tests/requirements.txt)" -m pytest -q -p no:cacheprovider tests/live -m soak
echo "== killed at every step, where the default suite leaves steps out"
RIVET_BUILD_DIR=build/dev RIVET_SOAK=1 "$(./dev/python.sh tests/requirements.txt)" -m pytest -q -p no:cacheprovider \
    tests/live/test_delivery.py tests/live/test_s3_delivery.py tests/live/test_gcs_delivery.py tests/live/test_gate_failures.py
