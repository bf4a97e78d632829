#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Stops `rapporteur audit shard close` at every write, fsync, rename, mkdir and unlink it makes - by SIGKILL and by
# EIO - and looks at what is left: all logs there are verify, with the checkpoint from before as a beginning; then
# either nothing has happened and closing again does it, or it is done and closing again says so. In the end there are
# two logs, the second goes on from the first, and no key of the first is left.
#     close_crash.sh RAPPORTEUR DRIVER          DRIVER: sequencer_crash, which makes the log
# Ends with "N points passed, N failed"; needs strace.
set -u
program=$1
driver=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

settings() { # the name of the log to come
    printf 'service:\n  state_dir: %s/state\naudit:\n  origin: example.org/audit/%s\n' "$work" "$1" >"$work/settings"
}

prepare() {
    rm -rf "$work/state"
    cp -a "$work/begun" "$work/state"
    settings next
}

shard() {
    "$program" audit shard "$@" --config "$work/settings"
}

check() {
    "$program" audit verify --config "$work/settings" --older "$work/older" || return 1
    case $(shard list | wc -l) in
    1) shard close || return 1 ;;
    2) shard close 2>"$work/said" && return 1
        grep -q CLOSE_ORIGIN "$work/said" || return 1 ;;
    *) return 1 ;;
    esac
    "$program" audit verify --config "$work/settings" --older "$work/older" | grep -q '^of 2 logs' || return 1
    # What a crash behind the commit left of the first log's key goes at the next look.
    settings third
    shard close || return 1
    [ ! -e "$work/state/audit/private/key" ] && [ ! -e "$work/state/audit/next/private/key" ] &&
        [ -e "$work/state/audit/third/private/key" ]
}

mkdir -p "$work/begun"
"$driver" run "$work/begun/audit" 300 || exit 1
rm -f "$work/begun/audit.store"
: >"$work/begun/lock"
cp "$work/begun/audit/log/checkpoint" "$work/older"
prepare
strace -f -o "$work/calls" -e trace=write,fsync,renameat,mkdir,mkdirat,unlinkat "$program" audit shard close --config "$work/settings" >/dev/null || exit 1
for call in write fsync renameat mkdir mkdirat unlinkat; do
    total=$(grep -c " $call(" "$work/calls")
    for kind in signal=KILL error=EIO; do
        before=$passed
        n=1
        while [ "$n" -le "$total" ]; do
            prepare
            strace -f -o /dev/null -e trace=$call -e inject="$call:$kind:when=$n" "$program" audit shard close \
                --config "$work/settings" >"$work/first" 2>&1
            if check >"$work/second" 2>&1; then
                passed=$((passed + 1))
            else
                failed=$((failed + 1))
                echo "FAILED: $call number $n, $kind: $(cat "$work/first")"
                cat "$work/second"
            fi
            n=$((n + 1))
        done
        echo "$call $kind: $((passed - before)) passed, calls 1 to $total"
    done
done
echo "$passed points passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
