/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/utf8.h"

static bool follows(const char *ptr, size_t len, size_t i)
{
    return i < len && ((unsigned char)ptr[i] & 0xc0) == 0x80;
}

static uint32_t low(const char *ptr, size_t i)
{
    return (unsigned char)ptr[i] & 0x3fu;
}

size_t cel_utf8_next(const char *ptr, size_t len, uint32_t *ret_point)
{
    uint32_t c = (unsigned char)ptr[0];

    *ret_point = 0xfffd;
    if (c < 0x80) {
        *ret_point = c;
        return 1;
    }
    if (c >= 0xc2 && c < 0xe0 && follows(ptr, len, 1)) {
        *ret_point = (c & 0x1f) << 6 | low(ptr, 1);
        return 2;
    }
    if (c >= 0xe0 && c < 0xf0 && follows(ptr, len, 1) && follows(ptr, len, 2)) {
        uint32_t point = (c & 0x0f) << 12 | low(ptr, 1) << 6 | low(ptr, 2);

        if (point >= 0x800 && (point < 0xd800 || point > 0xdfff)) {
            *ret_point = point;
            return 3;
        }
    }
    if (c >= 0xf0 && c < 0xf5 && follows(ptr, len, 1) && follows(ptr, len, 2) &&
        follows(ptr, len, 3)) {
        uint32_t point = (c & 0x07) << 18 | low(ptr, 1) << 12 | low(ptr, 2) << 6 | low(ptr, 3);

        if (point >= 0x10000 && point <= 0x10ffff) {
            *ret_point = point;
            return 4;
        }
    }
    return 1;
}

size_t cel_utf8_put(uint32_t point, char into[CEL_UTF8_MAX])
{
    if (point < 0x80) {
        into[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        into[0] = (char)(0xc0 | point >> 6);
        into[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        into[0] = (char)(0xe0 | point >> 12);
        into[1] = (char)(0x80 | (point >> 6 & 0x3f));
        into[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    into[0] = (char)(0xf0 | point >> 18);
    into[1] = (char)(0x80 | (point >> 12 & 0x3f));
    into[2] = (char)(0x80 | (point >> 6 & 0x3f));
    into[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

size_t cel_utf8_count(struct span text)
{
    size_t count = 0;
    uint32_t point;

    for (size_t at = 0; at < text.len; count++) {
        at += cel_utf8_next(text.ptr + at, text.len - at, &point);
    }
    return count;
}

size_t cel_utf8_offset(struct span text, size_t points)
{
    size_t at = 0;
    uint32_t point;

    for (; points > 0 && at < text.len; points--) {
        at += cel_utf8_next(text.ptr + at, text.len - at, &point);
    }
    return at;
}

bool cel_utf8_valid(struct span text)
{
    uint32_t point;

    for (size_t at = 0; at < text.len;) {
        size_t step = cel_utf8_next(text.ptr + at, text.len - at, &point);

        if (step == 1 && (unsigned char)text.ptr[at] >= 0x80) {
            return false;
        }
        at += step;
    }
    return true;
}
