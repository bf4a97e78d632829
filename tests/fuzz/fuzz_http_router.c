/* SPDX-License-Identifier: Apache-2.0 */
/* Lines: a pattern each, the last a path. Patterns are refused or kept; a match has all parameters.
 */
#include "lib/http/router.h"
#include "lib/http/target.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    CLEANUP(router_freep) struct router *router = router_new();
    CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
    static const char *const methods[] = {"GET", "POST", "HEAD"};
    struct span rest = {(const char *)data, len};
    struct span line = span_cut(&rest, '\n');
    struct http_target target;
    struct http_refusal refusal;
    struct router_match match;

    for (size_t i = 0; rest.ptr; i++) {
        struct span copy = arena_copy(arena, line);

        if (!copy.ptr || router_add(router, methods[i % 3], copy.ptr, copy.ptr, NULL) < 0) {
            return 0;
        }
        line = span_cut(&rest, '\n');
    }
    if (http_target_parse(&target, line, arena, &refusal) != 0) {
        return 0;
    }
    if (router_match(router, SPAN("HEAD"), target.segments, target.segment_count, arena, &match) ==
        ROUTER_FOUND) {
        for (size_t i = 0; i < match.param_count; i++) {
            if (match.params[i].name.len == 0 || !match.params[i].value.ptr) {
                abort();
            }
        }
    }
    return 0;
}
