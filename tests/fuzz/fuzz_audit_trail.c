/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/trail.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span bytes = {(const char *)data, len};
    struct trail_begin begin;
    struct fault why;
    bool there;

    /* What is taken for the beginning of a later log holds together. */
    if (trail_begin_read(&begin, &there, bytes, &why) == 0 && there) {
        assert(begin.number >= 1 && begin.number < TRAIL_LOGS_MAX && begin.serial >= 1);
        assert(strcmp(begin.key.name, begin.head.origin) == 0);
    }
    /* A name is a folder below ours and nothing else. */
    if (trail_name_ok(bytes)) {
        assert(len <= TRAIL_NAME_MAX && !memchr(data, '/', len) && !memchr(data, 0, len) && data[0] != '.');
    }
    return 0;
}
