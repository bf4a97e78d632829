#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No function that cannot be used safely and no goto.
# VLAs are refused by the compiler (-Wvla). Usage: banned.sh ROOT
set -eu
cd "$1"
find lib service tests -name '*.[ch]' -exec awk '
BEGIN {
    all = "strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol atof gets gmtime localtime ctime asctime alloca tmpnam mktemp setlocale rand srand putenv setenv"
    n = split(all, w, " "); for (i = 1; i <= n; i++) { banned[w[i]] = 1 }
}
FNR == 1 { comment = 0 }
{
    text = $0
    gsub(/\\["\\]/, "", text); gsub(/"[^"]*"/, "\"\"", text)
    if (comment) { if (text !~ /\*\//) { next } sub(/^.*\*\//, "", text); comment = 0 }
    gsub(/\/\*[^*]*\*+([^\/*][^*]*\*+)*\//, "", text); sub(/\/\/.*/, "", text)
    if (text ~ /\/\*/) { sub(/\/\*.*/, "", text); comment = 1 }
    if (text ~ /(^|[^A-Za-z0-9_])goto[ \t]/) { print FILENAME ":" FNR ": goto"; bad = 1 }
    while (match(text, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
        name = substr(text, RSTART, RLENGTH - 1); sub(/[ \t]+$/, "", name)
        member = RSTART > 1 && substr(text, RSTART - 1, 1) ~ /[.>]/
        # Tests may run programs and set their own environment.
        if (!member && ((name in banned && !(FILENAME ~ /^tests\// && name == "setenv")) || (name == "system" && FILENAME !~ /^tests\//))) {
            print FILENAME ":" FNR ": " name " is banned"; bad = 1
        }
        text = substr(text, RSTART + RLENGTH)
    }
}
END { exit bad }' {} + && echo 'no banned function, no goto'
