/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/buf.h"
#include "lib/http/router.h"
#include "lib/http/target.h"

#include <string.h>

static const struct {
    const char *method, *pattern;
} table[] = {
    {"GET", "/"},
    {"GET", "/v1/cases/{id}"},
    {"POST", "/v1/cases/{id}/decisions"},
    {"GET", "/v1/cases/stuck"},
    {"POST", "/v1/claims"},
    {"POST", "/v1/claims/{token}/extend"},
    {"DELETE", "/v1/claims/{token}"},
    {"GET", "/log/tile/{path...}"},
    {"GET", "/log/tile/latest"},
    {"GET", "/console/{file...}"},
    {"PUT", "/v1/rules"},
    {"GET", "/v1/rules"},
    {"HEAD", "/v1/probe"},
    {"GET", "/v1/probe"},
    {"GET", "/v1/lists/{id}/entries/{entry}"},
};

static struct router *build(void)
{
    struct router *router = router_new();
    struct fault why;

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        assert_int_equal(
            router_add(router, table[i].method, table[i].pattern, table[i].pattern, &why), 0);
    }
    return router;
}

/* The pattern found with its parameters, or "404", or "405 " and Allow. */
static void check(const struct router *router, const char *method, const char *path,
                  const char *expected)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
    CLEANUP(buf_freep) struct buf *got = buf_new(4096);
    struct http_target target;
    struct http_refusal refusal;
    struct router_match match;

    assert_int_equal(http_target_parse(&target, span_of(path), arena, &refusal), 0);
    switch (router_match(router, span_of(method), target.segments, target.segment_count, arena,
                         &match)) {
    case ROUTER_FOUND:
        (void)buf_add_text(got, match.found);
        for (size_t i = 0; i < match.param_count; i++) {
            (void)buf_add_char(got, ' ');
            (void)buf_add_span(got, match.params[i].name);
            (void)buf_add_char(got, '=');
            (void)buf_add_span(got, match.params[i].value);
        }
        break;
    case ROUTER_NO_PATH:
        (void)buf_add_text(got, "404");
        break;
    case ROUTER_NO_METHOD:
        (void)buf_add_format(got, "405 %s", match.allow);
        break;
    default:
        fail();
    }
    if (!span_is(buf_span(got), expected)) {
        fail_msg("%s %s: expected '%s', got '%s'", method, path, expected, got->data);
    }
}

static void test_match(void **state)
{
    static const struct {
        const char *method, *path, *expected;
    } cases[] = {
        {"GET", "/", "/"},
        {"GET", "/v1/cases/cas_1", "/v1/cases/{id} id=cas_1"},
        {"GET", "/v1/cases/a%20b", "/v1/cases/{id} id=a b"},
        {"HEAD", "/v1/cases/cas_1", "/v1/cases/{id} id=cas_1"},
        {"GET", "/v1/cases/stuck", "/v1/cases/stuck"},
        {"POST", "/v1/cases/stuck/decisions", "/v1/cases/{id}/decisions id=stuck"},
        {"GET", "/v1/lists/l/entries/e", "/v1/lists/{id}/entries/{entry} id=l entry=e"},
        {"GET", "/log/tile/0/x001/067.p/3", "/log/tile/{path...} path=0/x001/067.p/3"},
        {"GET", "/log/tile/latest", "/log/tile/latest"},
        {"GET", "/log/tile/latest/x", "/log/tile/{path...} path=latest/x"},
        {"GET", "/console/", "/console/{file...} file="},
        {"GET", "/console", "404"},
        {"GET", "/v1/cases/", "404"},
        {"GET", "/v1/cases/cas_1/", "404"},
        {"GET", "/v1/cases", "404"},
        {"GET", "/V1/cases/x", "404"},
        {"GET", "/nowhere", "404"},
        {"DELETE", "/v1/cases/cas_1", "405 GET, HEAD"},
        {"get", "/v1/cases/cas_1", "405 GET, HEAD"},
        {"POST", "/v1/rules", "405 PUT, GET, HEAD"},
        {"HEAD", "/v1/claims", "405 POST"},
        {"GET", "/v1/claims/t/extend", "405 POST"},
        {"OPTIONS", "/v1/probe", "405 HEAD, GET"},
    };
    CLEANUP(router_freep) struct router *router = build();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        check(router, cases[i].method, cases[i].path, cases[i].expected);
    }
}

static void test_refused_patterns(void **state)
{
    static const struct {
        const char *pattern, *code;
    } cases[] = {
        {"v1", "ROUTE_PATTERN"},       {"", "ROUTE_PATTERN"},
        {"/a//b", "ROUTE_PATTERN"},    {"/{", "ROUTE_PATTERN"},
        {"/{}", "ROUTE_PATTERN"},      {"/{a}b", "ROUTE_PATTERN"},
        {"/{...}/b", "ROUTE_PATTERN"}, {"/{a...}/b", "ROUTE_PATTERN"},
        {"/a%20", "ROUTE_PATTERN"},    {"/{a}/{b}/{c}/{d}/{e}", "ROUTE_PATTERN"},
        {"/", "ROUTE_TWICE"},          {"/v1/cases/{other}", "ROUTE_TWICE"},
    };
    CLEANUP(router_freep) struct router *router = build();
    struct fault why;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(router_add(router, "GET", cases[i].pattern, "", &why), FAULT);
        assert_string_equal(why.code, cases[i].code);
        assert_string_equal(why.place, cases[i].pattern);
    }
    assert_int_equal(router_add(router, "GE T", "/x", "", &why), FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_refused_patterns),
    };

    return cmocka_run_group_tests_name("lib/http/router", tests, NULL, NULL);
}
