/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from a server that says anything, through every conversion of reply to result. */
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static const struct operation *const operations[] = {
#define STORE_OPERATION(name, args_type, result_type) &operation_##name,
#include "service/store/operations.def"
#undef STORE_OPERATION
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The library makes room for as many elements as an array says it has; that is not ours to test. */
static bool has_huge_array(const uint8_t *data, size_t len)
{
    size_t digits = 0;
    bool counting = false;

    for (size_t i = 0; i < len; i++) {
        bool digit = data[i] >= '0' && data[i] <= '9';

        counting = data[i] == '*' || (counting && digit);
        digits = counting && digit ? digits + 1 : 0;
        if (digits > 4) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena *arena = arena_new(1 << 22);
    redisReader *reader = redisReaderCreate();
    void *reply = NULL;

    if (arena && reader && !has_huge_array(data, len) &&
        redisReaderFeed(reader, (const char *)data, len) == REDIS_OK &&
        redisReaderGetReply(reader, &reply) == REDIS_OK && reply) {
        for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
            void *result = calloc(1, operations[i]->result_size);

            arena_reset(arena);
            if (result) {
                (void)operations[i]->decode(reply, arena, result);
            }
            free(result);
        }
        freeReplyObject(reply);
    }
    redisReaderFree(reader);
    (void)arena_free(arena);
    return 0;
}
