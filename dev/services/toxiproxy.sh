# shellcheck shell=bash
# Toxiproxy for dev/services.sh: proxies before the databases that tests make slow or cut. Debian has
# no package; the version pinned in dev/tools/go.mod is built once per services folder, with any Go
# from 1.19 on (Debian 12's golang-go), from sources of the Go module proxy checked by go.sum.
# The proxies themselves are made by dev/setup_toxiproxy.sh.

TOXIPROXY_PORT=${RIVET_TOXIPROXY_PORT:-8474}

toxiproxy_packages() {
    echo curl
    go_packages
}

toxiproxy_describe() {
    printf 'port=%s pg=%s mysql=%s\n' "$TOXIPROXY_PORT" "${RIVET_TOXIPROXY_PG_PORT:-15432}" "${RIVET_TOXIPROXY_MYSQL_PORT:-13306}"
}

toxiproxy_answers() {
    curl -sf -m 2 -o /dev/null "http://127.0.0.1:$TOXIPROXY_PORT/version"
}

toxiproxy_server() {
    printf 'Toxiproxy %s\n' "$(toxiproxy_version)"
}

toxiproxy_version() { sed -n 's/^.*Shopify\/toxiproxy\/v2 //p' "$REPO/dev/tools/go.mod"; }

toxiproxy_build() {
    say "toxiproxy: building $(toxiproxy_version)"
    go_build toxiproxy "$REPO/dev/tools" github.com/Shopify/toxiproxy/v2/cmd/server "$1"
}

toxiproxy_start() {
    local folder program
    folder=$(ensure_services_home)/toxiproxy
    program=$folder/toxiproxy-$(toxiproxy_version)
    make_service_folder "$folder"
    [ -x "$program" ] || toxiproxy_build "$program"
    say "toxiproxy: starting, log in $folder/log"
    launch toxiproxy "$folder/log" "${AS_SERVICE_USER[@]}" "$program" -host 127.0.0.1 -port "$TOXIPROXY_PORT"
    wait_for_answer toxiproxy 20 || die "toxiproxy: no start, see $folder/log"
}
