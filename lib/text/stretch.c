/* SPDX-License-Identifier: Apache-2.0 */
/* Letters that stand three times or more in a row, as no ordinary spelling has them. */
#include "lib/text/form.h"
#include "lib/text/property.h"

enum { RUN_MIN = 3, EIGHT = 8 };

static bool can_stretch(uint32_t cp)
{
    return (text_property(cp) & (TEXT_LETTER | TEXT_NO_SPACES)) == TEXT_LETTER;
}

static uint64_t load64(const char *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

/* Of the eight bytes from p on all are ASCII, and none is followed twice by itself. */
static bool eight_plain(const char *p)
{
    uint64_t here = load64(p), unlike = (here ^ load64(p + 1)) | (here ^ load64(p + 2));
    uint64_t zero = (unlike - 0x0101010101010101u) & ~unlike;

    return ((here | zero) & 0x8080808080808080u) == 0;
}

/* Where the run of the code point at text[at, at + len) ends. */
static size_t run_end(struct span text, size_t at, size_t len)
{
    size_t end = at + len;

    while (text.len - end >= len && memcmp(text.ptr + end, text.ptr + at, len) == 0) {
        end += len;
    }
    return end;
}

bool stretch_has(struct span text)
{
    size_t at = 0;

    while (at < text.len) {
        const char *from = text.ptr + at, *p = from;
        size_t len;
        uint32_t cp;

        if (eight_plain(from)) { /* a form has TEXT_PAD bytes behind it */
            at += EIGHT;
            continue;
        }
        cp = utf8_next(&p);
        len = (size_t)(p - from);
        if (text.len - at >= RUN_MIN * len && memcmp(from, p, len) == 0 &&
            memcmp(from, p + len, len) == 0 && can_stretch(cp)) {
            return true;
        }
        at += len;
    }
    return false;
}

int stretch_write(struct writer *w, const struct text_form *form, size_t keep)
{
    struct span text = form->text;
    size_t at = 0;
    int r = writer_reserve(w, text.len + UTF8_MAX_LEN);

    while (at < text.len && r == 0) {
        const char *p = text.ptr + at;
        uint32_t cp = utf8_next(&p);
        size_t len = (size_t)(p - text.ptr) - at, end = run_end(text, at, len);
        size_t left = (end - at) / len;

        left = left >= RUN_MIN && can_stretch(cp) ? keep : left;
        for (; left > 0; left--, at += len) {
            /* The last one stands for all that are left out. */
            size_t last = left == 1 ? end - len : at;

            writer_put_four(w, text.ptr + at, len, form->start[at], form->end[last]);
        }
        at = end;
    }
    return r;
}
