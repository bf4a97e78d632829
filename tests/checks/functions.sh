#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each Redis function says above itself what it takes, answers, logs and keeps, and the ACL user of deploy/redis may run
# what functions and program use and nothing else. Usage: functions.sh ROOT
#
# Above each register(...) stand comment lines that begin with KEYS, ARGV (where it reads any), REPLY; one that writes has
# KEEPS too; LOG where it writes entries, and nowhere else. A key named in a file's code is in one of its KEYS lines.
set -eu
cd "$1"
folder=service/store/functions acl=deploy/redis/rapporteur.conf
found=$(for file in "$folder"/*.lua; do
    [ "$file" = "$folder/common.lua" ] || awk -v file="$file" '
    function say(line, what) { printf "%s:%d: %s\n", file, line, what }
    # What the function that begins in line `at` owes its header.
    function judge() {
        if (!at) return
        if (!("KEYS" in has)) say(at, name ": no KEYS line")
        if (!("REPLY" in has)) say(at, name ": no REPLY line")
        if (takes && !("ARGV" in has)) say(at, name ": no ARGV line")
        if (writes && !("KEEPS" in has)) say(at, name ": it writes and says not which invariant it KEEPS")
        if (logs && (!("LOG" in has) || has["LOG"] ~ /nothing/)) say(at, name ": it writes entries and has no LOG line")
        if (!logs && ("LOG" in has) && has["LOG"] !~ /nothing/) say(at, name ": its LOG line names entries it does not write")
        at = 0
    }
    # A key and what its name begins with: `touches c: leases` covers c:<case> and leases.
    function keys_in(line,    rest, key) {
        rest = line
        while (match(rest, /tag \.\. \047[a-z0-9:]+\047/)) {
            key = substr(rest, RSTART + 8, RLENGTH - 9)
            rest = substr(rest, RSTART + RLENGTH)
            if (!(key in used)) used[key] = NR
        }
    }
    /^-- [A-Z][A-Z]+ / { word = $2; new[word] = $0; if (word == "KEYS") keys = keys " " $0 }
    /^--   +/ && word == "KEYS" { keys = keys " " $0 }
    /^register\(/ {
        judge()
        split("", has)
        for (word in new) has[word] = new[word]
        split("", new)
        word = ""
        at = NR; takes = helped_args; logs = helped_log; helped_args = helped_log = 0
        match($0, /\047[a-z_]+\047/)
        name = substr($0, RSTART + 1, RLENGTH - 2)
        writes = $0 !~ /no-writes/
    }
    !/^--/ { keys_in($0) }
    # Helpers of a function stand above it.
    !/^--/ { if (/args\[|args, *at|read\(args|#args/) { if (at) takes = 1; else helped_args = 1 }
             if (/log_write\(/) { if (at) logs = 1; else helped_log = 1 } }
    at && /^end\)/ { judge() }
    END {
        judge()
        gsub(/[,;()]/, " ", keys)
        count = split(keys, words, " ")
        for (i = 1; i <= count; i++) named[words[i]] = 1
        for (key in used) if (!(key in named)) say(used[key], "key " key " is in no KEYS line of this file")
    }' "$file"
done)
# Commands as an ACL names them: the functions, the program, the file.
used=$( (
    sed '/^ *--/d' "$folder"/*.lua | grep -oE "call\('[A-Z]+'" | sed "s/call('//; s/'//"
    printf '%s\n' FCALL PING ROLE WAIT INFO XRANGE XTRIM ASKING SELECT CONFIG FUNCTION CLUSTER
) | tr '[:upper:]' '[:lower:]' | sed 's/^config$/config|get/; s/^function$/function|load/; s/^cluster$/cluster|slots/; s/^xinfo$/xinfo|stream/' | sort -u)
allowed=$(sed '/^#/d' "$acl" | tr ' ' '\n' | sed -n 's/^+//p' | sort -u)
for command in $used; do
    printf '%s\n' "$allowed" | grep -qxF -- "$command" || found="$found
$acl: $command is used and not allowed"
done
for command in $allowed; do
    printf '%s\n' "$used" | grep -qxF -- "$command" || found="$found
$acl: $command is allowed and not used"
done
# What the program itself sends: the words above are all of them.
found="$found
$(grep -noE '"(GET|SET|DEL|KEYS|SCAN|EVAL|EVALSHA|SCRIPT|FLUSHALL|FLUSHDB|SHUTDOWN|DEBUG|ACL|CLIENT|MULTI|EXEC|XADD|HGET|BGSAVE|BGREWRITEAOF)( [^"]*)?"' \
    $(ls service/store/*.c | grep -v embedded_process) | grep -v '"GET"' | sed 's/$/ is sent, and not in the list of functions.sh/' || true)"
found=$(printf '%s\n' "$found" | sed '/^$/d')
if [ -n "$found" ]; then
    printf '%s\n' "$found"
    exit 1
fi
echo "every function says what it does; the Redis user may do that and no more"
