/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_TEXT_TABLE_H
#define RAPPORTEUR_LIB_TEXT_TABLE_H

/*
 * The shape of the generated tables; for lib/text only. table/generate.c writes their content at
 * build time. All are two-level: block[index[cp >> 7] << 7 | (cp & 127)].
 *
 * A map entry is one number: bits 0-2 its kind, bits 3-10 the combining class of its last code
 * point, bits 11-31 its value.
 */

#include <stdint.h>

enum { TABLE_SHIFT = 7, TABLE_BLOCK = 1 << TABLE_SHIFT, TABLE_INDEX_LEN = 0x110000 >> TABLE_SHIFT };

enum map_kind {
    MAP_SAME,      /* stays as it is */
    MAP_ONE,       /* becomes the code point `value`, whose UTF-8 is not longer */
    MAP_DROP,      /* ignorable: vanishes */
    MAP_DROP_MARK, /* vanishes and counts as part of the letter before it */
    MAP_MANY,      /* becomes the UTF-8 at pool[value]: one byte of length, then the bytes */
    MAP_SLOW,      /* may join or pass what stands before it: see compose.c */
};

extern const uint16_t text_map_index[];
extern const uint32_t text_map_block[];
extern const uint8_t text_map_pool[];

/* The same for the confusable form, from normalised code points: SAME, ONE and MANY only. */
extern const uint16_t text_confusable_index[];
extern const uint32_t text_confusable_block[];
extern const uint8_t text_confusable_pool[];

/* Full case-folded compatibility decomposition: pool[value] is a count, then the code points; value
 * 0 is the code point itself. Hangul syllables are left to arithmetic. */
extern const uint16_t text_decompose_index[];
extern const uint16_t text_decompose_block[];
extern const uint32_t text_decompose_pool[];

/* Canonical combining class. */
extern const uint16_t text_class_index[];
extern const uint8_t text_class_block[];

/* Canonical compositions without the excluded ones and without Hangul, sorted by first, second. */
struct compose_pair {
    uint32_t first, second, composed;
};
extern const struct compose_pair text_compose_pairs[];
extern const uint32_t text_compose_count;

/* cp is evaluated twice. */
#define TABLE_AT(name, cp)                                                                         \
    (name##_block[(uint32_t)name##_index[(cp) >> TABLE_SHIFT] << TABLE_SHIFT |                     \
                  ((cp) & (TABLE_BLOCK - 1))])

static inline enum map_kind map_kind_of(uint32_t entry)
{
    return (enum map_kind)(entry & 7);
}

static inline unsigned map_class_of(uint32_t entry)
{
    return entry >> 3 & 0xff;
}

static inline uint32_t map_value_of(uint32_t entry)
{
    return entry >> 11;
}

#endif
