#!/usr/bin/env bash
# Acceptance row I3: an export into a real bucket, with the credentials that Google's own tools would
# find ('gcloud auth application-default login', GOOGLE_APPLICATION_CREDENTIALS, …; docs/gcs.md).
# RIVET names the program, RIVET_CONFIG another configuration, with your bucket.
set -euo pipefail
cd "$(dirname "$0")/.."

export DATABASE_URL=${DATABASE_URL:-postgresql://rivet:rivet@localhost:5432/rivet}
export RUST_LOG=${RUST_LOG:-info}
command=${1:-run}
[ "$#" -eq 0 ] || shift

exec "${RIVET:-rivet}" "$command" --config "${RIVET_CONFIG:-dev/rivet_gcs_rivet_data_test.yaml}" "$@"
