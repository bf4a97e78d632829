#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The first three lines of every source and build file name its licence. Usage: spdx.sh ROOT
set -eu
cd "$1"
find meson.build lib service tests deploy -type f \( -name '*.[ch]' -o -name meson.build -o -name '*.sh' -o -name '*.lua' \
    -o -name '*.def' -o -name '*.js' -o -name '*.mjs' -o -name '*.css' -o -name run -o -name install \) \
    ! -path '*/node_modules/*' ! -path '*/corpus/*' -exec awk '
FNR == 1 { if (file != "" && !named) { print file ": no SPDX line"; bad = 1 } file = FILENAME; named = 0; count++ }
FNR <= 3 && /SPDX-License-Identifier: Apache-2\.0/ { named = 1 }
END { if (file != "" && !named) { print file ": no SPDX line"; bad = 1 } print count + 0 " files"; exit bad }' {} +
