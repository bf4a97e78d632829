#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Holds the archives of lib/ against pure.txt: what they need from outside is named there, and they
# hold no data that changes. Usage: pure.sh ARCHIVE...
set -eu
allowed=$(dirname "$0")/pure.txt
[ $# -gt 0 ] || { echo 'no archives'; exit 1; }
defined=$(mktemp) needed=$(mktemp)
trap 'rm -f "$defined" "$needed"' EXIT
nm -A --defined-only "$@" | awk '{print $NF}' | sort -u >"$defined"
# Fortified and versioned spellings count as the plain one: __printf_chk, __isoc99_sscanf, __open_2.
nm -A --undefined-only "$@" | awk '{
    name = $NF; file = $1; sub(/:$/, "", file); sub(/.*\//, "", file)
    plain = name
    if (plain ~ /^__.*_chk$/) { gsub(/^__|_chk$/, "", plain) }
    sub(/^__isoc[0-9]*_/, "", plain); sub(/^__open(at)?(64)?_2$/, "open", plain)
    print name, plain, file }' | sort -u >"$needed"
awk -v defined="$defined" -v allowed="$allowed" '
BEGIN {
    while ((getline name < defined) > 0) { ours[name] = 1 }
    while ((getline text < allowed) > 0) {
        if (text ~ /^#/) { continue }
        n = split(text, w, /[ \t]+/)
        for (i = 1; i <= n; i++) { if (w[i] ~ /\*$/) { prefix[substr(w[i], 1, length(w[i]) - 1)] = 1 } else { may[w[i]] = 1 } }
    }
}
{
    seen++
    if (($1 in ours) || ($2 in may)) { next }
    # Helpers that the compiler calls by itself, and its sanitizers.
    if ($1 ~ /^(_GLOBAL_OFFSET_TABLE_|__assert_fail|__stack_chk_fail|__cpu_model|__cpu_indicator_init|__(div|mod|udiv|umod|divmod|udivmod|mul|popcount|clz|ctz|bswap|ashl|lshr|fix|float|neg)[a-z0-9]*|__(asan|ubsan|sanitizer|sancov|msan|tsan|gcov|llvm)_.*)$/) { next }
    for (p in prefix) { if (index($1, p) == 1) { next } }
    print $3 ": needs " $1 ", which pure.txt does not name"; count++
}
END { print seen + 0 " outside names, " count + 0 " not allowed"; exit count > 0 || seen == 0 }' "$needed" || exit 1
# Data that changes: .data and .bss (constants with addresses are in .data.rel.ro).
if ! grep -Eq ' __(asan|ubsan|sanitizer|gcov|llvm)_' "$needed"; then
    size -A "$@" | awk '
    / :$|\(ex / { object = $1 }
    /^\.(data|bss|tdata|tbss)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 { print object ": " $2 " bytes in " $1 ": a global that changes"; bad = 1 }
    END { exit bad }'
fi
