#!/usr/bin/env bash
# Acceptance row I1: an export into an S3 server on this machine.
#   dev/services.sh up postgres s3 && dev/run_s3_export.sh [run|check|doctor] [arguments]
# RIVET names the program, RIVET_CONFIG another configuration, S3_URL another server.
set -euo pipefail
cd "$(dirname "$0")/.."
. dev/services/common/s3.sh

bucket=${S3_BUCKET:-rivet-test}
url=${S3_URL:-http://localhost:9000}
export MINIO_ACCESS_KEY=${MINIO_ACCESS_KEY:-minioadmin}
export MINIO_SECRET_KEY=${MINIO_SECRET_KEY:-minioadmin}
export RUST_LOG=${RUST_LOG:-info}
command=${1:-run}
[ "$#" -eq 0 ] || shift

# It may be there already.
s3_request PUT "$url/$bucket" >/dev/null ||
    echo "no S3 server at $url: start it with 'dev/services.sh up s3'" >&2

exec "${RIVET:-rivet}" "$command" --config "${RIVET_CONFIG:-dev/rivet_s3_minio_test.yaml}" "$@"
