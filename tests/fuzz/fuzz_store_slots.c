/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from a server that says anything, through what a cluster's and a Sentinel's answers mean. */
#include "service/store/sentinel.h"
#include "service/store/slots.h"

#include <hiredis/hiredis.h>

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The library makes room for as many elements as an array says it has; that is not ours to test. */
static bool has_huge_array(const uint8_t *data, size_t len)
{
    size_t digits = 0;

    for (size_t i = 0; i < len; i++) {
        digits = data[i] >= '0' && data[i] <= '9' ? digits + 1 : 0;
        if (digits > 5) {
            return true;
        }
    }
    return false;
}

static void read_all(const struct redisReply *reply)
{
    static struct slot_map map;
    struct store_host asked = {"127.0.0.1", 6379};
    struct sentinel_view view = {.epoch = 1, .primary = asked};
    struct redirect redirect = redirect_read(reply, &asked);

    slot_map_init(&map);
    if (slot_map_read(&map, reply, &asked)) {
        for (size_t slot = 0; slot < SLOT_COUNT; slot++) {
            assert(map.owner[slot] == SLOT_UNKNOWN || map.owner[slot] < map.node_count);
        }
    }
    assert(redirect.slot < SLOT_COUNT);
    assert(redirect.kind != REDIRECT_MOVED || redirect.host.port > 0);
    (void)sentinel_read(&view, reply, 3);
    assert(view.primary.port > 0);
    (void)sentinel_switched(reply, "main");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    redisReader *reader = redisReaderCreate();
    void *reply = NULL;

    if (reader && len < 65536 && !has_huge_array(data, len) &&
        redisReaderFeed(reader, (const char *)data, len) == REDIS_OK &&
        redisReaderGetReply(reader, &reply) == REDIS_OK && reply) {
        read_all(reply);
        freeReplyObject(reply);
    }
    redisReaderFree(reader);
    return 0;
}
