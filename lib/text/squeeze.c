/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text/form.h"
#include "lib/text/property.h"

/* Copies the letters and digits of the ASCII at `from` to `out` and returns where that ASCII ends.
 * Every byte is written and then counted only if kept: no branch to mispredict on text. */
static size_t squeeze_ascii(struct writer *w, const struct text_form *form, size_t from)
{
    const char *text = form->text.ptr;
    const uint32_t *start = form->start, *end = form->end;
    char *restrict bytes = w->bytes;
    uint32_t *restrict starts = w->start, *restrict ends = w->end;
    size_t at = from, out = w->len, len = form->text.len;

    while (at < len && (unsigned char)text[at] < 0x80) {
        bytes[out] = text[at];
        starts[out] = start[at];
        ends[out] = end[at];
        out += (text_property_block[(unsigned char)text[at]] & TEXT_WORD) != 0;
        at++;
    }
    w->len = out;
    return at;
}

int squeeze_write(struct writer *w, const struct text_form *form)
{
    const char *text = form->text.ptr;
    size_t at = 0;
    int r = writer_reserve(w, form->text.len + UTF8_MAX_LEN);

    if (r) {
        return r;
    }
    while (at < form->text.len) {
        const char *p = text + at;
        size_t len;

        if ((unsigned char)*p < 0x80) {
            at = squeeze_ascii(w, form, at);
            continue;
        }
        /* Four bytes may be read at the end too: a form has TEXT_PAD bytes behind it. */
        len = text_property(utf8_next(&p)) & TEXT_WORD ? (size_t)(p - text) - at : 0;
        writer_put_four(w, text + at, len, form->start[at], form->end[at]);
        at = (size_t)(p - text);
    }
    return 0;
}
