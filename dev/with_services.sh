# shellcheck shell=bash
# To be sourced: starts the services of the tests that do not run yet, and ends those with the script.

services=()
start_services() {
    local name
    for name in postgres mariadb mariadb-tls mysql toxiproxy fake-gcs s3; do
        ./dev/services.sh status "$name" >/dev/null 2>&1 || services+=("$name")
    done
    [ "${#services[@]}" -eq 0 ] || ./dev/services.sh up "${services[@]}"
    ./dev/services.sh status postgres mariadb mysql # which versions the tests run against
}
stop_services() {
    [ "${#services[@]}" -eq 0 ] || ./dev/services.sh down "${services[@]}"
    services=()
}
trap stop_services EXIT
