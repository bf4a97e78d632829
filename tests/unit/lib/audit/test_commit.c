/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/commit.h"

#include "lib/base/codec.h"
#include "tests/support/support.h"

#include <string.h>

static const uint8_t key[32] = "0123456789abcdef0123456789abcdef";

static void a_commitment_is_the_hmac_of_label_zero_and_bytes(void **state)
{
    char hex[COMMIT_HEX_LEN + 1], expected[65];
    uint8_t mac[32];

    (void)state;
    hmac_sha256((struct span){(const char *)key, 32}, (struct span){"text\0hello", 10}, mac);
    hex_encode(mac, 32, expected);
    commit_make(key, SPAN("text"), SPAN("hello"), hex);
    assert_string_equal(hex, expected);
}

static void it_opens_to_its_own_label_and_bytes_only(void **state)
{
    char hex[COMMIT_HEX_LEN + 1];
    uint8_t other[32] = {1};

    (void)state;
    commit_make(key, SPAN("text"), SPAN("hello"), hex);
    assert_true(commit_check(key, SPAN("text"), SPAN("hello"), span_of(hex)));
    assert_false(commit_check(key, SPAN("text"), SPAN("hellp"), span_of(hex)));
    assert_false(commit_check(key, SPAN("url"), SPAN("hello"), span_of(hex)));
    assert_false(commit_check(other, SPAN("text"), SPAN("hello"), span_of(hex)));
    assert_false(commit_check(key, SPAN("text"), SPAN("hello"), span_sub(span_of(hex), 0, 63)));
    assert_false(commit_check(key, (struct span){"a\0b", 3}, SPAN("hello"), span_of(hex)));
    assert_false(commit_check(key, SPAN(""), SPAN("hello"), span_of(hex)));
}

static void label_and_bytes_cannot_be_moved_into_each_other(void **state)
{
    char one[COMMIT_HEX_LEN + 1], two[COMMIT_HEX_LEN + 1];

    (void)state;
    commit_make(key, SPAN("te"), SPAN("xt"), one);
    commit_make(key, SPAN("tex"), SPAN("t"), two);
    assert_string_not_equal(one, two);
}

static void a_pseudonym_depends_on_key_and_scope(void **state)
{
    char one[PSEUDONYM_HEX_LEN + 1], again[PSEUDONYM_HEX_LEN + 1], two[PSEUDONYM_HEX_LEN + 1];
    uint8_t other[32] = {1};

    (void)state;
    pseudonym_make(key, SPAN("2026q4"), one);
    pseudonym_make(key, SPAN("2026q4"), again);
    assert_string_equal(one, again);
    assert_int_equal(strlen(one), 32);
    pseudonym_make(key, SPAN("2027q1"), two);
    assert_string_not_equal(one, two);
    pseudonym_make(other, SPAN("2026q4"), two);
    assert_string_not_equal(one, two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commitment_is_the_hmac_of_label_zero_and_bytes),
        cmocka_unit_test(it_opens_to_its_own_label_and_bytes_only),
        cmocka_unit_test(label_and_bytes_cannot_be_moved_into_each_other),
        cmocka_unit_test(a_pseudonym_depends_on_key_and_scope),
    };

    return cmocka_run_group_tests_name("commit", tests, NULL, NULL);
}
