#!/usr/bin/env bash
# services.sh: the databases and stores that rivet's tests talk to, as private processes on loopback.
#
#   dev/services.sh up [name…]        start what is not running yet; a server already listening that
#                                     accepts our account is used as it is
#   dev/services.sh down [name…]      end what `up` started, and nothing else
#   dev/services.sh status [name…]    one line per service; exit 1 when one of them is not running
#   dev/services.sh describe [name…]  ports and accounts, one line of key=value words per service
#   dev/services.sh packages [name…]  the Debian packages that the services need
#   dev/services.sh folder            where data, logs and sockets are
#
# Without names: the services of DEFAULT_SERVICES. Data lies in .services/ (ignored by git), or in
# RIVET_SERVICES_DIR; removing that folder while nothing runs gives a fresh start.
#
# The databases use certificates from the folder tls/ in there, where they use any (common/tls.sh).
#
# One file per service in dev/services/, what several share in dev/services/common/; postgres.sh is
# the model. A service NAME (with - as _) has:
#   NAME_packages   print Debian package names
#   NAME_describe   print key=value words; port= is the first
#   NAME_answers    true when something at our port accepts our account; waits for nothing
#   NAME_start      start it, wait until it answers, record it with remember_process
#   NAME_prepare    optional; whatever a fresh server needs (tables, buckets); repeatable
#   NAME_adopt      optional; prints the pid of a server on our data that was never recorded, because
#                   `up` was killed in between
#   NAME_signal     optional; prints the signal that ends it quickly and cleanly, else TERM
#   NAME_server     optional; prints product and version of what answers, "MariaDB 10.11.6"
set -euo pipefail

DEFAULT_SERVICES=(postgres mariadb toxiproxy)

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SERVICES_DIR=$(realpath -m "${RIVET_SERVICES_DIR:-$REPO/.services}")
SERVICE_USER=rivet-services

say() { printf 'services: %s\n' "$*" >&2; }

die() {
    printf 'services: error: %s\n' "$*" >&2
    exit 1
}

usage() {
    sed -n '4,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

# --- who runs the servers, and where ------------------------------------------------------------

# Databases refuse to run as root. Every server runs as the caller, or as SERVICE_USER under root.
AS_SERVICE_USER=()
if [ "$(id -u)" -eq 0 ]; then
    AS_SERVICE_USER=(setpriv --reuid "$SERVICE_USER" --regid "$SERVICE_USER" --clear-groups --)
fi

as_service_user() { "${AS_SERVICE_USER[@]}" "$@"; }

ensure_service_user() {
    [ "$(id -u)" -eq 0 ] || return 0
    id "$SERVICE_USER" >/dev/null 2>&1 && return 0
    say "creating the system user $SERVICE_USER, because the servers must not run as root"
    useradd --system --user-group --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin "$SERVICE_USER"
}

# Print the folder that holds one sub-folder per service. That is SERVICES_DIR, unless the servers
# run as another user who cannot reach it (a checkout in a private home): then it is a folder under
# /var/tmp whose name SERVICES_DIR remembers.
services_home() {
    local recorded=$SERVICES_DIR/moved_to
    if [ -s "$recorded" ] && [ -d "$(cat "$recorded")" ]; then
        cat "$recorded"
    else
        printf '%s\n' "$SERVICES_DIR"
    fi
}

# Make sure that the servers' user can reach the folder, and print it.
ensure_services_home() {
    local home
    mkdir -p "$SERVICES_DIR"
    home=$(services_home)
    if [ "$home" = "$SERVICES_DIR" ] && ! as_service_user test -x "$home"; then
        home=$(mktemp -d /var/tmp/rivet-services.XXXXXX)
        chmod 755 "$home"
        printf '%s\n' "$home" >"$SERVICES_DIR/moved_to"
        say "$SERVICES_DIR is out of reach for $SERVICE_USER; data goes to $home"
    fi
    printf '%s\n' "$home"
}

give_to_service_user() {
    if [ "$(id -u)" -eq 0 ]; then
        chown "$SERVICE_USER:$SERVICE_USER" "$@"
    fi
}

# Make a folder that belongs to the servers' user.
make_service_folder() {
    mkdir -p "$1"
    give_to_service_user "$1"
}

# --- processes: a pid counts only together with its start time, because pids are used again ------

# Print when a process started, in clock ticks since boot; nothing when it is gone. The name in
# /proc/PID/stat may hold blanks, so fields are counted from the closing parenthesis.
process_started() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    stat=${stat##*) }
    awk '{ if ($1 != "Z") print $20 }' <<<"$stat"
}

pid_file() { printf '%s/%s.pid\n' "$SERVICES_DIR" "$1"; }

# remember_process NAME PID
remember_process() {
    printf '%s %s\n' "$2" "$(process_started "$2")" >"$(pid_file "$1")"
}

# Print the pid of the running process that we started for a service, or nothing.
own_process() {
    local file pid started
    file=$(pid_file "$1")
    [ -s "$file" ] || return 0
    read -r pid started <"$file" || return 0
    [ -n "$started" ] || return 0
    if [ "$(process_started "$pid")" = "$started" ]; then
        printf '%s\n' "$pid"
    fi
}

# wait_until SECONDS COMMAND…: true as soon as the command is, false when the time is over.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

process_gone() { [ -z "$(own_process "$1")" ]; }

# launch NAME LOG COMMAND…: start a server that does not go to the background by itself. Every
# COMMAND of ours replaces its own process, so the pid stays the same down to the server.
launch() {
    local name=$1 log=$2
    shift 2
    (cd / && exec setsid "$@") >>"$log" 2>&1 </dev/null 9>&- &
    remember_process "$name" $!
}

answers_or_gone() { call "$1" answers || process_gone "$1"; }

# wait_for_answer NAME SECONDS: false when the time is over or the server has ended.
wait_for_answer() {
    wait_until "$2" answers_or_gone "$1" && call "$1" answers
}

# True when something accepts connections on this loopback port.
port_taken() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# --- the commands --------------------------------------------------------------------------------

function_of() { printf '%s_%s\n' "${1//-/_}" "$2"; }

has_function() { declare -F "$(function_of "$1" "$2")" >/dev/null; }

call() {
    local function
    function=$(function_of "$1" "$2")
    shift 2
    "$function" "$@"
}

service_port() {
    local words
    words=$(call "$1" describe)
    words=${words#*port=}
    printf '%s\n' "${words%% *}"
}

# Print " (product version)" of what answers, or nothing.
server_note() {
    if has_function "$1" server; then
        printf ' (%s)\n' "$(call "$1" server)"
    fi
}

adopt() {
    local name=$1 pid
    if [ -z "$(own_process "$name")" ] && has_function "$name" adopt; then
        pid=$(call "$name" adopt)
        [ -z "$pid" ] || remember_process "$name" "$pid"
    fi
}

up_one() {
    local name=$1 port
    adopt "$name"
    port=$(service_port "$name")
    if call "$name" answers; then
        if [ -n "$(own_process "$name")" ]; then
            say "$name: already running on 127.0.0.1:$port$(server_note "$name")"
        else
            say "$name: using the server that already listens on 127.0.0.1:$port$(server_note "$name")"
        fi
    elif [ -z "$(own_process "$name")" ] && port_taken "$port"; then
        die "$name: 127.0.0.1:$port is taken by something that does not accept our account" \
            "($(call "$name" describe)); end it or free the port, then try again"
    else
        ensure_service_user
        call "$name" start
        say "$name: running on 127.0.0.1:$port$(server_note "$name")"
    fi
    if has_function "$name" prepare; then
        call "$name" prepare
    fi
}

down_one() {
    local name=$1 pid signal=TERM
    adopt "$name"
    pid=$(own_process "$name")
    if [ -z "$pid" ]; then
        rm -f "$(pid_file "$name")"
        say "$name: nothing running that was started here"
        return 0
    fi
    if has_function "$name" signal; then
        signal=$(call "$name" signal)
    fi
    say "$name: ending process $pid"
    kill -s "$signal" "$pid"
    if ! wait_until 60 process_gone "$name"; then
        say "$name: process $pid does not end, killing it"
        kill -s KILL "$pid"
        wait_until 10 process_gone "$name" || die "$name: process $pid cannot be killed"
    fi
    rm -f "$(pid_file "$name")"
}

status_one() {
    local name=$1 port pid
    port=$(service_port "$name")
    pid=$(own_process "$name")
    if ! call "$name" answers; then
        printf '%s stopped port=%s\n' "$name" "$port"
        return 1
    fi
    printf '%s running port=%s pid=%s%s\n' "$name" "$port" "${pid:-unknown}" "$(server_note "$name")"
}

describe_one() { printf '%s %s\n' "$1" "$(call "$1" describe)"; }

packages_one() { call "$1" packages; }

load_services() {
    local file
    for file in "$REPO"/dev/services/common/*.sh "$REPO"/dev/services/*.sh; do
        # shellcheck disable=SC1090 # one file per service, known only at run time
        . "$file"
    done
}

main() {
    local command=${1:-} name result=0
    [ $# -eq 0 ] || shift
    case $command in
    up | down | status | describe | packages) ;;
    folder)
        services_home
        return 0
        ;;
    -h | --help | help)
        usage
        return 0
        ;;
    *)
        usage >&2
        return 2
        ;;
    esac
    load_services
    [ $# -gt 0 ] || set -- "${DEFAULT_SERVICES[@]}"
    for name in "$@"; do
        has_function "$name" start || die "unknown service '$name'"
    done
    case $command in
    up | down)
        # One of these at a time: two test suites may start together. Servers do not inherit the lock.
        mkdir -p "$SERVICES_DIR"
        exec 9>"$SERVICES_DIR/lock"
        flock 9
        ;;
    esac
    for name in "$@"; do
        "${command}_one" "$name" || result=1
    done
    return "$result"
}

main "$@"
