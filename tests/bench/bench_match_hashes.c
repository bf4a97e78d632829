/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bench_match.h"

#include "lib/match/exact.h"
#include "lib/match/pdq.h"
#include "lib/match/popcount.h"
#include "lib/match/url.h"
#include "lib/match/url_find.h"

#include <stdio.h>
#include <stdlib.h>

enum { DIGESTS = 10000000, PLAIN_SLOTS = 1 << 25, LOOKUPS = 2000000, PICTURES = 1000000, QUERIES = 400 };

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
        found += memcmp(slots[plain_find(slots, PLAIN_SLOTS - 1, d->queries[i])], d->queries[i], 8) == 0;
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
    started = bench_now();
    d.unordered = rival_unordered_new(d.keys, DIGESTS);
    (void)printf("  std::unordered_set: built in %.2f s\n", bench_now() - started);
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

POPCOUNT_TARGET static size_t brute(const struct pdq *hashes, size_t count, const struct pdq *query)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        const uint64_t *a = hashes[i].word, *b = query->word;

        found += __builtin_popcountll(a[0] ^ b[0]) + __builtin_popcountll(a[1] ^ b[1]) +
                     __builtin_popcountll(a[2] ^ b[2]) + __builtin_popcountll(a[3] ^ b[3]) <=
                 31;
    }
    return found;
}

static void bench_pdq(const char *title, const struct pdq *hashes)
{
    struct pdq_index *index[2] = {NULL, NULL}, *chosen = NULL;
    double rates[4][BENCH_ROUNDS];
    static const char *const names[4] = {"bands", "planes", "one distance after the other",
                                         "chosen by load"};
    size_t found[4] = {0};
    double started = bench_now();

    if (pdq_index_build(&chosen, hashes, PICTURES, PDQ_BY_LOAD) < 0) {
        return;
    }
    (void)printf("\n%s: built in %.2f s, %.0f bytes an entry, load %.0f, chosen: %s\n", title,
                 bench_now() - started, (double)pdq_index_bytes(chosen) / PICTURES,
                 pdq_index_load(chosen), pdq_index_way(chosen) == PDQ_BANDS ? "bands" : "planes");
    (void)pdq_index_build(&index[0], hashes, PICTURES, PDQ_BANDS);
    (void)pdq_index_build(&index[1], hashes, PICTURES, PDQ_PLANES);
    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        for (int way = 0; way < 4; way++) {
            size_t queries = way == 2 ? 20 : way == 1 ? 200 : QUERIES * 5;
            uint64_t state = round;

            started = bench_now();
            for (size_t q = 0; q < queries; q++) {
                struct pdq query;

                state = state * 6364136223846793005ull + 1442695040888963407ull;
                query = hashes[(state >> 20) % PICTURES];
                query.word[q % 4] ^= 0x101 << q % 40;
                /* Half of the queries are near nothing. */
                query.word[q % 2] ^= q % 2 ? state : 0;
                query.word[2] ^= q % 2 ? state * 31 : 0;
                if (way == 2) {
                    found[way] += brute(hashes, PICTURES, &query);
                } else {
                    pdq_index_find(way == 3 ? chosen : index[way], &query, 31, count_found,
                                   &found[way]);
                }
            }
            rates[way][round] = (double)queries / (bench_now() - started);
        }
    }
    for (int way = 0; way < 4; way++) {
        (void)printf("  %-32s %9.0f queries/s   beside one after the other %7.1f\n", names[way],
                     bench_median(rates[way], BENCH_ROUNDS),
                     bench_median(rates[way], BENCH_ROUNDS) / bench_median(rates[2], BENCH_ROUNDS));
    }
    (void)pdq_index_free(index[0]);
    (void)pdq_index_free(index[1]);
    (void)pdq_index_free(chosen);
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

static void bench_urls(void)
{
    static char texts[1000][80];
    char *room = malloc(URL_ROOM);
    double started;
    size_t read = 0;

    for (size_t i = 0; i < 1000; i++) {
        (void)snprintf(texts[i], sizeof(texts[i]),
                       "https://www.Example%zu.co.uk/path/%%41/%zu?query=%zu", i, i * 7, i);
    }
    started = bench_now();
    for (size_t n = 0; n < 500000; n++) {
        struct url url;

        read += url_read(&url, span_of(texts[n % 1000]), room);
    }
    (void)printf("\nURLs: %.0f ns to canonicalise one of 45 bytes (%zu)\n",
                 (bench_now() - started) / 500000 * 1e9, read);
    free(room);
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
    bench_urls();
}
