/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/store/operation.h"

#include <hiredis/hiredis.h>

/* A reply from its bytes on the wire. */
static struct redisReply *reply_of(const char *bytes)
{
    redisReader *reader = redisReaderCreate();
    void *reply = NULL;

    assert_int_equal(redisReaderFeed(reader, bytes, strlen(bytes)), REDIS_OK);
    assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
    assert_non_null(reply);
    redisReaderFree(reader);
    return reply;
}

static void test_outcomes(void **state)
{
    static const struct {
        const char *bytes;
        enum store_outcome outcome;
    } cases[] = {
        {"*1\r\n$2\r\nok\r\n", STORE_OK},
        {"*1\r\n$5\r\nagain\r\n", STORE_AGAIN},
        {"*1\r\n$6\r\nleased\r\n", STORE_LEASED},
        {"*1\r\n$4\r\nbusy\r\n", STORE_BUSY},
        {"*1\r\n$7\r\nunknown\r\n", STORE_BROKEN}, /* no function says this */
        {"*1\r\n$3\r\nwhy\r\n", STORE_BROKEN},
        {"*0\r\n", STORE_BROKEN},
        {"*1\r\n:1\r\n", STORE_BROKEN},
        {"$2\r\nok\r\n", STORE_BROKEN},
        {"+OK\r\n", STORE_BROKEN},
        {"$-1\r\n", STORE_BROKEN},
        {"-LOADING Redis is loading\r\n", STORE_BUSY},
        {"-OOM command not allowed\r\n", STORE_BUSY},
        {"-MISCONF disk\r\n", STORE_BUSY},
        {"-READONLY replica\r\n", STORE_BUSY},
        {"-ERR Function not found\r\n", STORE_BUSY},
        {"-ERR user_function:12: entry too large\r\n", STORE_BROKEN},
        {"-LOADINGX\r\n", STORE_BROKEN},
    };

    (void)state;
    assert_int_equal(reply_outcome(NULL), STORE_UNKNOWN);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct redisReply *reply = reply_of(cases[i].bytes);

        if (reply_outcome(reply) != cases[i].outcome) {
            fail_msg("%s: %s", cases[i].bytes, store_outcome_words[reply_outcome(reply)]);
        }
        freeReplyObject(reply);
    }
}

static void test_numbers_come_in_three_forms(void **state)
{
    struct redisReply *reply = reply_of(
        "*8\r\n:7\r\n$3\r\n123\r\n$0\r\n\r\n$2\r\n-1\r\n$1\r\n1\r\n$1\r\n4\r\n$1\r\nx\r\n:1\r\n");
    struct reply_row row = reply_row(reply, 0);

    (void)state;
    assert_int_equal(reply_left(&row), 8);
    assert_int_equal(reply_int(&row), 7);
    assert_int_equal(reply_int(&row), 123);
    assert_int_equal(reply_int_or(&row, -5), -5);
    assert_int_equal(reply_int(&row), -1);
    assert_true(reply_bool(&row));
    assert_int_equal(reply_small(&row, 4), 4);
    assert_false(row.bad);
    assert_int_equal(reply_int(&row), 0);
    assert_true(row.bad);
    freeReplyObject(reply);
}

static void test_what_is_too_short_or_of_another_type_is_bad(void **state)
{
    struct redisReply *reply = reply_of("*2\r\n$-1\r\n*0\r\n");
    struct reply_row row = reply_row(reply, 0);

    (void)state;
    assert_int_equal(reply_span(&row).len, 0);
    assert_true(row.bad);
    row = reply_row(reply, 1);
    assert_int_equal(reply_left(&row), 1);
    (void)reply_nested(&row);
    assert_false(row.bad);
    (void)reply_span(&row);
    assert_true(row.bad);
    row = reply_row(reply, 3);
    assert_true(row.bad);
    row = reply_row(NULL, 0);
    assert_true(row.bad);
    assert_int_equal(reply_left(&row), 0);
    freeReplyObject(reply);
}

static void test_a_claim_with_a_wrong_field_is_broken(void **state)
{
    static const char good[] =
        "*2\r\n$2\r\nok\r\n*11\r\n$1\r\nt\r\n$1\r\nc\r\n$1\r\nq\r\n$2\r\nar\r\n"
        "$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n:4\r\n$1\r\n4\r\n:1\r\n:9\r\n";
    static const char bad[] =
        "*2\r\n$2\r\nok\r\n*11\r\n$1\r\nt\r\n$1\r\nc\r\n$1\r\nq\r\n$2\r\nar\r\n"
        "$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n:4\r\n$1\r\n5\r\n:1\r\n:9\r\n";
    struct arena *arena = arena_new(1 << 16);
    struct redisReply *reply = reply_of(good);
    struct store_claimed claimed = {0};

    (void)state;
    assert_int_equal(operation_claim.decode(reply, arena, &claimed), STORE_OK);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.leases[0].index, 9);
    assert_true(claimed.leases[0].second);
    freeReplyObject(reply);
    reply = reply_of(bad);
    assert_int_equal(operation_claim.decode(reply, arena, &claimed), STORE_BROKEN);
    freeReplyObject(reply);
    arena = arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_numbers_come_in_three_forms),
        cmocka_unit_test(test_what_is_too_short_or_of_another_type_is_bad),
        cmocka_unit_test(test_a_claim_with_a_wrong_field_is_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
