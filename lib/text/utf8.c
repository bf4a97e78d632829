/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text/utf8.h"

/* Bytes of ASCII at the front, counted eight at a time. */
static size_t ascii_len(const unsigned char *b, size_t len)
{
    size_t i = 0;

    for (; i + 8 <= len; i += 8) {
        uint64_t word;

        memcpy(&word, b + i, 8);
        if (word & 0x8080808080808080u) {
            break;
        }
    }
    while (i < len && b[i] < 0x80) {
        i++;
    }
    return i;
}

static bool is_tail(unsigned char b)
{
    return (b & 0xc0) == 0x80;
}

/* Length of the well-formed sequence at b of at most `left` bytes, 0 where there is none. The
 * bounds on the second byte are those of RFC 3629 section 4. */
static size_t sequence_len(const unsigned char *b, size_t left)
{
    unsigned char low = 0x80, high = 0xbf;

    if (b[0] < 0x80) {
        return 1;
    }
    if (b[0] < 0xc2 || b[0] > 0xf4) {
        return 0;
    }
    if (b[0] < 0xe0) {
        return left >= 2 && is_tail(b[1]) ? 2 : 0;
    }
    low = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : low;
    high = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : high;
    if (left < 3 || b[1] < low || b[1] > high || !is_tail(b[2])) {
        return 0;
    }
    if (b[0] < 0xf0) {
        return 3;
    }
    return left >= 4 && is_tail(b[3]) ? 4 : 0;
}

size_t utf8_valid_len(struct span bytes)
{
    const unsigned char *b = (const unsigned char *)bytes.ptr;
    size_t at = 0;

    while (at < bytes.len) {
        size_t len;

        if (b[at] < 0x80) {
            at += ascii_len(b + at, bytes.len - at);
            continue;
        }
        len = sequence_len(b + at, bytes.len - at);
        if (len == 0) {
            break;
        }
        at += len;
    }
    return at;
}

int utf8_check(struct span bytes, const char *place, struct fault *why)
{
    size_t valid = utf8_valid_len(bytes);

    if (valid == bytes.len) {
        return 0;
    }
    return fault_set(why, "TEXT_UTF8", place, "not valid UTF-8 at byte %zu (0x%02x)", valid,
                     (unsigned char)bytes.ptr[valid]);
}
