/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/pdq.h"

#include "tests/support/support.h"

#include <stdlib.h>

enum { HASHES = 6000 };

static uint64_t seed = 1234567;

static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * 0x2545f4914f6cdd1dull;
}

static int slow_distance(const struct pdq *a, const struct pdq *b)
{
    int sum = 0;

    for (int bit = 0; bit < 256; bit++) {
        sum += (a->word[bit / 64] >> bit % 64 & 1) != (b->word[bit / 64] >> bit % 64 & 1);
    }
    return sum;
}

static void flip_bits(struct pdq *hash, int bits)
{
    for (int i = 0; i < bits; i++) {
        unsigned bit = (unsigned)(random64() >> 20) % 256;

        hash->word[bit / 64] ^= 1ull << bit % 64;
    }
}

/* A third random, a third near one another, a third differing in a few words only. */
static struct pdq *make_hashes(void)
{
    struct pdq *hashes = calloc(HASHES, sizeof(*hashes));

    for (size_t i = 0; i < HASHES; i++) {
        if (i % 3 != 0 && i > 10) {
            hashes[i] = hashes[i - i % 10];
            flip_bits(&hashes[i], (int)(i % 40));
        } else {
            for (size_t w = 0; w < 4; w++) {
                hashes[i].word[w] = random64();
            }
        }
    }
    return hashes;
}

static unsigned char met[HASHES];

static void count_met(void *arg, uint32_t i, int distance)
{
    (void)distance;
    (void)arg;
    met[i]++;
}

static void hold_against_loop(enum pdq_way way)
{
    struct pdq *hashes = make_hashes();
    CLEANUP(pdq_index_freep) struct pdq_index *index = NULL;
    static const int distances[] = {0, 1, 7, 15, 16, 30, 31};

    assert_int_equal(pdq_index_build(&index, hashes, HASHES, way), 0);
    assert_int_equal(pdq_index_way(index), way);
    for (int q = 0; q < 140; q++) {
        struct pdq query = hashes[random64() % HASHES];
        int distance = distances[q % COUNT_OF(distances)];

        flip_bits(&query, q % 45);
        memset(met, 0, sizeof(met));
        pdq_index_find(index, &query, distance, count_met, NULL);
        for (size_t i = 0; i < HASHES; i++) {
            assert_int_equal(met[i], slow_distance(&query, &hashes[i]) <= distance);
        }
    }
    free(hashes);
}

static void planes_find_every_neighbour_once(void **state)
{
    (void)state;
    hold_against_loop(PDQ_PLANES);
}

static void bands_find_every_neighbour_once(void **state)
{
    (void)state;
    hold_against_loop(PDQ_BANDS);
}

static void few_hashes_take_planes_and_crowded_ones_too(void **state)
{
    struct pdq *hashes = make_hashes();
    CLEANUP(pdq_index_freep) struct pdq_index *index = NULL;
    CLEANUP(pdq_index_freep) struct pdq_index *none = NULL;

    (void)state;
    assert_int_equal(pdq_index_build(&index, hashes, HASHES, PDQ_BY_LOAD), 0);
    assert_int_equal(pdq_index_way(index), PDQ_PLANES);
    assert_int_equal(pdq_index_build(&none, hashes, 0, PDQ_BANDS), 0);
    pdq_index_find(none, &hashes[0], 31, count_met, NULL);
    free(hashes);
}

static void reads_64_hex_digits(void **state)
{
    static const struct {
        const char *name, *hex;
        bool ok;
    } cases[] = {
        {"64 digits", "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22", true},
        {"upper case", "F8F8F0CEE0F4A84F06370A22038F63F0B36E2ED596621E1D33E6B39C4E9C9B22", true},
        {"one short", "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b2", false},
        {"one too many", "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b222",
         false},
        {"no digit", "g8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22", false},
        {"empty", "", false},
    };
    struct pdq hash;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(pdq_read(&hash, span_of(cases[i].hex)), cases[i].ok);
    }
    assert_true(pdq_read(&hash, span_of(cases[0].hex)));
    assert_true(hash.word[0] == 0xf8f8f0cee0f4a84full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_64_hex_digits),
        cmocka_unit_test(planes_find_every_neighbour_once),
        cmocka_unit_test(bands_find_every_neighbour_once),
        cmocka_unit_test(few_hashes_take_planes_and_crowded_ones_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
