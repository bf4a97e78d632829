/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/base/fault.h"

#include <string.h>

static void test_a_fault_never_fails(void **state)
{
    char big[2000];
    struct fault why;

    (void)state;
    assert_int_equal(fault_set(&why, "CODE", "/a/b", "%d of %d", 1, 2), FAULT);
    assert_string_equal(why.code, "CODE");
    assert_string_equal(why.place, "/a/b");
    assert_string_equal(why.text, "1 of 2");
    assert_int_equal(fault_set(NULL, "CODE", "", "x"), FAULT);
    assert_int_equal(fault_set(&why, "CODE", NULL, "x"), FAULT);
    assert_string_equal(why.place, "");
    /* Too long is cut, and never inside a character (U+20AC is three bytes). */
    for (size_t i = 0; i + 3 < sizeof(big); i += 3) {
        memcpy(big + i, "\xE2\x82\xAC", 4);
    }
    assert_int_equal(fault_set(&why, big, big, "%s", big), FAULT);
    assert_int_equal(strlen(why.code) % 3, 0);
    assert_int_equal(strlen(why.place) % 3, 0);
    assert_int_equal(strlen(why.text), (FAULT_TEXT_MAX - 1) / 3 * 3);
}

static void test_a_list_counts_what_it_drops(void **state)
{
    struct faults all = {0};
    struct fault one;

    (void)state;
    (void)fault_set(&one, "ONE", "", "one");
    for (int i = 0; i < FAULTS_MAX + 3; i++) {
        assert_int_equal(i % 2 ? faults_add_one(&all, &one) : faults_add(&all, "CODE", "/x", "%d", i), FAULT);
    }
    assert_int_equal(all.count, FAULTS_MAX);
    assert_int_equal(all.dropped, 3);
    faults_prefix(&all, FAULTS_MAX - 2, "/lines/7");
    assert_string_equal(all.list[0].place, "/x");
    assert_string_equal(all.list[FAULTS_MAX - 2].place, "/lines/7/x");
    assert_string_equal(all.list[FAULTS_MAX - 1].place, "/lines/7");
}

static void test_quoted_values_are_printable(void **state)
{
    static const struct {
        const char *name;
        struct span value;
        const char *quoted;
    } cases[] = {
        {"plain text", {"abc", 3}, "abc"},
        {"whole UTF-8", {"\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80", 9}, "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"controls", {"a\n\x1b[0m\x7f\0", 8}, "a\\x0a\\x1b[0m\\x7f\\x00"},
        {"C1 controls", {"\xC2\x9B", 2}, "\\xc2\\x9b"},
        {"direction marks", {"\xE2\x80\xAE", 3}, "\\xe2\\x80\\xae"},
        {"isolates", {"\xE2\x81\xA6", 3}, "\\xe2\\x81\\xa6"},
        {"an overlong slash", {"\xC0\xAF", 2}, "\\xc0\\xaf"},
        {"overlong of three", {"\xE0\x80\xAF", 3}, "\\xe0\\x80\\xaf"},
        {"a surrogate", {"\xED\xA0\x80", 3}, "\\xed\\xa0\\x80"},
        {"past U+10FFFF", {"\xF4\x90\x80\x80", 4}, "\\xf4\\x90\\x80\\x80"},
        {"half a character", {"a\xE2\x82", 3}, "a\\xe2\\x82"},
        {"empty", {NULL, 0}, ""},
    };
    char into[FAULT_QUOTE_MAX], zeros[100] = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(fault_quote(into, cases[i].value), cases[i].quoted);
    }
    (void)fault_quote(into, (struct span){zeros, sizeof(zeros)});
    assert_int_equal(strlen(into), FAULT_QUOTE_MAX - 1);
    assert_string_equal(into + 60, "...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_fault_never_fails),
        cmocka_unit_test(test_a_list_counts_what_it_drops),
        cmocka_unit_test(test_quoted_values_are_printable),
    };

    return cmocka_run_group_tests_name("lib/base/fault", tests, NULL, NULL);
}
