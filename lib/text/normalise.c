/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text/normalise.h"

#include "lib/text/form.h"
#include "lib/text/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum {
    BLOCK = 16,     /* ASCII bytes lowered at once */
    SLACK = 64,     /* room beyond the rest of the source: one expansion, one block */
    GROWTH_MAX = 16 /* bytes out for a byte in; U+FDFA, the worst, has 11 */
};

struct text_scratch {
    size_t max_bytes;
    uint32_t *count_up; /* 0, 1, 2, ...: the map of every form that changes no length */
    size_t count_up_len;
    struct writer writer[TEXT_FORM_COUNT];
    struct text_forms forms;
};

/* ---- memory ---- */

int writer_grow(struct writer *w, size_t more)
{
    size_t need = w->len + more, cap = w->cap + w->cap / 2;
    char *bytes;
    uint32_t *start, *end;

    if (need > w->max) {
        return -E2BIG;
    }
    cap = cap < need ? need : cap;
    cap = cap > w->max ? w->max : cap;
    bytes = realloc(w->bytes, cap + TEXT_PAD);
    w->bytes = bytes ? bytes : w->bytes;
    start = realloc(w->start, (cap + TEXT_PAD) * sizeof(*start));
    w->start = start ? start : w->start;
    end = realloc(w->end, (cap + TEXT_PAD) * sizeof(*end));
    w->end = end ? end : w->end;
    if (!bytes || !start || !end) {
        return -ENOMEM; /* cap stays: what has grown already is only larger than it says */
    }
    w->cap = cap;
    return 0;
}

struct text_scratch *text_scratch_new(size_t max_bytes)
{
    struct text_scratch *scratch = calloc(1, sizeof(*scratch));

    assert(max_bytes <= TEXT_MAX_BYTES);
    if (!scratch) {
        return NULL;
    }
    scratch->max_bytes = max_bytes;
    for (int i = 0; i < TEXT_FORM_COUNT; i++) {
        scratch->writer[i].max = max_bytes * GROWTH_MAX + 4096;
    }
    return scratch;
}

struct text_scratch *text_scratch_free(struct text_scratch *scratch)
{
    if (scratch) {
        for (int i = 0; i < TEXT_FORM_COUNT; i++) {
            free(scratch->writer[i].bytes);
            free(scratch->writer[i].start);
            free(scratch->writer[i].end);
        }
        free(scratch->count_up);
        free(scratch);
    }
    return NULL;
}

size_t text_scratch_bytes(const struct text_scratch *scratch)
{
    size_t sum = sizeof(*scratch) + scratch->count_up_len * sizeof(uint32_t);

    for (int i = 0; i < TEXT_FORM_COUNT; i++) {
        sum += scratch->writer[i].cap * (1 + 2 * sizeof(uint32_t));
    }
    return sum;
}

static int count_up_to(struct text_scratch *scratch, size_t len)
{
    uint32_t *grown;

    if (scratch->count_up_len >= len) {
        return 0;
    }
    len = len < 1024 ? 1024 : len + len / 2;
    grown = realloc(scratch->count_up, len * sizeof(*grown));
    if (!grown) {
        return -ENOMEM;
    }
    for (size_t i = scratch->count_up_len; i < len; i++) {
        grown[i] = (uint32_t)i;
    }
    scratch->count_up = grown;
    scratch->count_up_len = len;
    return 0;
}

/* ---- ASCII ---- */

/* Lowers one block; false, and nothing that counts is written, when it is not pure ASCII. */
static inline bool lower_block(char *out, const char *in)
{
    unsigned char bytes __attribute__((vector_size(BLOCK)));
    uint64_t high[BLOCK / 8];

    memcpy(&bytes, in, BLOCK);
    memcpy(high, &bytes, BLOCK);
    if ((high[0] | high[1]) & 0x8080808080808080u) {
        return false;
    }
    bytes += (unsigned char __attribute__((vector_size(BLOCK))))((bytes - 'A') < 26) & 32;
    memcpy(out, &bytes, BLOCK);
    return true;
}

static inline char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Lowers the ASCII at the front and returns its length. Out has room for len bytes. */
static size_t lower_ascii(char *out, const char *in, size_t len)
{
    size_t i = 0;

    while (i + BLOCK <= len && lower_block(out + i, in + i)) {
        i += BLOCK;
    }
    while (i < len && (unsigned char)in[i] < 0x80) {
        out[i] = lower(in[i]);
        i++;
    }
    return i;
}

/* ---- everything else ---- */

struct run {
    struct writer *w;
    const uint32_t *count_up;
    struct span source;
    size_t at; /* in the source */
    size_t letter_at,
        letter_out; /* where the letter, or marks without one, began; SIZE_MAX: none */
    unsigned last_class;
    unsigned marks;
};

static inline void run_letter(struct run *run, size_t at, size_t out)
{
    run->letter_at = at;
    run->letter_out = out;
    run->marks = 0;
}

/* Lowers ASCII, in blocks while they last: between words of other scripts there is often one space.
 */
static void run_ascii(struct run *run)
{
    struct writer *w = run->w;
    const char *in = run->source.ptr;
    size_t at = run->at, out = w->len, len = run->source.len;

    while (at + BLOCK <= len && lower_block(w->bytes + out, in + at)) {
        memcpy(w->start + out, run->count_up + at, BLOCK * sizeof(uint32_t));
        memcpy(w->end + out, run->count_up + at + 1, BLOCK * sizeof(uint32_t));
        at += BLOCK;
        out += BLOCK;
    }
    while (at < len && (unsigned char)in[at] < 0x80) {
        w->bytes[out] = lower(in[at]);
        w->start[out] = (uint32_t)at++;
        w->end[out++] = (uint32_t)at;
    }
    run_letter(run, at - 1, out - 1);
    run->last_class = 0;
    run->at = at;
    w->len = out;
}

static int run_slow(struct run *run, size_t at)
{
    int r;

    if (run->letter_at != SIZE_MAX) {
        at = run->letter_at;
        run->w->len = run->letter_out;
    }
    r = compose_sequence(run->w, run->source, at, &run->at);
    run->letter_at = SIZE_MAX;
    run->last_class = 0;
    run->marks = 0;
    return r ? r : writer_reserve(run->w, run->source.len - run->at + SLACK);
}

/* A dropped mark counts to the code point before it. */
static void run_cover(struct run *run, size_t end)
{
    struct writer *w = run->w;

    for (size_t i = w->len; i-- > 0;) {
        w->end[i] = (uint32_t)end;
        if (((unsigned char)w->bytes[i] & 0xc0) != 0x80) {
            break;
        }
    }
}

static int run_many(struct run *run, uint32_t value, size_t end)
{
    size_t len = text_map_pool[value];
    int r = writer_reserve(run->w, len + run->source.len - end + SLACK);

    if (r) {
        return r;
    }
    writer_put(run->w, (const char *)text_map_pool + value + 1, len, (uint32_t)run->at,
               (uint32_t)end);
    return 0;
}

/* A mark that stays: true when it may simply be written. */
static inline bool run_mark(struct run *run, unsigned class, bool *ret_slow)
{
    if (run->letter_at == SIZE_MAX) {
        run_letter(run, run->at, run->w->len);
    }
    *ret_slow = class < run->last_class;
    return !*ret_slow && ++run->marks <= TEXT_MAX_MARKS;
}

static inline void run_same(struct run *run, const char *from, size_t end)
{
    char bytes[UTF8_MAX_LEN] = {0};

    if (run->source.len - run->at >= UTF8_MAX_LEN) {
        memcpy(bytes, from, UTF8_MAX_LEN);
    } else {
        memcpy(bytes, from, end - run->at);
    }
    writer_put_four(run->w, bytes, end - run->at, (uint32_t)run->at, (uint32_t)end);
}

static int run_code(struct run *run)
{
    const char *from = run->source.ptr + run->at, *p = from;
    uint32_t cp = utf8_next(&p), entry = TABLE_AT(text_map, cp);
    size_t end = (size_t)(p - run->source.ptr), out = run->w->len;
    unsigned class = map_class_of(entry);
    enum map_kind kind = map_kind_of(entry);
    bool slow = kind == MAP_SLOW, put = true;
    int r = 0;

    if (class != 0 && (kind == MAP_SAME || kind == MAP_ONE)) {
        put = run_mark(run, class, &slow);
    } else if (kind == MAP_SAME || kind == MAP_ONE || kind == MAP_MANY) {
        run_letter(run, run->at, out);
    }
    if (slow) {
        return run_slow(run, run->at);
    }
    switch (put ? kind : MAP_DROP_MARK) {
    case MAP_SAME:
        run_same(run, from, end);
        run->last_class = class;
        break;
    case MAP_ONE:
        writer_put_code(run->w, map_value_of(entry), (uint32_t)run->at, (uint32_t)end);
        run->last_class = class;
        break;
    case MAP_MANY:
        r = run_many(run, map_value_of(entry), end);
        run->last_class = class;
        break;
    case MAP_DROP_MARK:
        run_cover(run, end);
        break;
    case MAP_DROP:
    case MAP_SLOW:
        break;
    }
    run->at = end;
    return r;
}

/* The most frequent case by far, in a loop of its own: code points that stay and join nothing.
 * Needs four readable bytes, so the last ones of a text are left to run_code. */
static void run_plain(struct run *run)
{
    struct writer *w = run->w;
    const char *source = run->source.ptr;
    size_t at = run->at, letter_at = run->letter_at, letter_out = run->letter_out;

    while (at + UTF8_MAX_LEN <= run->source.len && (unsigned char)source[at] >= 0x80) {
        const char *p = source + at;
        uint32_t cp = utf8_next(&p);
        size_t end = (size_t)(p - source);

        if (TABLE_AT(text_map, cp) != 0) { /* MAP_SAME of class 0 is all zero bits */
            break;
        }
        letter_at = at;
        letter_out = w->len;
        writer_put_four(w, source + at, end - at, (uint32_t)at, (uint32_t)end);
        at = end;
    }
    if (at != run->at) {
        run_letter(run, letter_at, letter_out);
        run->last_class = 0;
        run->at = at;
    }
}

static int write_normalised(struct run *run)
{
    int r = 0;

    while (run->at < run->source.len && r == 0) {
        if ((unsigned char)run->source.ptr[run->at] < 0x80) {
            run_ascii(run);
            continue;
        }
        run_plain(run);
        if (run->at < run->source.len && (unsigned char)run->source.ptr[run->at] >= 0x80) {
            r = run_code(run);
        }
    }
    return r;
}

/* ---- the forms ---- */

static void form_set(struct text_scratch *scratch, enum text_form_id id, size_t source_len)
{
    struct writer *w = &scratch->writer[id];
    struct text_form *form = &scratch->forms.form[id];

    memset(w->bytes + w->len, 0, TEXT_PAD);
    w->start[w->len] = (uint32_t)source_len;
    w->end[w->len] = (uint32_t)source_len;
    *form = (struct text_form){{w->bytes, w->len}, w->start, w->end};
    scratch->forms.made |= 1u << id;
}

/* Bytes change, lengths and places do not. */
static void form_set_in_place(struct text_scratch *scratch, enum text_form_id id)
{
    form_set(scratch, id, scratch->forms.source.len);
    scratch->forms.form[id].start = scratch->count_up;
    scratch->forms.form[id].end = scratch->count_up + 1;
}

static int make_normalised(struct text_scratch *scratch, struct span source)
{
    struct writer *w = &scratch->writer[TEXT_FORM_NORMALISED];
    struct run run = {.w = w, .source = source, .letter_at = SIZE_MAX};
    size_t ascii;
    int r;

    w->len = 0;
    r = writer_reserve(w, source.len + SLACK);
    r = r ? r : count_up_to(scratch, source.len + 2);
    if (r) {
        return r;
    }
    ascii = lower_ascii(w->bytes, source.ptr, source.len);
    if (ascii == source.len) {
        w->len = ascii;
        scratch->forms.ascii = true;
        form_set_in_place(scratch, TEXT_FORM_NORMALISED);
        return 0;
    }
    run.count_up = scratch->count_up;
    memcpy(w->start, run.count_up, ascii * sizeof(uint32_t));
    memcpy(w->end, run.count_up + 1, ascii * sizeof(uint32_t));
    run.at = w->len = ascii;
    if (ascii > 0) {
        run_letter(&run, ascii - 1, ascii - 1);
    }
    r = write_normalised(&run);
    if (r == 0) {
        form_set(scratch, TEXT_FORM_NORMALISED, source.len);
    }
    return r;
}

static int make_confusable(struct text_scratch *scratch)
{
    struct writer *w = &scratch->writer[TEXT_FORM_CONFUSABLE];
    int r;

    w->len = 0;
    r = confusable_write(w, &scratch->forms.form[TEXT_FORM_NORMALISED]);
    if (r) {
        return r;
    }
    if (scratch->forms.ascii) {
        form_set_in_place(scratch, TEXT_FORM_CONFUSABLE);
    } else {
        form_set(scratch, TEXT_FORM_CONFUSABLE, scratch->forms.source.len);
    }
    return 0;
}

static int make_squeezed(struct text_scratch *scratch, enum text_form_id id, enum text_form_id of)
{
    struct writer *w = &scratch->writer[id];
    int r;

    w->len = 0;
    r = squeeze_write(w, &scratch->forms.form[of]);
    if (r == 0) {
        form_set(scratch, id, scratch->forms.source.len);
    }
    return r;
}

static int make_stretched(struct text_scratch *scratch)
{
    const struct text_form *normalised = &scratch->forms.form[TEXT_FORM_NORMALISED];
    int r = 0;

    scratch->forms.stretched = stretch_has(normalised->text, scratch->forms.ascii);
    for (int id = TEXT_FORM_SINGLE; id <= TEXT_FORM_DOUBLE && r == 0; id++) {
        scratch->forms.form[id] = *normalised;
        scratch->forms.made |= 1u << id;
        if (scratch->forms.stretched) {
            scratch->writer[id].len = 0;
            r = stretch_write(&scratch->writer[id], normalised, scratch->forms.ascii,
                              id == TEXT_FORM_SINGLE ? 1 : 2);
            if (r == 0) {
                form_set(scratch, (enum text_form_id)id, scratch->forms.source.len);
            }
        }
    }
    return r;
}

int text_normalise(struct text_scratch *scratch, struct span utf8, unsigned forms,
                   const struct text_forms **ret)
{
    int r;

    if (utf8.len > scratch->max_bytes) {
        return -E2BIG;
    }
    scratch->forms = (struct text_forms){.source = utf8};
    r = make_normalised(scratch, utf8);
    if (r == 0 && (forms & TEXT_SQUEEZED)) {
        r = make_squeezed(scratch, TEXT_FORM_SQUEEZED, TEXT_FORM_NORMALISED);
    }
    if (r == 0 && (forms & (TEXT_CONFUSABLE | TEXT_CONFUSABLE_SQUEEZED))) {
        r = make_confusable(scratch);
    }
    if (r == 0 && (forms & TEXT_CONFUSABLE_SQUEEZED)) {
        r = make_squeezed(scratch, TEXT_FORM_CONFUSABLE_SQUEEZED, TEXT_FORM_CONFUSABLE);
    }
    if (r == 0 && (forms & TEXT_STRETCHED)) {
        r = make_stretched(scratch);
    }
    if (r == 0) {
        *ret = &scratch->forms;
    }
    return r;
}
