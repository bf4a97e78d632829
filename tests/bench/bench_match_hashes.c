/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bench_match.h"

#include "lib/match/exact.h"
#include "lib/match/pdq.h"
#include "lib/match/popcount.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
    DIGESTS = 10000000,
    PLAIN_SLOTS = 1 << 25,
    LOOKUPS = 2000000,
    PICTURES = 1000000,
    QUERIES = 400,
    SAME = 20 /* queries that all ways are asked: their finds must be equal */
};

static uint64_t seed = 88172645463325252ull;

static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * 0x2545f4914f6cdd1dull;
}

struct feed {
    const uint8_t (*keys)[32];
    uint32_t count, at;
};

static void feed_rewind(void *arg)
{
    ((struct feed *)arg)->at = 0;
}

static bool feed_next(void *arg, uint8_t key[32], uint32_t *ret_ref)
{
    struct feed *feed = arg;

    if (feed->at == feed->count) {
        return false;
    }
    memcpy(key, feed->keys[feed->at], 32);
    *ret_ref = feed->at++;
    return true;
}

/* A plain hash table with open addressing, half full, keys inside. */
static uint32_t plain_find(const uint8_t (*slots)[32], uint32_t mask, const uint8_t key[32])
{
    static const uint8_t empty[32];
    uint64_t hash;

    memcpy(&hash, key, 8);
    for (uint32_t at = (uint32_t)hash & mask;; at = (at + 1) & mask) {
        if (memcmp(slots[at], key, 32) == 0 || memcmp(slots[at], empty, 32) == 0) {
            return at;
        }
    }
}

/* ---- the ways to look digests up ---- */

enum { WAYS = 4, TOUCH = 8 };

struct digests {
    const uint8_t (*keys)[32], (*queries)[32];
    uint8_t (*slots)[32];
    struct exact_set *set;
    void *unordered;
};

static size_t find_ours(const struct digests *d)
{
    size_t found = 0, count;

    for (size_t i = 0; i < LOOKUPS; i++) {
        found += exact_set_find(d->set, d->queries[i], &count) != NULL;
    }
    return found;
}

/* As for a content with several hashes: ask for the memory of all, then look. */
static size_t find_ours_batched(const struct digests *d)
{
    size_t found = 0, count;

    for (size_t i = 0; i < LOOKUPS; i += TOUCH) {
        for (size_t k = i; k < i + TOUCH; k++) {
            exact_set_touch(d->set, d->queries[k]);
        }
        for (size_t k = i; k < i + TOUCH; k++) {
            found += exact_set_find(d->set, d->queries[k], &count) != NULL;
        }
    }
    return found;
}

static size_t find_plain(const struct digests *d)
{
    const uint8_t(*slots)[32] = (const uint8_t(*)[32])d->slots;
    size_t found = 0;

    for (size_t i = 0; i < LOOKUPS; i++) {
        found +=
            memcmp(slots[plain_find(slots, PLAIN_SLOTS - 1, d->queries[i])], d->queries[i], 8) == 0;
    }
    return found;
}

static size_t find_unordered(const struct digests *d)
{
    return rival_unordered_run(d->unordered, d->queries, LOOKUPS);
}

static void bench_ways(const struct digests *d)
{
    static const struct {
        const char *name;
        size_t (*run)(const struct digests *d);
    } ways[WAYS] = {{"ours", find_ours},
                    {"ours, eight at a time", find_ours_batched},
                    {"plain hash table, half full", find_plain},
                    {"std::unordered_set", find_unordered}};
    size_t count = d->unordered ? WAYS : WAYS - 1, found[WAYS] = {0};
    double rates[WAYS][BENCH_ROUNDS], ratios[WAYS][BENCH_ROUNDS];

    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        for (size_t w = 0; w < count; w++) {
            double started = bench_now();

            found[w] = ways[w].run(d);
            rates[w][round] = LOOKUPS / (bench_now() - started) / 1e6;
            ratios[w][round] = rates[0][round] / rates[w][round];
        }
    }
    for (size_t w = 0; w < count; w++) {
        (void)printf("  %-28s %6.1f million lookups/s, ours/it %.2f, found %zu\n", ways[w].name,
                     bench_median(rates[w], BENCH_ROUNDS), bench_median(ratios[w], BENCH_ROUNDS),
                     found[w]);
    }
}

static void bench_digests(void)
{
    uint8_t(*queries)[32] = malloc((size_t)LOOKUPS * 32),
    (*keys)[32] = malloc((size_t)DIGESTS * 32);
    struct digests d = {(const uint8_t(*)[32])keys, (const uint8_t(*)[32])queries,
                        calloc(PLAIN_SLOTS, 32), NULL, NULL};
    struct feed feed = {d.keys, DIGESTS, 0};
    double started;
    size_t heap;

    for (size_t i = 0; i < DIGESTS; i++) {
        for (size_t w = 0; w < 4; w++) {
            uint64_t word = random64();

            memcpy(keys[i] + w * 8, &word, 8);
        }
    }
    started = bench_now();
    if (exact_set_build(&d.set, 32, &(struct exact_feed){&feed, feed_rewind, feed_next}) < 0) {
        return;
    }
    (void)printf("\nSHA-256, 10 million: built in %.2f s, %.1f bytes an entry (a plain table half "
                 "full: 107)\n",
                 bench_now() - started, (double)exact_set_image(d.set).len / DIGESTS);
    for (size_t i = 0; i < DIGESTS; i++) {
        memcpy(d.slots[plain_find((const uint8_t(*)[32])d.slots, PLAIN_SLOTS - 1, keys[i])],
               keys[i], 32);
    }
    heap = bench_heap();
    started = bench_now();
    d.unordered = rival_unordered_new(d.keys, DIGESTS);
    (void)printf("  std::unordered_set: built in %.2f s, %.1f bytes an entry\n",
                 bench_now() - started, (double)(bench_heap() - heap) / DIGESTS);
    for (size_t i = 0; i < LOOKUPS; i++) {
        memcpy(queries[i], keys[random64() % DIGESTS], 32);
        queries[i][1] ^= (uint8_t)(i % 10 != 0);
    }
    bench_ways(&d);
    (void)exact_set_free(d.set);
    rival_unordered_free(d.unordered);
    free(queries);
    free(keys);
    free(d.slots);
}

static void count_found(void *arg, uint32_t i, int distance)
{
    (void)i;
    (void)distance;
    ++*(size_t *)arg;
}

/* ---- the ways to look for near pictures ---- */

struct pictures {
    const struct pdq *hashes;
    struct pdq_index *bands, *planes, *chosen;
};

static size_t find_chosen(const struct pictures *p, const struct pdq *query)
{
    size_t found = 0;

    pdq_index_find(p->chosen, query, 31, count_found, &found);
    return found;
}

static size_t find_bands(const struct pictures *p, const struct pdq *query)
{
    size_t found = 0;

    pdq_index_find(p->bands, query, 31, count_found, &found);
    return found;
}

static size_t find_planes(const struct pictures *p, const struct pdq *query)
{
    size_t found = 0;

    pdq_index_find(p->planes, query, 31, count_found, &found);
    return found;
}

POPCOUNT_TARGET static size_t brute(const struct pictures *p, const struct pdq *query)
{
    const uint64_t *b = query->word;
    size_t found = 0;

    for (size_t i = 0; i < PICTURES; i++) {
        const uint64_t *a = p->hashes[i].word;

        found += __builtin_popcountll(a[0] ^ b[0]) + __builtin_popcountll(a[1] ^ b[1]) +
                     __builtin_popcountll(a[2] ^ b[2]) + __builtin_popcountll(a[3] ^ b[3]) <=
                 31;
    }
    return found;
}

#if defined(__x86_64__)
/* Two hashes at a time: four counts each, added crosswise, so that each half holds its distance. */
VECTOR_POPCOUNT_TARGET static size_t brute_vector(const struct pictures *p, const struct pdq *query)
{
    const __m512i b = _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)query->word));
    const __m512i most = _mm512_set1_epi64(31);
    size_t found = 0;

    for (size_t i = 0; i < PICTURES; i += 2) {
        __m512i a = _mm512_loadu_si512(p->hashes[i].word);
        __m512i bits = _mm512_popcnt_epi64(_mm512_xor_si512(a, b));

        bits = _mm512_add_epi64(bits, _mm512_permutex_epi64(bits, 0xb1));
        bits = _mm512_add_epi64(bits, _mm512_permutex_epi64(bits, 0x4e));
        found += (size_t)__builtin_popcount(_mm512_cmple_epi64_mask(bits, most) & 0x11);
    }
    return found;
}
#else
#define brute_vector brute
#endif

static const struct {
    const char *name;
    size_t (*run)(const struct pictures *p, const struct pdq *query);
    size_t queries; /* of a round */
} picture_ways[] = {
    {"ours, chosen by load", find_chosen, QUERIES * 5},
    {"bands", find_bands, QUERIES * 5},
    {"planes", find_planes, QUERIES / 2},
    {"one after the other, scalar", brute, SAME},
    {"one after the other, VPOPCNTDQ", brute_vector, SAME},
};
enum { PICTURE_WAYS = COUNT_OF(picture_ways) };

/* Every second query is near nothing. */
static struct pdq next_query(const struct pdq *hashes, size_t q, uint64_t *state)
{
    struct pdq query;

    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    query = hashes[(*state >> 20) % PICTURES];
    query.word[q % 4] ^= 0x101 << q % 40;
    query.word[q % 2] ^= q % 2 ? *state : 0;
    query.word[2] ^= q % 2 ? *state * 31 : 0;
    return query;
}

static void time_pictures(const struct pictures *p)
{
    size_t ways = VECTOR_POPCOUNT ? PICTURE_WAYS : PICTURE_WAYS - 1, found[PICTURE_WAYS] = {0};
    double rates[PICTURE_WAYS][BENCH_ROUNDS], ratios[PICTURE_WAYS][BENCH_ROUNDS];

    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        for (size_t way = 0; way < ways; way++) {
            double started = bench_now();
            uint64_t state = round;

            for (size_t q = 0; q < picture_ways[way].queries; q++) {
                struct pdq query = next_query(p->hashes, q, &state);
                size_t here = picture_ways[way].run(p, &query);

                found[way] += q < SAME ? here : 0;
            }
            rates[way][round] = (double)picture_ways[way].queries / (bench_now() - started);
            ratios[way][round] = rates[0][round] / rates[way][round];
        }
    }
    for (size_t way = 0; way < ways; way++) {
        (void)printf("  %-32s %9.0f queries/s, ours/it %7.2f, found %zu\n", picture_ways[way].name,
                     bench_median(rates[way], BENCH_ROUNDS),
                     bench_median(ratios[way], BENCH_ROUNDS), found[way]);
    }
    (void)fflush(stdout);
}

static void bench_pdq(const char *title, const struct pdq *hashes)
{
    struct pictures p = {.hashes = hashes};
    double started = bench_now();

    if (pdq_index_build(&p.chosen, hashes, PICTURES, PDQ_BY_LOAD) < 0) {
        return;
    }
    (void)printf("\n%s: built in %.2f s, %.0f bytes an entry, load %.0f, chosen: %s\n", title,
                 bench_now() - started, (double)pdq_index_bytes(p.chosen) / PICTURES,
                 pdq_index_load(p.chosen),
                 pdq_index_way(p.chosen) == PDQ_BANDS ? "bands" : "planes");
    if (pdq_index_build(&p.bands, hashes, PICTURES, PDQ_BANDS) == 0 &&
        pdq_index_build(&p.planes, hashes, PICTURES, PDQ_PLANES) == 0) {
        time_pictures(&p);
    }
    (void)pdq_index_free(p.bands);
    (void)pdq_index_free(p.planes);
    (void)pdq_index_free(p.chosen);
}

/* Video frames: clusters of near duplicates, of sizes from 1 to some hundreds, and few-featured
 * words. */
static void cluster(struct pdq *hashes)
{
    size_t at = 0;

    while (at < PICTURES) {
        struct pdq centre = {{random64(), random64(), random64(), random64()}};
        size_t size = 1 + random64() % 8 * (random64() % 60);

        if (random64() % 4 == 0) {
            centre.word[random64() % 4] = 0;
        }
        for (size_t i = 0; i < size && at < PICTURES; i++, at++) {
            hashes[at] = centre;
            for (size_t flips = random64() % 40; flips > 0; flips--) {
                uint64_t bit = random64() % 256;

                hashes[at].word[bit / 64] ^= 1ull << bit % 64;
            }
        }
    }
}

void bench_hashes(void)
{
    struct pdq *hashes = malloc(PICTURES * sizeof(*hashes));

    bench_digests();
    for (size_t i = 0; i < PICTURES; i++) {
        for (size_t w = 0; w < 4; w++) {
            hashes[i].word[w] = random64();
        }
    }
    bench_pdq("PDQ, a million uniform", hashes);
    cluster(hashes);
    bench_pdq("PDQ, a million clustered", hashes);
    free(hashes);
}
