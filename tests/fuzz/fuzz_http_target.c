/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets: whatever is accepted has clean segments. */
#include "lib/base/fault.h"
#include "lib/http/syntax.h"
#include "lib/http/target.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
    struct http_target target;
    struct http_refusal why = {0};
    int r = http_target_parse(&target, (struct span){(const char *)data, len}, arena, &why);

    if (r == FAULT && (why.status < 400 || !why.code || !why.text)) {
        abort();
    }
    for (size_t i = 0; r == 0 && i < target.segment_count; i++) {
        struct span segment = target.segments[i];

        if (span_is(segment, "..") || span_is(segment, ".") || !http_is_utf8(segment) ||
            (segment.len > 0 && memchr(segment.ptr, '/', segment.len)) ||
            (segment.len == 0 && i + 1 < target.segment_count)) {
            abort();
        }
    }
    for (size_t i = 0; r == 0 && i < target.param_count; i++) {
        if (target.params[i].name.len == 0 || !http_is_utf8(target.params[i].value)) {
            abort();
        }
    }
    return 0;
}
