/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/buf.h"

#include <stdlib.h>
#include <string.h>

static void test_grows_and_stays_terminated(void **state)
{
    CLEANUP(buf_freep) struct buf *buf = buf_new(10000);

    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(buf_add_format(buf, "%03d,", i), 0);
        assert_int_equal(buf->data[buf->len], '\0');
    }
    assert_int_equal(buf->len, 4000);
    assert_memory_equal(buf->data, "000,001,", 8);
    buf_consume(buf, 3996);
    assert_string_equal(buf->data, "999,");
    assert_int_equal(buf_status(buf), 0);
}

static void test_numbers(void **state)
{
    static const int64_t numbers[] = {0, 7, -7, 10, 1234567890123LL, INT64_MAX, INT64_MIN};
    CLEANUP(buf_freep) struct buf *fast = buf_new(1000), *plain = buf_new(1000), *small = buf_new(2);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        assert_int_equal(buf_add_int(fast, numbers[i]), 0);
        assert_int_equal(buf_add_format(plain, "%lld", (long long)numbers[i]), 0);
        assert_string_equal(fast->data, plain->data);
    }
    assert_int_equal(buf_add_int(small, 10), 0);
    assert_int_equal(buf_add_int(small, 1), BUF_FULL);
    assert_string_equal(small->data, "10");
}

static void test_a_format_that_does_not_fit_leaves_what_was_there(void **state)
{
    CLEANUP(buf_freep) struct buf *buf = buf_new(8);

    (void)state;
    assert_int_equal(buf_add_text(buf, "abc"), 0);
    assert_int_equal(buf_add_format(buf, "%s", "defgh"), 0);
    assert_string_equal(buf->data, "abcdefgh");
    buf_clear(buf);
    assert_int_equal(buf_add_text(buf, "abc"), 0);
    assert_int_equal(buf_add_format(buf, "%s", "defghi"), BUF_FULL);
    assert_string_equal(buf->data, "abc");
    assert_int_equal(buf->len, 3);
}

static void test_ceiling_adds_nothing_and_sticks(void **state)
{
    CLEANUP(buf_freep) struct buf *buf = buf_new(4);

    (void)state;
    assert_int_equal(buf_add_text(buf, "abcde"), BUF_FULL);
    assert_int_equal(buf->len, 0);
    assert_int_equal(buf_status(buf), BUF_FULL);
    assert_int_equal(buf_add_text(buf, "abcd"), 0);
    assert_int_equal(buf_add_char(buf, 'e'), BUF_FULL);
    assert_int_equal(buf_add_format(buf, "%d", 1), BUF_FULL);
    assert_null(buf_reserve(buf, 1));
    assert_string_equal(buf->data, "abcd");
    assert_int_equal(buf_status(buf), BUF_FULL);
    assert_null(buf_take(buf));
    buf_clear(buf);
    assert_int_equal(buf_status(buf), 0);
    assert_int_equal(buf_add_text(buf, "abcd"), 0);
}

static void test_reserve_then_grew(void **state)
{
    struct buf buf;
    char *room;

    (void)state;
    buf_init(&buf, 300);
    room = buf_reserve(&buf, 300);
    assert_non_null(room);
    memset(room, 'x', 300);
    buf_grew(&buf, 300);
    assert_int_equal(buf.len, 300);
    assert_int_equal(buf.data[300], '\0');
    assert_null(buf_reserve(&buf, 1));
    buf_done(&buf);
}

static void test_take_hands_the_bytes_over(void **state)
{
    struct buf buf;
    char *text;

    (void)state;
    buf_init(&buf, 10);
    text = buf_take(&buf);
    assert_string_equal(text, "");
    free(text);
    (void)buf_add_span(&buf, SPAN("hello"));
    text = buf_take(&buf);
    assert_string_equal(text, "hello");
    free(text);
    assert_int_equal(buf.len, 0);
    assert_null(buf.data);
    buf_done(&buf);
}

static void test_a_boundless_ceiling_does_not_overflow(void **state)
{
    CLEANUP(buf_freep) struct buf *buf = buf_new(SIZE_MAX);

    (void)state;
    assert_int_equal(buf_add_text(buf, "a"), 0);
    assert_null(buf_reserve(buf, SIZE_MAX));
    assert_int_equal(buf_status(buf), BUF_FULL);
    assert_string_equal(buf->data, "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows_and_stays_terminated),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_a_format_that_does_not_fit_leaves_what_was_there),
        cmocka_unit_test(test_ceiling_adds_nothing_and_sticks),
        cmocka_unit_test(test_reserve_then_grew),
        cmocka_unit_test(test_take_hands_the_bytes_over),
        cmocka_unit_test(test_a_boundless_ceiling_does_not_overflow),
    };

    return cmocka_run_group_tests_name("lib/base/buf", tests, NULL, NULL);
}
