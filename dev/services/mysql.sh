# shellcheck shell=bash
# MySQL itself for dev/services.sh, on a port of its own beside MariaDB, with TLS as it comes, but
# with the certificates of common/tls.sh. Debian has it in its unstable suite only: it is fetched
# from there once per machine (common/debian_unstable.sh), kept as MYSQL_CACHE/rivet-services-mysql-
# VERSION, and run in a chroot on a copy of that (hard links where possible) in the services folder.
# Unix socket: mysql/root/run/mysqld.sock in the folder. To get a newer version: end the server and
# remove both.

MYSQL_PORT=${RIVET_MYSQL_PORT:-3307}
MYSQL_CACHE=${RIVET_SERVICES_CACHE:-/var/tmp}

mysql_packages() { printf '%s\n' mariadb-client openssl debian-archive-keyring; }

mysql_describe() { family_describe "$MYSQL_PORT"; }

mysql_answers() { family_answers "$MYSQL_PORT"; }

mysql_server() { family_server "$MYSQL_PORT"; }

mysql_prepare() { family_prepare mysql "$MYSQL_PORT"; }

# The pid file may be old and name any other process: ours has our folder as its root.
mysql_adopt() {
    local root pid
    root=$(services_home)/mysql/root
    [ -s "$root/run/mysqld.pid" ] || return 0
    pid=$(cat "$root/run/mysqld.pid")
    if [ "$(readlink "/proc/$pid/root")" = "$(readlink -f "$root")" ]; then
        printf '%s\n' "$pid"
    fi
}

# --- the programs ---------------------------------------------------------------------------------

# Print the newest complete folder. Everybody may write to /var/tmp: only root's own folders count.
mysql_cached() {
    find "$MYSQL_CACHE" -maxdepth 1 -type d -user root ! -perm /022 \
        -name 'rivet-services-mysql-[0-9]*' | sort -V | tail -n 1
}

# A killed fetch leaves its folder behind; a running one holds a lock on it.
mysql_remove_leftovers() {
    local folder
    while read -r folder; do
        if flock -n "$folder" true; then
            rm -rf "$folder"
        fi
    done < <(find "$MYSQL_CACHE" -maxdepth 1 -type d -user root -name 'rivet-services-mysql-new.*')
}

# Fetch into a folder that is renamed when the program in it has shown that it runs.
mysql_fetch() {
    local work lock version
    mysql_remove_leftovers
    work=$(mktemp -d "$MYSQL_CACHE/rivet-services-mysql-new.XXXXXX")
    exec {lock}<"$work"
    flock "$lock"
    chmod 755 "$work"
    say "mysql: fetching the server from Debian's unstable suite into $MYSQL_CACHE, about 60 MB"
    unstable_fetch "$work" mysql-server-core
    chroot "$work/root" /usr/sbin/mysqld --no-defaults --version >>"$work/log" 2>&1 ||
        die "mysql: the fetched server does not run, see $work/log"
    version=$(cat "$work/version")
    # Another checkout may have been faster.
    mv -T "$work/root" "$MYSQL_CACHE/rivet-services-mysql-$version" 2>/dev/null || true
    exec {lock}<&-
    rm -rf "$work"
}

# mysql_make_root ROOT: our own copy of the unpacked folder, for the server's data to lie in.
mysql_make_root() {
    local cached
    [ -n "$(mysql_cached)" ] || mysql_fetch
    cached=$(mysql_cached)
    [ -n "$cached" ] || die "mysql: nothing was unpacked into $MYSQL_CACHE"
    rm -rf "$1.new"
    cp -al "$cached" "$1.new" 2>/dev/null || { rm -rf "$1.new" && cp -a "$cached" "$1.new"; }
    mkdir -p "$1.new/etc/tls"
    make_service_folder "$1.new/run"
    make_service_folder "$1.new/srv"
    mv -T "$1.new" "$1"
}

# --- the server -----------------------------------------------------------------------------------

# mysql_chroot ROOT: print the words that run a program in there as the servers' user, one per line.
mysql_chroot() {
    printf '%s\n' chroot --userspec="$(id -u "$SERVICE_USER"):$(id -g "$SERVICE_USER")" --groups= "$1"
}

# The data folder is renamed when complete, so a killed first start leaves no half of it behind.
mysql_create_data() {
    local root=$1 log=$2 enter
    say "mysql: creating a data folder in $root/srv/data"
    rm -rf "$root/srv/data.new"
    mapfile -t enter < <(mysql_chroot "$root")
    "${enter[@]}" /usr/sbin/mysqld --no-defaults --initialize-insecure --datadir=/srv/data.new \
        --secure-file-priv=NULL --mysqlx=OFF --innodb-redo-log-capacity=256M \
        >>"$log" 2>&1 || die "mysql: initialization failed, see $log"
    mv "$root/srv/data.new" "$root/srv/data"
}

mysql_options() {
    printf '%s\n' --no-defaults --datadir=/srv/data --socket=/run/mysqld.sock \
        --pid-file=/run/mysqld.pid --init-file=/etc/accounts.sql --mysqlx=OFF \
        --innodb-buffer-pool-size=256M --innodb-redo-log-capacity=256M \
        --ssl-ca=/etc/tls/ca.pem --ssl-cert=/etc/tls/server-cert.pem --ssl-key=/etc/tls/server-key.pem
    family_options "$MYSQL_PORT" NULL
}

mysql_start() {
    local home root log enter options
    [ "$(id -u)" -eq 0 ] || die "mysql: only root can start it, because it runs in a chroot with" \
        "device nodes; or set RIVET_MYSQL_PORT to a server that has the account" \
        "($(mysql_describe))"
    home=$(ensure_services_home)
    root=$home/mysql/root
    log=$home/mysql/log
    mkdir -p "$home/mysql"
    [ -d "$root" ] || mysql_make_root "$root"
    [ -d "$root/srv/data" ] || mysql_create_data "$root" "$log"
    if [ -z "$(own_process mysql)" ]; then
        say "mysql: starting $root/usr/sbin/mysqld, log in $log"
        family_accounts >"$root/etc/accounts.sql"
        cp -p "$(ensure_certificates)"/{ca,server-cert,server-key}.pem "$root/etc/tls/"
        rm -f "$root"/run/mysqld.*
        mapfile -t enter < <(mysql_chroot "$root")
        mapfile -t options < <(mysql_options)
        launch mysql "$log" "${enter[@]}" /usr/sbin/mysqld "${options[@]}"
    fi
    wait_for_answer mysql 120 || die "mysql: no start, see $log"
}
