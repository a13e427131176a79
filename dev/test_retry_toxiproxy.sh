#!/usr/bin/env bash
# Acceptance suite Q by hand: an undisturbed export, a slow one, one that is cut, and again an
# undisturbed one. RIVET names the program; "dev/test_retry_toxiproxy.sh mysql" goes through the proxy
# before MariaDB. Needs Toxiproxy and the server:
#   dev/services.sh up postgres toxiproxy && rivet-seed --target pg --users 10000
set -euo pipefail
cd "$(dirname "$0")/.."

rivet=${RIVET:-rivet}
proxy=${1:-pg}
config=${RIVET_CONFIG:-dev/test_toxiproxy_$proxy.yaml}
toxics=http://localhost:${RIVET_TOXIPROXY_PORT:-8474}/proxies/$proxy/toxics
export RUST_LOG=info

say() { printf '\n== %s\n' "$*"; }

export_now() { "$rivet" run --config "$config" "$@"; }

add_toxic() { # name type attributes
    curl -sf -X POST "$toxics" -H 'Content-Type: application/json' \
        -d "{\"name\":\"$1\",\"type\":\"$2\",\"attributes\":$3}"
    echo
}

remove_toxic() { curl -sf -X DELETE "$toxics/$1"; }

remove_all() {
    remove_toxic latency 2>/dev/null || true
    remove_toxic limit 2>/dev/null || true
}

./dev/setup_toxiproxy.sh >/dev/null
remove_all
trap remove_all EXIT

say "Q1 undisturbed"
export_now --validate
say "Q2 three seconds of latency"
add_toxic latency latency '{"latency":3000}'
say "Q3 slow"
export_now --validate
say "Q4 latency removed"
remove_toxic latency
say "Q5 cut after 5000 bytes"
add_toxic limit limit_data '{"bytes":5000}'
say "Q6 cut: retries, then success or a clear failure"
export_now || echo "failed with exit status $?, as it may"
say "Q7 limit removed"
remove_toxic limit
say "Q8 undisturbed again"
export_now --validate
say "suite Q passed"
