#!/usr/bin/env bash
# The Debian/Ubuntu packages each task needs, and the one way to install what is missing.
#   dev/packages.sh list build|test|demo     print them
#   dev/packages.sh install build|test|demo  install the missing ones (sudo when not root)
set -euo pipefail
cd "$(dirname "$0")/.."

build_packages=(
    gcc make cmake pkg-config libc6-dev
    libpq-dev libmariadb-dev libsqlite3-dev libyaml-dev libjansson-dev libxxhash-dev
    libzstd-dev liblz4-dev libsnappy-dev libdeflate-dev zlib1g-dev libssl-dev
    libcurl4-openssl-dev libxml2-dev
)
test_packages=(
    clang clang-format clang-tidy llvm libcmocka-dev
    python3 python3-venv python3-pip git strace util-linux shellcheck
    mandoc zsh fish elvish
)

# Readers of other languages. Debian's npm does not go with a node from elsewhere, so what is there
# by whatever way is taken.
reader_packages() {
    command -v npm >/dev/null || echo nodejs npm
    command -v javac >/dev/null || echo default-jdk-headless
    command -v mvn >/dev/null || echo maven
}

packages_for() {
    case "$1" in
    build) printf '%s\n' "${build_packages[@]}" ;;
    demo) printf '%s\n' "${build_packages[@]}" python3 python3-venv && ./dev/services.sh packages postgres ;;
    test) printf '%s\n' "${build_packages[@]}" "${test_packages[@]}" && reader_packages && ./dev/services.sh packages postgres mariadb mysql toxiproxy fake-gcs s3 \
        postgres-exporter node-exporter prometheus ;;
    *)
        echo "usage: dev/packages.sh list|install build|test|demo" >&2
        exit 2
        ;;
    esac | tr ' ' '\n' | sed '/^$/d' | sort -u
}

# libFuzzer and the sanitizers come in a package that carries clang's own version.
clang_runtime() {
    local version
    version=$(clang -dumpversion 2>/dev/null | cut -d. -f1) || return 0
    [ -z "$version" ] || echo "libclang-rt-$version-dev"
}

is_installed() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Debian's server packages start their server, which would take the port of the private one, unless
# the administrator's policy forbids it. Ours forbids it during this installation only.
forbid_autostart() {
    local policy=/usr/sbin/policy-rc.d
    [ ! -e "$policy" ] || return 0
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

install_missing() {
    local missing=() name
    for name in "$@"; do
        is_installed "$name" || missing+=("$name")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    echo "installing packages: ${missing[*]}"
    # A database package must not start a server of its own beside the private ones.
    if printf '%s\n' "${missing[@]}" | grep -q '^postgresql' && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    forbid_autostart
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

action=${1:-} task=${2:-}
mapfile -t wanted < <(packages_for "$task")
case "$action" in
list) printf '%s\n' "${wanted[@]}" ;;
install)
    install_missing "${wanted[@]}"
    if [ "$task" = test ]; then
        mapfile -t runtime < <(clang_runtime)
        [ "${#runtime[@]}" -eq 0 ] || install_missing "${runtime[@]}" || true
    fi
    ;;
*)
    echo "usage: dev/packages.sh list|install build|test|demo" >&2
    exit 2
    ;;
esac
