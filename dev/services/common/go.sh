# shellcheck shell=bash
# Builds a server from sources of the Go module proxy, checked by the go.sum beside its go.mod.

# A distribution's Go may be older than a module wants: then this one, from the same proxy.
GO_TOOLCHAIN=v0.0.1-go1.26.3.linux-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
declare -gA GO_TOOLCHAIN_SUMS=( # global also when a function sources this
    [v0.0.1-go1.26.3.linux-amd64]=h1:LdHRR8AtYKtOQrWMnd5AbvhZMSVJ7HoO2wrqShPaLV8=
)

go_packages() { command -v go >/dev/null || echo golang-go; }

# Go 1.18 to 1.20 say "1.26" for a go.mod that wants 1.26 and go on to fail.
go_is_enough() {
    local have wanted
    have=$(go env GOVERSION)
    wanted=$(sed -n 's/^go //p' "$1/go.mod")
    [ "$(printf '%s\n' "$wanted" "${have#go}" | sort -V | head -n 1)" = "$wanted" ]
}

# The files of a module are not executable; those of a compiler must be.
go_fetch_toolchain() {
    local answer folder sum
    answer=$(cd / && GOFLAGS=-mod=mod go mod download -json "golang.org/toolchain@$GO_TOOLCHAIN") || return 1
    folder=$(sed -n 's/.*"Dir": "\(.*\)".*/\1/p' <<<"$answer")
    sum=$(sed -n 's/.*"Sum": "\(.*\)".*/\1/p' <<<"$answer")
    [ -n "${GO_TOOLCHAIN_SUMS[$GO_TOOLCHAIN]:-}" ] && [ "$sum" = "${GO_TOOLCHAIN_SUMS[$GO_TOOLCHAIN]}" ] || return 1
    find "$folder/bin" "$folder/pkg/tool" -type f -exec chmod a+x {} +
    printf '%s\n' "$folder"
}

# go_build NAME MODULE_FOLDER PACKAGE PROGRAM: renamed when complete, so a build that was killed
# leaves nothing that looks like a program.
go_build() {
    local name=$1 folder=$2 package=$3 program=$4 log=${4%/*}/build.log compiler=go
    command -v go >/dev/null || die "$name: no Go compiler; install it with 'apt-get install golang-go'"
    if ! go_is_enough "$folder"; then
        say "$name: $(go env GOVERSION) is too old, fetching a newer Go"
        compiler=$(go_fetch_toolchain)/bin/go || die "$name: no newer Go to be had"
    fi
    (cd "$folder" && unset GOROOT && GOWORK=off GOTOOLCHAIN=local "$compiler" build -mod=readonly -trimpath \
        -o "$program.new" "$package") >"$log" 2>&1 || die "$name: the build failed, see $log"
    chmod 755 "$program.new"
    mv "$program.new" "$program"
}
