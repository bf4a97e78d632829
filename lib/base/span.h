/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_BASE_SPAN_H
#define RAPPORTEUR_LIB_BASE_SPAN_H

/*
 * A span: bytes that somebody else owns, with their length. Not NUL-terminated; may hold NULs.
 * The empty span has len 0 and any ptr, NULL too.
 *     if (span_is(header, "chunked")) ...
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *ptr;
    size_t len;
};

#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})

static inline struct span span_of(const char *text)
{
    return (struct span){text, text ? strlen(text) : 0};
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool span_is(struct span a, const char *text)
{
    return span_equal(a, span_of(text));
}

static inline bool span_starts(struct span a, const char *prefix)
{
    size_t len = strlen(prefix);

    return a.len >= len && memcmp(a.ptr, prefix, len) == 0;
}

/* The part from `from` on, at most `len` bytes; empty past the end. */
static inline struct span span_sub(struct span a, size_t from, size_t len)
{
    if (from >= a.len) {
        return (struct span){a.ptr, 0};
    }
    return (struct span){a.ptr + from, len < a.len - from ? len : a.len - from};
}

/* Orders by bytes, the shorter first where one is a prefix of the other: < 0, 0, > 0. */
int span_compare(struct span a, struct span b);

/* Without leading and trailing ASCII space and tab. */
struct span span_trim(struct span a);

/* Cuts *rest at the first `mark`: returns what stands before it, *rest keeps what stands behind.
 * Without a mark all of it is returned and rest->ptr becomes NULL. */
struct span span_cut(struct span *rest, char mark);

/* Equal but for the case of ASCII letters. */
bool span_equal_nocase(struct span a, struct span b);

/* A decimal number of 1 to 19 digits, nothing else: true and *ret, or false. */
bool span_to_u64(struct span a, unsigned long long *ret);

#endif
