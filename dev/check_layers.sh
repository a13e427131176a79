#!/usr/bin/env bash
# Includes point one way: each folder of src/ sees only the layers below it, and peers are blind to
# each other (spec: style, tree). Prints every include that does not; exit 1 when there is one.
set -euo pipefail
cd "$(dirname "$0")/.."

layer_of() {
    case "$1" in
    util) echo 1 ;;
    batch) echo 2 ;;
    config) echo 3 ;;
    source | format | destination | state) echo 4 ;;
    preflight) echo 5 ;;
    pipeline) echo 6 ;;
    cli) echo 7 ;;
    main.c) echo 8 ;;
    *) echo 0 ;; # a program of its own (seed): not part of rivet's layers
    esac
}

status=0
while IFS=: read -r file line include; do
    from=$(cut -d/ -f2 <<<"$file")
    to=$(sed -E 's/.*"([^/"]+)\/.*/\1/' <<<"$include")
    from_layer=$(layer_of "$from") to_layer=$(layer_of "$to")
    if [ "$from_layer" -eq 0 ]; then
        if [ "$to_layer" -ne 0 ]; then
            echo "$file:$line: '$from' stands alone and may not include '$to'"
            status=1
        fi
        continue
    fi
    if [ "$from" != "$to" ] && [ "$to_layer" -ge "$from_layer" ]; then
        echo "$file:$line: '$from' (layer $from_layer) may not include '$to' (layer $to_layer)"
        status=1
    fi
done < <(grep -rnE '#include "[^"/]+/[^"]+"' src --include='*.c' --include='*.h')
exit $status
