/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/pattern.h"

#include "lib/match/char_set.h"
#include "lib/match/rarity.h"
#include "lib/text/utf8.h"

enum {
    EXACT_MAX = 48,  /* strings a run of a pattern may stand for before it is cut */
    COVER_MAX = 512, /* strings of which one must occur */
    LENGTH_MAX = 40, /* bytes of one string */
    SET_MAX = 16,    /* characters of a set that are spelt out */
    COPIES_MAX = 12, /* of x{n} */
    STRING_MIN = 2   /* shorter ones are left to the sets of characters */
};

/* Nanoseconds for asking PCRE2, and for comparing a string whose four rarest bytes were met. */
static const double confirm_cost = 150, compare_cost = 10, string_cost = 1e-4;

/* A string that costs this much a byte is met often enough to look at the characters as well. */
#define COMMON_COST 0.02

struct strings {
    size_t count;
    struct span *list;
};

/* Of a part of a pattern in one stream: all it can be (exact), and what it needs (covered). */
struct facts {
    bool exact, covered;
    struct strings all, cover;
    double cost; /* of cover */
};

struct needer {
    struct arena *arena;
    const struct fold *fold;
    bool squeezed;
    bool no_memory;
};

static double best_gram(struct span text)
{
    double best = 1;

    for (size_t i = 0; i + 4 <= text.len; i++) {
        double p = rarity_gram(text.ptr + i);

        best = p < best ? p : best;
    }
    return text.len < 4 ? rarity_of(text) * 4 : best;
}

/* Strings too short for the search cost so much that anything else is taken. */
static double cost_of(const struct strings *strings)
{
    double sum = 0;

    for (size_t i = 0; i < strings->count; i++) {
        if (strings->list[i].len < STRING_MIN) {
            return 1e9;
        }
        sum += rarity_of(strings->list[i]) * confirm_cost +
               best_gram(strings->list[i]) * compare_cost + string_cost;
    }
    return sum;
}

static void consider(struct facts *facts, const struct strings *strings)
{
    double cost = strings->count > 0 && strings->count <= COVER_MAX ? cost_of(strings) : 1e9;

    if (cost < 1e8 && (!facts->covered || cost < facts->cost)) {
        facts->covered = true;
        facts->cover = *strings;
        facts->cost = cost;
    }
}

static struct strings room_for(struct needer *n, size_t count)
{
    struct strings strings = {0, arena_array(n->arena, count ? count : 1, sizeof(struct span))};

    n->no_memory |= strings.list == NULL;
    return strings;
}

static bool holds(const struct strings *strings, struct span text)
{
    for (size_t i = 0; i < strings->count; i++) {
        if (span_equal(strings->list[i], text)) {
            return true;
        }
    }
    return false;
}

static struct strings just_empty(struct needer *n)
{
    struct strings strings = room_for(n, 1);

    if (!n->no_memory) {
        strings.list[strings.count++] = SPAN("");
    }
    return strings;
}

/* Every string of a followed by every one of b; false when that would be too many or too long. */
static bool product(struct needer *n, const struct strings *a, const struct strings *b,
                    struct strings *ret)
{
    struct strings out;

    if (a->count * b->count > EXACT_MAX) {
        return false;
    }
    out = room_for(n, a->count * b->count);
    for (size_t i = 0; i < a->count && !n->no_memory; i++) {
        for (size_t k = 0; k < b->count; k++) {
            size_t len = a->list[i].len + b->list[k].len;
            char *bytes = len <= LENGTH_MAX ? arena_alloc(n->arena, len + 1) : NULL;

            if (!bytes) {
                n->no_memory |= len <= LENGTH_MAX;
                return false;
            }
            memcpy(bytes, a->list[i].ptr, a->list[i].len);
            memcpy(bytes + a->list[i].len, b->list[k].ptr, b->list[k].len);
            if (!holds(&out, (struct span){bytes, len})) {
                out.list[out.count++] = (struct span){bytes, len};
            }
        }
    }
    *ret = out;
    return !n->no_memory;
}

static bool join(struct needer *n, const struct strings *a, const struct strings *b, size_t most,
                 struct strings *ret)
{
    struct strings out = room_for(n, a->count + b->count);

    if (n->no_memory) {
        return false;
    }
    memcpy(out.list, a->list, a->count * sizeof(*a->list));
    out.count = a->count;
    for (size_t i = 0; i < b->count; i++) {
        if (!holds(a, b->list[i])) {
            out.list[out.count++] = b->list[i];
        }
    }
    *ret = out;
    return out.count <= most;
}

static void add_point(struct needer *n, struct strings *strings, uint32_t point)
{
    char *bytes = arena_alloc(n->arena, UTF8_MAX_LEN);

    if (!bytes) {
        n->no_memory = true;
        return;
    }
    strings->list[strings->count].len = utf8_put(bytes, point);
    strings->list[strings->count++].ptr = bytes;
}

/* The characters of a set as strings: of what the squeezed stream drops, one empty string. */
static struct facts set_facts(struct needer *n, const struct char_set *set)
{
    uint64_t ascii[2] = {set->ascii[0], set->ascii[1]};
    bool dropped = n->squeezed && set->any_other;
    struct facts facts = {0};

    if (n->squeezed) {
        dropped |= (ascii[0] & ~char_set_alnum[0]) || (ascii[1] & ~char_set_alnum[1]);
        ascii[0] &= char_set_alnum[0];
        ascii[1] &= char_set_alnum[1];
    }
    if (set->any_word || (set->any_other && !n->squeezed) ||
        __builtin_popcountll(ascii[0]) + __builtin_popcountll(ascii[1]) > SET_MAX) {
        return facts;
    }
    facts.all = room_for(n, SET_MAX + SET_WIDE_MAX + 1);
    for (uint32_t c = 0; c < 128 && !n->no_memory; c++) {
        if (ascii[c >> 6] >> (c & 63) & 1) {
            add_point(n, &facts.all, c);
        }
    }
    for (unsigned i = 0; i < set->wide_count && !n->no_memory; i++) {
        if (n->squeezed && fold_squeeze_of(n->fold, set->wide[i]) == FOLD_DROPPED) {
            dropped = true;
        } else {
            add_point(n, &facts.all, set->wide[i]);
        }
    }
    if (dropped && !n->no_memory) {
        facts.all.list[facts.all.count++] = SPAN("");
    }
    facts.exact = facts.all.count > 0;
    return facts;
}

static struct facts facts_of(struct needer *n, const struct node *node);

static void take_cover(struct facts *into, const struct facts *from)
{
    if (from->covered && (!into->covered || from->cost < into->cost)) {
        into->covered = true;
        into->cover = from->cover;
        into->cost = from->cost;
    }
}

/* One more part behind what `run` stands for; when it cannot be spelt out the run ends. */
static void extend(struct needer *n, struct facts *whole, struct strings *run,
                   const struct facts *part)
{
    struct strings longer;

    take_cover(whole, part);
    if (part->exact && product(n, run, &part->all, &longer)) {
        *run = longer;
        return;
    }
    whole->exact = false;
    consider(whole, run);
    *run = part->exact ? part->all : just_empty(n);
}

static struct facts sequence_facts(struct needer *n, const struct node *node)
{
    struct facts whole = {.exact = true};
    struct strings run = just_empty(n);

    for (const struct node *child = node->first; child && !n->no_memory; child = child->next) {
        struct facts part = facts_of(n, child);

        if (!n->no_memory) {
            extend(n, &whole, &run, &part);
        }
    }
    if (whole.exact) {
        whole.all = run;
    } else {
        consider(&whole, &run);
    }
    return whole;
}

static struct facts choice_facts(struct needer *n, const struct node *node)
{
    struct facts whole = {.exact = true, .covered = true};

    whole.all = room_for(n, 1);
    whole.cover = room_for(n, 1);
    for (const struct node *child = node->first; child && !n->no_memory; child = child->next) {
        struct facts part = facts_of(n, child);

        if (part.exact) {
            consider(&part, &part.all);
        }
        whole.exact =
            whole.exact && part.exact && join(n, &whole.all, &part.all, EXACT_MAX, &whole.all);
        whole.covered = whole.covered && part.covered &&
                        join(n, &whole.cover, &part.cover, COVER_MAX, &whole.cover);
    }
    if (whole.covered) {
        whole.cost = cost_of(&whole.cover);
    }
    return whole;
}

static struct facts repeat_facts(struct needer *n, const struct node *node)
{
    struct facts one = facts_of(n, node->first), whole = {.exact = true};
    bool nothing = one.exact && one.all.count == 1 && one.all.list[0].len == 0;
    struct strings run, empty = just_empty(n);

    if (n->no_memory || nothing) {
        one.covered = one.covered && node->min > 0;
        return one;
    }
    if (node->min == 0) {
        if (one.exact && node->max == 1 && join(n, &empty, &one.all, EXACT_MAX, &run)) {
            return (struct facts){.exact = true, .all = run};
        }
        return (struct facts){0};
    }
    run = empty;
    for (uint32_t i = 0; i < node->min && i < COPIES_MAX && !n->no_memory; i++) {
        extend(n, &whole, &run, &one);
    }
    if (node->min != node->max || node->min > COPIES_MAX) {
        whole.exact = false;
    }
    if (whole.exact) {
        whole.all = run;
    } else {
        consider(&whole, &run);
    }
    return whole;
}

/* Recursion is as deep as the pattern's groups: PATTERN_DEPTH_MAX. */
static struct facts facts_of(struct needer *n, const struct node *node)
{
    struct facts facts = {0};

    switch (node->kind) {
    case NODE_SET:
        return set_facts(n, &node->set);
    case NODE_SEQUENCE:
        return sequence_facts(n, node);
    case NODE_CHOICE:
        return choice_facts(n, node);
    case NODE_REPEAT:
        return repeat_facts(n, node);
    case NODE_LOOK:
        facts = facts_of(n, node->first);
        if (facts.exact) {
            consider(&facts, &facts.all);
        }
        facts.exact = true;
        facts.all = just_empty(n);
        return facts;
    case NODE_NOTHING:
        facts.exact = true;
        facts.all = just_empty(n);
        return facts;
    case NODE_UNKNOWN:
        break;
    }
    return facts;
}

/* Keeps the least likely sets. */
static void keep_set(struct pattern_need *need, const uint64_t bits[3])
{
    size_t worst = 0;

    for (size_t i = 0; i < need->set_count; i++) {
        if (memcmp(need->sets[i], bits, sizeof(need->sets[i])) == 0) {
            return;
        }
        worst = char_set_chance(need->sets[i]) > char_set_chance(need->sets[worst]) ? i : worst;
    }
    if (need->set_count < NEED_SETS_MAX) {
        worst = need->set_count++;
    } else if (char_set_chance(bits) >= char_set_chance(need->sets[worst])) {
        return;
    }
    memcpy(need->sets[worst], bits, sizeof(need->sets[worst]));
}

static void need_sets(const struct needer *n, const struct node *node, struct pattern_need *need);

/* Of each branch its least likely set; together they are one set. */
static void need_choice(const struct needer *n, const struct node *node, struct pattern_need *need)
{
    uint64_t any[3] = {0};
    uint32_t digits = UINT32_MAX;

    for (const struct node *child = node->first; child; child = child->next) {
        struct pattern_need branch = {0};
        size_t best = 0;

        need_sets(n, child, &branch);
        digits = branch.digits < digits ? branch.digits : digits;
        if (branch.set_count == 0) {
            any[0] = any[1] = any[2] = UINT64_MAX;
            continue;
        }
        for (size_t i = 1; i < branch.set_count; i++) {
            best = char_set_chance(branch.sets[i]) < char_set_chance(branch.sets[best]) ? i : best;
        }
        for (size_t w = 0; w < 3; w++) {
            any[w] |= branch.sets[best][w];
        }
    }
    need->digits = digits > need->digits ? digits : need->digits;
    if (!(any[0] == UINT64_MAX && any[1] == UINT64_MAX)) {
        keep_set(need, any);
    }
}

static uint32_t digits_of(const struct node *node)
{
    if (node->kind == NODE_REPEAT && node->first->kind == NODE_SET &&
        node->first->set.only_digits) {
        return node->min;
    }
    return node->kind == NODE_SET && node->set.only_digits ? 1 : 0;
}

static void need_sequence(const struct needer *n, const struct node *node,
                          struct pattern_need *need)
{
    uint32_t run = 0;

    for (const struct node *child = node->first; child; child = child->next) {
        uint32_t digits = digits_of(child);

        if (digits > 0 || child->kind == NODE_NOTHING) {
            run = digits < 100000 && run < 100000 ? run + digits : run;
        } else {
            run = 0;
        }
        need->digits = run > need->digits ? run : need->digits;
        need_sets(n, child, need);
    }
}

static void need_sets(const struct needer *n, const struct node *node, struct pattern_need *need)
{
    uint64_t bits[3];

    switch (node->kind) {
    case NODE_SET:
        char_set_seen(&node->set, n->fold, bits);
        if (!(bits[0] == UINT64_MAX && bits[1] == UINT64_MAX)) {
            keep_set(need, bits);
        }
        need->digits = need->digits == 0 && node->set.only_digits ? 1 : need->digits;
        break;
    case NODE_SEQUENCE:
        need_sequence(n, node, need);
        break;
    case NODE_CHOICE:
        need_choice(n, node, need);
        break;
    case NODE_LOOK:
        need_sets(n, node->first, need);
        break;
    case NODE_REPEAT:
        if (node->min > 0) {
            need_sets(n, node->first, need);
            need->digits = digits_of(node) > need->digits ? digits_of(node) : need->digits;
        }
        break;
    case NODE_NOTHING:
    case NODE_UNKNOWN:
        break;
    }
}

void pattern_need(struct pattern_need *ret, struct arena *arena, const struct fold *fold,
                  const struct pattern_tree *tree)
{
    struct pattern_need need = {0};

    *ret = need;
    for (int squeezed = 0; squeezed < 2; squeezed++) {
        struct needer n = {.arena = arena, .fold = fold, .squeezed = squeezed == 1};
        struct facts facts = facts_of(&n, tree->root);

        if (n.no_memory) {
            return;
        }
        if (facts.exact) {
            consider(&facts, &facts.all);
        }
        if (facts.covered && (need.stream == NEED_NOTHING || facts.cost < need.cost)) {
            need.stream = squeezed ? NEED_SQUEEZED : NEED_PLAIN;
            need.count = facts.cover.count;
            need.strings = facts.cover.list;
            need.cost = facts.cost;
        }
    }
    if (need.stream == NEED_NOTHING || need.cost > COMMON_COST) {
        need_sets(&(struct needer){.fold = fold}, tree->root, &need);
    }
    *ret = need;
}
