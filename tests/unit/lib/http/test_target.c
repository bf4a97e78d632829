/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/buf.h"
#include "lib/http/target.h"

#include <string.h>

/* Segments joined with '|', then the parameters as " name=value", or status and code. */
static void check(const char *name, struct span text, const char *expected)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
    struct http_target target;
    struct http_refusal why;
    struct buf got;
    int r;

    buf_init(&got, 1 << 16);
    r = http_target_parse(&target, text, arena, &why);
    if (r == FAULT) {
        (void)buf_add_format(&got, "%d %s", why.status, why.code);
    } else {
        assert_int_equal(r, 0);
        for (size_t i = 0; i < target.segment_count; i++) {
            (void)buf_add_text(&got, i > 0 ? "|" : "");
            (void)buf_add_span(&got, target.segments[i]);
        }
        for (size_t i = 0; i < target.param_count; i++) {
            (void)buf_add_char(&got, ' ');
            (void)buf_add_span(&got, target.params[i].name);
            (void)buf_add_char(&got, '=');
            (void)buf_add_span(&got, target.params[i].value);
        }
    }
    if (!span_is(buf_span(&got), expected)) {
        fail_msg("%s: expected '%s', got '%s'", name, expected, got.data ? got.data : "");
    }
    buf_done(&got);
}

#define CASE(name, text, expected)                                                                 \
    {                                                                                              \
        name, {text, sizeof(text) - 1}, expected                                                   \
    }

static void test_table(void **state)
{
    static const struct {
        const char *name;
        struct span text;
        const char *expected;
    } cases[] = {
        CASE("root", "/", ""),
        CASE("segments", "/v1/cases/cas_1", "v1|cases|cas_1"),
        CASE("slash at the end", "/console/", "console|"),
        CASE("escape", "/a%20b", "a b"),
        CASE("escaped UTF-8", "/%c3%A9", "\xc3\xa9"),
        CASE("all that may stand there", "/-._~!$&'()*+,;=:@", "-._~!$&'()*+,;=:@"),
        CASE("query", "/x?a=1&b=&c&d=e=f", "x a=1 b= c= d=e=f"),
        CASE("plus and escapes in a query", "/x?a+b=c%2Bd+%26", "x a b=c+d &"),
        CASE("empty query and empty parts", "/x?&&a=1&", "x a=1"),
        CASE("slash and question mark in a query", "/x?a=/b?c", "x a=/b?c"),
        CASE("dots inside a name", "/a..b/...", "a..b|..."),
        CASE("absolute form", "http://a.example:80/x?y=z", "x y=z"),
        CASE("absolute form without a path", "HTTPS://a?y=z", " y=z"),
        CASE("two slashes", "/a//b", "400 HTTP_TARGET"),
        CASE("two slashes first", "//a", "400 HTTP_TARGET"),
        CASE("two slashes last", "/a//", "400 HTTP_TARGET"),
        CASE("dot dot", "/a/../b", "400 HTTP_TARGET"),
        CASE("dot dot last", "/a/..", "400 HTTP_TARGET"),
        CASE("dot", "/./a", "400 HTTP_TARGET"),
        CASE("escaped dots", "/a/%2e%2E/b", "400 HTTP_TARGET"),
        CASE("half-escaped dots", "/a/.%2e", "400 HTTP_TARGET"),
        CASE("escaped slash", "/a%2fb", "400 HTTP_TARGET"),
        CASE("escaped slash in upper case", "/a%2Fb", "400 HTTP_TARGET"),
        CASE("escaped backslash", "/a%5cb", "400 HTTP_TARGET"),
        CASE("backslash", "/a\\b", "400 HTTP_TARGET"),
        CASE("escaped NUL", "/a%00", "400 HTTP_TARGET"),
        CASE("escaped NUL in a query", "/a?b=%00", "400 HTTP_QUERY"),
        CASE("escaped CR LF", "/a%0d%0ab", "400 HTTP_TARGET"),
        CASE("8-bit byte", "/\xc3\xa9", "400 HTTP_TARGET"),
        CASE("8-bit byte in a query", "/?\xe9", "400 HTTP_TARGET"),
        CASE("escaped byte that is not UTF-8", "/%ff", "400 HTTP_TARGET"),
        CASE("overlong slash", "/%c0%af", "400 HTTP_TARGET"),
        CASE("surrogate in a query", "/?a=%ed%a0%80", "400 HTTP_QUERY"),
        CASE("broken escape", "/%zz", "400 HTTP_TARGET"),
        CASE("cut escape", "/a%2", "400 HTTP_TARGET"),
        CASE("cut escape at the end of a query", "/a?b=%", "400 HTTP_QUERY"),
        CASE("fragment", "/a#b", "400 HTTP_TARGET"),
        CASE("quote", "/a\"b", "400 HTTP_TARGET"),
        CASE("parameter without a name", "/a?=b", "400 HTTP_QUERY"),
        CASE("no slash", "a", "400 HTTP_TARGET"),
        CASE("empty", "", "400 HTTP_TARGET"),
        CASE("asterisk", "*", "400 HTTP_TARGET"),
        CASE("authority form", "a.example:443", "400 HTTP_TARGET"),
        CASE("other scheme", "ftp://a/", "400 HTTP_TARGET"),
        CASE("absolute form without a host", "http:///x", "400 HTTP_TARGET"),
        CASE("absolute form with a user", "http://u@a/x", "400 HTTP_TARGET"),
        CASE("16 segments", "/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/g", "1|2|3|4|5|6|7|8|9|a|b|c|d|e|f|g"),
        CASE("17 segments", "/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/g/h", "414 HTTP_TARGET_TOO_LONG"),
        CASE("33 parameters", "/?a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a",
             "400 HTTP_QUERY"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        check(cases[i].name, cases[i].text, cases[i].expected);
    }
}

static void test_parts_as_sent(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
    struct http_target target;
    struct http_refusal why;

    (void)state;
    assert_int_equal(http_target_parse(&target, SPAN("/a%20b?c=%20"), arena, &why), 0);
    assert_true(span_is(target.path, "/a%20b"));
    assert_true(span_is(target.query, "c=%20"));
    assert_int_equal(http_target_parse(&target, SPAN("/a"), arena, &why), 0);
    assert_null(target.query.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_parts_as_sent),
    };

    return cmocka_run_group_tests_name("lib/http/target", tests, NULL, NULL);
}
