#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The planted bugs of tests/faults still fit the source they are planted in. Usage: mutants.sh ROOT
set -eu
cd "$1"
command -v git >/dev/null || exit 77
count=0 missed=0
for patch in tests/faults/mutants/*.patch; do
    count=$((count + 1))
    git apply --unidiff-zero --check "$patch" || { echo "$patch does not apply" && missed=$((missed + 1)); }
done
echo "$count planted bugs, $missed do not apply"
[ "$missed" -eq 0 ]
