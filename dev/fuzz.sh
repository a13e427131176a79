#!/usr/bin/env bash
# Runs every libFuzzer target for a while on its own corpus.
#   dev/fuzz.sh [seconds each, default 60] [target …]
# Corpora grow in build/fuzz-corpus; a crash leaves its input there and fails the script.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
cmake --preset fuzz >/dev/null
cmake --build build/fuzz --parallel "$(nproc)" >/dev/null

targets=("$@")
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <(find build/fuzz/fuzz -maxdepth 1 -name 'fuzz_*' -executable -type f -printf '%f\n' | sort)
[ "${#targets[@]}" -gt 0 ] || { echo "no fuzz targets were built" >&2; exit 1; }

run_target() {
    local name=$1 corpus="build/fuzz-corpus/$1" log="build/fuzz-corpus/$1.log"
    local folder="tests/fuzz/${name#fuzz_}" extra=()
    mkdir -p "$corpus"
    # A target may bring a dictionary and first inputs of its own.
    [ -f "$folder/${name#fuzz_}.dict" ] && extra+=("-dict=$folder/${name#fuzz_}.dict")
    local seeds=""
    [ -d "$folder/seeds" ] && seeds="$folder/seeds"
    if ! "build/fuzz/fuzz/$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$corpus/crash-" "${extra[@]}" "$corpus" ${seeds:+"$seeds"} >"$log" 2>&1; then
        echo "FAIL $name"
        tail -n 40 "$log"
        return 1
    fi
    echo "ok   $name: $(grep -oE 'number_of_executed_units: *[0-9]+' "$log" | grep -oE '[0-9]+$') inputs in $seconds s"
}
export -f run_target
export seconds
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run_target {}'
