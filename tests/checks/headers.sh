#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles each header alone and twice. Usage: headers.sh ROOT FOLDERS COMPILER...
set -eu
root=$1 folders=$2
shift 2
cd "$root"
flags="-std=gnu17 -D_GNU_SOURCE -I. -Wall -Wextra -Werror -Wstrict-prototypes -Wundef -fsyntax-only"
for package in jansson libcrypto libssl yaml-0.1 libpcre2-8 libpsl libidn2 libevent_core hiredis libcurl cmocka; do
    flags="$flags $(pkg-config --cflags "$package" 2>/dev/null || true)"
done
export flags
# shellcheck disable=SC2016,SC2086  # the inner shell expands; folders are a list
find $folders -name '*.h' | sort | xargs -P "$(nproc)" -n 8 sh -c '
    status=0
    for header; do [ "$header" = -- ] && break; done
    compiler=; while [ "$1" != -- ]; do compiler="$compiler $1"; shift; done; shift
    for header; do
        $compiler $flags -x c -include "$header" -include "$header" /dev/null || { echo "$header: does not compile alone and twice"; status=1; }
    done
    exit $status' sh "$@" -- || exit 1
# shellcheck disable=SC2086
echo "$(find $folders -name '*.h' | wc -l) headers compile alone and twice"
