/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_HTTP_TARGET_H
#define RAPPORTEUR_LIB_HTTP_TARGET_H

/*
 * The request target (RFC 9112 section 3.2) as decoded path segments and query parameters.
 *     r = http_target_parse(&target, SPAN("/v1/cases/cas_1?cursor=a%20b"), arena, &why);
 * Accepted: origin form, and absolute form (whose authority is checked and dropped). Refused with
 * 400: characters that RFC 3986 does not allow there, 8-bit bytes, fragments, broken escapes, empty
 * segments ("//"), "." and "..", escapes of "/", "\", control characters and of bytes that are not
 * UTF-8, also where they are hidden by escaping ("%2e%2e"). A path may end with "/": its last
 * segment is empty. In queries '+' is a space; parameters are split at '&'.
 */

#include "lib/base/arena.h"
#include "lib/http/field.h"
#include "lib/http/refusal.h"

#include <stddef.h>

enum { HTTP_SEGMENTS_MAX = 16, HTTP_QUERY_MAX = 32 };

struct http_target {
    struct span path;  /* as sent, from the first '/' to before '?' */
    struct span query; /* as sent, behind '?'; ptr NULL without one */
    size_t segment_count;
    struct span segments[HTTP_SEGMENTS_MAX]; /* decoded; "/" is one empty segment */
    size_t param_count;
    struct http_field params[HTTP_QUERY_MAX]; /* decoded; "a" is like "a=" */
};

/* 0; FAULT with *why: 400 HTTP_TARGET, 400 HTTP_QUERY (more than HTTP_QUERY_MAX parameters, a
 * parameter without a name, a broken escape), 414 for more than HTTP_SEGMENTS_MAX segments;
 * -ENOMEM. Decoded text lives in the arena, the rest in `text`. */
int http_target_parse(struct http_target *ret, struct span text, struct arena *arena,
                      struct http_refusal *why);

#endif
