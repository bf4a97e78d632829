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

/* The letter U+0600 + n, or nothing; 2 is hamza, which is written on an alef more than elsewhere, 1
 * the picture of an alef. 4 and 0 have no reading that people share. */
static const unsigned char arabic_for[10] = {
    [1] = 0x27, [2] = 0x27, [3] = 0x39, [5] = 0x2e, [6] = 0x37, [7] = 0x2d, [8] = 0x42, [9] = 0x35};

/* A digit that becomes an Arabic letter is ARABIC_MARK + its value until there is room for two
 * bytes. No UTF-8 has these. */
enum { ARABIC_MARK = 0xf6 };

static bool is_arabic_letter(uint32_t cp)
{
    return (cp >= 0x620 && cp <= 0x64a) || (cp >= 0x66e && cp <= 0x6d3);
}

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

/* Returns how many bytes more it will take. */
static size_t read_arabic(char *bytes, size_t from, size_t to)
{
    size_t more = 0;

    for (size_t i = from; i < to; i++) {
        unsigned digit = (unsigned)(unsigned char)bytes[i] - '0';

        if (digit < 10 && arabic_for[digit]) {
            bytes[i] = (char)(ARABIC_MARK + digit);
            more++;
        }
    }
    return more;
}

static size_t read_word(char *bytes, size_t from, size_t to, bool arabic)
{
    if (arabic) {
        return read_arabic(bytes, from, to);
    }
    read_signs(bytes, from, to);
    return 0;
}

/* Reads the words of bytes[0, len); returns how many bytes more the marked ones will take. */
static size_t read_words(char *bytes, size_t len)
{
    size_t from = 0, at = 0, more = 0;
    bool letters = false, signs = false, arabic = false;

    while (at < len) {
        const char *p = bytes + at;
        uint32_t cp = utf8_next(&p);
        unsigned property = text_property(cp);

        if (cp < 128 && stands_for[cp]) {
            signs = true;
        } else if (property & TEXT_WORD) {
            letters |= (property & (TEXT_LETTER | TEXT_MARK)) != 0;
            arabic |= is_arabic_letter(cp);
        } else {
            if (letters && signs) {
                more += read_word(bytes, from, at, arabic);
            }
            letters = signs = arabic = false;
            from = (size_t)(p - bytes);
        }
        at = (size_t)(p - bytes);
    }
    return more + (letters && signs ? read_word(bytes, from, at, arabic) : 0);
}

/* Writes the marked digits as letters, from the end, for which there must be room. */
static void spread_arabic(struct writer *w, size_t more)
{
    for (size_t i = w->len, out = w->len + more; i-- > 0;) {
        unsigned char c = (unsigned char)w->bytes[i];
        bool marked = c > ARABIC_MARK;
        uint32_t start = w->start[i], end = w->end[i];
        unsigned letter = marked ? arabic_for[c - ARABIC_MARK] : 0;

        if (marked) {
            w->bytes[--out] = (char)(0x80 | (letter & 0x3f));
            w->start[out] = start;
            w->end[out] = end;
            c = (unsigned char)(0xd8 | letter >> 6);
        }
        w->bytes[--out] = (char)c;
        w->start[out] = start;
        w->end[out] = end;
    }
    w->len += more;
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
        size_t more = read_words(w->bytes, w->len);

        if (more > 0) {
            r = writer_reserve(w, more);
            if (r == 0) {
                spread_arabic(w, more);
            }
        }
    }
    return r;
}
