# shellcheck shell=bash
# fake-gcs-server for dev/services.sh: Google Cloud Storage as the tests need it, objects in memory.
# Debian has no package; the version pinned in dev/tools/fake-gcs/go.mod (one that keeps the
# preconditions of resumable uploads) is built once per services folder from sources of the Go module
# proxy, checked by go.sum. It needs a newer Go than Toxiproxy: an older one fetches that by itself
# from Go 1.21 on.

FAKE_GCS_PORT=${RIVET_FAKE_GCS_PORT:-4443}
FAKE_GCS_BUCKETS=(rivet-fake rivet-e2e)

fake_gcs_packages() {
    echo curl
    go_packages
}

fake_gcs_describe() { printf 'port=%s buckets=%s\n' "$FAKE_GCS_PORT" "$(IFS=,; echo "${FAKE_GCS_BUCKETS[*]}")"; }

fake_gcs_url() { printf 'http://127.0.0.1:%s/storage/v1/b\n' "$FAKE_GCS_PORT"; }

fake_gcs_answers() {
    curl -sf -m 2 -o /dev/null "$(fake_gcs_url)?project=test"
}

fake_gcs_server() {
    printf 'fake-gcs-server %s\n' "$(fake_gcs_version)"
}

fake_gcs_version() { sed -n 's/^require github.com\/fsouza\/fake-gcs-server //p' "$REPO/dev/tools/fake-gcs/go.mod"; }

fake_gcs_build() {
    say "fake-gcs: building $(fake_gcs_version)"
    go_build fake-gcs "$REPO/dev/tools/fake-gcs" github.com/fsouza/fake-gcs-server "$1"
}

fake_gcs_start() {
    local folder program
    folder=$(ensure_services_home)/fake-gcs
    program=$folder/fake-gcs-server-$(fake_gcs_version)
    make_service_folder "$folder"
    [ -x "$program" ] || fake_gcs_build "$program"
    say "fake-gcs: starting, log in $folder/log"
    launch fake-gcs "$folder/log" "${AS_SERVICE_USER[@]}" "$program" -backend memory -scheme http \
        -host 127.0.0.1 -port "$FAKE_GCS_PORT" -log-level warn
    wait_for_answer fake-gcs 20 || die "fake-gcs: no start, see $folder/log"
}

fake_gcs_prepare() {
    local bucket
    for bucket in "${FAKE_GCS_BUCKETS[@]}"; do
        curl -sf -m 5 -o /dev/null "$(fake_gcs_url)/$bucket" ||
            curl -sf -m 5 -o /dev/null -H 'Content-Type: application/json' -d "{\"name\":\"$bucket\"}" \
                "$(fake_gcs_url)?project=test"
    done
}
