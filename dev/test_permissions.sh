#!/usr/bin/env bash
# What rivet says when an account may not do what a configuration asks: refused logins, tables that
# may not be read, a wrong password. Makes the accounts rivet_noaccess and rivet_partial on both
# servers and drops them at the end. RIVET names the program, RIVET_CONFIGS another folder of the
# configurations; RIVET_UAT_PG_URL and RIVET_UAT_MYSQL_URL the databases with users and orders.
set -euo pipefail
cd "$(dirname "$0")/.."

rivet=${RIVET:-rivet}
configs=${RIVET_CONFIGS:-dev}
pg_url=${RIVET_UAT_PG_URL:-postgresql://rivet:rivet@localhost:5432/rivet}
mysql_url=${RIVET_UAT_MYSQL_URL:-mysql://rivet:rivet@localhost:3306/rivet}
passed=0 failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/rivet-permissions.XXXXXX")
export RIVET_STATE=$work/state.db

say() { printf '\n== %s\n' "$*"; }

pass() { printf 'PASS %s\n' "$1" && passed=$((passed + 1)); }

fail() { printf 'FAIL %s: %s\n' "$1" "$2" && failed=$((failed + 1)); }

# --- the accounts --------------------------------------------------------------------------------

pg() { psql -X -q -w -v ON_ERROR_STOP=1 "$pg_url" -c "$1" >/dev/null; }

# Words of the URL mysql://USER:PASSWORD@HOST:PORT/DATABASE.
mysql_server=${mysql_url##*@}
mysql_database=${mysql_server##*/}
mysql_server=${mysql_server%%/*}
mysql_login=${mysql_url#mysql://}
mysql_login=${mysql_login%%@*}

mysql() {
    MYSQL_PWD=${mysql_login#*:} mariadb --no-defaults --protocol=TCP --host="${mysql_server%:*}" \
        --port="${mysql_server#*:}" --user="${mysql_login%%:*}" --batch --execute="$1" "$mysql_database" >/dev/null
}

drop_accounts() {
    local name
    for name in rivet_noaccess rivet_partial; do
        pg "DO \$\$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '$name') THEN
            DROP OWNED BY $name; DROP ROLE $name; END IF; END \$\$"
        mysql "DROP USER IF EXISTS '$name'@'%'"
    done
}

create_accounts() {
    pg "CREATE ROLE rivet_noaccess LOGIN PASSWORD 'noaccess'"
    pg "CREATE ROLE rivet_partial LOGIN PASSWORD 'partial'"
    pg "GRANT SELECT ON users TO rivet_partial"
    mysql "CREATE USER 'rivet_noaccess'@'%' IDENTIFIED BY 'noaccess'"
    mysql "CREATE USER 'rivet_partial'@'%' IDENTIFIED BY 'partial'"
    mysql "GRANT SELECT ON users TO 'rivet_partial'@'%'"
}

# --- the cases -----------------------------------------------------------------------------------

# refused NAME CONFIG PATTERN SECONDS: the run fails with a message that matches, at once and once.
refused() {
    local name=$1 config=$configs/$2 pattern=$3 limit=$4 output status=0 began=$SECONDS took
    output=$(RUST_LOG=error timeout 60 "$rivet" run --config "$config" 2>&1) || status=$?
    took=$((SECONDS - began))
    if [ "$status" -ne 1 ]; then
        fail "$name" "exit $status instead of 1: $(tail -n 1 <<<"$output")"
    elif ! grep -Eiq "$pattern" <<<"$output"; then
        fail "$name" "no message that matches '$pattern': $(tail -n 1 <<<"$output")"
    elif grep -q retry <<<"$output"; then
        fail "$name" "was tried again"
    elif [ "$took" -gt "$limit" ]; then
        fail "$name" "took $took s, allowed are $limit"
    else
        pass "$name"
    fi
    last_output=$output
}

# allowed EXPORT: the last run exported this one all the same.
allowed() {
    if grep -A 3 "── $1 ──" <<<"$last_output" | grep -Eq 'status:\s+success'; then
        pass "$1 is exported"
    else
        fail "$1 is exported" "$(tail -n 1 <<<"$last_output")"
    fi
}

cleanup() {
    drop_accounts || true
    rm -rf "$work"
}
trap cleanup EXIT

say "accounts"
drop_accounts
create_accounts

say "PostgreSQL"
refused "no access" test_pg_noaccess.yaml 'permission denied' 3
refused "some tables" test_pg_partial.yaml 'permission denied for (table|relation) orders' 10
allowed test_users_ok
refused "wrong password" test_pg_wrongpass.yaml 'password|authentication' 5

say "MySQL"
refused "no access to the database" test_mysql_noaccess.yaml 'access denied|denied' 3
refused "some tables of MySQL" test_mysql_partial.yaml 'denied' 10
allowed test_mysql_users_ok

printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
