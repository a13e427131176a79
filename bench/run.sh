#!/usr/bin/env bash
# Measures rivet beside the smallest program that reads the same query (bench/floor), interleaved in
# one run, and prints medians and ratios. Needs the full seed in database rivet_full:
#   build/rivet-seed --target postgres --pg-url postgresql://rivet:rivet@localhost:5432/rivet_full
#   build/rivet-seed --target mysql --mysql-url mysql://rivet:rivet@localhost:3306/rivet_full
# Options go to bench/compare.py (see --help there). `bench/run.sh workers …` measures two workers of a
# chunked export beside one (bench/workers.py).
set -euo pipefail
cd "$(dirname "$0")/.."
python=$(./dev/python.sh tests/requirements.txt)
program=compare
if [ "${1:-}" = workers ]; then
    program=workers
    shift
fi
exec "$python" "bench/$program.py" "$@"
