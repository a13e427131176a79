# shellcheck shell=bash
# PostgreSQL for dev/services.sh: role, password and database `rivet`, the role a superuser, as the
# image of docker-compose.yaml makes it. Without TLS, as in that image, because clients would use it
# unasked and be slower; postgres-tls has it.

POSTGRES_NAME=postgres
POSTGRES_PORT=${RIVET_POSTGRES_PORT:-5432}
POSTGRES_SHARED_BUFFERS=256MB
POSTGRES_TLS=off

postgres_packages() { printf '%s\n' postgresql postgresql-client; }

postgres_describe() {
    printf 'port=%s user=rivet password=rivet database=rivet\n' "$POSTGRES_PORT"
}

# PostgreSQL finishes at once, rolling back what runs, on SIGINT.
postgres_signal() { echo INT; }

# The server works in its data folder; a pid file left by a killed one may name any other process.
postgres_adopt() {
    local data pid
    data=$(services_home)/$POSTGRES_NAME/data
    [ -s "$data/postmaster.pid" ] || return 0
    pid=$(head -n 1 "$data/postmaster.pid")
    if [ "$(readlink "/proc/$pid/cwd")" = "$(readlink -f "$data")" ]; then
        printf '%s\n' "$pid"
    fi
}

# Print the folder with the newest installed server's programs. Debian keeps them out of PATH.
postgres_bin() {
    local initdb newest
    newest=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    if [ ! -x "$newest/initdb" ]; then
        initdb=$(command -v initdb) || die "$POSTGRES_NAME: no PostgreSQL server found;" \
            "install it with 'apt-get install $(postgres_packages | paste -sd ' ')'"
        newest=$(dirname "$(readlink -f "$initdb")")
    fi
    printf '%s\n' "$newest"
}

# postgres_psql DATABASE ARGUMENT…: the client, never waiting for a password.
postgres_psql() {
    local database=$1
    shift
    PGPASSWORD=rivet PGCONNECT_TIMEOUT=5 psql -X -q -w -v ON_ERROR_STOP=1 \
        -h 127.0.0.1 -p "$POSTGRES_PORT" -U rivet -d "$database" "$@"
}

postgres_answers() { postgres_psql rivet -c 'SELECT 1' >/dev/null 2>&1; }

# Print product and version, "PostgreSQL 15.8".
postgres_server() {
    postgres_psql rivet -At -c \
        "SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)"
}

postgres_server_up() { postgres_psql template1 -c 'SELECT 1' >/dev/null 2>&1; }

postgres_write_settings() {
    local folder=$1 socket_folder=$1 certificates
    # A unix socket's path may have 107 bytes at most, file name included.
    [ "${#folder}" -le 80 ] || socket_folder=
    cat <<-END
	listen_addresses = '127.0.0.1'
	port = $POSTGRES_PORT
	unix_socket_directories = '$socket_folder'
	max_connections = 200
	shared_buffers = $POSTGRES_SHARED_BUFFERS
	wal_level = minimal
	max_wal_senders = 0
	max_wal_size = 4GB
	password_encryption = scram-sha-256
	timezone = 'UTC'
	log_timezone = 'UTC'
	END
    if [ "$POSTGRES_TLS" = on ]; then
        certificates=$(ensure_certificates)
        cat <<-END
	ssl = on
	ssl_ca_file = '$certificates/ca.pem'
	ssl_cert_file = '$certificates/server-cert.pem'
	ssl_key_file = '$certificates/server-key.pem'
	END
    fi
}

# initdb runs in a folder that is renamed when complete, so a killed first start leaves no half
# cluster behind.
postgres_create_cluster() {
    local bin=$1 folder=$2
    say "$POSTGRES_NAME: creating a database cluster in $folder/data"
    rm -rf "$folder/data.new"
    printf 'rivet\n' >"$folder/password"
    chmod 644 "$folder/password"
    as_service_user "$bin/initdb" -D "$folder/data.new" -U rivet --pwfile="$folder/password" \
        --auth=scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 ||
        die "$POSTGRES_NAME: initdb failed, see $folder/initdb.log"
    rm -f "$folder/password"
    printf "include_if_exists = 'rivet.conf'\n" >>"$folder/data.new/postgresql.conf"
    mv "$folder/data.new" "$folder/data"
}

postgres_launch() {
    (cd / && as_service_user "$1/pg_ctl" -D "$2/data" -l "$2/log" -w -t 60 start) >/dev/null 2>&1 9>&-
}

postgres_start() {
    local bin home folder pid
    bin=$(postgres_bin)
    home=$(ensure_services_home)
    folder=$home/$POSTGRES_NAME
    make_service_folder "$folder"
    [ -d "$folder/data" ] || postgres_create_cluster "$bin" "$folder"
    postgres_write_settings "$folder" >"$folder/data/rivet.conf"
    give_to_service_user "$folder/data/rivet.conf"
    if [ -z "$(own_process "$POSTGRES_NAME")" ]; then
        say "$POSTGRES_NAME: starting $bin/postgres, log in $folder/log"
        # Repeated, because a server killed a moment ago counts as alive until its parent reaps it.
        wait_until 15 postgres_launch "$bin" "$folder" || die "$POSTGRES_NAME: no start, see $folder/log"
        pid=$(head -n 1 "$folder/data/postmaster.pid")
        remember_process "$POSTGRES_NAME" "$pid"
    fi
    wait_until 60 postgres_server_up || die "$POSTGRES_NAME: no answer, see $folder/log"
    if ! postgres_answers; then
        say "$POSTGRES_NAME: creating database rivet"
        postgres_psql template1 -c 'CREATE DATABASE rivet'
    fi
}

postgres_prepare() {
    [ "$(postgres_psql rivet -At -c "SELECT to_regclass('orders_sparse_for_export') IS NULL")" = t ] ||
        return 0
    say "$POSTGRES_NAME: creating the tables of dev/postgres/init.sql"
    postgres_psql rivet --single-transaction -f "$REPO/dev/postgres/init.sql" 2>&1 |
        { grep -v NOTICE >&2 || true; }
}
