#!/usr/bin/env bash
# Installs what the tests need and passes them. Repeatable; leaves nothing running.
#   dev/test.sh          everything (what CI runs)
#   dev/test.sh unit     both compilers, layers, layout, unit tests
#   dev/test.sh sanitize unit and live tests under ASan+UBSan and TSan
#   dev/test.sh live     the program against real servers, the Parquet readers
#   dev/test.sh fuzz     every fuzz target for a minute
set -euo pipefail
cd "$(dirname "$0")/.."
. dev/with_services.sh

say() { printf '\n== %s  [%s s]\n' "$*" "$SECONDS"; }

build() { # preset
    cmake --preset "$1" >/dev/null
    cmake --build "build/${1/#release/.}" --parallel "$(nproc)" >"build/$1.log" 2>&1 || { cat "build/$1.log"; return 1; }
}

unit_tests() { # preset
    ctest --test-dir "build/$1" --output-on-failure --parallel "$(nproc)" >"build/$1-ctest.log" 2>&1 ||
        { cat "build/$1-ctest.log"; return 1; }
    tail -n 3 "build/$1-ctest.log"
}

step_unit() {
    say "layers and layout"
    ./dev/check_layers.sh
    git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror
    say "gcc and clang, warnings are errors"
    build release
    build dev
    build clang
    say "unit tests"
    unit_tests dev
}

# A second try for what lost a race on a busy machine; the summary names each, as what was skipped.
pytest() { "$(./dev/python.sh tests/requirements.txt)" -m pytest -q -p no:cacheprovider --reruns 1 -rRs --durations 20 "$@"; }

# Most tests look at nothing but their own databases, files and sessions and run side by side. These
# share the proxies of dev/setup_toxiproxy.sh, take services up and down, or watch every session of a
# server.
alone=(tests/live/test_mysql_failures.py tests/live/test_services.py tests/live/test_toxiproxy.py)

# Those that take longest begin first, so that none of them is alone at the end.
long=(tests/readers tests/live/test_s3_delivery.py tests/live/test_gcs_delivery.py tests/live/test_delivery.py
    tests/live/test_chunked_kills.py tests/live/test_chunked_bench.py tests/live/test_bench_exports.py)

side_by_side() {
    local file
    printf '%s\n' "${long[@]}"
    for file in tests/live/test_*.py; do
        [[ " ${alone[*]} ${long[*]} " == *" $file "* ]] || echo "$file"
    done
}

step_live() {
    local files
    say "servers on loopback"
    start_services
    export RIVET_TEST_PG_URL=${RIVET_TEST_PG_URL:-postgresql://rivet:rivet@localhost:5432/rivet}
    local mysql=mysql://rivet:rivet@127.0.0.1
    export RIVET_TEST_MYSQL_URLS=${RIVET_TEST_MYSQL_URLS:-$mysql:3306/rivet $mysql:3307/rivet}
    build release # what memory is measured on
    build dev
    say "sources against live servers"
    ctest --test-dir build/dev -R _live --output-on-failure | tail -n 3
    say "live tests and Parquet readers, side by side"
    mapfile -t files < <(side_by_side)
    # Many of them wait for a server most of the time: two more than there are cores.
    RIVET_BUILD_DIR=build/dev pytest -n "$(($(nproc) + 2))" --dist loadfile --no-loadscope-reorder "${files[@]}"
    say "live tests, one after another"
    RIVET_BUILD_DIR=build/dev pytest "${alone[@]}"
}

step_sanitize() {
    start_services
    export RIVET_TEST_PATIENCE=5
    say "AddressSanitizer and UndefinedBehaviorSanitizer"
    build asan
    unit_tests asan
    RIVET_BUILD_DIR=build/asan pytest -n "$(nproc)" --dist loadfile -m "not slow and not soak" tests/live/test_full.py \
        tests/live/test_failures.py tests/live/test_gates.py tests/live/test_type_matrix.py \
        tests/live/test_mysql_full.py tests/live/test_mysql_types.py
    say "ThreadSanitizer"
    build tsan
    unit_tests tsan
    RIVET_BUILD_DIR=build/tsan pytest -n "$(nproc)" --dist loadfile -m "not slow and not soak" tests/live/test_full.py \
        tests/live/test_many_exports.py
}

step_fuzz() {
    say "fuzz targets, a minute each"
    ./dev/fuzz.sh 60
}

say "installing what the tests need (apt, once)"
./dev/packages.sh install test
mkdir -p build

[ "$#" -gt 0 ] || set -- unit live sanitize fuzz
for step in "$@"; do
    "step_$step"
done
say "all passed"
