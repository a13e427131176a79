#!/usr/bin/env bash
# Acceptance row I1: an export into an S3 server on this machine.
#   dev/services.sh up postgres s3 && dev/run_s3_export.sh [run|check|doctor] [arguments]
# RIVET names the program, RIVET_CONFIG another configuration, S3_URL another server.
set -euo pipefail
cd "$(dirname "$0")/.."

bucket=${S3_BUCKET:-rivet-test}
url=${S3_URL:-http://localhost:9000}
export MINIO_ACCESS_KEY=${MINIO_ACCESS_KEY:-minioadmin}
export MINIO_SECRET_KEY=${MINIO_SECRET_KEY:-minioadmin}
export RUST_LOG=${RUST_LOG:-info}
command=${1:-run}
[ "$#" -eq 0 ] || shift

# Made by a signed request; it may be there already. The secret goes in by standard input, where no
# list of processes shows it.
printf 'user = "%s:%s"\n' "$MINIO_ACCESS_KEY" "$MINIO_SECRET_KEY" |
    curl -s -m 10 -o /dev/null -K - --aws-sigv4 aws:amz:us-east-1:s3 -X PUT "$url/$bucket" \
        -H 'x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' ||
    echo "no S3 server at $url: start it with 'dev/services.sh up s3'" >&2

exec "${RIVET:-rivet}" "$command" --config "${RIVET_CONFIG:-dev/rivet_s3_minio_test.yaml}" "$@"
