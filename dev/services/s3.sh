# shellcheck shell=bash
# An S3 server for dev/services.sh, on the port and with the account of MinIO in docker-compose.yaml:
# the Versity S3 Gateway on a folder. It checks signatures and completes uploads on conditions.
# Debian has no package; the version pinned in dev/tools/versitygw/go.mod is built once per services
# folder, from sources of the Go module proxy checked by go.sum.

S3_PORT=${RIVET_S3_PORT:-9000}
S3_BUCKETS=(rivet-test rivet-e2e)

s3_packages() {
    echo curl
    go_packages
}

s3_describe() {
    printf 'port=%s user=minioadmin password=minioadmin buckets=%s\n' "$S3_PORT" "$(IFS=,; echo "${S3_BUCKETS[*]}")"
}

# s3_call METHOD PATH: as the account of the server, whatever the environment names; prints the status.
s3_call() {
    MINIO_ACCESS_KEY=minioadmin MINIO_SECRET_KEY=minioadmin s3_request "$1" "http://127.0.0.1:$S3_PORT/$2" -m 5
}

s3_answers() { [ "$(s3_call GET '')" = 200 ]; }

s3_server() { printf 'Versity S3 Gateway %s\n' "$(s3_version)"; }

s3_version() { sed -n 's/^require github.com\/versity\/versitygw //p' "$REPO/dev/tools/versitygw/go.mod"; }

s3_build() {
    say "s3: building the Versity S3 Gateway $(s3_version)"
    go_build s3 "$REPO/dev/tools/versitygw" github.com/versity/versitygw/cmd/versitygw "$1"
}

# Metadata beside the data: not every file system has extended attributes.
s3_start() {
    local folder program
    folder=$(ensure_services_home)/s3
    program=$folder/versitygw-$(s3_version)
    make_service_folder "$folder"
    make_service_folder "$folder/data"
    make_service_folder "$folder/metadata"
    [ -x "$program" ] || s3_build "$program"
    say "s3: starting, log in $folder/log"
    launch s3 "$folder/log" "${AS_SERVICE_USER[@]}" env ROOT_ACCESS_KEY=minioadmin ROOT_SECRET_KEY=minioadmin \
        "$program" --port "127.0.0.1:$S3_PORT" --quiet posix --sidecar "$folder/metadata" "$folder/data"
    wait_for_answer s3 20 || die "s3: no start, see $folder/log"
}

s3_prepare() {
    local bucket
    for bucket in "${S3_BUCKETS[@]}"; do
        case $(s3_call PUT "$bucket") in
        200 | 409) ;; # made, or there already
        *) die "s3: cannot make the bucket $bucket" ;;
        esac
    done
}
