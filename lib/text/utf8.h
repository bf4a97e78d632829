/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_TEXT_UTF8_H
#define RAPPORTEUR_LIB_TEXT_UTF8_H

/*
 * UTF-8 (RFC 3629), strictly: overlong forms, surrogates, code points past U+10FFFF and cut
 * sequences are refused, never repaired. U+0000 and noncharacters are valid.
 *     if (utf8_check(text, "/content/text", &why)) return FAULT;
 *     for (const char *p = text.ptr; p < end;) cp = utf8_next(&p);        only on checked bytes
 */

#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { UTF8_MAX_LEN = 4, UTF8_MAX_CODE_POINT = 0x10ffff };

/* Length of the longest valid prefix; bytes.len when all of it is valid. */
size_t utf8_valid_len(struct span bytes);
static inline bool utf8_valid(struct span bytes)
{
    return utf8_valid_len(bytes) == bytes.len;
}

/* 0, or FAULT with code TEXT_UTF8, the given place, and the offset of the first bad byte. */
int utf8_check(struct span bytes, const char *place, struct fault *why) NODISCARD;

/* Decodes the code point at *p and moves past it. The bytes must be valid UTF-8. */
static inline uint32_t utf8_next(const char **p)
{
    const unsigned char *b = (const unsigned char *)*p;

    if (b[0] < 0x80) {
        *p += 1;
        return b[0];
    }
    if (b[0] < 0xe0) {
        *p += 2;
        return (b[0] & 0x1fu) << 6 | (b[1] & 0x3fu);
    }
    if (b[0] < 0xf0) {
        *p += 3;
        return (b[0] & 0x0fu) << 12 | (b[1] & 0x3fu) << 6 | (b[2] & 0x3fu);
    }
    *p += 4;
    return (b[0] & 0x07u) << 18 | (b[1] & 0x3fu) << 12 | (b[2] & 0x3fu) << 6 | (b[3] & 0x3fu);
}

/* Decodes the code point that ends before *p and moves to its start. *p must not be the start. */
static inline uint32_t utf8_before(const char **p)
{
    const char *at;

    do {
        *p -= 1;
    } while (((unsigned char)**p & 0xc0) == 0x80);
    at = *p;
    return utf8_next(&at);
}

/* True at the first byte of a code point and at the end. */
static inline bool utf8_is_boundary(struct span text, size_t at)
{
    return at == text.len || (at < text.len && ((unsigned char)text.ptr[at] & 0xc0) != 0x80);
}

/* Writes one code point (<= U+10FFFF, no surrogate) and returns its length, 1 to 4. */
static inline unsigned utf8_put(char into[UTF8_MAX_LEN], uint32_t cp)
{
    if (cp < 0x80) {
        into[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        into[0] = (char)(0xc0 | cp >> 6);
        into[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        into[0] = (char)(0xe0 | cp >> 12);
        into[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        into[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    into[0] = (char)(0xf0 | cp >> 18);
    into[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    into[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    into[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

#endif
