#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Stops the sequencer at every write, fsync, rename and mkdir it makes - by SIGKILL, by EIO, and for writes
# by ENOSPC - starts it again, and verifies the whole log, with the checkpoint published before as a
# beginning of it. Each point three ways: in a new folder (the calls of the first start), in a folder that
# has a log (the calls of the sequencer's thread: strace counts per thread), and there twice in a row, so
# that the repair is stopped too.
#     sequencer_crash.sh DRIVER [EVERY]      every EVERY-th call only (default 1: all of them)
# Ends with "N points passed, N failed"; needs strace.
set -u
driver=$1
every=${2:-1}
begun=300
entries=1000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
calls=write,fsync,renameat,mkdirat

prepare() { # new or begun: what the folder holds before
    rm -rf "$work/log" "$work/log.store" "$work/older"
    if [ "$1" = begun ]; then
        cp -a "$work/begun" "$work/log"
        cp "$work/begun.store" "$work/log.store"
    fi
}

inject() { # call, what, which one
    strace -f -o /dev/null -e trace="$1" -e inject="$1:$2:when=$3" "$driver" run "$work/log" $entries \
        >/dev/null 2>"$work/first"
}

one_point() { # new or begun, how often, call, what, which one
    prepare "$1"
    inject "$3" "$4" "$5"
    first=$?
    [ "$2" = twice ] && inject "$3" "$4" "$5"
    [ -f "$work/log/log/checkpoint" ] && cp "$work/log/log/checkpoint" "$work/older"
    if "$driver" run "$work/log" $entries 2>"$work/second" &&
        "$driver" verify "$work/log" $entries "$work/older" 2>>"$work/second"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1 folder, $2, $3 number $5, $4 (first run: $first, $(cat "$work/first"))"
        cat "$work/second"
    fi
    [ $first -ne 0 ] || missed=$((missed + 1))
}

# The most calls of that name that one thread made in the run just traced.
count() {
    grep "^[0-9]* *$1(" "$work/calls" | cut -d' ' -f1 | sort | uniq -c | sort -rn | awk 'NR == 1 {print $1}'
}

"$driver" run "$work/begun" $begun || exit 1
for folder in new begun; do
    prepare $folder
    strace -f -o "$work/calls" -e trace=$calls "$driver" run "$work/log" $entries || exit 1
    "$driver" verify "$work/log" $entries || exit 1
    cp "$work/calls" "$work/calls.$folder"
done

for call in write fsync renameat mkdirat; do
    kinds="signal=KILL error=EIO"
    [ $call = write ] && kinds="$kinds error=ENOSPC"
    for way in "new once" "begun once" "begun twice"; do
        folder=${way% *}
        cp "$work/calls.$folder" "$work/calls"
        total=$(count $call)
        for kind in $kinds; do
            missed=0
            before=$passed
            n=1
            while [ "$n" -le "${total:-0}" ]; do
                one_point "$folder" "${way#* }" $call "$kind" $n
                n=$((n + every))
            done
            echo "$call $kind, $way: $((passed - before)) passed, calls 1 to ${total:-0}; $missed not reached"
        done
    done
done
echo "$passed points passed, $failed failed"
[ $failed -eq 0 ]
