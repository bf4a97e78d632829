#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A file has at most 600 lines and a function at most 80.
# Functions are found by our layout: their braces stand alone in the first column. Usage: size.sh ROOT
set -eu
cd "$1"
find lib service tests -name '*.[ch]' -exec awk '
function close_file() { if (file != "" && lines > 600) { print file ": " lines " lines; split it (600 at most)"; bad = 1 } }
FNR == 1 { close_file(); file = FILENAME; from = 0 }
{ lines = FNR }
/^\{/ { from = FNR; functions++ }
/^\}/ && from { if (FNR - from + 1 > 80) { print FILENAME ":" from ": a function of " FNR - from + 1 " lines (80 at most)"; bad = 1 } from = 0 }
# A definition whose brace ends its line would hide from the count.
/^[a-z].*\)[ \t]*\{$/ { print FILENAME ":" FNR ": the brace of a function stands on its own line"; bad = 1 }
END { close_file(); print functions + 0 " functions measured"; exit bad || functions == 0 }' {} +
