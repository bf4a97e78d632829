/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/word_table.h"

#include <stdlib.h>

enum { FILTER_BITS_A_PAIR = 16 };

struct slot {
    uint32_t tag, value;        /* value + 1; 0: empty, and the end of a run */
};

struct word_table {
    unsigned slot_bits, filter_bits;
    struct slot *slots;
    uint64_t *filter;
};

/* The upper bits of a product of all bits: runs of letters differ in the lowest ones most. */
static inline uint64_t spread(uint64_t hash)
{
    hash ^= hash >> 32;
    return hash * 0xd6e8feb86659fd93ull;
}

static unsigned bits_for(size_t count)
{
    unsigned bits = 6;

    while (((size_t)1 << bits) < count) {
        bits++;
    }
    return bits;
}

struct word_table *word_table_new(size_t count)
{
    struct word_table *table = calloc(1, sizeof(*table));

    if (!table) {
        return NULL;
    }
    table->slot_bits = bits_for(count + count / 2);
    table->filter_bits = bits_for(count * FILTER_BITS_A_PAIR / 2);
    table->slots = calloc((size_t)1 << table->slot_bits, sizeof(*table->slots));
    table->filter = calloc(((size_t)1 << table->filter_bits) / 64, sizeof(*table->filter));
    return table->slots && table->filter ? table : word_table_free(table);
}

struct word_table *word_table_free(struct word_table *table)
{
    if (table) {
        free(table->slots);
        free(table->filter);
        free(table);
    }
    return NULL;
}

size_t word_table_bytes(const struct word_table *table)
{
    return sizeof(*table) + ((size_t)1 << table->slot_bits) * sizeof(*table->slots) +
           ((size_t)1 << table->filter_bits) / 8;
}

void word_table_add(struct word_table *table, uint64_t hash, uint32_t value)
{
    uint64_t h = spread(hash), bit = h >> (64 - table->filter_bits);
    size_t mask = ((size_t)1 << table->slot_bits) - 1, at = h >> (64 - table->slot_bits);

    table->filter[bit / 64] |= 1ull << bit % 64;
    for (; table->slots[at].value != 0; at = (at + 1) & mask) {
        if (table->slots[at].tag == (uint32_t)h && table->slots[at].value == value + 1) {
            return;
        }
    }
    table->slots[at] = (struct slot){(uint32_t)h, value + 1};
}

bool word_table_may_have(const struct word_table *table, uint64_t hash)
{
    uint64_t bit = spread(hash) >> (64 - table->filter_bits);

    return table->filter[bit / 64] >> bit % 64 & 1;
}

bool word_table_next(const struct word_table *table, uint64_t hash, uint32_t *at, uint32_t *ret_value)
{
    uint64_t h = spread(hash);
    size_t mask = ((size_t)1 << table->slot_bits) - 1, start = h >> (64 - table->slot_bits);

    for (;;) {
        const struct slot *slot = &table->slots[(start + *at) & mask];

        if (slot->value == 0) {
            return false;
        }
        *at += 1;
        if (slot->tag == (uint32_t)h) {
            *ret_value = slot->value - 1;
            return true;
        }
    }
}
