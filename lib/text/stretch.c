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

/* A bit at the top of each of the eight bytes from p on that equals the bytes `len` and twice `len`
 * behind it; perhaps of others too. */
static inline uint64_t alike(const char *p, size_t len)
{
    uint64_t here = load64(p), unlike = (here ^ load64(p + len)) | (here ^ load64(p + 2 * len));

    return (unlike - 0x0101010101010101u) & ~unlike & 0x8080808080808080u;
}

/* Some letter of `len` bytes may begin a run in the eight bytes from p on. */
static inline bool may_begin(const char *p, size_t len)
{
    uint64_t here = load64(p) & 0x8080808080808080u, found = alike(p, len);

    return len == 1 ? (found & ~here) != 0 : (found & here) != 0;
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

/* The first run at or behind `at`, a code point boundary, with the bytes of its letter; text.len at
 * the end. A form has TEXT_PAD bytes behind it. */
static size_t next_run(struct span text, bool ascii, size_t at, size_t *ret_len)
{
    while (at < text.len) {
        const char *p = text.ptr + at, *from = p, *block = p + EIGHT;

        if (!may_begin(p, 1) &&
            (ascii || (!may_begin(p, 2) && !may_begin(p, 3) && !may_begin(p, 4)))) {
            at += EIGHT;
            while (at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80) {
                at++;
            }
            continue;
        }
        while (p < block && p < text.ptr + text.len) {
            uint32_t cp = utf8_next(&p);

            *ret_len = (size_t)(p - from);
            at = (size_t)(from - text.ptr);
            if (can_stretch(cp) && run_end(text, at, *ret_len) - at >= RUN_MIN * *ret_len) {
                return at;
            }
            from = p;
        }
        at = (size_t)(p - text.ptr);
    }
    return text.len;
}

bool stretch_has(struct span text, bool ascii)
{
    size_t len;

    return next_run(text, ascii, 0, &len) < text.len;
}

static void copy_part(struct writer *w, const struct text_form *form, size_t from, size_t to)
{
    size_t len = to - from;

    memcpy(w->bytes + w->len, form->text.ptr + from, len);
    memcpy(w->start + w->len, form->start + from, len * sizeof(*w->start));
    memcpy(w->end + w->len, form->end + from, len * sizeof(*w->end));
    w->len += len;
}

int stretch_write(struct writer *w, const struct text_form *form, bool ascii, size_t keep)
{
    struct span text = form->text;
    size_t at = 0, len = 0;
    int r = writer_reserve(w, text.len + UTF8_MAX_LEN);

    while (at < text.len && r == 0) {
        size_t run = next_run(text, ascii, at, &len), end;

        copy_part(w, form, at, run);
        at = run;
        end = run < text.len ? run_end(text, run, len) : run;
        for (size_t left = run < text.len ? keep : 0; left > 0; left--, at += len) {
            /* The last one stands for all that are left out. */
            writer_put_four(w, text.ptr + at, len, form->start[at],
                            form->end[left == 1 ? end - len : at]);
        }
        at = end;
    }
    return r;
}
