/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/store/command.h"
#include "service/store/keys.h"
#include "service/store/ops.h"
#include "service/store/script.h"

#include <errno.h>
#include <stdio.h>

static void test_words_are_counted(void **state)
{
    struct command command;
    struct span bytes;

    (void)state;
    command_init(&command, 1000);
    command_text(&command, "SET");
    command_span(&command, (struct span){"a\0\r\n", 4});
    command_int(&command, -12);
    command_bool(&command, true);
    command_span(&command, SPAN(""));
    assert_int_equal(command_end(&command, &bytes), 0);
    assert_true(span_equal(
        bytes, SPAN("*5\r\n$3\r\nSET\r\n$4\r\na\0\r\n\r\n$3\r\n-12\r\n$1\r\n1\r\n$0\r\n\r\n")));
    assert_int_equal(command_end(&command, &bytes), 0); /* may be sent again */
    command_done(&command);
}

static void test_the_first_failure_sticks(void **state)
{
    struct command command;
    struct span bytes;

    (void)state;
    command_init(&command, 20);
    command_text(&command, "123456789012345678901234567890");
    command_text(&command, "x");
    assert_int_equal(command_end(&command, &bytes), -E2BIG);
    command_done(&command);
    command_init(&command, 100);
    assert_false(command_check(&command, false));
    assert_true(command_check(&command, true));
    assert_int_equal(command_end(&command, &bytes), -EINVAL);
    command_done(&command);
}

static void test_a_function_carries_its_shard_and_version(void **state)
{
    static const char common_words[] = "{s07}\r\n$1\r\n5\r\n$6\r\n500000\r\n$9\r\n172800000\r\n";
    struct command_common common = command_common(0, 0, 8);
    char version[SCRIPT_VERSION_LEN + 1], name[SCRIPT_NAME_MAX];
    struct command command;
    struct span bytes;

    (void)state;
    common.now_ms = 5;
    command_init(&command, 1000);
    command_function(&command, "claim", 7, &common);
    assert_int_equal(command_end(&command, &bytes), 0);
    script_version(version);
    script_function(name, "claim");
    assert_non_null(strstr(name, version));
    assert_non_null(memmem(bytes.ptr, bytes.len, name, strlen(name)));
    assert_non_null(memmem(bytes.ptr, bytes.len, common_words, sizeof(common_words) - 1));
    command_done(&command);
    command_init(&command, 1000);
    command_function(&command, "claim", 8, &common); /* an id of a shard that is not there */
    assert_int_equal(command_end(&command, &bytes), -ENOENT);
    command_done(&command);
}

static void test_shards_are_spread_and_stable(void **state)
{
    unsigned count[8] = {0};
    char id[16];

    (void)state;
    assert_int_equal(key_shard(SPAN("acme"), SPAN("post-1"), 1), 0);
    for (int i = 0; i < 8000; i++) {
        (void)snprintf(id, sizeof(id), "post-%d", i);
        count[key_shard(SPAN("acme"), span_of(id), 8)]++;
    }
    for (int i = 0; i < 8; i++) {
        assert_in_range(count[i], 850, 1150);
    }
    assert_int_equal(
        key_shard(SPAN("ab"), SPAN("c"), 1024) == key_shard(SPAN("a"), SPAN("bc"), 1024), 0);
}

static void test_short_digests_differ_by_kind_owner_and_what(void **state)
{
    char a[SHORT_DIGEST_LEN + 1], b[SHORT_DIGEST_LEN + 1];

    (void)state;
    key_short(a, "submit", SPAN("acme"), SPAN("k"));
    assert_int_equal(strlen(a), SHORT_DIGEST_LEN);
    key_short(b, "decide", SPAN("acme"), SPAN("k"));
    assert_string_not_equal(a, b);
    key_short(b, "submit", SPAN("acm"), SPAN("ek"));
    assert_string_not_equal(a, b);
    key_short(b, "submit", SPAN("acme"), SPAN("k"));
    assert_string_equal(a, b);
}

static void test_names(void **state)
{
    char text[STORE_NAME_MAX + 2];

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_true(key_name_ok((struct span){text, STORE_NAME_MAX}));
    assert_false(key_name_ok((struct span){text, STORE_NAME_MAX + 1}));
    assert_false(key_name_ok(SPAN("")));
    assert_true(key_name_ok(SPAN("Ann.B-c_d@e9")));
    assert_false(key_name_ok(SPAN("a,b")));
    assert_false(key_name_ok(SPAN("a\0")));
    assert_true(key_queue_ok((struct span){text, 48}));
    assert_false(key_queue_ok((struct span){text, 49}));
    assert_false(key_queue_ok(SPAN("a:b")));
    assert_false(key_queue_ok(SPAN("A")));
    assert_true(key_language_ok(SPAN("ar")));
    assert_true(key_language_ok(SPAN("und")));
    assert_false(key_language_ok(SPAN("a")));
    assert_false(key_language_ok(SPAN("engl")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_counted),
        cmocka_unit_test(test_the_first_failure_sticks),
        cmocka_unit_test(test_a_function_carries_its_shard_and_version),
        cmocka_unit_test(test_shards_are_spread_and_stable),
        cmocka_unit_test(test_short_digests_differ_by_kind_owner_and_what),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
