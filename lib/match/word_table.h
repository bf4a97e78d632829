/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_WORD_TABLE_H
#define RAPPORTEUR_LIB_MATCH_WORD_TABLE_H

/*
 * From the hash of some letters to the literals that have them. The hash of two runs of letters one
 * behind the other follows from their hashes, so each word of a text is hashed once and every run
 * of neighbouring words costs one multiplication.
 */

#include "lib/base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORD_HASH_FACTOR 0x9e3779b97f4a7c15ull

static inline uint64_t word_hash_add(uint64_t hash, unsigned char byte)
{
    return hash * WORD_HASH_FACTOR + byte + 1;
}

/* Open to this header so that the look at the filter, which almost every call ends with, is
 * inlined. */
struct word_table {
    unsigned slot_bits, filter_bits; /* log2 of how many slots, and of how many words of filter */
    struct word_slot {
        uint32_t tag, value; /* value + 1; 0: empty, and the end of a run */
    } * slots;
    uint64_t *filter; /* two bits of one word for each pair */
};

/* Room for `count` pairs. NULL without memory. */
struct word_table *word_table_new(size_t count);
struct word_table *word_table_free(struct word_table *table);
DEFINE_CLEANUP(struct word_table *, word_table_free);
size_t word_table_bytes(const struct word_table *table);

/* The same pair twice is kept once. */
void word_table_add(struct word_table *table, uint64_t hash, uint32_t value);

/* The upper bits of a product of all bits: runs of letters differ in the lowest ones most. */
static inline uint64_t word_table_spread(uint64_t hash)
{
    hash ^= hash >> 32;
    return hash * 0xd6e8feb86659fd93ull;
}

static inline uint64_t word_table_mask(uint64_t spread)
{
    return 1ull << (spread & 63) | 1ull << (spread >> 6 & 63);
}

/* Almost always false when nothing was added under that hash. */
static inline bool word_table_may_have(const struct word_table *table, uint64_t hash)
{
    uint64_t h = word_table_spread(hash), mask = word_table_mask(h);

    return (table->filter[h >> (64 - table->filter_bits)] & mask) == mask;
}

/* The values under a hash, and some under others. Start with *at 0; false at the end. */
bool word_table_next(const struct word_table *table, uint64_t hash, uint32_t *at,
                     uint32_t *ret_value);

#endif
