/* SPDX-License-Identifier: Apache-2.0 */
/* Chunked coding: whole and byte by byte end the same, and the data never outgrows the input. */
#include "lib/http/chunked.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static enum chunked_event run(struct chunked *state, struct span bytes, size_t *sum)
{
    enum chunked_event event;
    struct span piece;

    while ((event = chunked_push(state, &bytes, &piece)) == CHUNKED_DATA) {
        if (piece.len == 0) {
            abort();
        }
        *sum += piece.len;
    }
    return event;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct chunked whole = {0}, single = {0};
    size_t whole_sum = 0, single_sum = 0;
    enum chunked_event a = run(&whole, (struct span){(const char *)data, len}, &whole_sum),
                       b = CHUNKED_MORE;

    for (size_t i = 0; i < len && b == CHUNKED_MORE; i++) {
        b = run(&single, (struct span){(const char *)data + i, 1}, &single_sum);
    }
    if (a != b || whole_sum != single_sum || whole_sum > len || whole.fault != single.fault) {
        abort();
    }
    return 0;
}
