# shellcheck shell=bash
# A second, small MariaDB with TLS: certificates of common/tls.sh. Clients that do not ask for TLS
# get in too. Everything else is as in mariadb.sh, whose functions run with other settings.

# shellcheck disable=SC2034 # the functions of mariadb.sh read them
mariadb_tls_run() {
    local MARIADB_NAME=mariadb-tls MARIADB_PORT=${RIVET_MARIADB_TLS_PORT:-3308}
    local MARIADB_BUFFER_POOL=64M MARIADB_TLS=on
    "$@"
}

mariadb_tls_packages() { mariadb_packages && echo openssl; }
mariadb_tls_describe() { mariadb_tls_run mariadb_describe; }
mariadb_tls_answers() { mariadb_tls_run mariadb_answers; }
mariadb_tls_server() { mariadb_tls_run mariadb_server; }
mariadb_tls_adopt() { mariadb_tls_run mariadb_adopt; }
mariadb_tls_start() { mariadb_tls_run mariadb_start; }
mariadb_tls_prepare() { mariadb_tls_run mariadb_prepare; }
