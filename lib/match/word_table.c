/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/word_table.h"

#include <stdlib.h>

enum { PAIRS_A_WORD = 4 }; /* of the filter: half to all of them, by the rounding */

static unsigned bits_for(size_t count)
{
    unsigned bits = 4;

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
    table->filter_bits = bits_for(count / PAIRS_A_WORD);
    table->slots = calloc((size_t)1 << table->slot_bits, sizeof(*table->slots));
    table->filter = calloc((size_t)1 << table->filter_bits, sizeof(*table->filter));
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
           ((size_t)1 << table->filter_bits) * sizeof(*table->filter);
}

void word_table_add(struct word_table *table, uint64_t hash, uint32_t value)
{
    uint64_t h = word_table_spread(hash);
    size_t mask = ((size_t)1 << table->slot_bits) - 1, at = h >> (64 - table->slot_bits);

    table->filter[h >> (64 - table->filter_bits)] |= word_table_mask(h);
    for (; table->slots[at].value != 0; at = (at + 1) & mask) {
        if (table->slots[at].tag == (uint32_t)h && table->slots[at].value == value + 1) {
            return;
        }
    }
    table->slots[at] = (struct word_slot){(uint32_t)h, value + 1};
}

bool word_table_next(const struct word_table *table, uint64_t hash, uint32_t *at,
                     uint32_t *ret_value)
{
    uint64_t h = word_table_spread(hash);
    size_t mask = ((size_t)1 << table->slot_bits) - 1, start = h >> (64 - table->slot_bits);

    for (;;) {
        const struct word_slot *slot = &table->slots[(start + *at) & mask];

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
