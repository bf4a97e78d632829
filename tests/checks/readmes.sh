#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each folder of lib/ and service/ explains itself: a README of one screen that ends with its decisions.
# Usage: readmes.sh ROOT
set -eu
cd "$1"
{
    find lib service -mindepth 1 -maxdepth 1 -type d
    for folder in lib service tests tests/checks deploy; do
        [ -d "$folder" ] && echo "$folder"
    done
} | sort -u | while read -r folder; do
    readme=$folder/README.md
    if [ ! -f "$readme" ]; then
        echo "$folder: no README.md"
        continue
    fi
    lines=$(wc -l <"$readme")
    [ "$lines" -le 60 ] || echo "$readme: $lines lines, more than a screen (60)"
    [ "$(grep '^## ' "$readme" | tail -n 1)" = '## Why it is so' ] || echo "$readme: does not end with \"## Why it is so\""
done | { ! grep . ; } && echo 'every folder explains itself'
