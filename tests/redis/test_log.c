/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/redis/bed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct bed bed;

static struct store_log_mirror mirror(uint64_t epoch, uint64_t size, int letter)
{
    struct store_log_mirror m = {.epoch = epoch, .size = size};

    memset(m.root, letter, sizeof(m.root));
    return m;
}

static int count_one(void *arg, uint64_t index, struct span entry)
{
    uint64_t *next = arg;

    (void)entry;
    if (index != *next) {
        return -7;
    }
    ++*next;
    return 0;
}

static void append(int count)
{
    struct store_changed changed;

    for (int i = 0; i < count; i++) {
        assert_int_equal(
            store_sync_append(bed.sync,
                              &(struct store_append_args){BED_NOW, 0, SPAN("{\"n\":\1seq\2}")},
                              &changed),
            STORE_OK);
    }
}

static void test_entries_are_read_in_order_from_anywhere(void **state)
{
    uint64_t next = 0, size, counter;
    size_t count;

    (void)state;
    bed_clear(&bed);
    assert_int_equal(store_log_read(bed.sync, 0, 0, 100, count_one, &next, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(store_log_last(bed.sync, 0, &size, &counter), 0);
    assert_int_equal(size, 0);
    append(600);
    assert_int_equal(store_log_read(bed.sync, 0, 0, 1000, count_one, &next, &count), 0);
    assert_int_equal(count, 600);
    next = 590;
    assert_int_equal(store_log_read(bed.sync, 0, 590, 5, count_one, &next, &count), 0);
    assert_int_equal(count, 5);
    next = 7;
    assert_int_equal(store_log_read(bed.sync, 0, 590, 5, count_one, &next, &count), -7);
    assert_int_equal(count, 0);
    assert_int_equal(store_log_last(bed.sync, 0, &size, &counter), 0);
    assert_int_equal(size, 600);
    assert_int_equal(counter, 600);
}

static void test_trimming_keeps_what_is_not_published(void **state)
{
    uint64_t next = 4, size, counter;
    size_t count;

    (void)state;
    bed_clear(&bed);
    append(10);
    assert_int_equal(store_log_trim(bed.sync, 0, 4), 0);
    assert_int_equal(bed_redis(&bed, "XLEN {s00}:log"), 6);
    assert_int_equal(store_log_read(bed.sync, 0, 0, 100, count_one, &next, &count), 0);
    assert_int_equal(next, 10);
    assert_int_equal(store_log_trim(bed.sync, 0, 10), 0);
    assert_int_equal(store_log_last(bed.sync, 0, &size, &counter), 0);
    assert_int_equal(size, 10);
    append(1);
    assert_int_equal(store_log_last(bed.sync, 0, &size, &counter), 0);
    assert_int_equal(size, 11);
}

static void test_the_counter_is_raised_and_never_lowered(void **state)
{
    uint64_t size, counter;

    (void)state;
    bed_clear(&bed);
    append(3);
    assert_int_equal(store_log_raise(bed.sync, 0, 2), 0);
    assert_int_equal(store_log_raise(bed.sync, 0, 50), 0);
    append(1);
    assert_int_equal(store_log_last(bed.sync, 0, &size, &counter), 0);
    assert_int_equal(size, 51);
    assert_int_equal(counter, 51);
}

static void test_a_lost_counter_is_raised_at_start(void **state)
{
    struct fault why;
    uint64_t size, counter;

    (void)state;
    bed_clear(&bed);
    append(3);
    (void)bed_redis(&bed, "SET {s00}:log:n 1");
    assert_int_equal(store_sync_prepare(bed.sync, 1, BED_NOW, 1000, NULL, &why), 0);
    append(1);
    assert_int_equal(store_log_last(bed.sync, 0, &size, &counter), 0);
    assert_int_equal(size, 4);
}

static void test_the_mirror_changes_only_under_the_expected_epoch(void **state)
{
    struct store_log_mirror a = mirror(1, 0, 'a'), b = mirror(2, 10, 'b'), got;

    (void)state;
    bed_clear(&bed);
    assert_int_equal(store_log_mirror_get(bed.sync, 0, &got), 0);
    assert_int_equal(got.epoch, 0);
    assert_int_equal(got.size, 0);
    assert_int_equal(store_log_mirror_put(bed.sync, 0, 0, &a), 0);
    assert_int_equal(store_log_mirror_put(bed.sync, 0, 1, &b), 0);
    assert_int_equal(store_log_mirror_put(bed.sync, 0, 1, &a), -ESTALE);
    assert_int_equal(store_log_mirror_get(bed.sync, 0, &got), 0);
    assert_int_equal(got.epoch, 2);
    assert_int_equal(got.size, 10);
    assert_memory_equal(got.root, b.root, sizeof(got.root));
}

static void test_a_stopped_server_is_no_answer_but_no_success(void **state)
{
    uint64_t size, counter;

    (void)state;
    bed.redis = embedded_free(bed.redis);
    assert_int_equal(store_log_last(bed.sync, 0, &size, &counter), -EAGAIN);
    assert_int_equal(store_log_trim(bed.sync, 0, 1), -EAGAIN);
    bed_start(&bed);
    assert_int_equal(store_log_last(bed.sync, 0, &size, &counter), 0);
}

static int setup(void **state)
{
    (void)state;
    bed_start(&bed);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bed_stop(&bed);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries_are_read_in_order_from_anywhere),
        cmocka_unit_test(test_trimming_keeps_what_is_not_published),
        cmocka_unit_test(test_the_counter_is_raised_and_never_lowered),
        cmocka_unit_test(test_a_lost_counter_is_raised_at_start),
        cmocka_unit_test(test_the_mirror_changes_only_under_the_expected_epoch),
        cmocka_unit_test(test_a_stopped_server_is_no_answer_but_no_success),
    };

    return BED_RUN(tests, 1, setup, teardown);
}
