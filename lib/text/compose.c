/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The slow road of normalisation: a letter with what follows it, where marks have to change places
 * or to join (UAX #15). Works on a stream with a bounded memory: one letter and its marks.
 */
#include "lib/text/property.h"
#include "lib/text/form.h"
#include "lib/text/table.h"

enum {
    HANGUL_S = 0xac00,
    HANGUL_L = 0x1100,
    HANGUL_V = 0x1161,
    HANGUL_T = 0x11a7,
    HANGUL_L_COUNT = 19,
    HANGUL_V_COUNT = 21,
    HANGUL_T_COUNT = 28,
    HANGUL_S_COUNT = HANGUL_L_COUNT * HANGUL_V_COUNT * HANGUL_T_COUNT
};

struct piece {
    uint32_t cp, start, end;
    unsigned class;
};

struct composer {
    struct writer *w;
    bool has_letter;
    struct piece letter;
    struct piece marks[TEXT_MAX_MARKS];
    size_t mark_count;
};

static uint32_t compose_hangul(uint32_t first, uint32_t second)
{
    if (first - HANGUL_L < HANGUL_L_COUNT && second - HANGUL_V < HANGUL_V_COUNT) {
        return HANGUL_S +
               ((first - HANGUL_L) * HANGUL_V_COUNT + second - HANGUL_V) * HANGUL_T_COUNT;
    }
    if (first - HANGUL_S < HANGUL_S_COUNT && (first - HANGUL_S) % HANGUL_T_COUNT == 0 &&
        second > HANGUL_T && second - HANGUL_T < HANGUL_T_COUNT) {
        return first + second - HANGUL_T;
    }
    return 0;
}

/* The code point both become, 0 where they do not join. */
static uint32_t compose_two(uint32_t first, uint32_t second)
{
    uint32_t low = 0, high = text_compose_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct compose_pair *pair = &text_compose_pairs[middle];

        if (pair->first < first || (pair->first == first && pair->second < second)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < text_compose_count && text_compose_pairs[low].first == first &&
        text_compose_pairs[low].second == second) {
        return text_compose_pairs[low].composed;
    }
    return compose_hangul(first, second);
}

/* Lets the marks join the letter; of the rest those are kept that are letters in their script. */
static void join_marks(struct composer *c)
{
    unsigned last_class = 0;
    size_t kept = 0;

    for (size_t i = 0; i < c->mark_count; i++) {
        struct piece mark = c->marks[i];
        uint32_t joined = 0;

        if (c->has_letter && last_class < mark.class) {
            joined = compose_two(c->letter.cp, mark.cp);
        }
        if (joined) {
            c->letter.cp = joined;
            c->letter.end = mark.end > c->letter.end ? mark.end : c->letter.end;
            continue;
        }
        last_class = mark.class;
        if (text_property(mark.cp) & TEXT_STRIP) {
            if (c->has_letter && mark.end > c->letter.end) {
                c->letter.end = mark.end;
            }
            continue;
        }
        c->marks[kept++] = mark;
    }
    c->mark_count = kept;
}

/* Writes letter and marks; ranges never fall, whatever order the marks had. */
static void write_out(struct composer *c)
{
    uint32_t end = 0;

    if (c->has_letter) {
        writer_put_code(c->w, c->letter.cp, c->letter.start, c->letter.end);
        end = c->letter.end;
    }
    for (size_t i = c->mark_count; i-- > 1;) {
        if (c->marks[i - 1].start > c->marks[i].start) {
            c->marks[i - 1].start = c->marks[i].start;
        }
    }
    for (size_t i = 0; i < c->mark_count; i++) {
        end = c->marks[i].end > end ? c->marks[i].end : end;
        writer_put_code(c->w, c->marks[i].cp, c->marks[i].start, end);
    }
    c->has_letter = false;
    c->mark_count = 0;
}

static int flush(struct composer *c)
{
    int r;

    join_marks(c);
    r = writer_reserve(c->w, UTF8_MAX_LEN * (TEXT_MAX_MARKS + 1));
    if (r) {
        return r;
    }
    write_out(c);
    return 0;
}

/* A mark that is dropped belongs to what it stands on. */
static void cover(struct composer *c, uint32_t end)
{
    if (c->mark_count > 0) {
        c->marks[c->mark_count - 1].end = end;
    } else if (c->has_letter) {
        c->letter.end = end;
    }
}

static void add_mark(struct composer *c, struct piece mark)
{
    size_t at = c->mark_count;

    if (at == TEXT_MAX_MARKS) {
        cover(c, mark.end);
        return;
    }
    while (at > 0 && c->marks[at - 1].class > mark.class) {
        c->marks[at] = c->marks[at - 1];
        at--;
    }
    c->marks[at] = mark;
    c->mark_count++;
}

static int add_code(struct composer *c, uint32_t cp, uint32_t start, uint32_t end)
{
    struct piece piece = {cp, start, end, TABLE_AT(text_class, cp)};
    uint32_t joined = 0;
    int r;

    if (piece.class != 0) {
        add_mark(c, piece);
        return 0;
    }
    join_marks(c);
    if (c->has_letter && c->mark_count == 0) {
        joined = compose_two(c->letter.cp, cp);
    }
    if (joined) {
        c->letter.cp = joined;
        c->letter.end = end;
        return 0;
    }
    r = flush(c);
    c->letter = piece;
    c->has_letter = true;
    return r;
}

static int add_decomposed(struct composer *c, uint32_t cp, uint32_t start, uint32_t end)
{
    uint32_t s = cp - HANGUL_S, at = TABLE_AT(text_decompose, cp);
    int r = 0;

    if (s < HANGUL_S_COUNT) {
        uint32_t t = s % HANGUL_T_COUNT, lv = s / HANGUL_T_COUNT;

        r = add_code(c, HANGUL_L + lv / HANGUL_V_COUNT, start, end);
        r = r ? r : add_code(c, HANGUL_V + lv % HANGUL_V_COUNT, start, end);
        return r || t == 0 ? r : add_code(c, HANGUL_T + t, start, end);
    }
    if (at == 0) {
        return add_code(c, cp, start, end);
    }
    for (uint32_t i = 1; i <= text_decompose_pool[at] && r == 0; i++) {
        r = add_code(c, text_decompose_pool[at + i], start, end);
    }
    return r;
}

int compose_sequence(struct writer *w, struct span source, size_t from, size_t *ret_next)
{
    struct composer c = {.w = w};
    size_t at = from;
    int r = 0;

    while (at < source.len && r == 0) {
        const char *p = source.ptr + at;
        uint32_t cp = utf8_next(&p), entry = TABLE_AT(text_map, cp);
        size_t next = (size_t)(p - source.ptr);
        enum map_kind kind = map_kind_of(entry);

        if (at > from && (kind == MAP_SAME || kind == MAP_ONE || kind == MAP_MANY) &&
            (kind == MAP_MANY || map_class_of(entry) == 0)) {
            break; /* a letter that joins nothing: the next sequence */
        }
        if (kind == MAP_DROP_MARK) {
            cover(&c, (uint32_t)next);
        } else if (kind != MAP_DROP) {
            r = add_decomposed(&c, cp, (uint32_t)at, (uint32_t)next);
        }
        at = next;
    }
    *ret_next = at;
    return r ? r : flush(&c);
}
