#!/usr/bin/env bash
# Installs what the tests need and passes them. Repeatable; leaves nothing running.
#   dev/test.sh          everything (what CI runs)
#   dev/test.sh unit     both compilers, layers, layout, unit tests
#   dev/test.sh sanitize unit and live tests under ASan+UBSan and TSan
#   dev/test.sh live     the program against real servers, the Parquet readers
#   dev/test.sh fuzz     every fuzz target for a minute
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s  [%s s]\n' "$*" "$SECONDS"; }

build() { # preset
    cmake --preset "$1" >/dev/null
    cmake --build "build/${1/#release/.}" --parallel >"build/$1.log" 2>&1 || { cat "build/$1.log"; return 1; }
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

services=()
start_services() {
    local name
    for name in postgres mariadb mysql; do
        ./dev/services.sh status "$name" >/dev/null 2>&1 || services+=("$name")
    done
    [ "${#services[@]}" -eq 0 ] || ./dev/services.sh up "${services[@]}"
    ./dev/services.sh status postgres mariadb mysql # which versions the tests run against
}
stop_services() {
    [ "${#services[@]}" -eq 0 ] || ./dev/services.sh down "${services[@]}"
    services=()
}
trap stop_services EXIT

pytest() { "$(./dev/python.sh tests/requirements.txt)" -m pytest -q -p no:cacheprovider "$@"; }

step_live() {
    say "servers on loopback"
    [ -x build/rivet ] || build release
    build dev
    start_services
    say "live tests and Parquet readers"
    RIVET_BUILD_DIR=build/dev pytest tests/live tests/readers
}

step_sanitize() {
    [ -n "${services[*]-}" ] || start_services
    say "AddressSanitizer and UndefinedBehaviorSanitizer"
    build asan
    unit_tests asan
    RIVET_BUILD_DIR=build/asan RIVET_TEST_PATIENCE=5 pytest tests/live -m "not slow" -k "full or failures or matrix"
    say "ThreadSanitizer"
    build tsan
    unit_tests tsan
    RIVET_BUILD_DIR=build/tsan RIVET_TEST_PATIENCE=5 pytest tests/live -k "full or failures"
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
