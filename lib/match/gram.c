/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/gram.h"

#include "lib/match/rarity.h"

#include <errno.h>
#include <stdlib.h>

enum { BITS_MIN = 15, BITS_MAX = 23, BITS_A_STRING = 5, SHORT_KEYS = 1 << 16 };

/* A string under the hash of its rarest bytes. */
struct gram_entry {
    uint64_t bytes, mask; /* the up to eight bytes from the anchor on */
    uint32_t text;        /* offset of the whole string in texts */
    uint32_t value;
    uint16_t len, anchor;
};

struct gram {
    unsigned bits; /* log2 of the number of bits in filter */
    uint64_t *filter;
    unsigned bucket_bits; /* log2 of the number of buckets; a bucket is the hash's upper bits */
    uint32_t *starts;
    struct gram_entry *entries; /* by bucket, then those of the short table */
    uint32_t *short_starts;     /* by the first two bytes; NULL without short strings */
    uint64_t *short_filter;
    size_t count, long_count, text_bytes;
    char *texts;
};

static inline uint32_t load32(const char *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static inline uint64_t load64(const char *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static inline uint32_t hash(uint32_t bytes)
{
    return bytes * 0x9e3779b1u;
}

static inline uint32_t short_key(const char *p)
{
    return (uint32_t)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

/* The rarest four bytes; of equally rare ones those with more behind them to compare. */
static size_t best_anchor(struct span text)
{
    size_t best = 0;
    double least = 2;

    for (size_t i = 0; i + 4 <= text.len; i++) {
        double p = rarity_gram(text.ptr + i);

        if (p < least * 0.999) {
            least = p;
            best = i;
        }
    }
    return best;
}

static struct gram_entry entry_of(struct span text, uint32_t value, const char *texts, size_t at)
{
    size_t anchor = text.len < 4 ? 0 : best_anchor(text), rest = text.len - anchor;
    struct gram_entry entry = {.text = (uint32_t)at,
                               .value = value,
                               .len = (uint16_t)text.len,
                               .anchor = (uint16_t)anchor};

    /* Masks are built from bytes, so both byte orders agree. */
    memset(&entry.mask, 0xff, rest < 8 ? rest : 8);
    entry.bytes = load64(texts + at + anchor) & entry.mask;
    return entry;
}

static uint32_t key_of(const struct gram *gram, const struct gram_entry *entry)
{
    const char *p = gram->texts + entry->text + entry->anchor;

    return entry->len < 4 ? short_key(p) : hash(load32(p)) >> (32 - gram->bucket_bits);
}

/* Counting sort of entries [from, to) by key. */
static uint32_t *sort_by_key(struct gram *gram, struct gram_entry *entries, size_t count,
                             size_t keys)
{
    uint32_t *starts = calloc(keys + 1, sizeof(*starts)), sum = 0;
    struct gram_entry *sorted = malloc((count ? count : 1) * sizeof(*sorted));

    if (!starts || !sorted) {
        free(starts);
        free(sorted);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        starts[key_of(gram, &entries[i])]++;
    }
    for (size_t k = 0; k <= keys; k++) {
        sum += starts[k];
        starts[k] = sum;
    }
    for (size_t i = count; i-- > 0;) {
        sorted[--starts[key_of(gram, &entries[i])]] = entries[i];
    }
    memcpy(entries, sorted, count * sizeof(*entries));
    free(sorted);
    return starts;
}

static int fill_filters(struct gram *gram)
{
    size_t short_count = gram->count - gram->long_count;

    gram->bits = BITS_MIN;
    while (gram->bits < BITS_MAX && (1ul << gram->bits) < gram->long_count << BITS_A_STRING) {
        gram->bits++;
    }
    gram->bucket_bits = gram->bits - 4;
    gram->filter = calloc((1ul << gram->bits) / 64, sizeof(*gram->filter));
    gram->starts = sort_by_key(gram, gram->entries, gram->long_count, 1ul << gram->bucket_bits);
    if (!gram->filter || !gram->starts) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < gram->long_count; i++) {
        const struct gram_entry *entry = &gram->entries[i];
        uint32_t h = hash(load32(gram->texts + entry->text + entry->anchor)) >> (32 - gram->bits);

        gram->filter[h / 64] |= 1ull << h % 64;
    }
    if (short_count == 0) {
        return 0;
    }
    gram->short_filter = calloc(SHORT_KEYS / 64, sizeof(*gram->short_filter));
    gram->short_starts =
        sort_by_key(gram, gram->entries + gram->long_count, short_count, SHORT_KEYS);
    if (!gram->short_filter || !gram->short_starts) {
        return -ENOMEM;
    }
    for (size_t i = gram->long_count; i < gram->count; i++) {
        uint32_t key = key_of(gram, &gram->entries[i]);

        gram->short_filter[key / 64] |= 1ull << key % 64;
    }
    return 0;
}

int gram_build(struct gram **ret, const struct gram_string *strings, size_t count)
{
    CLEANUP(gram_freep) struct gram *gram = calloc(1, sizeof(*gram));
    size_t at = 0, short_at = count;
    int r;

    if (!gram) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        gram->text_bytes += strings[i].text.len;
    }
    gram->texts = calloc(1, gram->text_bytes + GRAM_PAD);
    gram->entries = malloc((count ? count : 1) * sizeof(*gram->entries));
    if (!gram->texts || !gram->entries) {
        return -ENOMEM;
    }
    gram->count = count;
    for (size_t i = 0; i < count; i++) {
        memcpy(gram->texts + at, strings[i].text.ptr, strings[i].text.len);
        gram->entries[strings[i].text.len < 4 ? --short_at : gram->long_count++] =
            entry_of(strings[i].text, strings[i].value, gram->texts, at);
        at += strings[i].text.len;
    }
    r = fill_filters(gram);
    if (r < 0) {
        return r;
    }
    *ret = TAKE(gram);
    return 0;
}

struct gram *gram_free(struct gram *gram)
{
    if (gram) {
        free(gram->filter);
        free(gram->starts);
        free(gram->entries);
        free(gram->short_starts);
        free(gram->short_filter);
        free(gram->texts);
        free(gram);
    }
    return NULL;
}

size_t gram_bytes(const struct gram *gram)
{
    return sizeof(*gram) + (1ul << gram->bits) / 8 + ((1ul << gram->bucket_bits) + 1) * 4 +
           gram->count * sizeof(*gram->entries) + gram->text_bytes + GRAM_PAD +
           (gram->short_starts ? SHORT_KEYS / 8 + (SHORT_KEYS + 1) * 4 : 0);
}

struct gram_finder {
    const struct gram *gram;
    struct span text;
    void (*found)(void *arg, uint32_t value, size_t start, size_t len);
    void *arg;
};

static void look_closer(const struct gram_finder *finder, const struct gram_entry *from,
                        const struct gram_entry *to, size_t at)
{
    uint64_t here = load64(finder->text.ptr + at);

    for (const struct gram_entry *e = from; e < to; e++) {
        if (((here ^ e->bytes) & e->mask) == 0 && at >= e->anchor &&
            e->len <= finder->text.len - (at - e->anchor) &&
            memcmp(finder->text.ptr + at - e->anchor, finder->gram->texts + e->text, e->len) == 0) {
            finder->found(finder->arg, e->value, at - e->anchor, e->len);
        }
    }
}

static void scan_long(const struct gram_finder *finder)
{
    const struct gram *gram = finder->gram;
    const uint64_t *filter = gram->filter;
    const char *text = finder->text.ptr;
    unsigned shift = 32 - gram->bits, narrower = gram->bits - gram->bucket_bits;

    for (size_t i = 0; i + 4 <= finder->text.len; i++) {
        uint32_t h = hash(load32(text + i)) >> shift;

        if (__builtin_expect(filter[h / 64] >> h % 64 & 1, 0)) {
            uint32_t bucket = h >> narrower;

            look_closer(finder, gram->entries + gram->starts[bucket],
                        gram->entries + gram->starts[bucket + 1], i);
        }
    }
}

static void scan_short(const struct gram_finder *finder)
{
    const struct gram *gram = finder->gram;
    const struct gram_entry *entries = gram->entries + gram->long_count;

    for (size_t i = 0; i + 2 <= finder->text.len; i++) {
        uint32_t key = short_key(finder->text.ptr + i);

        if (__builtin_expect(gram->short_filter[key / 64] >> key % 64 & 1, 0)) {
            look_closer(finder, entries + gram->short_starts[key],
                        entries + gram->short_starts[key + 1], i);
        }
    }
}

void gram_scan(const struct gram *gram, struct span text,
               void (*found)(void *arg, uint32_t value, size_t start, size_t len), void *arg)
{
    struct gram_finder finder = {gram, text, found, arg};

    if (gram->long_count > 0) {
        scan_long(&finder);
    }
    if (gram->short_starts) {
        scan_short(&finder);
    }
}
