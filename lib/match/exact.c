/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/exact.h"

#include <errno.h>
#include <stdlib.h>

enum { EXACT_MAGIC = 0x31585245, LINEAR_MAX = 16, GLANCE = 2, HEAD_BYTES = 64 };

/* The image: this head in HEAD_BYTES, keys[count][width], refs[count], starts[2^bits + 1]. Keys
 * begin at a cache line, so that few of them lie across two. */
struct exact_head {
    uint32_t magic, width, count, bits;
};

struct exact_set {
    struct exact_head *owned;
    const struct exact_head *head;
    const uint32_t *starts, *refs;
    const uint8_t *keys;
    size_t bytes;
};

static size_t bucket_count(uint32_t bits)
{
    return (size_t)1 << bits;
}

static size_t image_bytes(const struct exact_head *head)
{
    return HEAD_BYTES + (bucket_count(head->bits) + 1) * 4 +
           (size_t)head->count * (4 + head->width);
}

static void set_over(struct exact_set *set, const struct exact_head *head)
{
    set->head = head;
    set->keys = (const uint8_t *)head + HEAD_BYTES;
    set->refs = (const uint32_t *)(const void *)(set->keys + (size_t)head->count * head->width);
    set->starts = set->refs + head->count;
    set->bytes = image_bytes(head);
}

static uint32_t bucket_of(const uint8_t *key, uint32_t bits)
{
    uint32_t lead =
        (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 | (uint32_t)key[2] << 8 | key[3];

    return bits ? lead >> (32 - bits) : 0;
}

/* One to two keys a bucket: fewer cost memory, more cost time. */
static uint32_t bits_for(size_t count)
{
    uint32_t bits = 0;

    while (bits < 26 && ((size_t)2 << bits) <= count) {
        bits++;
    }
    return bits;
}

static int key_order(const uint8_t *a, uint32_t a_ref, const uint8_t *b, uint32_t b_ref,
                     size_t width)
{
    int order = memcmp(a, b, width);

    return order ? order : a_ref < b_ref ? -1 : a_ref > b_ref;
}

/* Shell sort: buckets are tiny unless somebody chose the keys, and then it still ends in time. */
static void sort_bucket(uint8_t *keys, uint32_t *refs, size_t count, size_t width)
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

static void fill(const struct exact_head *head, uint32_t *starts, uint32_t *refs, uint8_t *keys,
                 const struct exact_feed *feed)
{
    size_t buckets = bucket_count(head->bits), width = head->width;
    uint8_t key[32];
    uint32_t ref, sum = 0;

    feed->rewind(feed->arg);
    while (feed->next(feed->arg, key, &ref)) {
        starts[bucket_of(key, head->bits)]++;
    }
    for (size_t b = 0; b < buckets; b++) {
        sum += starts[b];
        starts[b] = sum;
    }
    starts[buckets] = sum;
    /* Filling from each end downwards leaves every start at its place. */
    feed->rewind(feed->arg);
    while (feed->next(feed->arg, key, &ref)) {
        uint32_t at = --starts[bucket_of(key, head->bits)];

        memcpy(keys + (size_t)at * width, key, width);
        refs[at] = ref;
    }
    for (size_t b = 0; b < buckets; b++) {
        sort_bucket(keys + (size_t)starts[b] * width, refs + starts[b], starts[b + 1] - starts[b],
                    width);
    }
}

int exact_set_build(struct exact_set **ret, size_t width, const struct exact_feed *feed)
{
    CLEANUP(exact_set_freep) struct exact_set *set = calloc(1, sizeof(*set));
    struct exact_head head = {.magic = EXACT_MAGIC, .width = (uint32_t)width};
    uint8_t key[32];
    uint32_t ref, *refs, *starts;
    uint8_t *keys;

    if (!set) {
        return -ENOMEM;
    }
    feed->rewind(feed->arg);
    while (feed->next(feed->arg, key, &ref)) {
        head.count++;
    }
    head.bits = bits_for(head.count);
    /* Rounded up, as aligned_alloc asks for. */
    set->owned =
        aligned_alloc(HEAD_BYTES, (image_bytes(&head) + HEAD_BYTES - 1) / HEAD_BYTES * HEAD_BYTES);
    if (!set->owned) {
        return -ENOMEM;
    }
    memset(set->owned, 0, HEAD_BYTES);
    *set->owned = head;
    set_over(set, set->owned);
    keys = (uint8_t *)set->owned + HEAD_BYTES;
    refs = (uint32_t *)(void *)(keys + (size_t)head.count * width);
    starts = refs + head.count;
    memset(starts, 0, (bucket_count(head.bits) + 1) * sizeof(*starts));
    fill(&head, starts, refs, keys, feed);
    *ret = TAKE(set);
    return 0;
}

int exact_set_open(struct exact_set **ret, size_t width, struct span image)
{
    const struct exact_head *head = (const struct exact_head *)(const void *)image.ptr;
    struct exact_set *set;

    if (image.len < HEAD_BYTES || ((uintptr_t)image.ptr & 7) != 0 || head->magic != EXACT_MAGIC ||
        head->width != width || head->bits > 26 || image_bytes(head) != image.len) {
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

    while (to - from > LINEAR_MAX) {
        uint32_t middle = from + (to - from) / 2;

        if (is_below(set, middle, key, lead)) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    while (from < to && is_below(set, from, key, lead)) {
        from++;
    }
    return from;
}

/* Whether one of the at most GLANCE keys of a bucket begins like `key`. Without a branch on what
 * they are, so that the processor fetches for the next lookup while it waits for this one. */
static inline bool glance(const struct exact_set *set, const uint8_t *key, uint32_t from,
                          uint32_t to)
{
    uint64_t lead = lead_of(key);
    uint32_t last = set->head->count - 1;
    bool any = false;

    for (uint32_t i = 0; i < GLANCE; i++) {
        uint32_t at = from + i < last ? from + i : last;

        any |= (lead_of(set->keys + (size_t)at * set->head->width) == lead) & (from + i < to);
    }
    return any;
}

const uint32_t *exact_set_find(const struct exact_set *set, const uint8_t *key, size_t *ret_count)
{
    size_t width = set->head->width;
    uint32_t bucket = bucket_of(key, set->head->bits);
    uint32_t from = set->starts[bucket], to = set->starts[bucket + 1], end;

    /* An image from a file may lie; it must not lead outside of itself. */
    if (to > set->head->count || from > to || set->head->count == 0 ||
        (to - from <= GLANCE && !glance(set, key, from, to))) {
        return NULL;
    }
    from = lower_bound(set, key, from, to);
    for (end = from; end < to && memcmp(set->keys + (size_t)end * width, key, width) == 0; end++) {
    }
    *ret_count = end - from;
    return end > from ? set->refs + from : NULL;
}
