/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/exact.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { EXACT_MAGIC = 0x32585245, HEAD_BYTES = 64, MARKS = 29, LANES = 8, KEYS_A_LINE = 18, CROWDED = 0xffff };

/* The image: this head in HEAD_BYTES, then lines, keys[count][width], refs[count]. */
struct exact_head {
    uint32_t magic, width, count, lines;
};

/*
 * One cache line for the keys whose leading bits fall into the same share of all: where they start,
 * how many they are, and sixteen other bits of each, in their order. Almost every key that is not
 * there is refused by this one look; at 18 keys a line it costs 3.6 bytes a key, and one line in 170
 * is too full for its marks (CROWDED) and searched.
 */
struct exact_line {
    uint32_t start;
    uint16_t used; /* or CROWDED: up to the start of the next line */
    uint16_t marks[MARKS];
};
static_assert(sizeof(struct exact_line) == 64 && LANES * 8 == 64, "a cache line");

struct exact_set {
    struct exact_head *owned;
    const struct exact_head *head;
    const struct exact_line *lines;
    uint32_t line_count;
    const uint32_t *refs;
    const uint8_t *keys;
    size_t bytes;
};

static size_t image_bytes(const struct exact_head *head)
{
    return HEAD_BYTES + (size_t)head->lines * sizeof(struct exact_line) +
           (size_t)head->count * (4 + head->width);
}

static void set_over(struct exact_set *set, const struct exact_head *head)
{
    const char *at = (const char *)head + HEAD_BYTES;

    set->head = head;
    set->line_count = head->lines;
    set->lines = (const struct exact_line *)(const void *)at;
    at += (size_t)head->lines * sizeof(struct exact_line);
    set->keys = (const uint8_t *)at;
    set->refs = (const uint32_t *)(const void *)(at + (size_t)head->count * head->width);
    set->bytes = image_bytes(head);
}

/* The share of the leading 32 bits; it grows with the key, so lines lie in the order of keys. */
static inline uint32_t line_of(const uint8_t *key, uint32_t lines)
{
    uint32_t lead =
        (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 | (uint32_t)key[2] << 8 | key[3];

    return (uint32_t)((uint64_t)lead * lines >> 32);
}

/* Never 0, which stands in unused places. */
static inline uint16_t mark_of(const uint8_t *key)
{
    uint16_t mark = (uint16_t)(key[6] << 8 | key[7]);

    return mark ? mark : 1;
}

static int key_order(const uint8_t *a, uint32_t a_ref, const uint8_t *b, uint32_t b_ref,
                     size_t width)
{
    int order = memcmp(a, b, width);

    return order ? order : a_ref < b_ref ? -1 : a_ref > b_ref;
}

/* Shell sort: lines are short unless somebody chose the keys, and then it still ends in time. */
static void sort_line(uint8_t *keys, uint32_t *refs, size_t count, size_t width)
{
    size_t gap = 1;

    while (gap < count / 3) {
        gap = gap * 3 + 1;
    }
    for (; gap > 0; gap /= 3) {
        for (size_t i = gap; i < count; i++) {
            uint8_t key[32];
            uint32_t ref = refs[i];
            size_t at = i;

            memcpy(key, keys + i * width, width);
            while (at >= gap &&
                   key_order(keys + (at - gap) * width, refs[at - gap], key, ref, width) > 0) {
                memcpy(keys + at * width, keys + (at - gap) * width, width);
                refs[at] = refs[at - gap];
                at -= gap;
            }
            memcpy(keys + at * width, key, width);
            refs[at] = ref;
        }
    }
}

static void mark_line(struct exact_line *line, const uint8_t *keys, size_t count, size_t width)
{
    line->used = count <= MARKS ? (uint16_t)count : CROWDED;
    for (size_t i = 0; i < count && count <= MARKS; i++) {
        line->marks[i] = mark_of(keys + i * width);
    }
}

static void fill(const struct exact_head *head, struct exact_line *lines, uint32_t *refs,
                 uint8_t *keys, const struct exact_feed *feed)
{
    size_t width = head->width;
    uint8_t key[32];
    uint32_t ref, sum = 0, end = head->count;

    feed->rewind(feed->arg);
    while (feed->next(feed->arg, key, &ref)) {
        lines[line_of(key, head->lines)].start++;
    }
    for (size_t l = 0; l < head->lines; l++) {
        sum += lines[l].start;
        lines[l].start = sum;
    }
    /* Filling from each end downwards leaves every start at its place. */
    feed->rewind(feed->arg);
    while (feed->next(feed->arg, key, &ref)) {
        uint32_t at = --lines[line_of(key, head->lines)].start;

        memcpy(keys + (size_t)at * width, key, width);
        refs[at] = ref;
    }
    for (size_t l = head->lines; l-- > 0;) {
        uint32_t start = lines[l].start;
        uint8_t *from = keys + (size_t)start * width;

        sort_line(from, refs + start, end - start, width);
        mark_line(&lines[l], from, end - start, width);
        end = start;
    }
}

int exact_set_build(struct exact_set **ret, size_t width, const struct exact_feed *feed)
{
    CLEANUP(exact_set_freep) struct exact_set *set = calloc(1, sizeof(*set));
    struct exact_head head = {.magic = EXACT_MAGIC, .width = (uint32_t)width};
    uint8_t key[32];
    uint32_t ref, *refs;
    struct exact_line *lines;
    uint8_t *keys;

    if (!set) {
        return -ENOMEM;
    }
    feed->rewind(feed->arg);
    while (feed->next(feed->arg, key, &ref)) {
        head.count++;
    }
    head.lines = head.count / KEYS_A_LINE + 1;
    /* Rounded up, as aligned_alloc asks for. */
    set->owned =
        aligned_alloc(HEAD_BYTES, (image_bytes(&head) + HEAD_BYTES - 1) / HEAD_BYTES * HEAD_BYTES);
    if (!set->owned) {
        return -ENOMEM;
    }
    memset(set->owned, 0, HEAD_BYTES + (size_t)head.lines * sizeof(*lines));
    *set->owned = head;
    set_over(set, set->owned);
    lines = (struct exact_line *)(void *)((char *)set->owned + HEAD_BYTES);
    keys = (uint8_t *)(lines + head.lines);
    refs = (uint32_t *)(void *)(keys + (size_t)head.count * width);
    fill(&head, lines, refs, keys, feed);
    *ret = TAKE(set);
    return 0;
}

int exact_set_open(struct exact_set **ret, size_t width, struct span image)
{
    const struct exact_head *head = (const struct exact_head *)(const void *)image.ptr;
    struct exact_set *set;

    if (image.len < HEAD_BYTES || (uintptr_t)image.ptr % HEAD_BYTES != 0 ||
        head->magic != EXACT_MAGIC || head->width != width ||
        head->lines != head->count / KEYS_A_LINE + 1 || image_bytes(head) != image.len) {
        return -EINVAL;
    }
    set = calloc(1, sizeof(*set));
    if (!set) {
        return -ENOMEM;
    }
    set_over(set, head);
    *ret = set;
    return 0;
}

struct exact_set *exact_set_free(struct exact_set *set)
{
    if (set) {
        free(set->owned);
        free(set);
    }
    return NULL;
}

struct span exact_set_image(const struct exact_set *set)
{
    return (struct span){(const char *)set->head, set->bytes};
}

size_t exact_set_count(const struct exact_set *set)
{
    return set->head->count;
}

/* The first eight bytes as a number that orders like them; every width has more. */
static inline uint64_t lead_of(const uint8_t *key)
{
    uint64_t lead;

    memcpy(&lead, key, sizeof(lead));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    lead = __builtin_bswap64(lead);
#endif
    return lead;
}

static inline bool is_below(const struct exact_set *set, uint32_t i, const uint8_t *key,
                            uint64_t lead)
{
    const uint8_t *other = set->keys + (size_t)i * set->head->width;
    uint64_t other_lead = lead_of(other);

    return other_lead != lead ? other_lead < lead : memcmp(other, key, set->head->width) < 0;
}

/* The first key not below `key` within [from, to). */
static uint32_t lower_bound(const struct exact_set *set, const uint8_t *key, uint32_t from,
                            uint32_t to)
{
    uint64_t lead = lead_of(key);

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;

        if (is_below(set, middle, key, lead)) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

/* Whether a mark of the line is that of the key: all of them at once, without a branch. */
static inline bool may_have(const struct exact_line *line, uint16_t mark)
{
    uint16_t a __attribute__((vector_size(LANES * 2))), b __attribute__((vector_size(LANES * 2)));
    uint16_t c __attribute__((vector_size(LANES * 2))), d __attribute__((vector_size(LANES * 2)));
    static const uint16_t is_mark[4] = {0, 0, 0, 0xffff}; /* start and count are none */
    const uint16_t *from = (const uint16_t *)(const void *)line;
    uint64_t first[2], rest[2], marks;

    memcpy(&a, from, sizeof(a));
    memcpy(&b, from + LANES, sizeof(b));
    memcpy(&c, from + (size_t)2 * LANES, sizeof(c));
    memcpy(&d, from + (size_t)3 * LANES, sizeof(d));
    a = (a == mark);
    b = (b == mark) | (c == mark) | (d == mark);
    memcpy(first, &a, sizeof(first));
    memcpy(rest, &b, sizeof(rest));
    memcpy(&marks, is_mark, sizeof(marks));
    first[0] &= marks;
    return (first[0] | first[1] | rest[0] | rest[1]) != 0;
}

/* The first key of the line's marked ones that is `key`, or `to`. */
static uint32_t among_marked(const struct exact_set *set, const struct exact_line *line,
                             const uint8_t *key, uint32_t to)
{
    uint16_t mark = mark_of(key);
    size_t width = set->head->width;

    for (uint32_t at = line->start; at < to; at++) {
        if (line->marks[at - line->start] == mark &&
            memcmp(set->keys + (size_t)at * width, key, width) == 0) {
            return at;
        }
    }
    return to;
}

/* What lies behind the marks: few keys that are not there come here. */
__attribute__((noinline)) static const uint32_t *look_closer(const struct exact_set *set, uint32_t l, const uint8_t *key,
                                   size_t *ret_count)
{
    const struct exact_line *line = &set->lines[l];
    size_t width = set->head->width;
    uint32_t from = line->start, to = from + line->used, end;

    if (line->used == CROWDED) {
        to = l + 1 < set->head->lines ? line[1].start : set->head->count;
    }
    /* An image from a file may lie; it must not lead outside of itself. */
    if (to > set->head->count || from > to || (line->used != CROWDED && line->used > MARKS)) {
        return NULL;
    }
    from = line->used == CROWDED ? lower_bound(set, key, from, to)
                                 : among_marked(set, line, key, to);
    for (end = from; end < to && memcmp(set->keys + (size_t)end * width, key, width) == 0; end++) {
    }
    *ret_count = end - from;
    return end > from ? set->refs + from : NULL;
}

void exact_set_touch(const struct exact_set *set, const uint8_t *key)
{
    __builtin_prefetch(&set->lines[line_of(key, set->line_count)]);
}

const uint32_t *exact_set_find(const struct exact_set *set, const uint8_t *key, size_t *ret_count)
{
    uint32_t l = line_of(key, set->line_count);
    const struct exact_line *line = &set->lines[l];

    if (__builtin_expect(!may_have(line, mark_of(key)) & (line->used != CROWDED), 1)) {
        return NULL;
    }
    return look_closer(set, l, key, ret_count);
}
