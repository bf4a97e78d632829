/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/url.h"

#include "lib/match/url_find.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

static void one_spelling_for_many(void **state)
{
    static const struct {
        const char *text, *host, *rest;
        unsigned port;
    } cases[] = {
        {"http://example.com", "example.com", "/", 0},
        {"HTTPS://Example.COM:443/", "example.com", "/", 0},
        {"example.com/a", "example.com", "/a", 0},
        {"example.com?a=b", "example.com", "/?a=b", 0},
        {"http://example.com:8080/a", "example.com", "/a", 8080},
        {"http://user:secret@example.com/", "example.com", "/", 0},
        {"http://good.example@evil.example/x", "evil.example", "/x", 0},
        {"http:\\\\example.com\\a\\b", "example.com", "/a/b", 0},
        {"http:/example.com/a", "example.com", "/a", 0},
        {"//example.com/a", "example.com", "/a", 0},
        {"http://example.com./a", "example.com", "/a", 0},
        {"http://..example..com../a", "example.com", "/a", 0},
        {"http://ex%61mple%2ecom/%61", "example.com", "/a", 0},
        {"http://example.com/%2561", "example.com", "/a", 0},
        {"http://example.com/%25%32%35", "example.com", "/%25", 0},
        {"http://example.com/a/./b/../c//d", "example.com", "/a/c/d", 0},
        {"http://example.com/../../x", "example.com", "/x", 0},
        {"http://example.com/a/..", "example.com", "/", 0},
        {"http://example.com/a b\xc3\xa9#frag", "example.com", "/a%20b%C3%A9", 0},
        {" \thttp://exa\nmple.com/\r\n", "example.com", "/", 0},
        {"http://b\xc3\xbc"
         "cher.example/",
         "xn--bcher-kva.example", "/", 0},
        {"http://B\xc3\x9c"
         "CHER.example/",
         "xn--bcher-kva.example", "/", 0},
        {"http://example\xe3\x80\x82"
         "com/",
         "example.com", "/", 0},
        {"http://\xef\xbd\x85xample.com/", "example.com", "/", 0},
        {"http://127.1/", "127.0.0.1", "/", 0},
        {"http://2130706433/", "127.0.0.1", "/", 0},
        {"http://0x7f.1/", "127.0.0.1", "/", 0},
        {"http://017700000001/", "127.0.0.1", "/", 0},
        {"http://0x7f000001/", "127.0.0.1", "/", 0},
        {"http://0/", "0.0.0.0", "/", 0},
        {"http://[::ffff:7f00:1]/", "127.0.0.1", "/", 0},
        {"http://[::FFFF:127.0.0.1]/", "127.0.0.1", "/", 0},
        {"http://[2001:DB8:0:0::1]:81/a", "2001:db8::1", "/a", 81},
        {"http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/", "127.0.0.1", "/", 0},
        {"ftp://example.com:21/x", "example.com", "/x", 0},
        {"http://example.com/?q=%26a", "example.com", "/?q=&a", 0},
        {"http://a_b.example.com/", "a_b.example.com", "/", 0},
    };
    char *room = malloc(URL_ROOM);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct url url;

        if (!url_read(&url, span_of(cases[i].text), room)) {
            fail_msg("refused: %s", cases[i].text);
        }
        if (!span_is(url.host, cases[i].host) || !span_is(url.rest, cases[i].rest) ||
            url.port != cases[i].port) {
            fail_msg("%s: %.*s %.*s %u", cases[i].text, (int)url.host.len, url.host.ptr,
                     (int)url.rest.len, url.rest.ptr, url.port);
        }
    }
    free(room);
}

static void no_host_no_url(void **state)
{
    static const char *const cases[] = {
        "",
        "/",
        "http://",
        "http:///",
        "javascript://x/",
        "http://exa mple.com/",
        "http://a*b.com/",
        "http://256.0.0.1/",
        "http://1.2.3.4.5/",
        "http://0x100000000/",
        "http://[::1",
        "http://[zz]/",
        "http://example.com:99999/",
        "http://%00.com/",
        "http://\xff\xfe.com/",
        "...",
        "http://.../",
    };
    char *room = malloc(URL_ROOM);
    struct url url;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (url_read(&url, span_of(cases[i]), room)) {
            fail_msg("read: %s as %.*s", cases[i], (int)url.host.len, url.host.ptr);
        }
    }
    free(room);
}

static void the_longest_url_and_longer(void **state)
{
    char *room = malloc(URL_ROOM), *text = malloc(3 * URL_MAX);
    struct url url;

    (void)state;
    memset(text, 0x7f, 3 * URL_MAX);
    memcpy(text, "http://example.com/", 19);
    assert_true(url_read(&url, (struct span){text, URL_MAX}, room));
    assert_int_equal(url.rest.len, 1 + 3 * (URL_MAX - 19));
    assert_true(url_read(&url, (struct span){text, 3 * URL_MAX}, room));
    memset(text, 'a', 3 * URL_MAX);
    assert_false(url_read(&url, (struct span){text, 3 * URL_MAX}, room));
    text[URL_MAX - 10] = '@';
    text[URL_MAX - 5] = '.';
    assert_true(url_read(&url, (struct span){text, URL_MAX}, room));
    assert_true(span_is(url.host, "aaaa.aaaa") && span_is(url.rest, "/"));
    free(text);
    free(room);
}

static void reading_is_idempotent(void **state)
{
    char *room = malloc(URL_ROOM), *again = malloc(URL_ROOM);
    uint64_t seed = 99;
    size_t read = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        static const char bytes[] = "ab.:/%25@?#&\\ -_0x17[]\xc3\xa9"
                                    "A\t";
        char text[48], written[1200];
        struct url one, two;
        int len;

        for (size_t i = 0; i < sizeof(text); i++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            text[i] = bytes[(seed >> 33) % (sizeof(bytes) - 1)];
        }
        if (!url_read(&one, (struct span){text, 8 + (size_t)round % 40}, room)) {
            continue;
        }
        read++;
        len = snprintf(written, sizeof(written),
                       memchr(one.host.ptr, ':', one.host.len) ? "http://[%.*s]:%u%.*s"
                                                               : "http://%.*s:%u%.*s",
                       (int)one.host.len, one.host.ptr, one.port ? one.port : 80, (int)one.rest.len,
                       one.rest.ptr);
        if (!url_read(&two, (struct span){written, (size_t)len}, again) ||
            !span_equal(one.host, two.host) || !span_equal(one.rest, two.rest) ||
            one.port != two.port) {
            fail_msg("not idempotent: '%.*s' gives %s", 8 + round % 40, text, written);
        }
    }
    assert_true(read > 1000);
    free(room);
    free(again);
}

static void urls_in_text(void **state)
{
    static const struct {
        const char *text,
            *found;        /* the candidates as they stand in the text, with a blank between */
        const char *first; /* the host of the first one */
    } cases[] = {
        {"see https://example.com/a, please", "https://example.com/a", "example.com"},
        {"(https://example.com/a_(b))", "https://example.com/a_(b)", "example.com"},
        {"Go to example.com.", "example.com", "example.com"},
        {"hxxp://evil[.]example/x", "hxxp://evil[.]example/x", "evil.example"},
        {"hXXps[:]//evil(dot)example", "hXXps[:]//evil(dot)example", "evil.example"},
        {"evil[dot]example[.]com", "evil[dot]example[.]com", "evil.example.com"},
        {"http[://]evil.example", "http[://]evil.example", "evil.example"},
        {"see:http://a.example/x", "http://a.example/x", "a.example"},
        {"http://a.example/http://b.example/", "http://a.example/ http://b.example/", "a.example"},
        {"a.example,b.example", "a.example b.example", "a.example"},
        {"\xe8\xae\xbf\xe9\x97\xae"
         "example.com\xe7\x9c\x8b\xe7\x9c\x8b",
         NULL, NULL},
        {"mail me: someone@example.com!", "someone@example.com", "example.com"},
        {"no dots here at all", "", NULL},
        {"wait... what", "", NULL},
        {"<a href=\"http://x.example/y\">", "http://x.example/y", "x.example"},
        {"example\xe3\x80\x82"
         "com",
         "example\xe3\x80\x82"
         "com",
         "example.com"},
    };
    struct url_finder *finder = malloc(sizeof(*finder));
    char *room = malloc(URL_ROOM);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct url_candidate found;
        char all[256] = "";
        struct url url;
        size_t len = 0;

        url_finder_start(finder, span_of(cases[i].text));
        while (url_finder_next(finder, &found)) {
            len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%.*s", len ? " " : "",
                                    (int)(found.end - found.start), cases[i].text + found.start);
            if (cases[i].first && len == found.end - found.start) {
                assert_true(url_read(&url, found.url, room));
                assert_true(span_is(url.host, cases[i].first));
            }
        }
        if (cases[i].found) {
            assert_string_equal(all, cases[i].found);
        } else {
            assert_non_null(strstr(all, " example.com"));
        }
    }
    free(finder);
    free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_spelling_for_many),
        cmocka_unit_test(no_host_no_url),
        cmocka_unit_test(the_longest_url_and_longer),
        cmocka_unit_test(reading_is_idempotent),
        cmocka_unit_test(urls_in_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
