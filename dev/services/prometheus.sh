# shellcheck shell=bash
# Prometheus for dev/services.sh, with dev/prometheus/: its targets are the containers of
# docker-compose.yaml there, and the services on loopback here.

PROMETHEUS_PORT=${RIVET_PROMETHEUS_PORT:-9090}

prometheus_packages() { printf '%s\n' prometheus curl; }

prometheus_describe() { printf 'port=%s\n' "$PROMETHEUS_PORT"; }

prometheus_answers() {
    curl -sf -m 5 -o /dev/null "http://127.0.0.1:$PROMETHEUS_PORT/-/healthy"
}

# prometheus_configure FOLDER: the files of dev/prometheus with the addresses of this machine.
prometheus_configure() {
    sed -e "s/postgres-exporter:9187/127.0.0.1:${POSTGRES_EXPORTER_PORT:-9187}/" \
        -e "s/node-exporter:9100/127.0.0.1:${NODE_EXPORTER_PORT:-9100}/" \
        "$REPO/dev/prometheus/prometheus.yml" >"$1/prometheus.yml"
    cp "$REPO/dev/prometheus/alerts.yml" "$1/alerts.yml"
}

prometheus_start() {
    local folder program
    program=$(command -v prometheus) || die "prometheus: not found;" \
        "install it with 'apt-get install $(prometheus_packages | paste -sd ' ')'"
    folder=$(ensure_services_home)/prometheus
    make_service_folder "$folder"
    make_service_folder "$folder/data"
    prometheus_configure "$folder"
    say "prometheus: starting, log in $folder/log"
    launch prometheus "$folder/log" "${AS_SERVICE_USER[@]}" "$program" \
        --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/data" \
        --storage.tsdb.retention.time=1d --web.listen-address="127.0.0.1:$PROMETHEUS_PORT"
    wait_for_answer prometheus 60 || die "prometheus: no start, see $folder/log"
}
