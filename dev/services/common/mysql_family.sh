# shellcheck shell=bash
# What MariaDB and MySQL have in common for dev/services.sh. Each server has root and rivet, both
# with the password rivet; rivet may do everything, as the role rivet may in PostgreSQL.

family_describe() {
    printf 'port=%s user=rivet password=rivet database=rivet root_password=rivet\n' "$1"
}

# family_client PORT ARGUMENT…: the client, as rivet. MariaDB's client speaks to both servers.
family_client() {
    local port=$1
    shift
    MYSQL_PWD=rivet mariadb --no-defaults --protocol=TCP --host=127.0.0.1 --port="$port" \
        --connect-timeout=5 --user=rivet --batch --skip-column-names "$@"
}

family_answers() { family_client "$1" --database=rivet --execute='SELECT 1' >/dev/null 2>&1; }

# Print product and version, "MariaDB 10.11.6".
family_server() {
    family_client "$1" --execute="SELECT concat(if(locate('MariaDB', version()) > 0, 'MariaDB ',
        'MySQL '), substring_index(version(), '-', 1))" </dev/null
}

# Statements that the server runs at every start, before it accepts connections: one per line.
family_accounts() {
    cat <<-'END'
	CREATE DATABASE IF NOT EXISTS rivet CHARACTER SET utf8mb4;
	ALTER USER 'root'@'localhost' IDENTIFIED BY 'rivet';
	DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';
	CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY 'rivet';
	GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;
	CREATE USER IF NOT EXISTS 'rivet'@'%' IDENTIFIED BY 'rivet';
	GRANT ALL PRIVILEGES ON *.* TO 'rivet'@'%' WITH GRANT OPTION;
	END
}

# Print the options that both servers understand, one per line. The data is not worth a wait for
# the disk at each commit.
family_options() {
    cat <<-END
	--bind-address=127.0.0.1
	--port=$1
	--skip-name-resolve
	--character-set-server=utf8mb4
	--default-time-zone=+00:00
	--max-connections=200
	--max-allowed-packet=256M
	--local-infile=ON
	--secure-file-priv=$2
	--skip-log-bin
	--innodb-flush-log-at-trx-commit=0
	--innodb-doublewrite=OFF
	END
}

# The view is the last statement of init.sql, which may be repeated.
family_prepare() {
    local name=$1 port=$2 found
    found=$(family_client "$port" --execute="SELECT count(*) FROM information_schema.views
        WHERE table_schema = 'rivet' AND table_name = 'orders_sparse_for_export'" </dev/null)
    [ "$found" = 0 ] || return 0
    say "$name: creating the tables of dev/mysql/init.sql"
    family_client "$port" --database=rivet <"$REPO/dev/mysql/init.sql"
}
