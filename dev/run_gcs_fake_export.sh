#!/usr/bin/env bash
# Acceptance row I2: an export into the Google Cloud Storage emulator.
#   dev/services.sh up postgres fake-gcs && dev/run_gcs_fake_export.sh [run|check|doctor] [arguments]
# RIVET names the program, RIVET_CONFIG another configuration.
set -euo pipefail
cd "$(dirname "$0")/.."

bucket=${FAKE_GCS_BUCKET:-rivet-fake}
url=${FAKE_GCS_URL:-http://127.0.0.1:4443}
export RUST_LOG=${RUST_LOG:-info}
command=${1:-run}
[ "$#" -eq 0 ] || shift

# The bucket may be there already.
curl -s -m 10 -o /dev/null -H 'Content-Type: application/json' -d "{\"name\":\"$bucket\"}" \
    "$url/storage/v1/b?project=test" ||
    echo "no emulator at $url: start it with 'dev/services.sh up fake-gcs'" >&2

exec "${RIVET:-rivet}" "$command" --config "${RIVET_CONFIG:-dev/rivet_gcs_fake_test.yaml}" "$@"
