/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/base/span.h"

static const struct span nothing = {NULL, 0};

static void test_comparisons(void **state)
{
    (void)state;
    assert_true(span_equal(nothing, SPAN("")));
    assert_true(span_is(nothing, ""));
    assert_false(span_is(SPAN("ab"), "a"));
    assert_true(span_starts(SPAN("abc"), "ab"));
    assert_false(span_starts(SPAN("a"), "ab"));
    assert_true(span_starts(SPAN("a"), ""));
    assert_true(span_compare(SPAN("a"), SPAN("b")) < 0);
    assert_true(span_compare(SPAN("a"), SPAN("ab")) < 0);
    assert_true(span_compare(SPAN("\xff"), SPAN("a")) > 0);
    assert_int_equal(span_compare(nothing, SPAN("")), 0);
    assert_true(span_equal_nocase(SPAN("Content-LENGTH"), SPAN("content-length")));
    assert_false(span_equal_nocase(SPAN("\xC3\x84"), SPAN("\xC3\xA4")));
    assert_false(span_equal_nocase(SPAN("@"), SPAN("`")));
    assert_int_equal(span_of(NULL).len, 0);
}

static void test_parts(void **state)
{
    struct span rest = SPAN("a:b::c"), part;

    (void)state;
    assert_true(span_is(span_sub(SPAN("abc"), 1, 1), "b"));
    assert_true(span_is(span_sub(SPAN("abc"), 1, (size_t)-1), "bc"));
    assert_true(span_is(span_sub(SPAN("abc"), 3, 1), ""));
    assert_true(span_is(span_sub(nothing, 1, 1), ""));
    part = span_cut(&rest, ':');
    assert_true(span_is(part, "a") && span_is(rest, "b::c"));
    part = span_cut(&rest, ':');
    part = span_cut(&rest, ':');
    assert_true(span_is(part, "") && span_is(rest, "c"));
    part = span_cut(&rest, ':');
    assert_true(span_is(part, "c"));
    assert_null(rest.ptr);
    part = span_cut(&rest, ':');
    assert_int_equal(part.len, 0);
    rest = SPAN("a:");
    part = span_cut(&rest, ':');
    assert_true(rest.ptr && rest.len == 0);
    assert_true(span_is(span_trim(SPAN(" \t a b\t ")), "a b"));
    assert_true(span_is(span_trim(SPAN(" \t ")), ""));
    assert_true(span_is(span_trim(SPAN("\na")), "\na"));
}

static void test_numbers(void **state)
{
    static const char *const refused[] = {"", "-1", "+1", " 1", "1 ", "1a", "10000000000000000000", "0x1", "1.0"};
    unsigned long long value;

    (void)state;
    assert_true(span_to_u64(SPAN("0"), &value) && value == 0);
    assert_true(span_to_u64(SPAN("007"), &value) && value == 7);
    assert_true(span_to_u64(SPAN("9999999999999999999"), &value) && value == 9999999999999999999ULL);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        assert_false(span_to_u64(span_of(refused[i]), &value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_numbers),
    };

    return cmocka_run_group_tests_name("lib/base/span", tests, NULL, NULL);
}
