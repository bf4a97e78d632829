/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/entry.h"

#include "lib/json/canon.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span bytes = {(const char *)data, len};
    struct entry_view view;
    struct fault why;
    json_t *value;
    struct buf out;

    if (entry_read(&view, bytes, &why) != 0) {
        return 0;
    }
    /* What we accept, a JSON reader accepts, and the canonical writer gives the same bytes. Numbers
     * that are not whole are checked for form only: those may come back shorter. */
    value = json_loadb(bytes.ptr, bytes.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    buf_init(&out, 1 << 20);
    if (value && json_canon(&out, value) == 0 && !memchr(data, '.', len) &&
        !memmem(data, len, "e+", 2) && !memmem(data, len, "e-", 2)) {
        assert(out.len == len && memcmp(out.data, data, len) == 0);
    }
    json_decref(value);
    buf_done(&out);
    return 0;
}
