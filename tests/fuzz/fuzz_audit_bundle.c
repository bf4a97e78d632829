/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/bundle.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span entries[256];
    unsigned count = len ? data[0] + 1U : 1;
    struct span bytes = {(const char *)data + (len > 0), len - (len > 0)};
    struct fault why;
    size_t total = 0;

    if (bundle_read(bytes, count, entries, &why) == 0) {
        for (unsigned i = 0; i < count; i++) {
            total += 2 + entries[i].len;
        }
        assert(total == bytes.len);
    }
    return 0;
}
