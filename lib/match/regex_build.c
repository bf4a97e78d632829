/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/regex_set.h"

#include "lib/text/utf8.h"

#include <errno.h>
#include <stdlib.h>

enum { PATTERN_ARENA = 16 << 20, POINTS_MAX = 1 << 16 };
#define TEXTS_ARENA ((size_t)1 << 32)

int regex_set_new(struct regex_set **ret, const struct match_options *options)
{
    struct regex_set *set = calloc(1, sizeof(*set));

    if (!set) {
        return -ENOMEM;
    }
    set->options = *options;
    *ret = set;
    return 0;
}

struct regex_set *regex_set_free(struct regex_set *set)
{
    if (set) {
        for (size_t i = 0; i < set->count; i++) {
            pcre2_code_free(set->patterns[i].code);
        }
        free(set->patterns);
        free(set->sources);
        free(set->leftovers);
        free(set->guards);
        (void)chain_set_free(set->chains);
        if (!set->fold_borrowed) {
            (void)fold_free(set->fold);
        }
        (void)gram_free(set->plain);
        (void)gram_free(set->squeezed);
        free(set);
    }
    return NULL;
}

static int make_room(struct regex_set *set)
{
    size_t cap = set->cap ? set->cap * 2 : 64;
    struct regex_pattern *patterns;
    struct span *sources;

    if (set->count < set->cap) {
        return 0;
    }
    patterns = realloc(set->patterns, cap * sizeof(*patterns));
    if (!patterns) {
        return -ENOMEM;
    }
    set->patterns = patterns;
    sources = realloc(set->sources, cap * sizeof(*sources));
    if (!sources) {
        return -ENOMEM;
    }
    set->sources = sources;
    set->cap = cap;
    return 0;
}

int regex_set_add(struct regex_set *set, struct span pattern, uint32_t ref, struct fault *why)
{
    size_t code = 0, machine = 0;
    pcre2_code *compiled;
    int r = make_room(set);

    r = r ? r : regex_compile(&compiled, pattern, why);
    if (r) {
        return r;
    }
    (void)pcre2_pattern_info(compiled, PCRE2_INFO_SIZE, &code);
    (void)pcre2_pattern_info(compiled, PCRE2_INFO_JITSIZE, &machine);
    set->code_bytes += code + machine;
    set->sources[set->count] = pattern;
    set->patterns[set->count++] =
        (struct regex_pattern){compiled, ref, machine > 0, false, NO_GUARD};
    return 0;
}

/* Every code point past ASCII that stands in a pattern. */
int regex_fold(struct fold **ret, const struct span patterns[], size_t count)
{
    uint8_t *seen = calloc((UTF8_MAX_CODE_POINT + 1) / 8, 1);
    uint32_t *points = malloc(POINTS_MAX * sizeof(*points));
    size_t point_count = 0;
    int r = -ENOMEM;

    for (size_t i = 0; seen && points && i < count; i++) {
        const char *p = patterns[i].ptr, *end = p + utf8_valid_len(patterns[i]);

        while (p < end && point_count < POINTS_MAX) {
            uint32_t point = utf8_next(&p);

            if (point >= 0x80 && !(seen[point / 8] >> point % 8 & 1)) {
                seen[point / 8] |= (uint8_t)(1u << point % 8);
                points[point_count++] = point;
            }
        }
    }
    if (seen && points) {
        r = fold_build(ret, points, point_count);
    }
    free(seen);
    free(points);
    return r;
}

/* The strings of all patterns, by stream. */
struct strings {
    struct gram_string *list;
    size_t count, cap;
};

struct sealer {
    struct regex_set *set;
    struct arena *needs; /* of one pattern */
    struct arena *texts; /* of all strings */
    struct strings plain, squeezed;
};

static int add_strings(struct sealer *sealer, struct strings *to, const struct pattern_need *need,
                       uint32_t pattern)
{
    if (to->count + need->count > to->cap) {
        size_t cap = (to->count + need->count) * 2;
        struct gram_string *list = realloc(to->list, cap * sizeof(*list));

        if (!list) {
            return -ENOMEM;
        }
        to->list = list;
        to->cap = cap;
    }
    for (size_t i = 0; i < need->count; i++) {
        struct span text = arena_copy(sealer->texts, need->strings[i]);

        if (!text.ptr) {
            return -ENOMEM;
        }
        to->list[to->count++] = (struct gram_string){text, pattern};
    }
    return 0;
}

/* Room for one more in an array that doubles at powers of two. */
static void *one_more(void *list, size_t count, size_t bytes_each)
{
    if ((count & (count - 1)) != 0) {
        return list;
    }
    return realloc(list, (count ? count * 2 : 1) * bytes_each);
}

/* For patterns without a string, and those with one that is met often. */
static int add_guard(struct regex_set *set, const struct pattern_need *need,
                     const struct pattern_chain *chain, uint32_t pattern)
{
    uint32_t id = NO_CHAIN;
    struct regex_guard *more;

    if (need->set_count == 0 && need->digits == 0 && chain->count == 0) {
        return 0;
    }
    if (chain->count > 0 &&
        chain_set_add(set->chains, chain, need->stream == NEED_NOTHING, &id) < 0) {
        return -ENOMEM;
    }
    more = one_more(set->guards, set->guard_count, sizeof(*more));
    if (!more) {
        return -ENOMEM;
    }
    set->guards = more;
    more[set->guard_count] =
        (struct regex_guard){need->digits, (uint32_t)need->set_count, id, chain->reach, {{0}}};
    memcpy(more[set->guard_count].sets, need->sets, sizeof(need->sets));
    set->patterns[pattern].guard = (uint32_t)set->guard_count++;
    return 0;
}

static int add_leftover(struct regex_set *set, uint32_t pattern)
{
    uint32_t *more = one_more(set->leftovers, set->leftover_count, sizeof(*more));

    if (!more) {
        return -ENOMEM;
    }
    set->leftovers = more;
    more[set->leftover_count++] = pattern;
    return 0;
}

static int seal_pattern(struct sealer *sealer, uint32_t i)
{
    struct regex_set *set = sealer->set;
    struct pattern_chain chain = {0};
    struct pattern_need need = {0};
    struct pattern_tree tree;
    int r;

    arena_reset(sealer->needs);
    if (pattern_tree(&tree, sealer->needs, set->fold, set->sources[i])) {
        pattern_need(&need, sealer->needs, set->fold, &tree);
        if (need.stream == NEED_NOTHING || need.set_count > 0 || need.digits > 0) {
            pattern_chain(&chain, set->fold, &tree);
        }
    }
    set->patterns[i].raw_only = tree.case_matters;
    r = add_guard(set, &need, &chain, i);
    if (r < 0) {
        return r;
    }
    switch (need.stream) {
    case NEED_PLAIN:
        set->ways.plain++;
        return add_strings(sealer, &sealer->plain, &need, i);
    case NEED_SQUEEZED:
        set->ways.squeezed++;
        return add_strings(sealer, &sealer->squeezed, &need, i);
    case NEED_NOTHING:
        break;
    }
    set->ways.leftover++;
    return add_leftover(set, i);
}

static int seal_all(struct sealer *sealer)
{
    struct regex_set *set = sealer->set;
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < set->count; i++) {
        r = seal_pattern(sealer, i);
    }
    if (r == 0 && sealer->plain.count > 0) {
        r = gram_build(&set->plain, sealer->plain.list, sealer->plain.count);
    }
    if (r == 0 && sealer->squeezed.count > 0) {
        r = gram_build(&set->squeezed, sealer->squeezed.list, sealer->squeezed.count);
    }
    return r;
}

int regex_set_seal_over(struct regex_set *set, struct fold *fold)
{
    CLEANUP(arena_freep) struct arena *needs = arena_new(PATTERN_ARENA);
    CLEANUP(arena_freep) struct arena *texts = arena_new(TEXTS_ARENA);
    struct sealer sealer = {.set = set, .needs = needs, .texts = texts};
    int r = -ENOMEM;

    set->fold = fold;
    set->fold_borrowed = true;
    set->chains = chain_set_new();
    if (needs && texts && set->chains) {
        r = seal_all(&sealer);
    }
    free(sealer.plain.list);
    free(sealer.squeezed.list);
    free(set->sources);
    set->sources = NULL;
    return r;
}

int regex_set_seal(struct regex_set *set)
{
    struct fold *fold = NULL;
    int r = regex_fold(&fold, set->sources, set->count);

    if (r == 0) {
        r = regex_set_seal_over(set, fold);
        set->fold_borrowed = false;
    }
    return r;
}

size_t regex_set_count(const struct regex_set *set)
{
    return set->count;
}

size_t regex_set_bytes(const struct regex_set *set)
{
    return sizeof(*set) + set->cap * sizeof(*set->patterns) + set->code_bytes +
           set->leftover_count * sizeof(*set->leftovers) + set->guard_count * sizeof(*set->guards) +
           (set->chains ? chain_set_bytes(set->chains) : 0) +
           (set->fold ? fold_bytes(set->fold) : 0) + (set->plain ? gram_bytes(set->plain) : 0) +
           (set->squeezed ? gram_bytes(set->squeezed) : 0);
}

struct regex_ways regex_set_ways(const struct regex_set *set)
{
    return set->ways;
}
