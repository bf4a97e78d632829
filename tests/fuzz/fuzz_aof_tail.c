/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/aof_tail.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t valid = 0, again = 0;
    enum aof_end end = aof_scan((struct span){(const char *)data, len}, &valid);

    if (valid > len) {
        abort();
    }
    /* What is left after a cut is whole. */
    if (end == AOF_TORN &&
        (aof_scan((struct span){(const char *)data, valid}, &again) != AOF_WHOLE ||
         again != valid)) {
        abort();
    }
    return 0;
}
