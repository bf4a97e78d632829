/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_BASE_BUF_H
#define RAPPORTEUR_LIB_BASE_BUF_H

/*
 * A growing byte buffer with a ceiling. Always NUL-terminated one byte past len, so `data` can be
 * given to C functions; the NUL does not count.
 *     CLEANUP(buf_freep) struct buf *out = buf_new(1 << 20);
 *     r = buf_add(out, ptr, len);
 * Adding returns 0, BUF_FULL (the ceiling would be passed; nothing was added) or -ENOMEM.
 * The first failure sticks in `failed`, so a writer of many small pieces may ignore the returns and
 * look once at the end with buf_status().
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"

#include <stdint.h>

enum { BUF_FULL = 2 };

struct buf {
    char *data;
    size_t len, cap, max;
    int failed;
};

struct buf *buf_new(size_t max_bytes);
struct buf *buf_free(struct buf *buf);
DEFINE_CLEANUP(struct buf *, buf_free);

/* For a buf inside another struct: no heap until the first byte. */
void buf_init(struct buf *buf, size_t max_bytes);
void buf_done(struct buf *buf);

int buf_add(struct buf *buf, const void *bytes, size_t len);
int buf_add_span(struct buf *buf, struct span span);
int buf_add_text(struct buf *buf, const char *text);
int buf_add_char(struct buf *buf, char c);
/* In decimal: what a hot path writes many of, at a tenth of buf_add_format's cost. */
int buf_add_int(struct buf *buf, int64_t number);
int buf_add_format(struct buf *buf, const char *format, ...) PRINTF(2, 3);

/* Makes room for `len` more bytes and returns where to write them, NULL on failure; then count what
 * was written with buf_grew. */
char *buf_reserve(struct buf *buf, size_t len);
void buf_grew(struct buf *buf, size_t len);

/* Empties it and forgets a failure; keeps the memory. */
void buf_clear(struct buf *buf);

/* Drops the first `len` bytes. */
void buf_consume(struct buf *buf, size_t len);

/* 0, or the first failure since the last clear. */
int buf_status(const struct buf *buf);

static inline struct span buf_span(const struct buf *buf)
{
    return (struct span){buf->data, buf->len};
}

/* Takes the bytes out as a NUL-terminated heap string, to be freed with free(); the buf is empty
 * afterwards. NULL when it had failed or memory is out. */
char *buf_take(struct buf *buf);

#endif
