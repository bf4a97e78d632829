/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/http/syntax.h"

#include <string.h>

static void test_token(void **state)
{
    static const char tchars[] =
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    (void)state;
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        bool expected = c != 0 && strchr(tchars, c) != NULL && c < 128;

        assert_int_equal(http_is_token((struct span){&byte, 1}), expected);
    }
    assert_false(http_is_token(SPAN("")));
}

static void test_utf8(void **state)
{
    static const struct {
        struct span text;
        bool ok;
    } cases[] = {
        {{"", 0}, true},
        {{"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10}, true},
        {{"\xf4\x8f\xbf\xbf", 4}, true},
        {{"\xed\x9f\xbf", 3}, true},
        {{"\0", 1}, false},
        {{"\x80", 1}, false},
        {{"\xc1\xbf", 2}, false},
        {{"\xe0\x9f\xbf", 3}, false},
        {{"\xed\xa0\x80", 3}, false},
        {{"\xf0\x8f\xbf\xbf", 4}, false},
        {{"\xf4\x90\x80\x80", 4}, false},
        {{"\xe2\x82", 2}, false},
        {{"\xc3", 1}, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(http_is_utf8(cases[i].text), cases[i].ok);
    }
}

static void test_host(void **state)
{
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {
        {"a", true},        {"a.b:1", true},    {"a:65535", true},
        {"a%20b", true},    {"[::1]", true},    {"[::ffff:1.2.3.4]:80", true},
        {"a:65536", false}, {":80", false},     {"a%2", false},
        {"a%zz", false},    {"[::1", false},    {"[]", false},
        {"[a]", false},     {"[::1]x", false},  {"a b", false},
        {"a/b", false},     {"a\\b", false},    {"a:8x", false},
        {"", false},        {"a:80:90", false}, {"\xc3\xa9", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (http_is_host(span_of(cases[i].text)) != cases[i].ok) {
            fail_msg("%s", cases[i].text);
        }
    }
    assert_false(http_is_host((struct span){"a\0b", 3}));
}

static void test_list(void **state)
{
    (void)state;
    assert_true(http_list_has(SPAN("a, Close ,b"), "close"));
    assert_true(http_list_has(SPAN("close"), "close"));
    assert_false(http_list_has(SPAN("closed, x-close"), "close"));
    assert_false(http_list_has(SPAN(""), "close"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_host),
        cmocka_unit_test(test_list),
    };

    return cmocka_run_group_tests_name("lib/http/syntax", tests, NULL, NULL);
}
