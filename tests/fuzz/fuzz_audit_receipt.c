/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/receipt.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span bytes = {(const char *)data, len};
    struct receipt receipt;
    struct fault why;
    struct buf out;

    if (receipt_read(&receipt, bytes, &why) != 0) {
        return 0;
    }
    /* One spelling: what was read is written byte for byte. */
    buf_init(&out, RECEIPT_MAX_BYTES);
    assert(receipt_write(&out, &receipt) == 0);
    assert(out.len == len && memcmp(out.data, data, len) == 0);
    buf_done(&out);
    return 0;
}
