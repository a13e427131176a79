#!/usr/bin/env bash
# The smoke test of the acceptance plan: from the repository root, with rivet from PATH (or RIVET),
# against the databases that run. One line per row, PASS, FAIL or SKIP, in /tmp/rivet_uat_smoke.txt
# (or RIVET_RESULTS); exit 1 when a row failed. It looks at little more than exit codes; dev/uat.sh
# proves the plan.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

results=${RIVET_RESULTS:-/tmp/rivet_uat_smoke.txt}
limit_s=300
rivet=${RIVET:-rivet}
: >"$results"

record() { printf '%s %s\n' "$1" "$2" | tee -a "$results"; }

# try COMMAND…: its output in $output and its status, never longer than the limit.
try() {
    output=$(timeout -k 5 "$limit_s" "$@" 2>&1)
}

# row ID COMMAND…: passes with exit 0.
row() {
    local id=$1
    shift
    if try "$@"; then record PASS "$id"; else record FAIL "$id"; fi
}

# row_matches ID STATUS PATTERN COMMAND…: passes with just this status and output that matches.
row_matches() {
    local id=$1 want=$2 pattern=$3 status=0
    shift 3
    try "$@" || status=$?
    if [ "$status" -eq "$want" ] && grep -Eiq "$pattern" <<<"$output"; then
        record PASS "$id"
    else
        record FAIL "$id"
    fi
}

# row_fails ID STATUS COMMAND…: passes with just this status.
row_fails() {
    local id=$1 want=$2 status=0
    shift 2
    try "$@" || status=$?
    if [ "$status" -eq "$want" ]; then record PASS "$id"; else record FAIL "$id"; fi
}

export rivet

# True when something accepts connections on this loopback port.
port_open() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# mysql_row ID COMMAND…: a row that needs the MySQL server.
mysql_row() {
    if port_open "${RIVET_MARIADB_PORT:-3306}"; then row "$@"; else record SKIP "$1"; fi
}

run() { row "$1" "$rivet" run --config "${@:2}"; }

row A1 "$rivet" --help
# shellcheck disable=SC2016 # the inner shell expands it
row_matches A2 0 '^#compdef rivet' bash -o pipefail -c '"$rivet" completions zsh | sed -n 1p'
row_fails A3 1 "$rivet" check --config /nonexistent/no.yaml

row B1 "$rivet" check --config dev/pg_full.yaml
row B2 "$rivet" check --config dev/pg_full.yaml --export pg_users_csv
mysql_row B3 "$rivet" check --config dev/mysql_full.yaml
row B4 "$rivet" doctor --config dev/pg_full.yaml

run C1_sample dev/pg_full.yaml --export pg_users_csv --validate
row_matches C2 0 'validat.*pass' "$rivet" run --config dev/pg_full.yaml --export pg_users_parquet --validate
run C3 dev/pg_incremental.yaml --export pg_orders_incremental
run C4 dev/pg_incremental.yaml --export pg_orders_incremental
mysql_row C5 "$rivet" run --config dev/mysql_full.yaml
mysql_row C6 "$rivet" run --config dev/mysql_incremental.yaml

row D1 "$rivet" state show --config dev/pg_incremental.yaml
row D2 "$rivet" metrics --config dev/pg_incremental.yaml --last 5

run E1 dev/bench_chunked_seq.yaml
try "$rivet" state reset-chunks --config dev/bench_chunked_p4.yaml --export bench_content_p4_serial || true
run E2_R1 dev/bench_chunked_p4.yaml --export bench_content_p4_serial --validate

run F1 dev/test_meta_columns.yaml --validate
run F2 dev/test_compression.yaml
run F3 dev/test_compression.yaml --export users_skip_empty

row G1 env PGPASSWORD=rivet "$rivet" check --config dev/pg_structured.yaml
mysql_row G2 "$rivet" check --config dev/mysql_structured.yaml

row H1 "$rivet" check --config dev/pg_degraded.yaml
row_matches H2 1 'FAIL.*(auth|password|denied)' "$rivet" doctor --config dev/test_pg_wrongpass.yaml

run J1 dev/_uat_time_window.yaml
# shellcheck disable=SC2016 # as above
row_matches L1 0 '^id,name,email$' bash -o pipefail -c '"$rivet" run --config dev/test_stdout.yaml 2>/dev/null | sed -n 1p'
run M1 dev/test_params.yaml --param MAX_ID=10
row M3 "$rivet" check --config dev/test_params.yaml --param MAX_ID=100
run N1 dev/test_quality.yaml --export users_quality_pass --validate
row_matches O1 0 'computed batch_size=[0-9]+' env RUST_LOG=info "$rivet" run --config dev/test_memory_batch.yaml

stamp=$(mktemp)
run P1 dev/test_file_split.yaml --validate
parts=$(find dev/output -name 'users_split_*_part*.parquet' -newer "$stamp" | wc -l)
rm -f "$stamp"
if [ "$parts" -ge 2 ]; then record PASS P2; else record FAIL P2; fi

for export in bench_content_p4_balanced bench_content_p4; do
    try "$rivet" state reset-chunks --config dev/bench_chunked_p4.yaml --export "$export" || true
done
run S1 dev/bench_chunked_p4.yaml --export bench_content_p4_balanced
run S4 dev/bench_chunked_p4.yaml --export bench_content_p4 --parallel-exports

prometheus=${RIVET_PROMETHEUS_PORT:-9090}
if port_open "$prometheus"; then
    row T1 curl -sf -m 10 "http://localhost:$prometheus/-/healthy"
else
    record SKIP T1
fi

count() { grep -c "^$1 " "$results" || true; }
printf '\n%s PASS, %s FAIL, %s SKIP (%s)\n' "$(count PASS)" "$(count FAIL)" "$(count SKIP)" "$results"
[ "$(count FAIL)" -eq 0 ]
