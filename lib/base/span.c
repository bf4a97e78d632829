/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/span.h"

int span_compare(struct span a, struct span b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.ptr, b.ptr, len) : 0;

    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

struct span span_trim(struct span a)
{
    while (a.len && (a.ptr[0] == ' ' || a.ptr[0] == '\t')) {
        a.ptr++;
        a.len--;
    }
    while (a.len && (a.ptr[a.len - 1] == ' ' || a.ptr[a.len - 1] == '\t')) {
        a.len--;
    }
    return a;
}

struct span span_cut(struct span *rest, char mark)
{
    struct span all = *rest;
    const char *at = all.len ? memchr(all.ptr, mark, all.len) : NULL;

    if (!at) {
        *rest = (struct span){NULL, 0};
        return all;
    }
    rest->ptr = at + 1;
    rest->len = all.len - (size_t)(at - all.ptr) - 1;
    all.len = (size_t)(at - all.ptr);
    return all;
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool span_equal_nocase(struct span a, struct span b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool span_to_u64(struct span a, unsigned long long *ret)
{
    unsigned long long value = 0;

    if (a.len < 1 || a.len > 19) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (a.ptr[i] < '0' || a.ptr[i] > '9') {
            return false;
        }
        value = value * 10 + (unsigned long long)(a.ptr[i] - '0');
    }
    *ret = value;
    return true;
}
