#!/usr/bin/env bash
# A table changes between seven runs of dev/test_schema_evolution.yaml; rivet must tell what changed,
# and nothing when nothing did. Prints passed and failed checks; exit 1 when one failed.
#   RIVET                 the program (default: rivet on PATH, else build/rivet)
#   RIVET_TEST_PG_URL     the database (default: that of the configuration)
# State and output live in a directory of their own, so that other suites keep theirs.
set -euo pipefail
cd "$(dirname "$0")/.."

default_url=postgresql://rivet:rivet@localhost:5432/rivet
url=${RIVET_TEST_PG_URL:-$default_url}
rivet=${RIVET:-$(command -v rivet || echo build/rivet)}
folder=$(mktemp -d "${TMPDIR:-/tmp}/rivet_schema.XXXXXX")
config=$folder/test_schema_evolution.yaml
passed=0
failed=0

sql() { psql -q -v ON_ERROR_STOP=1 "$url" -c "$1"; }

clean_up() {
    PGOPTIONS='-c client_min_messages=warning' psql -q "$url" -c 'DROP TABLE IF EXISTS schema_test_table' || true
    rm -rf "$folder"
}
trap clean_up EXIT

sed -e "s#$default_url#$url#" -e "s#\./dev/output/schema#$folder/output#" dev/test_schema_evolution.yaml >"$config"

check() { # description, command …
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "PASS $what"
    else
        failed=$((failed + 1))
        echo "FAIL $what"
    fi
}

says() { grep -q -- "$1" "$folder/log"; }
says_not() { ! says "$1"; }

run() { # title
    echo "== $1"
    check "$1: exit 0" run_rivet
    cat "$folder/log"
}
run_rivet() { RUST_LOG=warn "$rivet" run --config "$config" >"$folder/log" 2>&1; }

clean_table() {
    PGOPTIONS='-c client_min_messages=warning' psql -q "$url" -c 'DROP TABLE IF EXISTS schema_test_table'
    sql 'CREATE TABLE schema_test_table (id SERIAL PRIMARY KEY, name TEXT, email TEXT, age INT)'
    sql "INSERT INTO schema_test_table (name, email, age) VALUES ('a', 'a@example.com', 30), ('b', 'b@example.com', 40)"
}
clean_table

run "1 baseline"
check "nothing to compare with" says_not 'schema changed'

run "2 unchanged"
check "nothing changed" says_not 'schema changed'

sql 'ALTER TABLE schema_test_table ADD COLUMN phone TEXT'
run "3 a column more"
check "told" says 'schema changed'
check "added: phone" says 'added.*phone'

run "4 unchanged"
check "told once" says_not 'schema changed'

sql 'ALTER TABLE schema_test_table DROP COLUMN age'
run "5 a column less"
check "removed: age" says 'removed.*age'

sql 'ALTER TABLE schema_test_table ALTER COLUMN id TYPE BIGINT'
run "6 another type"
check "type changed: id" says 'type changed.*id'

sql 'ALTER TABLE schema_test_table ADD COLUMN status TEXT, DROP COLUMN phone'
run "7 both"
check "added: status" says 'added.*status'
check "removed: phone" says 'removed.*phone'

"$rivet" metrics --config "$config" --last 20 >"$folder/log"
check "metrics list 7 runs" test "$(grep -c '^schema_test ' "$folder/log")" -eq 7

echo
echo "passed: $passed, failed: $failed"
[ "$failed" -eq 0 ]
