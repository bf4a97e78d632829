/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/exact.h"

#include "tests/support/support.h"

#include <errno.h>
#include <stdlib.h>

enum { KEYS = 20000 };

struct feed {
    uint8_t (*keys)[32];
    size_t count, at;
};

static void rewind_feed(void *arg)
{
    ((struct feed *)arg)->at = 0;
}

static bool next_key(void *arg, uint8_t key[32], uint32_t *ret_ref)
{
    struct feed *feed = arg;

    if (feed->at == feed->count) {
        return false;
    }
    memcpy(key, feed->keys[feed->at], 32);
    *ret_ref = (uint32_t)(feed->count - feed->at);
    feed->at++;
    return true;
}

static uint64_t seed = 88172645463325252ull;

static uint32_t random32(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 16);
}

static struct feed make_keys(size_t count, unsigned same_lead)
{
    struct feed feed = {calloc(count + 1, 32), count, 0};

    for (size_t i = 0; i < count; i++) {
        for (size_t b = same_lead; b < 32; b++) {
            feed.keys[i][b] = (uint8_t)random32();
        }
        /* Some keys twice. */
        if (i % 50 == 49) {
            memcpy(feed.keys[i], feed.keys[i - 20], 32);
        }
    }
    return feed;
}

static void hold_against_loop(const struct feed *feed, size_t width)
{
    struct feed copy = *feed;
    CLEANUP(exact_set_freep) struct exact_set *set = NULL;

    assert_int_equal(
        exact_set_build(&set, width, &(struct exact_feed){&copy, rewind_feed, next_key}), 0);
    assert_int_equal(exact_set_count(set), feed->count);
    for (size_t i = 0; i < feed->count; i += 7) {
        size_t count = 0, expected = 0;
        const uint32_t *refs = exact_set_find(set, feed->keys[i], &count);
        uint8_t absent[32];

        assert_non_null(refs);
        for (size_t k = i < 60 ? 0 : i - 60; k < feed->count && k < i + 60; k++) {
            if (memcmp(feed->keys[i], feed->keys[k], width) == 0) {
                expected++;
            }
        }
        assert_int_equal(count, expected);
        for (size_t k = 0; k < count; k++) {
            assert_memory_equal(feed->keys[feed->count - refs[k]], feed->keys[i], width);
            assert_true(k == 0 || refs[k - 1] < refs[k]);
        }
        memcpy(absent, feed->keys[i], 32);
        absent[width - 1] ^= 1;
        assert_null(exact_set_find(set, absent, &count));
    }
}

static void finds_what_a_loop_finds(void **state)
{
    (void)state;
    for (size_t width = 16; width <= 32; width += width == 16 ? 4 : 12) {
        for (size_t count = 0; count <= KEYS; count = count ? count * 27 : 1) {
            struct feed feed = make_keys(count, 0);

            hold_against_loop(&feed, width);
            free(feed.keys);
        }
    }
}

static void keys_that_share_their_lead_stay_findable(void **state)
{
    struct feed feed = make_keys(KEYS, 8);

    (void)state;
    hold_against_loop(&feed, 32);
    free(feed.keys);
}

/* Both sides of what a line has marks for, with marks that differ, and with one mark for all. */
static void a_full_line_is_searched(void **state)
{
    (void)state;
    for (size_t count = 25; count <= 31; count++) {
        for (unsigned shared = 4; shared <= 8; shared += 4) {
            struct feed feed = make_keys(count, shared);

            hold_against_loop(&feed, 32);
            free(feed.keys);
        }
    }
}

/* A file may say anything; nothing outside of the image may be read (the sanitizers would tell). */
static void a_lying_image_finds_nothing(void **state)
{
    static const uint16_t counts[] = {1, 29, 30, 0xfffe, 0xffff};
    struct feed feed = make_keys(1000, 0);
    CLEANUP(exact_set_freep) struct exact_set *set = NULL;
    CLEANUP(exact_set_freep) struct exact_set *again = NULL;
    struct span image;
    size_t count;
    char *copy;

    (void)state;
    assert_int_equal(exact_set_build(&set, 32, &(struct exact_feed){&feed, rewind_feed, next_key}),
                     0);
    image = exact_set_image(set);
    copy = aligned_alloc(64, (image.len + 63) / 64 * 64);
    memcpy(copy, image.ptr, image.len);
    assert_int_equal(exact_set_open(&again, 32, (struct span){copy, image.len}), 0);
    for (size_t way = 0; way < COUNT_OF(counts); way++) {
        for (size_t line = 0; line < 1000 / 18 + 1; line++) {
            uint32_t start = 0x10000000 * (uint32_t)(line + 1); /* behind the end, and growing */

            memcpy(copy + 64 + line * 64, &start, sizeof(start));
            memcpy(copy + 64 + line * 64 + 4, &counts[way], sizeof(counts[way]));
        }
        for (size_t i = 0; i < feed.count; i++) {
            assert_null(exact_set_find(again, feed.keys[i], &count));
        }
    }
    free(copy);
    free(feed.keys);
}

static void an_image_is_the_set(void **state)
{
    struct feed feed = make_keys(1000, 0);
    CLEANUP(exact_set_freep) struct exact_set *set = NULL;
    CLEANUP(exact_set_freep) struct exact_set *again = NULL;
    struct exact_set *refused = NULL;
    struct span image;
    char *copy;
    size_t count;

    (void)state;
    assert_int_equal(exact_set_build(&set, 32, &(struct exact_feed){&feed, rewind_feed, next_key}),
                     0);
    image = exact_set_image(set);
    copy = aligned_alloc(64, (image.len + 63) / 64 * 64);
    memcpy(copy, image.ptr, image.len);
    assert_int_equal(exact_set_open(&again, 32, (struct span){copy, image.len}), 0);
    assert_non_null(exact_set_find(again, feed.keys[500], &count));
    assert_int_equal(exact_set_open(&refused, 32, (struct span){copy, image.len - 1}), -EINVAL);
    assert_int_equal(exact_set_open(&refused, 20, (struct span){copy, image.len}), -EINVAL);
    assert_int_equal(exact_set_open(&refused, 32, (struct span){copy, 3}), -EINVAL);
    copy[0] ^= 1;
    assert_int_equal(exact_set_open(&refused, 32, (struct span){copy, image.len}), -EINVAL);
    free(copy);
    free(feed.keys);
}

static void ten_million_keys_take_forty_bytes_each(void **state)
{
    struct feed feed = make_keys(KEYS, 0);
    CLEANUP(exact_set_freep) struct exact_set *set = NULL;

    (void)state;
    assert_int_equal(exact_set_build(&set, 32, &(struct exact_feed){&feed, rewind_feed, next_key}),
                     0);
    assert_true(exact_set_image(set).len <= 40 * KEYS);
    free(feed.keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_a_loop_finds),
        cmocka_unit_test(keys_that_share_their_lead_stay_findable),
        cmocka_unit_test(a_full_line_is_searched),
        cmocka_unit_test(a_lying_image_finds_nothing),
        cmocka_unit_test(an_image_is_the_set),
        cmocka_unit_test(ten_million_keys_take_forty_bytes_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
