/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/store/where.h"

#include <stdio.h>

static void test_what_is_read(void **state)
{
    static const struct {
        const char *url;
        struct store_where where;
        const char *hosts, *user, *password;
    } cases[] = {
        {"embedded", {.kind = STORE_EMBEDDED}, "", "", ""},
        {"unix:/run/redis.sock", {.kind = STORE_UNIX, .path = "/run/redis.sock"}, "", "", ""},
        {"unix:/run/redis.sock?db=3",
         {.kind = STORE_UNIX, .path = "/run/redis.sock", .db = 3}, "", "", ""},
        {"redis://localhost", {.kind = STORE_TCP}, "localhost 6379 ", "", ""},
        {"redis://localhost/", {.kind = STORE_TCP}, "localhost 6379 ", "", ""},
        {"redis://10.0.0.1:7000/15", {.kind = STORE_TCP, .db = 15}, "10.0.0.1 7000 ", "", ""},
        {"redis://[::1]:7000", {.kind = STORE_TCP}, "::1 7000 ", "", ""},
        {"redis://[::1]", {.kind = STORE_TCP}, "::1 6379 ", "", ""},
        {"redis://me:p%40ss@h", {.kind = STORE_TCP}, "h 6379 ", "me", "p@ss"},
        {"redis://:secret@h:1", {.kind = STORE_TCP}, "h 1 ", "", "secret"},
        {"redis://h?replicas=2", {.kind = STORE_TCP, .replicas = 2}, "h 6379 ", "", ""},
        {"redis+sentinel://a,b:1,[::1]:2/main/3",
         {.kind = STORE_SENTINEL, .name = "main", .db = 3, .replicas = 1}, "a 26379 b 1 ::1 2 ", "",
         ""},
        {"redis+sentinel://u:p@a/my%20one?replicas=0&sentinel_user=s&sentinel_password=t%26",
         {.kind = STORE_SENTINEL, .name = "my one",
          .sentinel_auth = {.user = "s", .password = "t&"}},
         "a 26379 ", "u", "p"},
        {"redis+cluster://a,b:7001", {.kind = STORE_CLUSTER, .replicas = 1}, "a 6379 b 7001 ", "",
         ""},
        {"redis+cluster://:x@a/?replicas=8", {.kind = STORE_CLUSTER, .replicas = 8}, "a 6379 ", "",
         "x"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct store_where got;
        char hosts[256] = "";
        size_t len = 0;
        struct fault why;

        if (store_where_read(&got, span_of(cases[i].url), &why) != 0) {
            fail_msg("%s: %s", cases[i].url, why.text);
        }
        assert_int_equal(got.kind, cases[i].where.kind);
        assert_string_equal(got.path, cases[i].where.path);
        for (size_t j = 0; j < got.host_count; j++) {
            len += (size_t)snprintf(hosts + len, sizeof(hosts) - len, "%s %d ", got.hosts[j].host,
                                    got.hosts[j].port);
        }
        assert_string_equal(hosts, cases[i].hosts);
        assert_string_equal(got.auth.user, cases[i].user);
        assert_string_equal(got.auth.password, cases[i].password);
        assert_string_equal(got.name, cases[i].where.name);
        assert_string_equal(got.sentinel_auth.user, cases[i].where.sentinel_auth.user);
        assert_string_equal(got.sentinel_auth.password, cases[i].where.sentinel_auth.password);
        assert_int_equal(got.replicas, cases[i].where.replicas);
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
        {"redis+sentinel://a:1,b:2", "the primary's name"},
        {"redis+sentinel://a:1,,b/main", "host name"},
        {"redis+sentinel://a/main/16", "0 to 15"},
        {"redis+sentinel://a/main?replicas=9", "replicas=8"},
        {"redis+sentinel://a/main?sentinel_user", "sentinel_user="},
        {"redis+sentinel://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17/main", "at most 16"},
        {"redis+cluster://a:1/1", "database 0 only"},
        {"redis+cluster://a?sentinel_user=x", "replicas=0"},
        {"redis+cluster://", "host"},
        {"redis://a,b", "one host"},
        {"redis://a?x=1", "replicas=0"},
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
        struct store_where got = {.db = -7};
        struct fault why = {0};

        assert_int_equal(store_where_read(&got, span_of(cases[i].url), &why), FAULT);
        assert_string_equal(why.code, "STORE_URL");
        if (!strstr(why.text, cases[i].words)) {
            fail_msg("%s: %s", cases[i].url, why.text);
        }
        assert_int_equal(got.db, -7);
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

static void test_what_redis_says_of_a_place(void **state)
{
    static const struct {
        const char *text, *host;
        int port;
    } cases[] = {
        {"127.0.0.1:6379", "127.0.0.1", 6379}, {"::1:6379", "::1", 6379},
        {"[::1]:1", "::1", 1},                 {"h:65535@16379,name", "h", 65535},
        {"h:65536", NULL, 0},                  {"h:0", NULL, 0},
        {":6379", NULL, 0},                    {"h", NULL, 0},
        {"", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct store_host host = {.port = 0};

        assert_int_equal(store_host_read(&host, span_of(cases[i].text)), cases[i].host != NULL);
        if (cases[i].host) {
            assert_string_equal(host.host, cases[i].host);
            assert_int_equal(host.port, cases[i].port);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_read),
        cmocka_unit_test(test_what_is_refused_and_why),
        cmocka_unit_test(test_a_password_is_never_repeated),
        cmocka_unit_test(test_the_longest_socket_path),
        cmocka_unit_test(test_what_redis_says_of_a_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
