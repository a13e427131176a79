#!/usr/bin/env bash
# What can be said about the code without running it: layers, layout, clang-tidy, shellcheck.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "== layers"
./dev/check_layers.sh
echo "== clang-format"
git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror
echo "== clang-tidy"
cmake --preset clang >/dev/null
cmake --build build/clang --parallel "$(nproc)" >/dev/null # for the headers that the build makes
git ls-files 'src/*.c' | xargs -P "$(nproc)" -n 4 clang-tidy -p build/clang --quiet --warnings-as-errors='*' 2>/dev/null
if command -v shellcheck >/dev/null; then
    echo "== shellcheck"
    git ls-files '*.sh' | xargs shellcheck
fi
