#!/usr/bin/env bash
# The main job on real data: installs what is missing, builds, starts a private PostgreSQL on
# loopback, seeds it, exports a table to Parquet and reads the first rows back. Repeatable; leaves
# nothing running.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

say "installing what the build and a private PostgreSQL need (apt, once)"
./dev/packages.sh install demo

say "building rivet into build/"
make --no-print-directory

was_running=no
if ./dev/services.sh status postgres >/dev/null 2>&1; then was_running=yes; fi
stop() {
    [ "$was_running" = yes ] || ./dev/services.sh down postgres
}
trap stop EXIT

say "starting a private PostgreSQL on 127.0.0.1:5432 (ended at the end of this script)"
./dev/services.sh up postgres

say "seeding it with a small shop: users, orders, events"
./build/rivet-seed --target postgres --users 5000 --page-views 20000 --content-items 2000

out=$(mktemp -d "${TMPDIR:-/tmp}/rivet-demo.XXXXXX")
cat >"$out/rivet.yaml" <<YAML
source:
  type: postgres
  url_env: DATABASE_URL
  tuning: { profile: fast }
exports:
  - name: orders
    query: SELECT id, user_id, product, quantity, price, status, ordered_at FROM orders
    format: parquet
    destination: { type: local, path: $out/files }
YAML

say "the configuration ($out/rivet.yaml)"
cat "$out/rivet.yaml"

say "rivet run --config $out/rivet.yaml --validate"
DATABASE_URL=postgresql://rivet:rivet@localhost:5432/rivet ./build/rivet run --config "$out/rivet.yaml" --validate

say "the first rows of the file, read by pyarrow"
python=$(./dev/python.sh dev/demo-requirements.txt)
"$python" - "$out"/files/orders_*.parquet <<'PY'
import sys
import pyarrow.parquet as pq

table = pq.read_table(sys.argv[1])
print(table.schema)
print()
for row in table.slice(0, 5).to_pylist():
    print(row)
print(f"\n{table.num_rows} rows in {sys.argv[1]}")
PY
