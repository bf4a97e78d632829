/* SPDX-License-Identifier: Apache-2.0 */
/* What is read can be written canonically, reads back, and is then written the same. */
#include "lib/json/canon.h"
#include "lib/json/read.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct json_read_limits wide = {4 << 20, 64, 1 << 20};
    CLEANUP(json_freep) json_t *value = NULL, *again = NULL;
    CLEANUP(buf_freep) struct buf *first = buf_new(4 << 20), *second = buf_new(4 << 20);
    struct fault why = {0};
    int r = json_read(&value, (struct span){(const char *)data, len}, &json_read_limits_default, &why);

    if (r == FAULT && (!why.code[0] || !why.text[0])) {
        abort();
    }
    if (r || json_canon(first, value) != 0) {
        return 0;                                   /* refused, or an integer past 2^53 */
    }
    if (json_read(&again, buf_span(first), &wide, &why) != 0) {
        return 0;                                   /* a whole real such as 1e19 comes back as too big an integer */
    }
    if (json_canon(second, again) == 0 && !span_equal(buf_span(first), buf_span(second))) {
        abort();
    }
    return 0;
}
