/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/chain.h"

#include "lib/match/char_set.h"

enum {
    ITEMS_MAX = 64,
    STEPS_MAX = 2000,
    COPIES_MAX = 6,   /* of x{n} */
    OPTIONAL_MAX = 3, /* in a row; more are a gap */
    TEXT_LENGTH = 100 /* characters, for the guess how often a chain is met */
};

/* A chain met more often than this saves nothing. */
static const double common = 0.3;

struct chain_writer {
    const struct fold *fold;
    struct chain_item items[ITEMS_MAX];
    size_t count, steps;
    bool gap;  /* before the next item */
    bool full; /* the rest of the pattern is left out */
};

/* Code points that a match of the node takes; most ENDLESS: no limit known. */
struct width {
    uint32_t least, most;
};
enum { ENDLESS = 1 << 20 };

static struct width width_of(const struct node *node);

static uint32_t limited(uint64_t width)
{
    return width < ENDLESS ? (uint32_t)width : ENDLESS;
}

static struct width width_of_all(const struct node *node)
{
    struct width sum = {0, 0}, one;
    bool first = true;

    for (const struct node *child = node->first; child; child = child->next) {
        one = width_of(child);
        if (node->kind == NODE_SEQUENCE) {
            sum.least = limited((uint64_t)sum.least + one.least);
            sum.most = limited((uint64_t)sum.most + one.most);
        } else {
            sum.least = first || one.least < sum.least ? one.least : sum.least;
            sum.most = one.most > sum.most ? one.most : sum.most;
        }
        first = false;
    }
    return sum;
}

/* Recursion is as deep as the pattern's groups: PATTERN_DEPTH_MAX. */
static struct width width_of(const struct node *node)
{
    struct width one;

    switch (node->kind) {
    case NODE_SET:
        return (struct width){1, 1};
    case NODE_SEQUENCE:
    case NODE_CHOICE:
        return width_of_all(node);
    case NODE_REPEAT:
        one = width_of(node->first);
        return (struct width){limited((uint64_t)one.least * node->min),
                              limited((uint64_t)one.most * node->max)};
    case NODE_UNKNOWN:
        return (struct width){0, ENDLESS};
    case NODE_NOTHING:
    case NODE_LOOK:
        break;
    }
    return (struct width){0, 0};
}

static void put_gap(struct chain_writer *w)
{
    while (w->count > 0 && w->items[w->count - 1].optional) {
        w->count--;
    }
    w->gap = true;
}

static void put(struct chain_writer *w, const uint64_t bits[FOLD_SEEN_WORDS], bool optional)
{
    struct chain_item *item = &w->items[w->count];

    w->full |= w->count == ITEMS_MAX;
    if (w->full || (optional && w->gap)) {
        return;
    }
    memcpy(item->bits, bits, sizeof(item->bits));
    item->gap = w->gap;
    item->optional = optional;
    w->gap = false;
    w->count++;
}

/* Anything, of a width that is known. */
static void put_any(struct chain_writer *w, struct width width)
{
    static const uint64_t all[FOLD_SEEN_WORDS] = {UINT64_MAX, UINT64_MAX, UINT64_MAX};

    if (width.least > COPIES_MAX || width.most - width.least > OPTIONAL_MAX) {
        put_gap(w);
        return;
    }
    for (uint32_t i = 0; i < width.most; i++) {
        put(w, all, i >= width.least);
    }
}

/* What a match of the node may begin with, where it must take a character. */
static bool add_first(const struct chain_writer *w, const struct node *node,
                      uint64_t bits[FOLD_SEEN_WORDS])
{
    const struct node *child = node->first;
    uint64_t own[FOLD_SEEN_WORDS];
    bool all = child != NULL;

    switch (node->kind) {
    case NODE_SET:
        char_set_seen(&node->set, w->fold, own);
        for (size_t i = 0; i < FOLD_SEEN_WORDS; i++) {
            bits[i] |= own[i];
        }
        return true;
    case NODE_SEQUENCE:
        while (child && (child->kind == NODE_NOTHING || child->kind == NODE_LOOK)) {
            child = child->next;
        }
        return child && add_first(w, child, bits);
    case NODE_CHOICE:
        for (; child; child = child->next) {
            all = all && add_first(w, child, bits);
        }
        return all;
    case NODE_REPEAT:
        return node->min > 0 && add_first(w, child, bits);
    case NODE_UNKNOWN:
    case NODE_NOTHING:
    case NODE_LOOK:
        break;
    }
    return false;
}

static void write_node(struct chain_writer *w, const struct node *node);

static void write_choice(struct chain_writer *w, const struct node *node)
{
    uint64_t bits[FOLD_SEEN_WORDS] = {0};
    struct width width = width_of(node);

    if (width.least > 0 && add_first(w, node, bits)) {
        put(w, bits, false);
        width.least--;
        width.most -= width.most < ENDLESS ? 1 : 0;
    }
    put_any(w, width);
}

static void write_copies(struct chain_writer *w, const struct node *node, uint32_t count)
{
    for (uint32_t i = 0; i < count && !w->full; i++) {
        write_node(w, node);
    }
}

/* The copies that must be there follow what is before them and precede what is behind; between them
 * is the gap that the others leave. */
static void write_repeat(struct chain_writer *w, const struct node *node)
{
    uint32_t least = node->min < COPIES_MAX ? node->min : COPIES_MAX, more = node->max - node->min;
    struct width width = width_of(node->first);

    if (width.most == 0) {
        return;
    }
    if (node->first->kind == NODE_SET && node->min <= COPIES_MAX && more <= OPTIONAL_MAX) {
        uint64_t bits[FOLD_SEEN_WORDS];

        char_set_seen(&node->first->set, w->fold, bits);
        for (uint32_t i = 0; i < node->max; i++) {
            put(w, bits, i >= node->min);
        }
        return;
    }
    if (node->min == 0) {
        put_any(w, (struct width){0, limited((uint64_t)width.most * node->max)});
        return;
    }
    if (more == 0 && node->min == least) {
        write_copies(w, node->first, least);
        return;
    }
    write_copies(w, node->first, (least + 1) / 2);
    put_gap(w);
    write_copies(w, node->first, least / 2);
}

static void write_node(struct chain_writer *w, const struct node *node)
{
    uint64_t bits[FOLD_SEEN_WORDS];

    w->full |= w->steps++ == STEPS_MAX;
    if (w->full) {
        return;
    }
    switch (node->kind) {
    case NODE_SET:
        char_set_seen(&node->set, w->fold, bits);
        put(w, bits, false);
        break;
    case NODE_SEQUENCE:
        for (const struct node *child = node->first; child; child = child->next) {
            write_node(w, child);
        }
        break;
    case NODE_CHOICE:
        write_choice(w, node);
        break;
    case NODE_REPEAT:
        write_repeat(w, node);
        break;
    case NODE_UNKNOWN:
        put_gap(w);
        break;
    case NODE_NOTHING:
    case NODE_LOOK:
        break;
    }
}

static double at_most_one(double chance)
{
    return chance < 1 ? chance : 1;
}

/* How many characters it takes on average to meet items [from, to), each of which has chances[i] to
 * fit one: between two gaps is a part, and one part is waited for after the other. */
static double wait_for(const struct chain_item *items, const double *chances, size_t from,
                       size_t to, unsigned *ret_parts)
{
    double wait = 0, part = 1;
    unsigned places = 1;

    *ret_parts = 1;
    for (size_t i = from; i < to; i++) {
        if (items[i].optional) {
            places++;
            continue;
        }
        if (i > from && items[i].gap) {
            wait += 1 / part;
            part = 1;
            *ret_parts += 1;
        }
        part *= at_most_one(chances[i] * places);
        places = 1;
    }
    return wait + 1 / part;
}

/* How likely a short text holds them: the less time it leaves, the less likely is every part in
 * turn. */
static double chance_of(double wait, unsigned parts)
{
    double chance = 1;

    for (unsigned i = 0; i < parts; i++) {
        chance *= at_most_one(TEXT_LENGTH / wait);
    }
    return chance;
}

void pattern_chain(struct pattern_chain *ret, const struct fold *fold,
                   const struct pattern_tree *tree)
{
    struct chain_writer w = {.fold = fold};
    double best = common, chances[ITEMS_MAX];

    *ret = (struct pattern_chain){0};
    write_node(&w, tree->root);
    for (size_t i = 0; i < w.count; i++) {
        chances[i] = char_set_chance(w.items[i].bits);
    }
    for (size_t from = 0; from < w.count; from++) {
        for (size_t to = from + 1; to <= w.count && to - from <= CHAIN_MAX; to++) {
            unsigned parts;
            double wait = wait_for(w.items, chances, from, to, &parts);
            double chance = chance_of(wait, parts);

            if (!w.items[from].optional && !w.items[to - 1].optional && chance < best) {
                best = chance;
                ret->count = to - from;
                ret->reach = wait < UINT32_MAX ? (uint32_t)wait : UINT32_MAX;
                memcpy(ret->items, w.items + from, ret->count * sizeof(*ret->items));
            }
        }
    }
    ret->items[0].gap = false;
}
