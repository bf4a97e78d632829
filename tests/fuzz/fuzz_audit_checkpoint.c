/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/checkpoint.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span bytes = {(const char *)data, len};
    struct checkpoint checkpoint, again;
    struct fault why;
    struct buf out;

    if (checkpoint_read_body(&checkpoint, bytes, &why) != 0) {
        return 0;
    }
    /* What was read is written the same, up to extension lines. */
    buf_init(&out, 4096);
    assert(checkpoint_write_body(&out, &checkpoint) == 0);
    assert(out.len <= len && memcmp(out.data, data, out.len) == 0);
    assert(checkpoint_read_body(&again, buf_span(&out), &why) == 0);
    buf_done(&out);
    return 0;
}
