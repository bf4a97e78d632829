/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of service/http that only compute: keys, problems, buckets, addresses. */
#include "tests/support/support.h"

#include "lib/base/buf.h"
#include "service/http/address_table.h"
#include "service/http/auth.h"
#include "service/http/problem.h"
#include "service/http/rate_limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define SECRET "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_"

static void test_bearer(void **state)
{
    static const struct {
        const char *header, *code;
    } cases[] = {
        {"", "AUTH_MISSING"},
        {"Basic abc", "AUTH_SCHEME"},
        {"rap_partner_k1_" SECRET, "AUTH_SCHEME"},
        {"Bearer", "AUTH_FORMAT"},
        {"Bearer ", "AUTH_FORMAT"},
        {"Bearer x", "AUTH_FORMAT"},
        {"Bearer rap_partner_k1", "AUTH_FORMAT"},
        {"Bearer rap_partner_k1_", "AUTH_FORMAT"},
        {"Bearer rap_partner_k1_short", "AUTH_FORMAT"},
        {"Bearer rap__k1_" SECRET, "AUTH_FORMAT"},
        {"Bearer rap_partner__" SECRET, "AUTH_FORMAT"},
        {"Bearer rap_Partner_k1_" SECRET, "AUTH_FORMAT"},
        {"Bearer rap_partner_k.1_" SECRET, "AUTH_FORMAT"},
        {"Bearer rap_partner_k1_" SECRET "!", "AUTH_FORMAT"},
        {"Bearer rap_partner_k1_" SECRET " x", "AUTH_FORMAT"},
        {"Bearer xap_partner_k1_" SECRET, "AUTH_FORMAT"},
        {"Bearer rap_partner_k1_" SECRET SECRET SECRET, "AUTH_FORMAT"},
    };
    struct auth_key key;
    struct fault why;

    (void)state;
    assert_int_equal(auth_bearer_split(SPAN("bEARER  rap_partner_k-1_" SECRET " "), &key, &why), 0);
    assert_true(span_is(key.role, "partner"));
    assert_true(span_is(key.id, "k-1"));
    assert_true(span_is(key.secret, SECRET));
    assert_true(span_is(key.whole, "rap_partner_k-1_" SECRET));
    assert_int_equal(auth_bearer_split((struct span){NULL, 0}, &key, &why), FAULT);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(auth_bearer_split(span_of(cases[i].header), &key, &why), FAULT);
        assert_string_equal(why.code, cases[i].code);
        assert_null(strstr(why.text, "AAAA"));
    }
}

static void test_problem(void **state)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(1 << 16);
    struct faults faults = {0};
    json_t *value;

    (void)state;
    (void)faults_add(&faults, "HASH_LENGTH", "/content/hashes/0", "has \"%s\"", "\x01\\\n\xff");
    (void)faults_add(&faults, "UNKNOWN", "/x\xc3", "second");
    faults.dropped = 3;
    assert_int_equal(problem_write(out, &(struct problem){.status = 422,
                                                          .code = "REPORT_INVALID",
                                                          .detail = "no",
                                                          .instance = "req_1",
                                                          .errors = faults.list,
                                                          .error_count = faults.count,
                                                          .dropped = faults.dropped}),
                     0);
    value = json_loads(out->data, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(value);
    assert_string_equal(json_string_value(json_object_get(value, "type")),
                        "/problems/REPORT_INVALID");
    assert_string_equal(json_string_value(json_object_get(value, "title")),
                        "Unprocessable Content");
    assert_int_equal(json_integer_value(json_object_get(value, "status")), 422);
    assert_int_equal(json_integer_value(json_object_get(value, "errors_dropped")), 3);
    assert_int_equal(json_array_size(json_object_get(value, "errors")), 2);
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(value, "errors"), 0), "detail")),
                        "has \"\x01\\\n\xef\xbf\xbd\"");
    json_decref(value);
    buf_clear(out);
    assert_int_equal(problem_write(out, &(struct problem){.status = 404, .code = "NOT_FOUND"}), 0);
    assert_string_equal(out->data,
                        "{\"type\":\"/problems/NOT_FOUND\",\"title\":\"Not Found\",\"status\":404,"
                        "\"detail\":\"Not Found\",\"code\":\"NOT_FOUND\"}");
}

static void test_bucket(void **state)
{
    static const struct rate_policy policy = {"default", 10, 5}; /* one unit each 500 ms */
    struct rate_limit bucket;

    (void)state;
    rate_limit_init(&bucket, &policy, 1000);
    for (int i = 0; i < 10; i++) {
        assert_true(rate_limit_take(&bucket, &policy, 1000, 1));
    }
    assert_false(rate_limit_take(&bucket, &policy, 1000, 1));
    assert_int_equal(rate_limit_wait_s(&bucket, &policy, 1000, 1), 1);
    assert_int_equal(rate_limit_full_s(&bucket, &policy, 1000), 5);
    assert_false(rate_limit_take(&bucket, &policy, 1499, 1));
    assert_true(rate_limit_take(&bucket, &policy, 1501, 1));
    assert_false(
        rate_limit_take(&bucket, &policy, 900, 1)); /* a clock that goes back gives nothing */
    assert_int_equal(rate_limit_left(&bucket, &policy, 4001), 5);
    assert_int_equal(rate_limit_left(&bucket, &policy, INT64_MAX / 2),
                     10); /* never more than the quota */
    assert_false(rate_limit_take(&bucket, &policy, 100000, 11));
    assert_true(rate_limit_take(&bucket, &policy, 100000, 10));
    assert_int_equal(rate_limit_left(&bucket, &policy, 100000), 0);
    assert_int_equal(rate_limit_wait_s(&bucket, &policy, 100000, 4), 2);
}

static struct address address_of(const char *text, const char *expected_text)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct address address;
    char back[ADDRESS_TEXT_MAX];

    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        address_read((const struct sockaddr *)&in, &address, back);
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
        address_read((const struct sockaddr *)&in6, &address, back);
    }
    assert_string_equal(back, expected_text);
    return address;
}

static void test_addresses(void **state)
{
    struct address_table *table = address_table_new(4, 12345);
    struct address one = address_of("192.0.2.1", "192.0.2.1"),
                   mapped = address_of("::ffff:192.0.2.1", "192.0.2.1"),
                   six = address_of("2001:db8::1", "2001:db8::1"),
                   same_net = address_of("2001:db8::ffff:2", "2001:db8::ffff:2"),
                   other = address_of("2001:db8:0:1::1", "2001:db8:0:1::1");

    (void)state;
    assert_true(address_table_take(table, &one, 2));
    assert_true(address_table_take(table, &mapped, 2));
    assert_false(address_table_take(table, &one, 2));
    assert_true(address_table_take(table, &six, 1));
    assert_false(address_table_take(table, &same_net, 1));
    assert_true(address_table_take(table, &other, 1));
    address_table_give(table, &same_net);
    assert_true(address_table_take(table, &six, 1));
    (void)address_table_free(table);
}

/* Many addresses coming and going: the counts stay those of a plain array. */
static void test_address_table_against_array(void **state)
{
    enum { ADDRESSES = 64, ROUNDS = 100000, MAX = 3 };
    struct address_table *table = address_table_new(ADDRESSES, 99);
    unsigned counts[ADDRESSES] = {0}, random = 1;

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct address address = {.bytes = {0, 0, 0xff, 0xff, 10, 0, 0, 0}};
        unsigned which;

        random = random * 1664525U + 1013904223U;
        which = random >> 16 & (ADDRESSES - 1);
        address.bytes[7] = (uint8_t)which;
        if (random >> 30 & 1) {
            assert_int_equal(address_table_take(table, &address, MAX), counts[which] < MAX);
            counts[which] += counts[which] < MAX;
        } else if (counts[which] > 0) {
            address_table_give(table, &address);
            counts[which]--;
        }
    }
    (void)address_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bearer),
        cmocka_unit_test(test_problem),
        cmocka_unit_test(test_bucket),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_address_table_against_array),
    };

    return cmocka_run_group_tests_name("service/http/parts", tests, NULL, NULL);
}
