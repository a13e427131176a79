#!/usr/bin/env bash
# The program from end to end: every command, mode and destination against the databases that run,
# with the configurations beside this script. PostgreSQL is needed; MySQL, the S3 server and
# fake-gcs are skipped when they do not answer. RIVET names the program. One line per check in
# /tmp/rivet_e2e_results.txt (or RIVET_RESULTS); exit 1 when one failed.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. dev/services/common/s3.sh

rivet=${RIVET:-rivet}
results=${RIVET_RESULTS:-/tmp/rivet_e2e_results.txt}
folder=dev/e2e
limit_s=300
export MINIO_ACCESS_KEY=${MINIO_ACCESS_KEY:-minioadmin} MINIO_SECRET_KEY=${MINIO_SECRET_KEY:-minioadmin}
s3=http://127.0.0.1:${RIVET_S3_PORT:-9000}
gcs=http://127.0.0.1:${RIVET_FAKE_GCS_PORT:-4443}

: >"$results"
rm -rf "$folder/output"
rm -rf "$folder"/.rivet_state.db*

section() { printf '\n== %s\n' "$*"; }

record() { # PASS|FAIL|SKIP name [fact]
    printf '%s %s%s\n' "$1" "$2" "${3:+: $3}" | tee -a "$results"
}

# ask COMMAND…: its output in $output, its status in $status.
ask() {
    status=0
    output=$(timeout -k 5 "$limit_s" "$@" 2>&1) || status=$?
}

# expect NAME STATUS PATTERN COMMAND…: just this status, and output that matches.
expect() {
    local name=$1 want=$2 pattern=$3
    shift 3
    ask "$@"
    if [ "$status" -ne "$want" ]; then
        record FAIL "$name" "exit $status instead of $want: $(tail -n 1 <<<"$output")"
    elif ! grep -Eq -- "$pattern" <<<"$output"; then
        record FAIL "$name" "no line that matches '$pattern'"
    else
        record PASS "$name"
    fi
}

# run CONFIG EXPORT PATTERN [ARGUMENT…]: an export that succeeds.
run() {
    local config=$1 export=$2 pattern=$3
    shift 3
    expect "$export${1:+ $*}" 0 "$pattern" "$rivet" run --config "$folder/$config" --export "$export" "$@"
}

# files NAME PATTERN LOWEST: at least so many files have names that match.
files() {
    local count
    count=$(find "$folder/output" -maxdepth 1 -name "$2" | wc -l)
    if [ "$count" -ge "$3" ]; then record PASS "$1"; else record FAIL "$1" "$count files '$2', expected $3"; fi
}

port_open() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

modes() { # CONFIG PREFIX: the five exports that both databases have
    run "$1" "$2_users_full_csv" 'status:\s+success'
    run "$1" "$2_users_full_parquet" 'validated:\s+pass' --validate
    run "$1" "$2_orders_incremental" 'status:\s+success'
    run "$1" "$2_orders_incremental" 'rows:\s+0$'
    run "$1" "$2_orders_chunked" 'status:\s+success'
    run "$1" "$2_events_timewindow" 'status:\s+success'
    files "$2 CSV" "$2_users_full_csv_*.csv" 1
    files "$2 Parquet" "$2_users_full_parquet_*.parquet" 1
    files "$2 chunks" "$2_orders_chunked_*_chunk0.parquet" 1
}

# --- the sections ---------------------------------------------------------------------------------

one_doctor() {
    expect "doctor" 0 '^\[OK\]  Source auth \(Postgres\)' "$rivet" doctor --config "$folder/pg_e2e.yaml"
    expect "doctor, destination" 0 '^\[OK\]  Destination Local' "$rivet" doctor --config "$folder/pg_e2e.yaml"
}

two_check() {
    expect "check" 0 '^  Verdict: ' "$rivet" check --config "$folder/pg_e2e.yaml"
    expect "check of one export" 0 '^  Strategy:     chunked-parallel\(id' "$rivet" check --config "$folder/pg_e2e.yaml" --export pg_orders_chunked
    expect "check of an unknown export" 1 nonesuch "$rivet" check --config "$folder/pg_e2e.yaml" --export nonesuch
}

three_postgres() { modes pg_e2e.yaml pg; }

four_output() {
    run pg_e2e.yaml pg_users_zstd 'status:\s+success'
    run pg_e2e.yaml pg_users_gzip_csv 'status:\s+success'
    run pg_e2e.yaml pg_empty_skip 'status:\s+skipped'
    run pg_e2e.yaml pg_users_meta 'status:\s+success'
    run pg_e2e.yaml pg_events_split 'status:\s+success'
    if compgen -G "$folder/output/pg_empty_skip_*" >/dev/null; then record FAIL "no rows, no file"; else record PASS "no rows, no file"; fi
    files "parts" 'pg_events_split_*_part1.parquet' 1
}

five_mysql() {
    if ! port_open "${RIVET_MARIADB_PORT:-3306}"; then
        record SKIP "MySQL" "nothing listens on its port"
        return
    fi
    modes mysql_e2e.yaml mysql
}

six_s3() {
    local status
    # The bucket is made when it is not there; 409 says that it is.
    status=$(s3_request PUT "$s3/rivet-e2e")
    if [ "$status" != 200 ] && [ "$status" != 409 ]; then
        record SKIP "S3" "no answer at $s3"
        return
    fi
    run pg_s3_e2e.yaml pg_users_s3 'status:\s+success'
    run pg_s3_e2e.yaml pg_orders_s3_chunked 'status:\s+success'
}

seven_gcs() {
    if ! curl -sf -m 5 -o /dev/null "$gcs/storage/v1/b?project=test"; then
        record SKIP "fake-gcs" "no answer at $gcs"
        return
    fi
    curl -s -m 10 -o /dev/null -X POST "$gcs/storage/v1/b?project=test" -H 'Content-Type: application/json' -d '{"name":"rivet-e2e"}'
    run pg_gcs_e2e.yaml pg_users_gcs 'status:\s+success'
    run pg_gcs_e2e.yaml pg_orders_gcs_incremental 'status:\s+success'
    run pg_gcs_e2e.yaml pg_orders_gcs_incremental 'rows:\s+0$'
}

eight_state() {
    local config=$folder/pg_e2e.yaml
    expect "state show" 0 '^pg_orders_incremental ' "$rivet" state show --config "$config"
    expect "state files" 0 'pg_users_full_csv_.*\.csv' "$rivet" state files --config "$config" --export pg_users_full_csv
    expect "metrics" 0 '^pg_[a-z_]+ +success' "$rivet" metrics --config "$config" --export pg_users_zstd --last 5
    expect "state reset" 0 "'pg_orders_incremental'" "$rivet" state reset --config "$config" --export pg_orders_incremental
    run pg_e2e.yaml pg_orders_incremental 'rows:\s+[1-9]'
}

nine_stdout() {
    # shellcheck disable=SC2016 # the inner shell expands it
    expect "standard output" 0 '^id,name,email$' bash -c '"$1" run --config dev/test_stdout.yaml 2>/dev/null' sh "$rivet"
}

ten_params() {
    expect "a parameter" 0 'rows:\s+3$' "$rivet" run --config dev/test_params.yaml --param MAX_ID=3
    expect "a parameter in check" 0 'Row estimate' "$rivet" check --config dev/test_params.yaml --param MAX_ID=3
    expect "a parameter without a value" 1 MAX_ID "$rivet" check --config dev/test_params.yaml
}

eleven_reconcile() {
    local name
    ask "$rivet" state reset --config "$folder/pg_e2e.yaml" --export pg_orders_incremental
    for name in pg_users_full_csv pg_orders_chunked pg_orders_incremental; do
        run pg_e2e.yaml "$name" 'reconcile:\s+MATCH \(' --reconcile
    done
}

twelve_recovery() {
    local config=$folder/pg_recovery_e2e.yaml
    run pg_recovery_e2e.yaml recovery_full 'status:\s+success'
    run pg_recovery_e2e.yaml recovery_full 'status:\s+success'
    files "two runs, two files" 'recovery_full_*.parquet' 2
    run pg_recovery_e2e.yaml recovery_incremental 'status:\s+success'
    run pg_recovery_e2e.yaml recovery_incremental 'rows:\s+0$'
    run pg_recovery_e2e.yaml recovery_chunked_ckpt 'status:\s+success'
    expect "nothing to resume" 1 'no in-progress' "$rivet" run --config "$config" --export recovery_chunked_ckpt --resume
    run pg_recovery_e2e.yaml recovery_chunked_ckpt 'status:\s+success'
    expect "metrics name the export" 0 recovery_full "$rivet" metrics --config "$config"
}

thirteen_misplaced() {
    local text='source: {type: postgres, url: "postgresql://localhost/rivet", batch_size: 1000}
exports: [{name: x, query: SELECT 1 AS one, format: csv, destination: {type: stdout}}]'
    # shellcheck disable=SC2016 # the inner shell expands them
    expect "a misplaced batch_size" 1 'source\.tuning' bash -c 'printf "%s\n" "$2" | "$1" check --config /dev/stdin' sh "$rivet" "$text"
}

if ! port_open "${RIVET_POSTGRES_PORT:-5432}"; then
    record FAIL "PostgreSQL" "nothing listens on its port; start it with dev/services.sh up postgres"
    exit 1
fi
section "1 doctor" && one_doctor
section "2 check" && two_check
section "3 modes, PostgreSQL" && three_postgres
section "4 compression, empty results, meta columns, parts" && four_output
section "5 modes, MySQL" && five_mysql
section "6 S3" && six_s3
section "7 fake-gcs" && seven_gcs
section "8 state" && eight_state
section "9 standard output" && nine_stdout
section "10 parameters" && ten_params
section "11 reconcile" && eleven_reconcile
section "12 recovery" && twelve_recovery
section "13 a misplaced field" && thirteen_misplaced

count() { grep -c "^$1 " "$results" || true; }
printf '\n%s passed, %s failed, %s skipped (%s)\n' "$(count PASS)" "$(count FAIL)" "$(count SKIP)" "$results"
[ "$(count FAIL)" -eq 0 ]
