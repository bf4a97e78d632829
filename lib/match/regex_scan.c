/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/regex_set.h"

#include <errno.h>
#include <stdlib.h>

enum {
    STREAM_BYTES = REPORT_MAX_TEXT + FOLD_PAD,
    JIT_STACK_MIN = 32 << 10,
    JIT_STACK_MAX = 512 << 10,
    LATE_EVERY = 4 /* patterns between two looks at the clock */
};

struct regex_scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    char *streams;   /* four of STREAM_BYTES: two texts can be held at once */
    uint32_t *asked; /* by pattern: the round in which it became a candidate */
    uint32_t *found; /* by pattern: the text in which it was found */
    uint32_t *candidates;
    size_t candidate_count;
    uint8_t *class_room;
    const uint8_t *classes; /* of the text's characters; NULL until a chain is asked for */
    size_t class_count;
    uint64_t *chains_met;  /* by group of chains */
    uint32_t *chains_seen; /* the round in which chains_met was found out */
    uint32_t round, text;
};

static int make(struct regex_scratch *scratch, const struct regex_set *set)
{
    size_t count = set->count + 1;

    scratch->data = pcre2_match_data_create(1, NULL);
    scratch->context = pcre2_match_context_create(NULL);
    scratch->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
    scratch->streams = malloc((size_t)4 * STREAM_BYTES);
    scratch->asked = calloc(count, sizeof(*scratch->asked));
    scratch->found = calloc(count, sizeof(*scratch->found));
    scratch->candidates = malloc(count * sizeof(*scratch->candidates));
    scratch->class_room = malloc(REPORT_MAX_TEXT);
    scratch->chains_met = calloc(chain_set_groups(set->chains) + 1, sizeof(*scratch->chains_met));
    scratch->chains_seen = calloc(chain_set_groups(set->chains) + 1, sizeof(*scratch->chains_seen));
    if (!scratch->data || !scratch->context || !scratch->streams || !scratch->asked ||
        !scratch->found || !scratch->candidates || !scratch->class_room || !scratch->chains_met ||
        !scratch->chains_seen) {
        return -ENOMEM;
    }
    (void)pcre2_set_match_limit(scratch->context, set->options.regex_match_limit);
    (void)pcre2_set_depth_limit(scratch->context, set->options.regex_match_limit);
    (void)pcre2_set_heap_limit(scratch->context, set->options.regex_heap_limit_kib);
    pcre2_jit_stack_assign(scratch->context, NULL, scratch->stack);
    return 0;
}

int regex_scratch_new(struct regex_scratch **ret, const struct regex_set *set)
{
    CLEANUP(regex_scratch_freep) struct regex_scratch *scratch = calloc(1, sizeof(*scratch));
    int r = scratch ? make(scratch, set) : -ENOMEM;

    if (r < 0) {
        return r;
    }
    *ret = TAKE(scratch);
    return 0;
}

struct regex_scratch *regex_scratch_free(struct regex_scratch *scratch)
{
    if (scratch) {
        pcre2_match_data_free(scratch->data);
        pcre2_match_context_free(scratch->context);
        pcre2_jit_stack_free(scratch->stack);
        free(scratch->streams);
        free(scratch->asked);
        free(scratch->found);
        free(scratch->candidates);
        free(scratch->class_room);
        free(scratch->chains_met);
        free(scratch->chains_seen);
        free(scratch);
    }
    return NULL;
}

static struct fold_text streams_of(struct regex_scratch *scratch, size_t which)
{
    return (struct fold_text){.plain = scratch->streams + which * 2 * STREAM_BYTES,
                              .squeezed = scratch->streams + (which * 2 + 1) * STREAM_BYTES};
}

static void add_candidate(struct regex_scratch *scratch, uint32_t pattern)
{
    if (scratch->asked[pattern] != scratch->round) {
        scratch->asked[pattern] = scratch->round;
        scratch->candidates[scratch->candidate_count++] = pattern;
    }
}

static void string_found(void *arg, uint32_t value, size_t start, size_t len)
{
    (void)start;
    (void)len;
    add_candidate(arg, value);
}

static bool has_all(const struct regex_guard *guard, const uint64_t seen[FOLD_SEEN_WORDS])
{
    for (size_t i = 0; i < guard->set_count; i++) {
        const uint64_t *chars = guard->sets[i];

        if (!((chars[0] & seen[0]) | (chars[1] & seen[1]) | (chars[2] & seen[2]))) {
            return false;
        }
    }
    return true;
}

static bool may_have_digits(const uint64_t seen[FOLD_SEEN_WORDS])
{
    return (seen[0] & 0x3ffull << '0') || seen[2];
}

static bool has_chain(const struct regex_set *set, struct regex_scratch *scratch, uint32_t chain,
                      struct span text)
{
    uint32_t group = chain_group_of(chain);

    if (scratch->chains_seen[group] != scratch->round) {
        if (!scratch->classes) {
            scratch->class_count = chain_classes(set->fold, text, scratch->class_room);
            scratch->classes = scratch->class_room;
        }
        scratch->chains_met[group] =
            chain_group_run(set->chains, group, scratch->classes, scratch->class_count);
        scratch->chains_seen[group] = scratch->round;
    }
    return scratch->chains_met[group] & chain_bit_of(chain);
}

/* Takes the candidates out that need characters which are not there; looks only if it has to. */
static void drop_guarded(const struct regex_set *set, struct regex_scratch *scratch,
                         struct span text)
{
    uint64_t seen[FOLD_SEEN_WORDS];
    uint32_t digits = UINT32_MAX;
    bool looked = false;
    size_t kept = 0;

    for (size_t i = 0; i < scratch->candidate_count; i++) {
        uint32_t pattern = scratch->candidates[i];
        const struct regex_guard *guard;

        if (set->patterns[pattern].guard != NO_GUARD) {
            guard = &set->guards[set->patterns[pattern].guard];
            if (!looked) {
                fold_look(set->fold, text, seen);
                looked = true;
            }
            if (!has_all(guard, seen)) {
                continue;
            }
            if (guard->digits > 0 && digits == UINT32_MAX) {
                digits = may_have_digits(seen) ? fold_longest_digits(set->fold, text) : 0;
            }
            if (guard->digits > digits) {
                continue;
            }
            if (guard->chain != NO_CHAIN && text.len <= guard->reach &&
                !has_chain(set, scratch, guard->chain, text)) {
                continue;
            }
        }
        scratch->candidates[kept++] = pattern;
    }
    scratch->candidate_count = kept;
}

/* The patterns to ask: those of which a string was met, those without strings, less those whose
 * characters are not all there. */
static void collect(const struct regex_set *set, struct regex_scratch *scratch, struct span text)
{
    struct fold_text folded = streams_of(scratch, 0);

    scratch->candidate_count = 0;
    fold_run(set->fold, text, &folded);
    scratch->classes = folded.ascii ? (const uint8_t *)folded.plain : NULL;
    scratch->class_count = folded.plain_len;
    if (set->plain) {
        gram_scan(set->plain, (struct span){folded.plain, folded.plain_len}, string_found, scratch);
    }
    if (set->squeezed) {
        gram_scan(set->squeezed, (struct span){folded.squeezed, folded.squeezed_len}, string_found,
                  scratch);
    }
    for (size_t i = 0; i < set->leftover_count; i++) {
        add_candidate(scratch, set->leftovers[i]);
    }
    drop_guarded(set, scratch, text);
}

static int ask(const struct regex_pattern *pattern, struct regex_scratch *scratch, struct span text)
{
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.ptr ? text.ptr : "");
    uint32_t options = PCRE2_NO_UTF_CHECK;
    int r;

    if (pattern->machine_code) {
        r = pcre2_jit_match(pattern->code, subject, text.len, 0, 0, scratch->data,
                            scratch->context);
        if (r != PCRE2_ERROR_JIT_STACKLIMIT) {
            return r;
        }
        options |= PCRE2_NO_JIT;
    }
    return pcre2_match(pattern->code, subject, text.len, 0, options, scratch->data,
                       scratch->context);
}

struct regex_result regex_set_scan(const struct regex_set *set, struct regex_scratch *scratch,
                                   struct span text, enum regex_part part,
                                   const struct regex_finder *finder)
{
    const PCRE2_SIZE *where = pcre2_get_ovector_pointer(scratch->data);
    struct regex_result result = {0};

    if (text.len > REPORT_MAX_TEXT) {
        result.undecided_why = "the text is longer than patterns are matched over";
        return result;
    }
    if (++scratch->round == 0) {
        memset(scratch->asked, 0, set->count * sizeof(*scratch->asked));
        memset(scratch->chains_seen, 0,
               chain_set_groups(set->chains) * sizeof(*scratch->chains_seen));
        scratch->round = 1;
    }
    if (part == REGEX_FRESH && ++scratch->text == 0) {
        memset(scratch->found, 0, set->count * sizeof(*scratch->found));
        scratch->text = 1;
    }
    collect(set, scratch, text);
    for (size_t i = 0; i < scratch->candidate_count; i++) {
        const struct regex_pattern *pattern = &set->patterns[scratch->candidates[i]];
        int r;

        if (part == REGEX_AGAIN &&
            (pattern->raw_only || scratch->found[scratch->candidates[i]] == scratch->text)) {
            continue;
        }
        if (finder->late && result.asked % LATE_EVERY == LATE_EVERY - 1 &&
            finder->late(finder->arg)) {
            result.undecided_why = "the time for one text was over before all patterns were tried";
            return result;
        }
        result.asked++;
        r = ask(pattern, scratch, text);
        if (r >= 0) {
            scratch->found[scratch->candidates[i]] = scratch->text;
            /* \K inside lookahead may put the start behind the end. */
            finder->found(finder->arg, pattern->ref, where[0] < where[1] ? where[0] : where[1],
                          where[0] < where[1] ? where[1] : where[0]);
        } else if (r != PCRE2_ERROR_NOMATCH) {
            result.undecided_why = "a pattern reached its step or memory limit on this text";
        }
    }
    return result;
}

bool regex_same_folded(const struct regex_set *set, struct regex_scratch *scratch, struct span a,
                       struct span b)
{
    struct fold_text one = streams_of(scratch, 0), two = streams_of(scratch, 1);

    if (a.len > REPORT_MAX_TEXT || b.len > REPORT_MAX_TEXT) {
        return false;
    }
    fold_run(set->fold, a, &one);
    fold_run(set->fold, b, &two);
    return one.plain_len == two.plain_len && memcmp(one.plain, two.plain, one.plain_len) == 0;
}
