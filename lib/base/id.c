/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/id.h"

#include "lib/base/codec.h"

#include <assert.h>

static const uint8_t dash_at[] = {8, 13, 18, 23};

struct id id_make(const char kind[4], int64_t unix_ms, unsigned shard, const uint8_t random[ID_RANDOM_LEN])
{
    uint8_t b[16];
    char hex[HEX_LEN(sizeof(b)) + 1];
    struct id id;
    size_t at = 4;

    assert(unix_ms >= 0 && unix_ms < (1LL << 48) && shard <= ID_SHARD_MAX);
    for (int i = 0; i < 6; i++) {
        b[i] = (uint8_t)(unix_ms >> (40 - 8 * i));
    }
    b[6] = (uint8_t)(0x70 | shard >> 8);
    b[7] = (uint8_t)shard;
    memcpy(b + 8, random, ID_RANDOM_LEN);
    b[8] = (uint8_t)((b[8] & 0x3F) | 0x80);
    hex_encode(b, sizeof(b), hex);
    memcpy(id.text, kind, 3);
    id.text[3] = '_';
    for (size_t i = 0, dash = 0; i < HEX_LEN(sizeof(b)); i++) {
        if (dash < sizeof(dash_at) && at - 4 == dash_at[dash]) {
            id.text[at++] = '-';
            dash++;
        }
        id.text[at++] = hex[i];
    }
    assert(at == ID_LEN);
    id.text[at] = '\0';
    return id;
}

bool id_read(struct span text, const char kind[4], unsigned *ret_shard, int64_t *ret_ms)
{
    char hex[32];
    uint8_t b[16];
    size_t digits = 0;

    if (text.len != ID_LEN || memcmp(text.ptr, kind, 3) != 0 || text.ptr[3] != '_') {
        return false;
    }
    for (size_t i = 4, dash = 0; i < ID_LEN; i++) {
        char c = text.ptr[i];

        if (dash < sizeof(dash_at) && i - 4 == dash_at[dash]) {
            if (c != '-') {
                return false;
            }
            dash++;
        } else if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
            hex[digits++] = c;
        } else {
            return false;
        }
    }
    if (!hex_decode((struct span){hex, digits}, b, sizeof(b)) || b[6] >> 4 != 7 || b[8] >> 6 != 2) {
        return false;
    }
    if (ret_shard) {
        *ret_shard = (unsigned)(b[6] & 15) << 8 | b[7];
    }
    if (ret_ms) {
        *ret_ms = 0;
        for (int i = 0; i < 6; i++) {
            *ret_ms = *ret_ms << 8 | b[i];
        }
    }
    return true;
}
