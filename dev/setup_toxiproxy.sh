#!/usr/bin/env bash
# Makes the two proxies of Toxiproxy: pg on 15432 and mysql on 13306. Repeatable.
# Toxiproxy of dev/services.sh stands before the servers on this machine; the one of
# docker-compose.yaml before the services postgres and mysql.
set -euo pipefail
cd "$(dirname "$0")/.."

api=http://localhost:${RIVET_TOXIPROXY_PORT:-8474}

if ./dev/services.sh status toxiproxy 2>/dev/null | grep -q 'pid=[0-9]'; then
    host=127.0.0.1
    pg=127.0.0.1:${RIVET_POSTGRES_PORT:-5432}
    mysql=127.0.0.1:${RIVET_MARIADB_PORT:-3306}
else
    host=0.0.0.0
    pg=postgres:5432
    mysql=mysql:3306
fi

make_proxy() { # name port upstream
    local status
    status=$(curl -s -o /dev/null -w '%{http_code}' -X POST "$api/proxies" -H 'Content-Type: application/json' \
        -d "{\"name\":\"$1\",\"listen\":\"$host:$2\",\"upstream\":\"$3\",\"enabled\":true}") || true
    case $status in
    201) echo "$1: $host:$2 -> $3" ;;
    409) echo "$1: is there already" ;;
    *)
        echo "$1: Toxiproxy at $api answered $status; start it with 'dev/services.sh up toxiproxy'" >&2
        return 1
        ;;
    esac
}

make_proxy pg "${RIVET_TOXIPROXY_PG_PORT:-15432}" "$pg"
make_proxy mysql "${RIVET_TOXIPROXY_MYSQL_PORT:-13306}" "$mysql"

cat <<EOF

Slow every answer down by three seconds:
  curl -s -X POST $api/proxies/pg/toxics -H 'Content-Type: application/json' \\
    -d '{"name":"latency","type":"latency","attributes":{"latency":3000}}'
Cut every connection after 5000 bytes:
  curl -s -X POST $api/proxies/pg/toxics -H 'Content-Type: application/json' \\
    -d '{"name":"limit","type":"limit_data","attributes":{"bytes":5000}}'
And back:
  curl -s -X DELETE $api/proxies/pg/toxics/latency
  curl -s -X DELETE $api/proxies/pg/toxics/limit
EOF
