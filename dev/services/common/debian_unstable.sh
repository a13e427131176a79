# shellcheck shell=bash
# A program of Debian's unstable suite with all that it needs, unpacked into one folder, beside the
# host and without touching it: apt works on a state, a cache and a list of sources of its own, and
# believes nothing that the Debian keyring did not sign. The mirror is the one the host uses.

DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# Print the base address of the host's Debian mirror. $(REPO_URI) is apt's own notation.
# shellcheck disable=SC2016
debian_mirror() {
    local mirrors
    mirrors=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
        'Origin: Debian' 'Label: Debian')
    # Without lists fetched by an earlier update, apt knows the addresses and nothing else.
    [ -n "$mirrors" ] || mirrors=$(apt-get indextargets --format '$(REPO_URI)' \
        'Created-By: Packages' | grep -v security)
    head -n 1 <<<"$mirrors"
}

# unstable_apt_settings FOLDER MIRROR: the private apt. It reads the host's settings first, because
# those may name a proxy; what they would do to the host afterwards is cleared.
unstable_apt_settings() {
    mkdir -p "$1/lists/partial" "$1/archives/partial" "$1/log"
    : >"$1/status"
    printf 'deb [signed-by=%s] %s unstable main\n' "$DEBIAN_KEYRING" "$2" >"$1/sources.list"
    cat >"$1/apt.conf" <<-END
	#clear APT::Update::Pre-Invoke;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	Dir::State "$1";
	Dir::State::lists "$1/lists";
	Dir::State::status "$1/status";
	Dir::Cache "$1";
	Dir::Cache::archives "$1/archives";
	Dir::Log "$1/log";
	Dir::Etc::sourcelist "$1/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	Dir::Etc::preferences "/dev/null";
	Dir::Etc::preferencesparts "/dev/null";
	APT::Update::Error-Mode "any";
	APT::Get::AllowUnauthenticated "false";
	APT::Install-Recommends "false";
	Acquire::AllowInsecureRepositories "false";
	Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
	Acquire::Languages "none";
	Acquire::Retries "5";
	Acquire::http::Timeout "30";
	Acquire::https::Timeout "30";
	END
    # apt reads mirrors as this user, where it exists.
    if id _apt >/dev/null 2>&1; then
        chown _apt "$1/lists/partial" "$1/archives/partial"
    fi
}

# unstable_apt FOLDER ARGUMENT…: three attempts of five minutes at most; what was fetched is kept.
unstable_apt() {
    local settings=$1/apt.conf attempt
    shift
    for attempt in 1 2 3; do
        timeout -k 10 300 apt-get -q -y -c "$settings" "$@" && return 0
        say "attempt $attempt to fetch from Debian's unstable suite failed"
    done
    return 1
}

# unstable_unpack ROOT ARCHIVES: /bin and the like must be links before a package that still says
# /lib is unpacked. The devices are those that servers and OpenSSL open.
unstable_unpack() {
    local root=$1 name archive
    mkdir -p "$root"/{dev,etc,run,tmp,var/tmp}
    chmod 1777 "$root/tmp" "$root/var/tmp"
    for name in bin sbin lib lib64; do
        mkdir -p "$root/usr/$name"
        ln -s "usr/$name" "$root/$name"
    done
    for archive in "$2"/*.deb; do
        dpkg-deb -x "$archive" "$root"
    done
    rm -rf "$root"/usr/share/{doc,man,locale}
    mknod -m 666 "$root/dev/null" c 1 3
    mknod -m 666 "$root/dev/zero" c 1 5
    mknod -m 666 "$root/dev/random" c 1 8
    mknod -m 666 "$root/dev/urandom" c 1 9
}

# unstable_fetch FOLDER PACKAGE: fetch and unpack into FOLDER/root, with the version in FOLDER/version.
unstable_fetch() {
    local folder=$1 package=$2 mirror archive
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || die "$package: this host has no Debian mirror in its apt sources"
    [ -s "$DEBIAN_KEYRING" ] || die "$package: $DEBIAN_KEYRING is missing;" \
        "install it with 'apt-get install debian-archive-keyring'"
    unstable_apt_settings "$folder/apt" "$mirror"
    {
        unstable_apt "$folder/apt" update &&
            unstable_apt "$folder/apt" install --download-only "$package"
    } >>"$folder/log" 2>&1 || die "$package: cannot be fetched from Debian's unstable suite:" \
        "$(grep '^E:' "$folder/log" | tail -n 1)"
    archive=$(printf '%s\n' "$folder/apt/archives/$package"_*.deb)
    dpkg-deb -f "$archive" Version >"$folder/version"
    unstable_unpack "$folder/root" "$folder/apt/archives"
}
