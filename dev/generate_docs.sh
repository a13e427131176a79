#!/usr/bin/env bash
# Writes docs/cli.md, docs/config.md and docs/man/ out of the command and option tables.
#   dev/generate_docs.sh [PROGRAM]            writes them; PROGRAM is a built rivet-docs
#   dev/generate_docs.sh --check [PROGRAM]    fails with the difference when they are not current
set -euo pipefail
cd "$(dirname "$0")/.."

is_check=false
if [ "${1:-}" = --check ]; then
    is_check=true
    shift
fi
program=${1:-}
if [ -z "$program" ]; then
    cmake --preset dev >/dev/null
    cmake --build build/dev --target rivet-docs >/dev/null
    program=build/dev/rivet-docs
fi

fresh=$(mktemp -d)
trap 'rm -r "$fresh"' EXIT
"$program" "$fresh"
status=0
if $is_check; then
    for page in cli.md config.md man; do
        diff -ru "docs/$page" "$fresh/$page" || status=1
    done
    [ "$status" -eq 0 ] || echo "run dev/generate_docs.sh" >&2
else
    mkdir -p docs/man
    rm -f docs/man/*.[15]
    cp "$fresh"/*.md docs/
    cp "$fresh"/man/* docs/man/
fi
exit "$status"
