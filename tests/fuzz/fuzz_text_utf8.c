/* SPDX-License-Identifier: Apache-2.0 */
/* The valid prefix decodes and encodes to itself, and the byte behind it does not continue it. */
#include "lib/text/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span bytes = {(const char *)data, len};
    size_t valid = utf8_valid_len(bytes);
    struct fault why;

    if (valid > len || (utf8_check(bytes, "", &why) == 0) != (valid == len)) {
        abort();
    }
    for (const char *p = bytes.ptr; p < bytes.ptr + valid;) {
        const char *from = p;
        uint32_t cp = utf8_next(&p);
        char back[UTF8_MAX_LEN];
        unsigned back_len = utf8_put(back, cp);

        if (p > bytes.ptr + valid || back_len != (size_t)(p - from) ||
            memcmp(from, back, back_len) != 0) {
            abort();
        }
    }
    return 0;
}
