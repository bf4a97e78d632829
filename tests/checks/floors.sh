#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Holds every include of lib/ and service/ against floors.txt. Usage: floors.sh ROOT
set -eu
rules=$(cd "$(dirname "$0")" && pwd)/floors.txt
cd "$1"
# The rules first, then "file:line:#include ..." of every source.
find lib service -name '*.[ch]' -exec grep -Hn '^[[:space:]]*#[[:space:]]*include' {} + | sort |
awk -v rules="$rules" '
function folder_of(path) {                      # the longest folder that has a floor
    while (path != "" && !(path in level)) {
        if (path !~ /\//) { return "" }
        sub(/\/[^\/]*$/, "", path)
    }
    return path
}
function bad(why) { print file ":" line ": " why; count++ }
function below(path, place) { return path == place || index(path, place "/") == 1 }
BEGIN {
    while ((getline text < rules) > 0) {
        n = split(text, w, /[ \t]+/)
        if (w[1] == "floor") { floors++; for (i = 2; i <= n; i++) level[w[i]] = floors }
        if (w[1] == "except") { except[w[2] " " w[3]] = 1 }
        if (w[1] == "header") { places[w[2]] = ""; for (i = 3; i <= n; i++) places[w[2]] = places[w[2]] " " w[i] }
    }
    if (!floors) { print "no floors in " rules; failed = 1; exit 1 }
}
{
    colon = index($0, ":"); file = substr($0, 1, colon - 1); rest = substr($0, colon + 1)
    colon = index(rest, ":"); line = substr(rest, 1, colon - 1); rest = substr(rest, colon + 1)
    name = rest; gsub(/^[^"<]*["<]|[">].*$/, "", name)
    seen++
    mine = file; sub(/\/[^\/]*$/, "", mine); mine = folder_of(mine)
    if (mine == "") { bad("its folder has no floor in floors.txt"); next }
    if (rest ~ /"/) {
        if (name ~ /\.\./ || name !~ /\//) { bad("\"" name "\": write includes from the root"); next }
        theirs = name; sub(/\/[^\/]*$/, "", theirs); theirs = folder_of(theirs)
        if (theirs == "") { bad("\"" name "\": outside the house"); next }
        if (theirs != mine && level[theirs] >= level[mine] && !((mine " " name) in except)) {
            bad("\"" name "\": " mine " may not include " theirs ", which is not below it")
        }
        next
    }
    for (key = name; key != ""; key = key ~ /\// ? substr(key, 1, match(key, /\/[^\/]*$/) - 1) : "") {
        if (!(key in places)) { continue }
        n = split(places[key], place, " "); ok = 0
        for (i = 1; i <= n; i++) { ok = ok || below(file, place[i]) }
        if (!ok) { bad("<" name ">: only for" places[key]) }
        break
    }
}
END {
    if (!failed) { print seen + 0 " includes, " count + 0 " against the floors" }
    exit failed || count > 0 || seen == 0
}'
