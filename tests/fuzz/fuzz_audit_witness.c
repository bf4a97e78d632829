/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/witness.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span bytes = {(const char *)data, len};
    struct witness_request request;
    struct fault why;
    struct buf out;
    uint64_t size;

    (void)witness_size_read(bytes, &size);
    if (witness_request_read(&request, bytes, &why) != 0) {
        return 0;
    }
    /* What was read is written the same. */
    buf_init(&out, WITNESS_BODY_MAX);
    assert(request.note.body.ptr > bytes.ptr);
    assert(witness_request_write(&out, request.old, request.proof, request.proof_count,
                                 (struct span){request.note.body.ptr, len - (size_t)(request.note.body.ptr - bytes.ptr)}) == 0);
    assert(out.len == len && memcmp(out.data, data, len) == 0);
    buf_done(&out);
    return 0;
}
