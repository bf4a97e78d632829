/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look-alikes to one letter, code point by code point; then, in words that hold a letter, digits
 * and signs to the letters they stand for. A word here is a run of letters, marks, digits and the
 * four signs; signs at its rim count only where people write them so: a single sign before it
 * ("$lut"), dollars behind it ("a$$"), so that "stop!" and "@@name" keep theirs.
 */
#include "lib/text/form.h"
#include "lib/text/property.h"
#include "lib/text/table.h"

enum { BLOCK = 16 };

static const char stands_for[128] = {
    ['0'] = 'o', ['1'] = 'i', ['2'] = 'z', ['3'] = 'e', ['4'] = 'a', ['5'] = 's', ['6'] = 'g',
    ['7'] = 't', ['8'] = 'b', ['9'] = 'g', ['@'] = 'a', ['$'] = 's', ['!'] = 'i', ['|'] = 'i',
};

static bool is_sign(char c)
{
    return c == '@' || c == '$' || c == '!' || c == '|';
}

/* ---- digits and signs ---- */

static void read_signs(char *bytes, size_t from, size_t to)
{
    size_t first = from, last = to;

    while (first < to && is_sign(bytes[first])) {
        first++;
    }
    if (first == from + 1) {
        first--;
    }
    while (last > first && is_sign(bytes[last - 1])) {
        last--;
    }
    while (last < to && bytes[last] == '$') {
        last++;
    }
    for (size_t i = first; i < last; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c < 128 && stands_for[c]) {
            bytes[i] = stands_for[c];
        }
    }
}

/* Reads the words of bytes[0, len). */
static void read_words(char *bytes, size_t len)
{
    size_t from = 0, at = 0;
    bool letters = false, signs = false;

    while (at < len) {
        const char *p = bytes + at;
        uint32_t cp = utf8_next(&p);
        unsigned property = text_property(cp);

        if (cp < 128 && stands_for[cp]) {
            signs = true;
        } else if (property & TEXT_WORD) {
            letters |= (property & (TEXT_LETTER | TEXT_MARK)) != 0;
        } else {
            if (letters && signs) {
                read_signs(bytes, from, at);
            }
            letters = signs = false;
            from = (size_t)(p - bytes);
        }
        at = (size_t)(p - bytes);
    }
    if (letters && signs) {
        read_signs(bytes, from, at);
    }
}

/* ---- look-alikes ---- */

/* Copies one block with l as i: false when it is not pure ASCII. Notes whether it holds what stands
 * for a letter. */
static inline bool copy_block(char *out, const char *in, bool *signs)
{
    unsigned char bytes __attribute__((vector_size(BLOCK))),
        found __attribute__((vector_size(BLOCK)));
    uint64_t high[BLOCK / 8], some[BLOCK / 8];

    memcpy(&bytes, in, BLOCK);
    memcpy(high, &bytes, BLOCK);
    if ((high[0] | high[1]) & 0x8080808080808080u) {
        return false;
    }
    found = (unsigned char __attribute__((vector_size(BLOCK))))(
        ((bytes - '0') < 10) | (bytes == '@') | (bytes == '$') | (bytes == '!') | (bytes == '|'));
    memcpy(some, &found, BLOCK);
    *signs |= (some[0] | some[1]) != 0;
    bytes -= (unsigned char __attribute__((vector_size(BLOCK))))(bytes == 'l') & ('l' - 'i');
    memcpy(out, &bytes, BLOCK);
    return true;
}

static inline char copy_char(char c, bool *signs)
{
    *signs |= stands_for[(unsigned char)c] != 0;
    return c == 'l' ? 'i' : c;
}

static void write_ascii(struct writer *w, const struct text_form *form, size_t *at, bool *signs)
{
    const char *in = form->text.ptr;
    size_t i = *at, out = w->len, len = form->text.len;

    while (i + BLOCK <= len && copy_block(w->bytes + out, in + i, signs)) {
        memcpy(w->start + out, form->start + i, BLOCK * sizeof(uint32_t));
        memcpy(w->end + out, form->end + i, BLOCK * sizeof(uint32_t));
        i += BLOCK;
        out += BLOCK;
    }
    while (i < len && (unsigned char)in[i] < 0x80) {
        w->bytes[out] = copy_char(in[i], signs);
        w->start[out] = form->start[i];
        w->end[out++] = form->end[i++];
    }
    *at = i;
    w->len = out;
}

static int write_code(struct writer *w, const struct text_form *form, size_t *at, bool *signs)
{
    const char *from = form->text.ptr + *at, *p = from;
    uint32_t cp = utf8_next(&p), entry = TABLE_AT(text_confusable, cp), value = map_value_of(entry);
    uint32_t start = form->start[*at], end = form->end[*at];
    size_t left = form->text.len - *at, len;
    int r;

    *at += (size_t)(p - from);
    switch (map_kind_of(entry)) {
    case MAP_ONE:
        *signs |= value < 128 && stands_for[value];
        writer_put_code(w, value, start, end);
        return 0;
    case MAP_MANY:
        len = text_confusable_pool[value];
        r = writer_reserve(w, len + left + UTF8_MAX_LEN);
        if (r) {
            return r;
        }
        writer_put(w, (const char *)text_confusable_pool + value + 1, len, start, end);
        return 0;
    default:
        writer_put_four(w, from, (size_t)(p - from), start, end);
        return 0;
    }
}

int confusable_write(struct writer *w, const struct text_form *normalised)
{
    size_t at = 0, len = normalised->text.len;
    bool signs = false;
    int r = writer_reserve(w, len + UTF8_MAX_LEN);

    while (at < len && r == 0) {
        if ((unsigned char)normalised->text.ptr[at] < 0x80) {
            write_ascii(w, normalised, &at, &signs);
        } else {
            r = write_code(w, normalised, &at, &signs);
        }
    }
    if (r == 0 && signs) {
        read_words(w->bytes, w->len);
    }
    return r;
}
