/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_WORD_TABLE_H
#define RAPPORTEUR_LIB_MATCH_WORD_TABLE_H

/*
 * From the hash of some letters to the literals that have them. The hash of two runs of letters one
 * behind the other follows from their hashes, so each word of a text is hashed once and every run of
 * neighbouring words costs one multiplication.
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

struct word_table;

/* Room for `count` pairs. NULL without memory. */
struct word_table *word_table_new(size_t count);
struct word_table *word_table_free(struct word_table *table);
DEFINE_CLEANUP(struct word_table *, word_table_free);
size_t word_table_bytes(const struct word_table *table);

/* The same pair twice is kept once. */
void word_table_add(struct word_table *table, uint64_t hash, uint32_t value);

/* Almost always false when nothing was added under that hash. */
bool word_table_may_have(const struct word_table *table, uint64_t hash);
/* The values under a hash, and some under others. Start with *at 0; false at the end. */
bool word_table_next(const struct word_table *table, uint64_t hash, uint32_t *at, uint32_t *ret_value);

#endif
