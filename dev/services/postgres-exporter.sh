# shellcheck shell=bash
# postgres_exporter for dev/services.sh: PostgreSQL's statistics as metrics, of the server postgres.
# Debian's version is older than the one of docker-compose.yaml and lacks the tables' statistics;
# dev/prometheus/queries.yaml supplies them under the newer names.

POSTGRES_EXPORTER_PORT=${RIVET_POSTGRES_EXPORTER_PORT:-9187}

postgres_exporter_packages() { printf '%s\n' prometheus-postgres-exporter curl; }

postgres_exporter_describe() { printf 'port=%s\n' "$POSTGRES_EXPORTER_PORT"; }

postgres_exporter_answers() {
    curl -sf -m 5 -o /dev/null "http://127.0.0.1:$POSTGRES_EXPORTER_PORT/metrics"
}

postgres_exporter_start() {
    local folder program
    program=$(command -v prometheus-postgres-exporter) || die "postgres-exporter: not found;" \
        "install it with 'apt-get install $(postgres_exporter_packages | paste -sd ' ')'"
    folder=$(ensure_services_home)/postgres-exporter
    make_service_folder "$folder"
    cp "$REPO/dev/prometheus/queries.yaml" "$folder/queries.yaml"
    say "postgres-exporter: starting, log in $folder/log"
    # The account goes by the environment; arguments can be read by everybody.
    DATA_SOURCE_NAME="postgresql://rivet:rivet@127.0.0.1:$POSTGRES_PORT/rivet?sslmode=disable" \
        launch postgres-exporter "$folder/log" "${AS_SERVICE_USER[@]}" "$program" \
        --web.listen-address="127.0.0.1:$POSTGRES_EXPORTER_PORT" --extend.query-path="$folder/queries.yaml"
    wait_for_answer postgres-exporter 20 || die "postgres-exporter: no start, see $folder/log"
}
