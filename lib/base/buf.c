/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/buf.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct buf *buf_new(size_t max_bytes)
{
    struct buf *buf = malloc(sizeof(*buf));

    if (buf) {
        buf_init(buf, max_bytes);
    }
    return buf;
}

struct buf *buf_free(struct buf *buf)
{
    if (buf) {
        buf_done(buf);
        free(buf);
    }
    return NULL;
}

void buf_init(struct buf *buf, size_t max_bytes)
{
    /* Half of everything: the doubling and the NUL then cannot overflow. */
    *buf = (struct buf){.max = max_bytes < SIZE_MAX / 2 ? max_bytes : SIZE_MAX / 2};
}

void buf_done(struct buf *buf)
{
    free(buf->data);
    buf->data = NULL;
    buf->len = buf->cap = 0;
}

static int fail(struct buf *buf, int with)
{
    if (!buf->failed) {
        buf->failed = with;
    }
    return with;
}

/* Room for len more bytes and the NUL. */
static int make_room(struct buf *buf, size_t len)
{
    size_t cap;
    char *data;

    assert(buf->len <= buf->max);
    if (len > buf->max - buf->len) {
        return fail(buf, BUF_FULL);
    }
    if (buf->data && buf->len + len + 1 <= buf->cap) {
        return 0;
    }
    cap = buf->cap ? buf->cap : 64;
    while (cap < buf->len + len + 1) {
        cap *= 2;
    }
    if (cap > buf->max + 1) {
        cap = buf->max + 1;
    }
    data = realloc(buf->data, cap);
    if (!data) {
        return fail(buf, -ENOMEM);
    }
    buf->data = data;
    buf->cap = cap;
    return 0;
}

int buf_add(struct buf *buf, const void *bytes, size_t len)
{
    int r = make_room(buf, len);

    if (r) {
        return r;
    }
    if (len) {
        memcpy(buf->data + buf->len, bytes, len);
    }
    buf->len += len;
    buf->data[buf->len] = '\0';
    return 0;
}

int buf_add_span(struct buf *buf, struct span span)
{
    return buf_add(buf, span.ptr, span.len);
}

int buf_add_text(struct buf *buf, const char *text)
{
    return buf_add(buf, text, strlen(text));
}

int buf_add_char(struct buf *buf, char c)
{
    return buf_add(buf, &c, 1);
}

int buf_add_int(struct buf *buf, int64_t number)
{
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    char text[20];
    size_t at = sizeof(text);

    do {
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0) {
        text[--at] = '-';
    }
    return buf_add(buf, text + at, sizeof(text) - at);
}

int buf_add_format(struct buf *buf, const char *format, ...)
{
    size_t room = buf->data && buf->failed == 0 ? buf->cap - buf->len : 0;
    va_list args, again;
    int len, r;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(room ? buf->data + buf->len : NULL, room, format, args);    /* mostly it fits */
    va_end(args);
    r = len < 0 ? fail(buf, -EINVAL) : make_room(buf, (size_t)len);
    if (r == 0 && (size_t)len < room) {
        buf->len += (size_t)len;
        va_end(again);
        return 0;
    }
    if (room) {
        buf->data[buf->len] = '\0';
    }
    if (r == 0) {
        (void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    return r;
}

char *buf_reserve(struct buf *buf, size_t len)
{
    return make_room(buf, len) == 0 ? buf->data + buf->len : NULL;
}

void buf_grew(struct buf *buf, size_t len)
{
    assert(buf->data && len < buf->cap - buf->len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->failed = 0;
    if (buf->data) {
        buf->data[0] = '\0';
    }
}

void buf_consume(struct buf *buf, size_t len)
{
    assert(len <= buf->len);
    if (len) {
        memmove(buf->data, buf->data + len, buf->len - len + 1);
        buf->len -= len;
    }
}

int buf_status(const struct buf *buf)
{
    return buf->failed;
}

char *buf_take(struct buf *buf)
{
    char *data = NULL;

    if (buf->failed == 0 && make_room(buf, 0) == 0) {
        data = buf->data;
        data[buf->len] = '\0';
        buf->data = NULL;
        buf->len = buf->cap = 0;
    }
    return data;
}
