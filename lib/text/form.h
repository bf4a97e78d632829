/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_TEXT_FORM_H
#define RAPPORTEUR_LIB_TEXT_FORM_H

/*
 * The parts of text_normalise, for lib/text only: the growing output of one form, and the steps
 * that write it.
 */

#include "lib/text/normalise.h"
#include "lib/text/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* One form being written. Room for `cap` bytes and their ranges; all three arrays have TEXT_PAD
 * more elements behind, so that a code point can be written as four bytes whatever its length. */
struct writer {
    char *bytes;
    uint32_t *start, *end;
    size_t len, cap;
    size_t max; /* ceiling of cap */
};

/* Makes room for `more` bytes after len: 0, -E2BIG or -ENOMEM. */
int writer_grow(struct writer *w, size_t more);

static inline int writer_reserve(struct writer *w, size_t more)
{
    return w->cap - w->len >= more ? 0 : writer_grow(w, more);
}

/* Appends one code point, the first `len` of four readable bytes, that comes from [start, end);
 * there must be room. */
static inline void writer_put_four(struct writer *w, const char bytes[UTF8_MAX_LEN], size_t len,
                                   uint32_t start, uint32_t end)
{
    uint32_t *starts = w->start + w->len, *ends = w->end + w->len;

    memcpy(w->bytes + w->len, bytes, UTF8_MAX_LEN);
    starts[0] = starts[1] = starts[2] = starts[3] = start;
    ends[0] = ends[1] = ends[2] = ends[3] = end;
    w->len += len;
}

static inline void writer_put_code(struct writer *w, uint32_t cp, uint32_t start, uint32_t end)
{
    char bytes[UTF8_MAX_LEN] = {0};
    unsigned len = utf8_put(bytes, cp);

    writer_put_four(w, bytes, len, start, end);
}

/* Appends bytes that come from [start, end); there must be room. */
static inline void writer_put(struct writer *w, const char *bytes, size_t len, uint32_t start,
                              uint32_t end)
{
    for (size_t i = 0; i < len; i++) {
        w->bytes[w->len + i] = bytes[i];
        w->start[w->len + i] = start;
        w->end[w->len + i] = end;
    }
    w->len += len;
}

/* Decomposes, orders and composes the sequence at source[from]: a letter and what joins or follows
 * it. Appends the result and returns, in *ret_next, where the sequence ends. 0, -E2BIG or -ENOMEM.
 */
int compose_sequence(struct writer *w, struct span source, size_t from, size_t *ret_next);

/* Writes the confusable form of a normalised form. */
int confusable_write(struct writer *w, const struct text_form *normalised);

/* Writes the letters and digits of a form. */
int squeeze_write(struct writer *w, const struct text_form *form);

/* Whether some letter stands three times in a row (TEXT_PAD bytes behind it are read), and the form
 * with no more than `keep` of each such letter. */
bool stretch_has(struct span text, bool ascii);
int stretch_write(struct writer *w, const struct text_form *form, bool ascii, size_t keep);

#endif
