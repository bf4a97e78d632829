/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/pdq.h"

#include "lib/base/codec.h"
#include "lib/match/popcount.h"

#include <errno.h>
#include <stdlib.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
    BANDS = 16,
    BAND_VALUES = 1 << 16,
    PROBES = 17,
    SAMPLE = 512, /* stored hashes asked for their load */
};

/* Nanoseconds on the machine the project was measured on; only their ratio matters. */
static const double probe_cost = 5.0, candidate_cost = 1.2, plane_cost = 0.6;

struct pdq_index {
    uint32_t count;
    enum pdq_way way;
    double load;
    uint64_t *half[2]; /* words 0,1 and 2,3 of all hashes, two by two */
    uint32_t *starts;  /* bands: [BANDS][BAND_VALUES + 1] */
    uint64_t *filters; /* bands: [BANDS][count][2], the half that the band is not in */
    uint32_t *numbers; /* bands: [BANDS][count] */
};

struct pdq_query {
    struct pdq hash;
    int distance;
    void (*found)(void *arg, uint32_t i, int distance);
    void *arg;
};

bool pdq_read(struct pdq *ret, struct span hex)
{
    uint8_t bytes[32];

    if (hex.len != PDQ_HEX_LEN || !hex_decode(hex, bytes, sizeof(bytes))) {
        return false;
    }
    for (size_t w = 0; w < 4; w++) {
        ret->word[w] = 0;
        for (size_t i = 0; i < 8; i++) {
            ret->word[w] = ret->word[w] << 8 | bytes[w * 8 + i];
        }
    }
    return true;
}

static ALWAYS_INLINE int bits_between(const uint64_t *a, const uint64_t *b, size_t words)
{
    int sum = 0;

    for (size_t w = 0; w < words; w++) {
        sum += __builtin_popcountll(a[w] ^ b[w]);
    }
    return sum;
}

int pdq_distance(const struct pdq *a, const struct pdq *b)
{
    return bits_between(a->word, b->word, 4);
}

static uint32_t band_of(const uint64_t *words, size_t band)
{
    return (uint32_t)(words[band / 4] >> (band % 4 * 16)) & 0xffff;
}

static struct pdq stored(const struct pdq_index *index, uint32_t i)
{
    return (struct pdq){{index->half[0][i * 2ul], index->half[0][i * 2ul + 1],
                         index->half[1][i * 2ul], index->half[1][i * 2ul + 1]}};
}

/* Mean number of candidates over a sample of the stored hashes. */
static double measure_load(const struct pdq_index *index)
{
    uint32_t samples = index->count < SAMPLE ? index->count : SAMPLE;
    double sum = 0;

    for (uint32_t s = 0; s < samples; s++) {
        struct pdq hash = stored(index, (uint32_t)((uint64_t)s * index->count / samples));

        for (size_t b = 0; b < BANDS; b++) {
            const uint32_t *starts = index->starts + b * (BAND_VALUES + 1);
            uint32_t value = band_of(hash.word, b);

            sum += starts[value + 1] - starts[value];
            for (uint32_t bit = 0; bit < 16; bit++) {
                uint32_t near = value ^ 1u << bit;

                sum += starts[near + 1] - starts[near];
            }
        }
    }
    return samples ? sum / samples : 0;
}

static int count_bands(struct pdq_index *index)
{
    index->starts = calloc((size_t)BANDS * (BAND_VALUES + 1), sizeof(*index->starts));
    if (!index->starts) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < index->count; i++) {
        struct pdq hash = stored(index, i);

        for (size_t b = 0; b < BANDS; b++) {
            index->starts[b * (BAND_VALUES + 1) + band_of(hash.word, b)]++;
        }
    }
    for (size_t b = 0; b < BANDS; b++) {
        uint32_t *starts = index->starts + b * (BAND_VALUES + 1), sum = 0;

        for (size_t v = 0; v < BAND_VALUES; v++) {
            uint32_t in_bucket = starts[v];

            starts[v] = sum;
            sum += in_bucket;
        }
        starts[BAND_VALUES] = sum;
    }
    index->load = measure_load(index);
    return 0;
}

static int fill_bands(struct pdq_index *index)
{
    uint32_t *at = malloc(BAND_VALUES * sizeof(*at));

    index->filters = malloc((size_t)BANDS * index->count * 16);
    index->numbers = malloc((size_t)BANDS * index->count * sizeof(*index->numbers));
    if (!at || !index->filters || !index->numbers) {
        free(at);
        return -ENOMEM;
    }
    for (size_t b = 0; b < BANDS; b++) {
        const uint64_t *other = index->half[b < BANDS / 2];

        memcpy(at, index->starts + b * (BAND_VALUES + 1), BAND_VALUES * sizeof(*at));
        for (uint32_t i = 0; i < index->count; i++) {
            size_t slot = b * index->count + at[band_of(stored(index, i).word, b)]++;

            index->numbers[slot] = i;
            memcpy(index->filters + slot * 2, other + i * 2ul, 16);
        }
    }
    free(at);
    return 0;
}

static int choose(struct pdq_index *index, enum pdq_way way)
{
    int r = 0;

    if (way != PDQ_PLANES && index->count > 0) {
        r = count_bands(index);
    }
    if (r < 0) {
        return r;
    }
    if (way == PDQ_BY_LOAD) {
        double bands = BANDS * PROBES * probe_cost + index->load * candidate_cost;

        way = index->count > 4096 && bands * 2 < index->count * plane_cost ? PDQ_BANDS : PDQ_PLANES;
    }
    index->way = index->count == 0 ? PDQ_PLANES : way;
    if (index->way == PDQ_BANDS) {
        return fill_bands(index);
    }
    free(index->starts);
    index->starts = NULL;
    return 0;
}

int pdq_index_build(struct pdq_index **ret, const struct pdq *hashes, uint32_t count,
                    enum pdq_way way)
{
    CLEANUP(pdq_index_freep) struct pdq_index *index = calloc(1, sizeof(*index));
    int r;

    if (!index) {
        return -ENOMEM;
    }
    index->count = count;
    for (size_t h = 0; h < 2; h++) {
        index->half[h] = malloc(((size_t)count * 2 + 1) * sizeof(uint64_t));
        if (!index->half[h]) {
            return -ENOMEM;
        }
        for (size_t i = 0; i < count; i++) {
            memcpy(index->half[h] + i * 2, hashes[i].word + h * 2, 16);
        }
    }
    r = choose(index, way);
    if (r < 0) {
        return r;
    }
    *ret = TAKE(index);
    return 0;
}

struct pdq_index *pdq_index_free(struct pdq_index *index)
{
    if (index) {
        free(index->half[0]);
        free(index->half[1]);
        free(index->starts);
        free(index->filters);
        free(index->numbers);
        free(index);
    }
    return NULL;
}

enum pdq_way pdq_index_way(const struct pdq_index *index)
{
    return index->way;
}

double pdq_index_load(const struct pdq_index *index)
{
    return index->load;
}

size_t pdq_index_bytes(const struct pdq_index *index)
{
    size_t bytes = sizeof(*index) + (size_t)index->count * 32;

    if (index->way == PDQ_BANDS) {
        bytes += (size_t)BANDS * (BAND_VALUES + 1) * 4 + (size_t)BANDS * index->count * 20;
    }
    return bytes;
}

static ALWAYS_INLINE void finish(const struct pdq_index *index, const struct pdq_query *query,
                                 uint32_t i)
{
    struct pdq hash = stored(index, i);
    int distance = bits_between(hash.word, query->hash.word, 4);

    if (distance <= query->distance) {
        query->found(query->arg, i, distance);
    }
}

static ALWAYS_INLINE void find_planes(const struct pdq_index *index, const struct pdq_query *query,
                                      uint32_t from)
{
    for (uint32_t i = from; i < index->count; i++) {
        if (bits_between(index->half[0] + i * 2ul, query->hash.word, 2) <= query->distance) {
            finish(index, query, i);
        }
    }
}

POPCOUNT_TARGET static void find_planes_fast(const struct pdq_index *index,
                                             const struct pdq_query *query)
{
    find_planes(index, query, 0);
}

#if defined(__x86_64__)
/* Eight hashes a round: the bits of word 0 and word 1 are counted apart and added as pairs. */
VECTOR_POPCOUNT_TARGET static void find_planes_vector(const struct pdq_index *index,
                                                      const struct pdq_query *query)
{
    const __m512i want = _mm512_broadcast_i32x4(
        _mm_set_epi64x((long long)query->hash.word[1], (long long)query->hash.word[0]));
    const __m512i limit = _mm512_set1_epi64(query->distance);
    uint32_t i = 0;

    for (; i + 8 <= index->count; i += 8) {
        __m512i a = _mm512_loadu_si512(index->half[0] + i * 2ul);
        __m512i b = _mm512_loadu_si512(index->half[0] + i * 2ul + 8);
        __m512i bits_a = _mm512_popcnt_epi64(_mm512_xor_si512(a, want));
        __m512i bits_b = _mm512_popcnt_epi64(_mm512_xor_si512(b, want));
        __m512i sum = _mm512_add_epi64(_mm512_unpacklo_epi64(bits_a, bits_b),
                                       _mm512_unpackhi_epi64(bits_a, bits_b));
        unsigned near = _mm512_cmple_epi64_mask(sum, limit);

        /* Lane 2k is hash k of the first four, lane 2k+1 hash k of the second four. */
        while (near) {
            unsigned lane = (unsigned)__builtin_ctz(near);

            finish(index, query, i + lane / 2 + (lane & 1) * 4);
            near &= near - 1;
        }
    }
    find_planes(index, query, i);
}
#endif

/* A hash stands in each band; it is told in the first band where a probe can meet it. */
static ALWAYS_INLINE bool met_before(const struct pdq *hash, const struct pdq *query, size_t band,
                                     int flips)
{
    for (size_t b = 0; b < band; b++) {
        if (__builtin_popcount(band_of(hash->word, b) ^ band_of(query->word, b)) <= flips) {
            return true;
        }
    }
    return false;
}

static ALWAYS_INLINE void probe(const struct pdq_index *index, const struct pdq_query *query,
                                size_t band, uint32_t value, int flips)
{
    const uint32_t *starts = index->starts + band * (BAND_VALUES + 1) + value;
    const uint64_t *want = query->hash.word + (band < BANDS / 2 ? 2 : 0);
    const uint64_t *filters = index->filters + band * index->count * 2;
    const uint32_t *numbers = index->numbers + band * index->count;

    for (uint32_t at = starts[0]; at < starts[1]; at++) {
        if (bits_between(filters + at * 2ul, want, 2) <= query->distance) {
            struct pdq hash = stored(index, numbers[at]);

            if (!met_before(&hash, &query->hash, band, flips)) {
                finish(index, query, numbers[at]);
            }
        }
    }
}

/* Distances below 16 leave one band untouched, those up to 31 change one by at most one bit. */
static ALWAYS_INLINE void find_bands(const struct pdq_index *index, const struct pdq_query *query)
{
    int flips = query->distance / BANDS;

    for (size_t b = 0; b < BANDS; b++) {
        const uint32_t *starts = index->starts + b * (BAND_VALUES + 1);
        uint32_t value = band_of(query->hash.word, b);

        if (flips) {
            for (uint32_t bit = 0; bit < 16; bit++) {
                __builtin_prefetch(index->filters +
                                   ((size_t)b * index->count + starts[value ^ 1u << bit]) * 2);
            }
        }
        probe(index, query, b, value, flips);
        for (uint32_t bit = 0; flips && bit < 16; bit++) {
            probe(index, query, b, value ^ 1u << bit, flips);
        }
    }
}

POPCOUNT_TARGET static void find_bands_fast(const struct pdq_index *index,
                                            const struct pdq_query *query)
{
    find_bands(index, query);
}

void pdq_index_find(const struct pdq_index *index, const struct pdq *query, int distance,
                    void (*found)(void *arg, uint32_t i, int distance), void *arg)
{
    const struct pdq_query ask = {*query, distance, found, arg};

    if (index->way == PDQ_BANDS) {
        if (FAST_POPCOUNT) {
            find_bands_fast(index, &ask);
        } else {
            find_bands(index, &ask);
        }
        return;
    }
#if defined(__x86_64__)
    if (VECTOR_POPCOUNT) {
        find_planes_vector(index, &ask);
        return;
    }
#endif
    if (FAST_POPCOUNT) {
        find_planes_fast(index, &ask);
    } else {
        find_planes(index, &ask, 0);
    }
}
