# shellcheck shell=bash
# node_exporter for dev/services.sh, with nothing but its textfile collector: it shows the files that
# `rivet run --metrics-file` writes into the folder metrics/ of the services.

NODE_EXPORTER_PORT=${RIVET_NODE_EXPORTER_PORT:-9100}

node_exporter_packages() { printf '%s\n' prometheus-node-exporter curl; }

node_exporter_describe() { printf 'port=%s\n' "$NODE_EXPORTER_PORT"; }

node_exporter_answers() {
    curl -sf -m 5 -o /dev/null "http://127.0.0.1:$NODE_EXPORTER_PORT/metrics"
}

node_exporter_start() {
    local folder metrics program
    program=$(command -v prometheus-node-exporter) || die "node-exporter: not found;" \
        "install it with 'apt-get install $(node_exporter_packages | paste -sd ' ')'"
    folder=$(ensure_services_home)/node-exporter
    metrics=$(ensure_services_home)/metrics
    make_service_folder "$folder"
    mkdir -p "$metrics"
    say "node-exporter: starting, log in $folder/log; it shows $metrics/*.prom"
    launch node-exporter "$folder/log" "${AS_SERVICE_USER[@]}" "$program" \
        --web.listen-address="127.0.0.1:$NODE_EXPORTER_PORT" --collector.disable-defaults \
        --collector.textfile --collector.textfile.directory="$metrics"
    wait_for_answer node-exporter 20 || die "node-exporter: no start, see $folder/log"
}
