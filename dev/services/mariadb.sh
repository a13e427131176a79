# shellcheck shell=bash
# MariaDB for dev/services.sh: the accounts of the service mysql in docker-compose.yaml, but rivet
# may do everything. Without TLS, which mariadb-tls has. Unix socket: mariadb/socket in the folder.

MARIADB_NAME=mariadb
MARIADB_PORT=${RIVET_MARIADB_PORT:-3306}
MARIADB_BUFFER_POOL=512M
MARIADB_TLS=off

mariadb_packages() { printf '%s\n' mariadb-server mariadb-client; }

mariadb_describe() { family_describe "$MARIADB_PORT"; }

mariadb_answers() { family_answers "$MARIADB_PORT"; }

mariadb_server() { family_server "$MARIADB_PORT"; }

mariadb_prepare() { family_prepare "$MARIADB_NAME" "$MARIADB_PORT"; }

# The server works in its data folder; a pid file left by a killed one may name any other process.
mariadb_adopt() {
    local folder pid
    folder=$(services_home)/$MARIADB_NAME
    [ -s "$folder/pid" ] || return 0
    pid=$(cat "$folder/pid")
    if [ "$(readlink "/proc/$pid/cwd")" = "$(readlink -f "$folder/data")" ]; then
        printf '%s\n' "$pid"
    fi
}

# Debian has the server in sbin, which is not in everybody's PATH.
mariadb_program() {
    PATH=$PATH:/usr/sbin:/sbin command -v "$1" || die "$MARIADB_NAME: $1 not found; install it with" \
        "'apt-get install $(mariadb_packages | paste -sd ' ')'"
}

# The data folder is renamed when complete, so a killed first start leaves no half of it behind.
mariadb_create_data() {
    local installer folder=$1
    installer=$(mariadb_program mariadb-install-db)
    say "$MARIADB_NAME: creating a data folder in $folder/data"
    rm -rf "$folder/data.new"
    (cd / && as_service_user "$installer" --no-defaults --datadir="$folder/data.new" \
        --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve \
        --skip-log-bin) >"$folder/install.log" 2>&1 ||
        die "$MARIADB_NAME: mariadb-install-db failed, see $folder/install.log"
    mv "$folder/data.new" "$folder/data"
}

mariadb_options() {
    local folder=$1 socket=$1/socket certificates
    # A unix socket's path may have 107 bytes at most.
    [ "${#socket}" -le 100 ] || socket=
    printf '%s\n' --no-defaults --datadir="$folder/data" --socket="$socket" \
        --pid-file="$folder/pid" --init-file="$folder/accounts.sql" --tmpdir="$folder/tmp" \
        --innodb-buffer-pool-size="$MARIADB_BUFFER_POOL" --innodb-log-file-size=256M
    family_options "$MARIADB_PORT" "$folder/tmp"
    if [ "$MARIADB_TLS" = on ]; then
        certificates=$(ensure_certificates)
        printf '%s\n' --ssl-ca="$certificates/ca.pem" --ssl-cert="$certificates/server-cert.pem" \
            --ssl-key="$certificates/server-key.pem"
    fi
}

mariadb_start() {
    local program home folder options
    program=$(mariadb_program mariadbd)
    home=$(ensure_services_home)
    folder=$home/$MARIADB_NAME
    make_service_folder "$folder"
    make_service_folder "$folder/tmp"
    [ -d "$folder/data" ] || mariadb_create_data "$folder"
    if [ -z "$(own_process "$MARIADB_NAME")" ]; then
        say "$MARIADB_NAME: starting $program, log in $folder/log"
        family_accounts >"$folder/accounts.sql"
        rm -f "$folder/pid"
        mapfile -t options < <(mariadb_options "$folder")
        launch "$MARIADB_NAME" "$folder/log" "${AS_SERVICE_USER[@]}" "$program" "${options[@]}"
    fi
    wait_for_answer "$MARIADB_NAME" 60 || die "$MARIADB_NAME: no start, see $folder/log"
}
