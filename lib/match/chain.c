/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/chain.h"

#include "lib/text/utf8.h"

#include <errno.h>
#include <stdlib.h>

enum { WORD = 64, BLOCK = 64 };

/* An item is a bit; that of a chain's first item is the lowest. */
struct chain_group {
    uint64_t of[CHAIN_CLASSES];     /* which items a class fits */
    uint64_t first, last;           /* items of each chain */
    uint64_t stay;                  /* items with a gap behind them: once met, met for good */
    uint64_t optional, before, end; /* runs of optional items: all, the item before, the last one */
    unsigned used;
};

struct chain_set {
    struct chain_group *groups;
    size_t count;
    size_t open[2][2]; /* 1 + the group being filled, by always and has optional items; 0: none */
};

struct chain_set *chain_set_new(void)
{
    return calloc(1, sizeof(struct chain_set));
}

struct chain_set *chain_set_free(struct chain_set *set)
{
    if (set) {
        free(set->groups);
        free(set);
    }
    return NULL;
}

size_t chain_set_bytes(const struct chain_set *set)
{
    return sizeof(*set) + set->count * sizeof(*set->groups);
}

size_t chain_set_groups(const struct chain_set *set)
{
    return set->count;
}

static void add_item(struct chain_group *group, const struct chain_item *item, unsigned at)
{
    uint64_t bit = 1ull << at;

    for (unsigned c = 0; c < 128; c++) {
        group->of[c] |= item->bits[c >> 6] >> (c & 63) & 1 ? bit : 0;
    }
    group->of[CHAIN_WIDE_WORD] |= item->bits[2] & FOLD_SEEN_WIDE_WORD ? bit : 0;
    group->of[CHAIN_WIDE_OTHER] |= item->bits[2] & FOLD_SEEN_WIDE_OTHER ? bit : 0;
    group->of[CHAIN_ANY] |= bit;
    group->stay |= item->gap ? bit >> 1 : 0;
    group->optional |= item->optional ? bit : 0;
}

static bool has_optional(const struct pattern_chain *chain)
{
    bool some = false;

    for (size_t i = 0; i < chain->count; i++) {
        some |= chain->items[i].optional;
    }
    return some;
}

int chain_set_add(struct chain_set *set, const struct pattern_chain *chain, bool always,
                  uint32_t *ret_id)
{
    size_t *open = &set->open[always][has_optional(chain)];
    struct chain_group *group = *open > 0 ? &set->groups[*open - 1] : NULL;
    unsigned last;

    if (!group || group->used + chain->count > WORD) {
        group = realloc(set->groups, (set->count + 1) * sizeof(*group));
        if (!group) {
            return -ENOMEM;
        }
        set->groups = group;
        group = &set->groups[set->count++];
        *open = set->count;
        *group = (struct chain_group){0};
    }
    group->first |= 1ull << group->used;
    for (size_t i = 0; i < chain->count; i++) {
        const struct chain_item *item = &chain->items[i];

        add_item(group, item, group->used);
        if (item->optional) {
            group->before |= chain->items[i - 1].optional ? 0 : 1ull << (group->used - 1);
            group->end |= chain->items[i + 1].optional ? 0 : 1ull << group->used;
        }
        group->used++;
    }
    last = group->used - 1;
    group->last |= 1ull << last;
    *ret_id = (uint32_t)(*open - 1) << 6 | last;
    return 0;
}

size_t chain_classes(const struct fold *fold, struct span text, uint8_t *classes)
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    size_t count = 0;

    while (p < end) {
        uint32_t point = utf8_next(&p), folded = fold_point(fold, point);

        if (point < 0x80) {
            classes[count++] = (uint8_t)folded;
        } else if (folded < 0x80) {
            classes[count++] = CHAIN_ANY; /* as that letter, and as what it was */
        } else {
            classes[count++] = fold_is_word(fold, point) ? CHAIN_WIDE_WORD : CHAIN_WIDE_OTHER;
        }
    }
    return count;
}

/* A met item before a run of optional ones counts for all behind it in the run: the borrow of the
 * subtraction runs from the end of the run down to the lowest item met. */
static inline uint64_t pass_optional(const struct chain_group *group, uint64_t met)
{
    uint64_t with_end = met | group->end;

    return met | (group->optional & (~(with_end - group->before) ^ with_end));
}

static uint64_t run_optional(const struct chain_group *group, const uint8_t *classes, size_t from,
                             size_t to, uint64_t *met_so_far)
{
    uint64_t met = *met_so_far, found = 0;

    for (size_t i = from; i < to; i++) {
        met = ((met << 1 | group->first) & group->of[classes[i]]) | (met & group->stay);
        met = pass_optional(group, met);
        found |= met;
    }
    *met_so_far = met;
    return found;
}

static uint64_t run_plain(const struct chain_group *group, const uint8_t *classes, size_t from,
                          size_t to, uint64_t *met_so_far)
{
    uint64_t met = *met_so_far, found = 0;

    for (size_t i = from; i < to; i++) {
        met = ((met << 1 | group->first) & group->of[classes[i]]) | (met & group->stay);
        found |= met;
    }
    *met_so_far = met;
    return found;
}

uint64_t chain_group_run(const struct chain_set *set, uint32_t group_at, const uint8_t *classes,
                         size_t len)
{
    const struct chain_group *group = &set->groups[group_at];
    uint64_t met = 0, found = 0;

    /* Long texts often have all of a group early on. */
    for (size_t from = 0; from < len && (found & group->last) != group->last; from += BLOCK) {
        size_t to = len - from < BLOCK ? len : from + BLOCK;

        found |= group->optional ? run_optional(group, classes, from, to, &met)
                                 : run_plain(group, classes, from, to, &met);
    }
    return found & group->last;
}
