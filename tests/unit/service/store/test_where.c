/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/store/where.h"

static void test_what_is_read(void **state)
{
    static const struct {
        const char *url;
        struct store_where where;
    } cases[] = {
        {"embedded", {.kind = STORE_EMBEDDED}},
        {"unix:/run/redis.sock", {.kind = STORE_UNIX, .path = "/run/redis.sock"}},
        {"unix:/run/redis.sock?db=3", {.kind = STORE_UNIX, .path = "/run/redis.sock", .db = 3}},
        {"redis://localhost", {.kind = STORE_TCP, .host = "localhost", .port = 6379}},
        {"redis://localhost/", {.kind = STORE_TCP, .host = "localhost", .port = 6379}},
        {"redis://10.0.0.1:7000/15",
         {.kind = STORE_TCP, .host = "10.0.0.1", .port = 7000, .db = 15}},
        {"redis://[::1]:7000", {.kind = STORE_TCP, .host = "::1", .port = 7000}},
        {"redis://[::1]", {.kind = STORE_TCP, .host = "::1", .port = 6379}},
        {"redis://me:p%40ss@h",
         {.kind = STORE_TCP, .host = "h", .port = 6379, .user = "me", .password = "p@ss"}},
        {"redis://:secret@h:1", {.kind = STORE_TCP, .host = "h", .port = 1, .password = "secret"}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct store_where got;
        struct fault why;

        if (store_where_read(&got, span_of(cases[i].url), &why) != 0) {
            fail_msg("%s: %s", cases[i].url, why.text);
        }
        assert_int_equal(got.kind, cases[i].where.kind);
        assert_string_equal(got.path, cases[i].where.path);
        assert_string_equal(got.host, cases[i].where.host);
        assert_int_equal(got.port, cases[i].where.port);
        assert_string_equal(got.user, cases[i].where.user);
        assert_string_equal(got.password, cases[i].where.password);
        assert_int_equal(got.db, cases[i].where.db);
    }
}

static void test_what_is_refused_and_why(void **state)
{
    static const struct {
        const char *url, *words;
    } cases[] = {
        {"", "embedded, unix:"},
        {"Embedded", "embedded, unix:"},
        {"http://x", "embedded, unix:"},
        {"redis+sentinel://a:1,b:2/main", "Sentinel is not spoken yet"},
        {"redis+cluster://a:1", "Cluster is not spoken yet"},
        {"rediss://a", "stunnel"},
        {"unix:relative", "absolute"},
        {"unix:", "absolute"},
        {"unix:/a?db=16", "?db=15"},
        {"unix:/a?x=1", "?db=0"},
        {"redis://", "host"},
        {"redis://:6379", "host"},
        {"redis://[::1", "host"},
        {"redis://[::1]7", "host"},
        {"redis://h:0", "1 to 65535"},
        {"redis://h:65536", "1 to 65535"},
        {"redis://h:", "1 to 65535"},
        {"redis://h/16", "0 to 15"},
        {"redis://h/x", "0 to 15"},
        {"redis://user@h", "user:password"},
        {"redis://user:@h", "percent-encoded"},
        {"redis://u:%zz@h", "percent-encoded"},
        {"redis://u:a%00b@h", "percent-encoded"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct store_where got = {.port = -7};
        struct fault why = {0};

        assert_int_equal(store_where_read(&got, span_of(cases[i].url), &why), FAULT);
        assert_string_equal(why.code, "STORE_URL");
        if (!strstr(why.text, cases[i].words)) {
            fail_msg("%s: %s", cases[i].url, why.text);
        }
        assert_int_equal(got.port, -7);
    }
}

static void test_a_password_is_never_repeated(void **state)
{
    struct store_where got;
    struct fault why = {0};

    (void)state;
    assert_int_equal(store_where_read(&got, SPAN("redis://me:hunter2@h:99999"), &why), FAULT);
    assert_null(strstr(why.text, "hunter2"));
    assert_null(strstr(why.place, "hunter2"));
}

static void test_the_longest_socket_path(void **state)
{
    char url[256] = "unix:/";
    struct store_where got;
    struct fault why;

    (void)state;
    memset(url + 6, 'x', STORE_PATH_MAX - 1);
    assert_int_equal(store_where_read(&got, span_of(url), &why), 0);
    url[6 + STORE_PATH_MAX - 1] = 'x';
    assert_int_equal(store_where_read(&got, span_of(url), &why), FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_read),
        cmocka_unit_test(test_what_is_refused_and_why),
        cmocka_unit_test(test_a_password_is_never_repeated),
        cmocka_unit_test(test_the_longest_socket_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
