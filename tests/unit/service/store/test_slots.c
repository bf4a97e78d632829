/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/store/sentinel.h"
#include "service/store/slots.h"

#include <hiredis/hiredis.h>

#include <stdio.h>

static const struct store_host asked = {"10.0.0.9", 7009};

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

static void test_slots_are_those_of_redis(void **state)
{
    /* As CLUSTER KEYSLOT of redis-server 7.0.15 answers. */
    static const struct {
        const char *key;
        unsigned slot;
    } cases[] = {
        {"123456789", 12739},
        {"foo", 12182},
        {"{foo}bar", 12182},
        {"x{foo}{bar}", 12182},
        {"foo{}{bar}", 8363},
        {"foo{{bar}}zap", 4015},
        {"", 0},
        {"{s00}", 12958},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(slot_of_key(span_of(cases[i].key)), cases[i].slot);
    }
    assert_int_equal(slot_of_shard(7), slot_of_key(SPAN("{s07}:log")));
    assert_int_equal(slot_of_shard(512), slot_of_key(SPAN("s512")));
    assert_int_not_equal(slot_of_shard(0), slot_of_shard(1));
}

static void test_a_map_is_read_whole_or_not_at_all(void **state)
{
    static const char *const good = "*2\r\n"
                                    "*4\r\n:0\r\n:100\r\n*3\r\n$1\r\na\r\n:1\r\n$2\r\nid\r\n"
                                    "*3\r\n$1\r\nb\r\n:2\r\n$2\r\nid\r\n"
                                    "*3\r\n:200\r\n:200\r\n*3\r\n$0\r\n\r\n:3\r\n$2\r\nid\r\n";
    static const char *const bad[] = {
        "+OK\r\n",
        "-ERR This instance has cluster support disabled\r\n",
        "*1\r\n+x\r\n",
        "*1\r\n*2\r\n:0\r\n:100\r\n",
        "*1\r\n*3\r\n:5\r\n:4\r\n*2\r\n$1\r\na\r\n:1\r\n",
        "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\na\r\n:0\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$-1\r\n:1\r\n",
    };
    static struct slot_map map;
    struct redisReply *reply = reply_of(good);

    (void)state;
    slot_map_init(&map);
    assert_true(slot_map_read(&map, reply, &asked));
    freeReplyObject(reply);
    assert_int_equal(map.node_count, 2);
    assert_int_equal(map.owner[0], 0);
    assert_int_equal(map.owner[100], 0);
    assert_int_equal(map.owner[101], SLOT_UNKNOWN);
    assert_int_equal(map.owner[200], 1);
    assert_int_equal(map.replicas[0], 1);
    assert_string_equal(map.nodes[1].host, "10.0.0.9"); /* no name: the server that answered */
    assert_int_equal(map.nodes[1].port, 3);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        reply = reply_of(bad[i]);
        assert_false(slot_map_read(&map, reply, &asked));
        freeReplyObject(reply);
        assert_int_equal(map.owner[100], 0);
    }
}

static void test_a_map_learns_forgets_and_is_bounded(void **state)
{
    static struct slot_map map;
    struct store_host host = {"h", 1};

    (void)state;
    slot_map_init(&map);
    for (int i = 1; i <= SLOT_NODES_MAX; i++) {
        host.port = i;
        slot_map_moved(&map, (unsigned)i, &host);
        assert_int_equal(map.owner[i], i - 1);
    }
    host.port = SLOT_NODES_MAX + 1;
    assert_int_equal(slot_map_node(&map, &host), SLOT_UNKNOWN);
    slot_map_moved(&map, 5, &host);
    assert_int_equal(map.owner[5], 4);
    slot_map_forget(&map, 4);
    assert_int_equal(map.owner[5], SLOT_UNKNOWN);
    slot_map_moved(&map, 5, &host);
    assert_int_equal(map.owner[5], 4);
    slot_map_moved(&map, SLOT_COUNT, &host);
}

static void test_what_errors_ask_of_us(void **state)
{
    static const struct {
        const char *bytes;
        enum redirect_kind kind;
        unsigned slot;
        const char *host;
        int port;
    } cases[] = {
        {"-MOVED 3999 127.0.0.1:6381\r\n", REDIRECT_MOVED, 3999, "127.0.0.1", 6381},
        {"-MOVED 1 :6381\r\n", REDIRECT_MOVED, 1, "10.0.0.9", 6381},
        {"-ASK 16383 ::1:7000\r\n", REDIRECT_ASK, 16383, "::1", 7000},
        {"-ASK 16384 ::1:7000\r\n", REDIRECT_LATER, 0, NULL, 0},
        {"-MOVED x y\r\n", REDIRECT_LATER, 0, NULL, 0},
        {"-MOVED 1\r\n", REDIRECT_LATER, 0, NULL, 0},
        {"-MOVED 1 :0\r\n", REDIRECT_LATER, 0, NULL, 0},
        {"-TRYAGAIN Multiple keys\r\n", REDIRECT_LATER, 0, NULL, 0},
        {"-CLUSTERDOWN The cluster is down\r\n", REDIRECT_LATER, 0, NULL, 0},
        {"-READONLY You can't write\r\n", REDIRECT_STALE, 0, NULL, 0},
        {"-MASTERDOWN Link\r\n", REDIRECT_STALE, 0, NULL, 0},
        {"-ERR MOVED 1 a:1\r\n", REDIRECT_NONE, 0, NULL, 0},
        {"-OOM no\r\n", REDIRECT_NONE, 0, NULL, 0},
        {"*1\r\n$2\r\nok\r\n", REDIRECT_NONE, 0, NULL, 0},
    };

    (void)state;
    assert_int_equal(redirect_read(NULL, &asked).kind, REDIRECT_NONE);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct redisReply *reply = reply_of(cases[i].bytes);
        struct redirect got = redirect_read(reply, &asked);

        freeReplyObject(reply);
        if (got.kind != cases[i].kind) {
            fail_msg("%s: %d", cases[i].bytes, (int)got.kind);
        }
        if (cases[i].host) {
            assert_int_equal(got.slot, cases[i].slot);
            assert_string_equal(got.host.host, cases[i].host);
            assert_int_equal(got.host.port, cases[i].port);
        }
    }
}

static enum sentinel_said say(struct sentinel_view *view, int port, int epoch, size_t sentinels)
{
    char bytes[256];
    struct redisReply *reply;
    enum sentinel_said said;

    (void)snprintf(
        bytes, sizeof(bytes),
        "*8\r\n+name\r\n+main\r\n+ip\r\n+10.0.0.1\r\n+port\r\n+%d\r\n+config-epoch\r\n+%d\r\n",
        port, epoch);
    reply = reply_of(bytes);
    said = sentinel_read(view, reply, sentinels);
    freeReplyObject(reply);
    return said;
}

static void test_an_older_epoch_is_not_believed(void **state)
{
    struct sentinel_view view = {.epoch = 0};
    struct redisReply *reply = reply_of("-ERR No such master with that name\r\n");

    (void)state;
    assert_int_equal(sentinel_read(&view, reply, 3), SENTINEL_NOTHING);
    freeReplyObject(reply);
    assert_int_equal(say(&view, 7000, 4, 3), SENTINEL_SWITCHED);
    assert_int_equal(say(&view, 7000, 4, 3), SENTINEL_SAME);
    assert_int_equal(say(&view, 7001, 5, 3), SENTINEL_SWITCHED);
    assert_int_equal(say(&view, 7000, 4, 3), SENTINEL_STALE);
    assert_int_equal(view.primary.port, 7001);
    assert_int_equal(say(&view, 7001, 5, 3), SENTINEL_SAME);
    /* Most of them, one after another: set up anew. */
    assert_int_equal(say(&view, 7000, 1, 3), SENTINEL_STALE);
    assert_int_equal(say(&view, 7000, 1, 3), SENTINEL_SWITCHED);
    assert_int_equal(view.epoch, 1);
}

static void test_only_a_switch_of_our_primary_counts(void **state)
{
    struct redisReply *ours = reply_of("*3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n"
                                       "$20\r\nmain a 7000 b 70010 \r\n");
    struct redisReply *first = reply_of("*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n");

    (void)state;
    assert_true(sentinel_switched(ours, "main"));
    assert_false(sentinel_switched(ours, "mai"));
    assert_false(sentinel_switched(first, "main"));
    freeReplyObject(ours);
    freeReplyObject(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots_are_those_of_redis),
        cmocka_unit_test(test_a_map_is_read_whole_or_not_at_all),
        cmocka_unit_test(test_a_map_learns_forgets_and_is_bounded),
        cmocka_unit_test(test_what_errors_ask_of_us),
        cmocka_unit_test(test_an_older_epoch_is_not_believed),
        cmocka_unit_test(test_only_a_switch_of_our_primary_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
