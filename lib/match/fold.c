/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/fold.h"

#include "lib/text/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>

enum {
    BLOCK = 256,
    BLOCKS = (UTF8_MAX_CODE_POINT + 1) / BLOCK,
    KEEP = 1,
    KNOWN = 2,
    MIXED = 4,
    DIGIT = 8,
    FLAGS = 4, /* a cell: (folded - point) << FLAGS | flags */
    EQUALS_MAX = 8
};

struct fold {
    uint16_t index[BLOCKS];
    int32_t *cells; /* [block_count][BLOCK]; equal blocks stand once */
    size_t block_count;
    int32_t ascii[128]; /* folded << FLAGS | flags */
};

static int32_t cell_of(const struct fold *fold, uint32_t point)
{
    return fold->cells[(size_t)fold->index[point / BLOCK] * BLOCK + point % BLOCK];
}

static uint32_t folded(int32_t cell, uint32_t point)
{
    return (uint32_t)((int32_t)point + (cell >> FLAGS));
}

uint32_t fold_point(const struct fold *fold, uint32_t point)
{
    return folded(cell_of(fold, point), point);
}

bool fold_knows(const struct fold *fold, uint32_t point)
{
    return point < 0x80 || (cell_of(fold, point) & KNOWN);
}

bool fold_is_word(const struct fold *fold, uint32_t point)
{
    return cell_of(fold, point) & KEEP;
}

enum fold_squeeze fold_squeeze_of(const struct fold *fold, uint32_t point)
{
    int32_t cell = cell_of(fold, point);

    return cell & MIXED ? FOLD_MIXED : cell & KEEP ? FOLD_KEPT : FOLD_DROPPED;
}

/* All code points but surrogates as UTF-8, or those that `of` matches. */
static size_t write_points(char *into, const int32_t *cells, int32_t flag)
{
    size_t len = 0;

    for (uint32_t point = 0; point <= UTF8_MAX_CODE_POINT; point++) {
        if ((point < 0xd800 || point > 0xdfff) && (!cells || (cells[point] & flag))) {
            len += utf8_put(into + len, point);
        }
    }
    return len;
}

/* Calls PCRE2 over `text` and sets `flag` for every code point inside a match. */
static int mark_matches(const char *pattern, const char *text, size_t len, int32_t *cells,
                        int32_t flag)
{
    int error;
    PCRE2_SIZE at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                     PCRE2_UTF | PCRE2_UCP, &error, &at, NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    PCRE2_SIZE from = 0;

    if (code && data) {
        (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
        while (pcre2_match(code, (PCRE2_SPTR)text, len, from, PCRE2_NO_UTF_CHECK, data, NULL) >=
               0) {
            const PCRE2_SIZE *found = pcre2_get_ovector_pointer(data);
            const char *p = text + found[0];

            while (p < text + found[1]) {
                cells[utf8_next(&p)] |= flag;
            }
            from = found[1];
        }
    }
    error = code && data ? 0 : -ENOMEM;
    pcre2_code_free(code);
    pcre2_match_data_free(data);
    return error;
}

/* All characters of `cased` that PCRE2 takes for `point`, one of them. Returns how many. None of
 * them means anything else in a pattern. */
static int equals_of(uint32_t point, struct span cased, pcre2_match_data *data,
                     uint32_t equals[EQUALS_MAX])
{
    char literal[UTF8_MAX_LEN];
    size_t len = utf8_put(literal, point);
    int error, count = 0;
    PCRE2_SIZE at = 0;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)literal, len,
                                     PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS, &error, &at, NULL);

    if (!code) {
        return -ENOMEM;
    }
    at = 0;
    while (count < EQUALS_MAX && pcre2_match(code, (PCRE2_SPTR)cased.ptr, cased.len, at,
                                             PCRE2_NO_UTF_CHECK, data, NULL) >= 0) {
        const PCRE2_SIZE *found = pcre2_get_ovector_pointer(data);
        const char *p = cased.ptr + found[0];

        equals[count++] = utf8_next(&p);
        at = found[1];
    }
    pcre2_code_free(code);
    return count;
}

static void join(int32_t *cells, const uint32_t *equals, int count)
{
    uint32_t least = equals[0];
    int kept = 0;

    for (int i = 0; i < count; i++) {
        least = equals[i] < least ? equals[i] : least;
        kept += (cells[equals[i]] & KEEP) != 0;
    }
    /* The least code point has the shortest UTF-8, so that a folded text never grows. */
    if (least < 0x80 && least >= 'A' && least <= 'Z') {
        least += 'a' - 'A';
    }
    for (int i = 0; i < count; i++) {
        int32_t flags = (cells[equals[i]] & ((1 << FLAGS) - 1)) | KNOWN;

        flags |= kept != 0 && kept != count ? MIXED : 0;
        cells[equals[i]] = ((int32_t)least - (int32_t)equals[i]) * (1 << FLAGS) | flags;
    }
}

enum { CASED = 1 << 30 };

static int join_points(int32_t *cells, char *room, const uint32_t *points, size_t count)
{
    size_t len = write_points(room, NULL, 0);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    struct span cased = {room, 0};
    int r;

    r = data ? mark_matches("[\\p{L}\\p{N}]++", room, len, cells, KEEP) : -ENOMEM;
    r = r < 0 ? r : mark_matches("\\d++", room, len, cells, DIGIT);
    /* Categories in which Unicode has case pairs; a test holds this against all code points. */
    r = r < 0 ? r : mark_matches("[\\p{L&}\\p{M}\\p{So}\\p{Nl}]++", room, len, cells, CASED);
    cased.len = write_points(room, cells, CASED);
    for (size_t i = 0; r >= 0 && i < count + 26; i++) {
        uint32_t equals[EQUALS_MAX], point = i < count ? points[i] : (uint32_t)('a' + i - count);

        if (cells[point] & KNOWN) {
            continue;
        }
        equals[0] = point;
        r = cells[point] & CASED ? equals_of(point, cased, data, equals) : 1;
        if (r > 0) {
            for (int k = 0; k < r; k++) {
                cells[equals[k]] &= ~CASED;
            }
            join(cells, equals, r);
        }
    }
    for (uint32_t point = 0; point <= UTF8_MAX_CODE_POINT; point++) {
        if (!(cells[point] & KNOWN)) {
            cells[point] &= ~CASED;
        }
    }
    pcre2_match_data_free(data);
    return r < 0 ? r : 0;
}

/* Keeps each different block once. */
static int pack(struct fold *fold, const int32_t *cells)
{
    fold->cells = malloc((size_t)BLOCKS * BLOCK * sizeof(*cells));
    if (!fold->cells) {
        return -ENOMEM;
    }
    for (size_t b = 0; b < BLOCKS; b++) {
        size_t same = 0;

        while (same < fold->block_count &&
               memcmp(fold->cells + same * BLOCK, cells + b * BLOCK, BLOCK * sizeof(*cells)) != 0) {
            same++;
        }
        if (same == fold->block_count) {
            memcpy(fold->cells + same * BLOCK, cells + b * BLOCK, BLOCK * sizeof(*cells));
            fold->block_count++;
        }
        fold->index[b] = (uint16_t)same;
    }
    for (uint32_t point = 0; point < 0x80; point++) {
        int32_t cell = cells[point];

        fold->ascii[point] =
            (int32_t)folded(cell, point) * (1 << FLAGS) | (cell & ((1 << FLAGS) - 1));
    }
    {
        int32_t *smaller = realloc(fold->cells, fold->block_count * BLOCK * sizeof(*cells));

        fold->cells = smaller ? smaller : fold->cells;
    }
    return 0;
}

int fold_build(struct fold **ret, const uint32_t *points, size_t count)
{
    CLEANUP(fold_freep) struct fold *fold = calloc(1, sizeof(*fold));
    int32_t *cells = calloc((size_t)UTF8_MAX_CODE_POINT + 1, sizeof(*cells));
    char *room = malloc(((size_t)UTF8_MAX_CODE_POINT + 1) * UTF8_MAX_LEN);
    int r = fold && cells && room ? join_points(cells, room, points, count) : -ENOMEM;

    if (r >= 0) {
        r = pack(fold, cells);
    }
    free(cells);
    free(room);
    if (r < 0) {
        return r;
    }
    *ret = TAKE(fold);
    return 0;
}

struct fold *fold_free(struct fold *fold)
{
    if (fold) {
        free(fold->cells);
        free(fold);
    }
    return NULL;
}

size_t fold_bytes(const struct fold *fold)
{
    return sizeof(*fold) + fold->block_count * BLOCK * sizeof(*fold->cells);
}

struct fold_state {
    char *plain, *squeezed;
};

static inline void fold_ascii(const struct fold *fold, unsigned char c, struct fold_state *s)
{
    int32_t cell = fold->ascii[c];

    *s->plain++ = (char)(cell >> FLAGS);
    *s->squeezed = (char)(cell >> FLAGS);
    s->squeezed += cell & KEEP;
}

static void fold_wide(const struct fold *fold, const char **p, struct fold_state *s)
{
    uint32_t point = utf8_next(p);
    int32_t cell = cell_of(fold, point);
    unsigned len = utf8_put(s->plain, folded(cell, point));

    if (cell & KEEP) {
        memcpy(s->squeezed, s->plain, len);
        s->squeezed += len;
    }
    s->plain += len;
}

/* Eight bytes with their ASCII capitals made small. */
static inline uint64_t lower8(uint64_t bytes)
{
    const uint64_t ones = 0x0101010101010101ull;
    uint64_t low = bytes & 0x7f * ones;
    uint64_t from_a = low + (0x80 - 'A') * ones, past_z = low + (0x7f - 'Z') * ones;

    return bytes | ((from_a ^ past_z) & ~bytes & 0x80 * ones) >> 2;
}

/* The ASCII at the start of a text, eight bytes at a time; returns how much of it. */
static size_t fold_start(const struct fold *fold, struct span text, struct fold_state *s)
{
    size_t at = 0;

    for (; at + 8 <= text.len; at += 8) {
        uint64_t bytes;

        memcpy(&bytes, text.ptr + at, 8);
        if (bytes & 0x8080808080808080ull) {
            break;
        }
        bytes = lower8(bytes);
        memcpy(s->plain + at, &bytes, 8);
    }
    for (size_t i = 0; i < at; i++) {
        unsigned char c = (unsigned char)s->plain[i];

        *s->squeezed = (char)c;
        s->squeezed += fold->ascii[c] & KEEP;
    }
    return at;
}

void fold_run(const struct fold *fold, struct span text, struct fold_text *into)
{
    struct fold_state s = {into->plain, into->squeezed};
    size_t start = fold_start(fold, text, &s);
    const char *p = text.ptr + start, *end = text.ptr + text.len;

    s.plain += start;
    into->ascii = true;
    while (p < end) {
        if (!(*p & 0x80)) {
            fold_ascii(fold, (unsigned char)*p++, &s);
        } else {
            fold_wide(fold, &p, &s);
            into->ascii = false;
        }
    }
    into->plain_len = (size_t)(s.plain - into->plain);
    into->squeezed_len = (size_t)(s.squeezed - into->squeezed);
    memset(s.plain, 0, FOLD_PAD);
    memset(s.squeezed, 0, FOLD_PAD);
}

/* A bit for each of eight bytes that are 0 or 1: the product moves each to its place in the top
 * byte. */
static inline uint64_t bits_of(const uint8_t *bytes)
{
    uint64_t eight;

    memcpy(&eight, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    eight = __builtin_bswap64(eight);
#endif
    return eight * 0x0102040810204080ull >> 56;
}

void fold_look(const struct fold *fold, struct span text, uint64_t ret_seen[FOLD_SEEN_WORDS])
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    const uint64_t capitals = ((1ull << 26) - 1) << ('A' & 63);
    uint8_t met[128] = {0};

    ret_seen[0] = ret_seen[1] = ret_seen[2] = 0;
    while (p < end) {
        uint32_t point = (unsigned char)*p;
        uint64_t eight;

        if (end - p >= 8) {
            memcpy(&eight, p, 8);
            if ((eight & 0x8080808080808080ull) == 0) {
                for (int i = 0; i < 8; i++) {
                    met[(unsigned char)p[i]] = 1;
                }
                p += 8;
                continue;
            }
        }
        if (point < 0x80) {
            met[point] = 1;
            p++;
        } else {
            point = utf8_next(&p);
            /* Also when it folds to ASCII: a class of wide characters may mean this one. */
            ret_seen[2] |= cell_of(fold, point) & KEEP ? FOLD_SEEN_WIDE_WORD : FOLD_SEEN_WIDE_OTHER;
            point = fold_point(fold, point);
            met[point & 127] |= point < 0x80;
        }
    }
    for (unsigned i = 0; i < 64; i += 8) {
        ret_seen[0] |= bits_of(met + i) << i;
        ret_seen[1] |= bits_of(met + 64 + i) << i;
    }
    ret_seen[1] |= (ret_seen[1] & capitals) << ('a' - 'A');
    ret_seen[1] &= ~capitals;
}

/* Eight ASCII bytes without a digit. */
static bool eight_without_digits(const char *p)
{
    const uint64_t ones = 0x0101010101010101ull;
    uint64_t bytes, value;

    memcpy(&bytes, p, 8);
    value = bytes ^ '0' * ones;
    return (bytes & 0x80 * ones) == 0 &&
           ((value + (0x80 - 10) * ones) & 0x80 * ones) == 0x80 * ones;
}

uint32_t fold_longest_digits(const struct fold *fold, struct span text)
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    uint32_t digits = 0, longest = 0;

    while (p < end) {
        bool wide = *p & 0x80;
        uint32_t point;

        if (end - p >= 8 && eight_without_digits(p)) {
            digits = 0;
            p += 8;
            continue;
        }
        point = utf8_next(&p);
        digits = (wide ? cell_of(fold, point) : fold->ascii[point]) & DIGIT ? digits + 1 : 0;
        longest = digits > longest ? digits : longest;
    }
    return longest;
}
