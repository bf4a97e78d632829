#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is committed names no machine that built it, and says done or says nothing. Usage: names.sh ROOT
set -eu
cd "$1"
found=$(grep -rnIE '(^|[^A-Za-z0-9_.])/(home|root|Users)/[a-z]|(^|[^A-Za-z])(TODO|FIXME|XXX|HACK)([^A-Za-z]|$)' \
    --exclude-dir=.git --exclude-dir=corpus --exclude-dir=node_modules --exclude-dir='build*' --exclude=names.sh --exclude=selftest.sh . || true)
if [ -n "$found" ]; then
    echo "$found"
    exit 1
fi
echo 'no path of a machine, nothing left to do'
