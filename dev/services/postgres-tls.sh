# shellcheck shell=bash
# A second, small PostgreSQL with TLS: certificates of common/tls.sh. Clients that do not ask for
# TLS get in too. Everything else is as in postgres.sh, whose functions run with other settings.

# shellcheck disable=SC2034 # the functions of postgres.sh read them
postgres_tls_run() {
    local POSTGRES_NAME=postgres-tls POSTGRES_PORT=${RIVET_POSTGRES_TLS_PORT:-5433}
    local POSTGRES_SHARED_BUFFERS=32MB POSTGRES_TLS=on
    "$@"
}

postgres_tls_packages() { postgres_packages && echo openssl; }
postgres_tls_describe() { postgres_tls_run postgres_describe; }
postgres_tls_answers() { postgres_tls_run postgres_answers; }
postgres_tls_server() { postgres_tls_run postgres_server; }
postgres_tls_signal() { postgres_signal; }
postgres_tls_adopt() { postgres_tls_run postgres_adopt; }
postgres_tls_start() { postgres_tls_run postgres_start; }
postgres_tls_prepare() { postgres_tls_run postgres_prepare; }
