/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_CHAIN_H
#define RAPPORTEUR_LIB_MATCH_CHAIN_H

/*
 * Characters that a pattern needs one after the other, for patterns without a string to look for:
 * "h, then somewhere a, then somewhere c", or "e, at most one of anything, s, y". Several patterns'
 * chains share a machine word and one walk over the text (extended Shift-And of Navarro and
 * Raffinot).
 *     pattern_chain(&chain, fold, tree)              what a pattern needs; count 0: nothing to speak of
 *     chain_set_add(set, &chain, always, &id)
 *     chain_group_run(set, chain_group_of(id), classes, len) & chain_bit_of(id)      is it there?
 */

#include "lib/match/pattern.h"

enum {
    CHAIN_MAX = 16,        /* items of one chain */
    CHAIN_WIDE_WORD = 128, /* classes past ASCII: as in fold_look */
    CHAIN_WIDE_OTHER,
    CHAIN_ANY, /* may be several */
    CHAIN_CLASSES
};

struct chain_item {
    uint64_t bits[FOLD_SEEN_WORDS]; /* which characters */
    bool gap;                       /* anything may stand before it, else it follows at once */
    bool optional;                  /* may be missing; never the first or last, never at a gap */
};

struct pattern_chain {
    size_t count;
    uint32_t reach; /* bytes: in a longer text it is likely met, so that looking saves nothing */
    struct chain_item items[CHAIN_MAX];
};

/* The most telling part of what every match of the pattern holds, in this order. */
void pattern_chain(struct pattern_chain *ret, const struct fold *fold,
                   const struct pattern_tree *tree);

struct chain_set;

/* NULL without memory. */
struct chain_set *chain_set_new(void);
struct chain_set *chain_set_free(struct chain_set *set);
size_t chain_set_bytes(const struct chain_set *set);
size_t chain_set_groups(const struct chain_set *set);
/* 0 or -ENOMEM; the chain has items. Those asked for with every text share groups. */
int chain_set_add(struct chain_set *set, const struct pattern_chain *chain, bool always,
                  uint32_t *ret_id);

static inline uint32_t chain_group_of(uint32_t id)
{
    return id >> 6;
}

static inline uint64_t chain_bit_of(uint32_t id)
{
    return 1ull << (id & 63);
}

/* The class of each code point of a text; room for as many as the text has bytes. */
size_t chain_classes(const struct fold *fold, struct span text, uint8_t *classes);
/* The bits of the group's chains that are there. */
uint64_t chain_group_run(const struct chain_set *set, uint32_t group, const uint8_t *classes,
                         size_t len);

#endif
