/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/sync/fetch.h"
#include "service/sync/transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

static const struct {
    const char *text;
    bool refused;
} cases[] = {
    {"0.0.0.0", true}, {"0.1.2.3", true}, {"10.0.0.0", true}, {"10.255.255.255", true}, {"9.255.255.255", false},
    {"11.0.0.0", false}, {"100.63.255.255", false}, {"100.64.0.0", true}, {"100.127.255.255", true},
    {"100.128.0.0", false}, {"127.0.0.1", true}, {"127.255.255.254", true}, {"126.255.255.255", false},
    {"128.0.0.0", false}, {"169.254.169.254", true}, {"169.253.255.255", false}, {"172.15.255.255", false},
    {"172.16.0.0", true}, {"172.31.255.255", true}, {"172.32.0.0", false}, {"192.0.0.8", true}, {"192.0.1.0", false},
    {"192.0.2.1", true}, {"192.88.99.1", true}, {"192.167.255.255", false}, {"192.168.0.1", true},
    {"192.169.0.0", false}, {"198.17.255.255", false}, {"198.18.0.0", true}, {"198.19.255.255", true},
    {"198.20.0.0", false}, {"198.51.100.7", true}, {"203.0.113.7", true}, {"223.255.255.255", false},
    {"224.0.0.1", true}, {"239.1.1.1", true}, {"240.0.0.1", true}, {"255.255.255.255", true}, {"8.8.8.8", false},
    {"::", true}, {"::1", true}, {"::2", true}, {"::127.0.0.1", true}, {"::8.8.8.8", true},
    {"::ffff:127.0.0.1", true}, {"::ffff:10.1.2.3", true}, {"::ffff:8.8.8.8", false}, {"::ffff:0:7f00:1", true},
    {"64:ff9b::10.0.0.1", true}, {"64:ff9b::8.8.8.8", false}, {"64:ff9b:1::8.8.8.8", true}, {"100::1", true},
    {"2001::1", true}, {"2001:1ff:ffff::1", true}, {"2001:200::1", false}, {"2001:db8::1", true},
    {"2001:db9::1", false}, {"2002:0a00:0001::1", true}, {"2002:c0a8:0101::1", true}, {"2002:0808:0808::1", false},
    {"2600::1", false}, {"2a00:1450:4001::1", false}, {"3fff::1", true}, {"3fff:fff::1", true}, {"3fff:1000::1", false},
    {"4000::1", true}, {"5f00::1", true}, {"fc00::1", true}, {"fdff::1", true}, {"fe80::1", true}, {"fec0::1", true},
    {"ff02::1", true},
};

static void test_where_a_source_may_not_lead(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sockaddr_in v4 = {.sin_family = AF_INET};
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
        bool six = strchr(cases[i].text, ':') != NULL;
        const struct sockaddr *address = six ? (const struct sockaddr *)(const void *)&v6
                                             : (const struct sockaddr *)(const void *)&v4;

        assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, cases[i].text,
                                   six ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr), 1);
        if (fetch_address_private(address) != cases[i].refused) {
            fail_msg("%s must %sbe refused", cases[i].text, cases[i].refused ? "" : "not ");
        }
    }
}

static void test_other_families_are_refused(void **state)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};

    (void)state;
    assert_true(fetch_address_private((const struct sockaddr *)(const void *)&local));
}

static void test_what_is_shown_of_a_url(void **state)
{
    static const struct {
        const char *url, *shown;
    } urls[] = {
        {"https://a.example/list", "https://a.example/list"},
        {"https://a.example/list?token=secret#x", "https://a.example/list"},
        {"https://user:pass@a.example:8443/list?q", "https://a.example:8443/list"},
        {"https://user:p@ss@a.example/", "https://a.example/"},
        {"https://a.example?x@y", "https://a.example"},
        {"https://a.example/@b", "https://a.example/@b"},
        {"nonsense", "nonsense"},
        {"", ""},
    };
    char shown[FAULT_PLACE_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        fetch_shown_url(urls[i].url, shown);
        assert_string_equal(shown, urls[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_a_source_may_not_lead),
        cmocka_unit_test(test_other_families_are_refused),
        cmocka_unit_test(test_what_is_shown_of_a_url),
    };

    return cmocka_run_group_tests_name("service/sync/address", tests, NULL, NULL);
}
