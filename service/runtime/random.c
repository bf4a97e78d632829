/* SPDX-License-Identifier: Apache-2.0 */
#include "service/runtime/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *into, size_t len)
{
    char *at = into;

    while (len) {
        ssize_t got = getrandom(at, len, 0);

        if (got < 0 && errno != EINTR) {
            abort();
        }
        if (got > 0) {
            at += got;
            len -= (size_t)got;
        }
    }
}

struct id random_id(const char kind[4], int64_t now_ms, unsigned shard)
{
    uint8_t random[ID_RANDOM_LEN];

    random_bytes(random, sizeof(random));
    return id_make(kind, now_ms, shard, random);
}
