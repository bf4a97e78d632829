/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/tlsh.h"

#include "lib/base/codec.h"
#include "lib/match/popcount.h"

enum { TLSH_BYTES = 35, BODY_AT = 3 };

bool tlsh_read(struct tlsh *ret, struct span hex)
{
    uint8_t bytes[TLSH_BYTES];

    if (hex.len == 2 + HEX_LEN(TLSH_BYTES) && hex.ptr[0] == 'T' && hex.ptr[1] == '1') {
        hex = span_sub(hex, 2, hex.len);
    }
    if (hex.len != HEX_LEN(TLSH_BYTES) || !hex_decode(hex, bytes, sizeof(bytes))) {
        return false;
    }
    *ret = (struct tlsh){.checksum = bytes[0], .ratios = bytes[2]};
    for (size_t i = 0; i < 128; i++) {
        unsigned pair = bytes[BODY_AT + i / 4] >> (i % 4 * 2);

        ret->low[i / 64] |= (uint64_t)(pair & 1) << (i % 64);
        ret->high[i / 64] |= (uint64_t)(pair >> 1 & 1) << (i % 64);
    }
    return true;
}

static int ratio_distance(int a, int b)
{
    int apart = a < b ? b - a : a - b;

    apart = apart > 8 ? 16 - apart : apart;
    return apart <= 1 ? apart : (apart - 1) * 12;
}

int tlsh_ratio_distance(uint8_t a, uint8_t b)
{
    return ratio_distance(a >> 4, b >> 4) + ratio_distance(a & 15, b & 15);
}

/* Two bits differ by 1 where only the lower differs or they are 1 and 2, by 2 where only the upper
 * does, and count 6 where they are 0 and 3. */
static ALWAYS_INLINE int distance(const struct tlsh *a, const struct tlsh *b)
{
    int sum = a->checksum != b->checksum;

    for (size_t i = 0; i < 2; i++) {
        uint64_t high = a->high[i] ^ b->high[i], low = a->low[i] ^ b->low[i];
        uint64_t middle = a->high[i] ^ a->low[i];

        sum += __builtin_popcountll((low & ~high) | (low & high & middle));
        sum += 2 * __builtin_popcountll(high & ~low);
        sum += 6 * __builtin_popcountll(high & low & ~middle);
    }
    return sum + tlsh_ratio_distance(a->ratios, b->ratios);
}

POPCOUNT_TARGET static int distance_fast(const struct tlsh *a, const struct tlsh *b)
{
    return distance(a, b);
}

int tlsh_distance(const struct tlsh *a, const struct tlsh *b)
{
    return FAST_POPCOUNT ? distance_fast(a, b) : distance(a, b);
}
