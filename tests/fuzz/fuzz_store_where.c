/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/where.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct store_where where;
    struct fault why;

    (void)store_where_read(&where, (struct span){(const char *)data, len}, &why);
    return 0;
}
