/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/grade.h"

#include "lib/match/regex_set.h"
#include "lib/text/utf8.h"

#include <errno.h>
#include <stdlib.h>

enum { GRADE_ARENA = 16 << 20 };

const struct grade_options grade_options_default = {
    .match = {.regex_match_limit = 100000,
              .regex_heap_limit_kib = 20000,
              .text_deadline_us = 50000,
              .pdq_distance = 31,
              .pdq_min_quality = 50,
              .tlsh_distance = 30},
    .slow_us = 2000,
    .broad_percent = 1,
};

struct grader {
    struct grade_options options;
    struct arena *arena;
    struct fold *fold;
};

int grader_new(struct grader **ret, const struct grade_options *options,
               const struct span patterns[], size_t count)
{
    CLEANUP(grader_freep) struct grader *grader = calloc(1, sizeof(*grader));
    int r;

    if (!grader) {
        return -ENOMEM;
    }
    grader->options = options ? *options : grade_options_default;
    grader->arena = arena_new(GRADE_ARENA);
    r = grader->arena ? regex_fold(&grader->fold, patterns, count) : -ENOMEM;
    if (r < 0) {
        return r;
    }
    *ret = TAKE(grader);
    return 0;
}

struct grader *grader_free(struct grader *grader)
{
    if (grader) {
        (void)arena_free(grader->arena);
        (void)fold_free(grader->fold);
        free(grader);
    }
    return NULL;
}

static void count_hit(void *arg, uint32_t ref, size_t start, size_t end)
{
    (void)ref;
    (void)start;
    (void)end;
    ((struct grade *)arg)->hits++;
}

static int64_t now_us(const struct grader *grader)
{
    const struct match_options *match = &grader->options.match;

    return match->now_us ? match->now_us(match->now_us_arg) : 0;
}

static void try_texts(const struct grader *grader, const struct regex_set *set,
                      struct regex_scratch *scratch, const struct span texts[], size_t count,
                      struct grade *grade)
{
    struct regex_finder finder = {.found = count_hit, .arg = grade};

    for (size_t i = 0; i < count; i++) {
        struct regex_result result;
        int64_t before, took;

        if (texts[i].len > REPORT_MAX_TEXT || !utf8_valid(texts[i])) {
            continue;
        }
        before = now_us(grader);
        result = regex_set_scan(set, scratch, texts[i], REGEX_FRESH, &finder);
        took = now_us(grader) - before;
        grade->texts++;
        grade->asked += result.asked > 0;
        grade->undecided += result.undecided_why != NULL;
        grade->slowest_us = took > grade->slowest_us ? took : grade->slowest_us;
    }
}

/* By what the pattern is found. */
static void look_at_need(const struct grader *grader, struct span pattern,
                         const struct regex_set *set, struct grade *grade)
{
    struct regex_ways ways = regex_set_ways(set);
    struct pattern_need need = {0};
    struct pattern_tree tree;

    arena_reset(grader->arena);
    if (pattern_tree(&tree, grader->arena, grader->fold, pattern)) {
        pattern_need(&need, grader->arena, grader->fold, &tree);
    }
    grade->squeezed = ways.squeezed > 0;
    grade->strings = need.count;
    if (need.stream != NEED_NOTHING && need.count > 0) {
        struct span first = need.strings[0];
        size_t len = first.len < sizeof(grade->string) - 1 ? first.len : sizeof(grade->string) - 1;

        len = utf8_valid_len(span_sub(first, 0, len));
        memcpy(grade->string, first.ptr, len);
    }
    grade->marks |= ways.leftover > 0 ? GRADE_NO_STRING : 0;
    grade->marks |= set->patterns[0].raw_only ? GRADE_CASE : 0;
}

int grade_pattern(struct grader *grader, struct span pattern, const struct span texts[],
                  size_t count, struct grade *ret, struct fault *why)
{
    CLEANUP(regex_set_freep) struct regex_set *set = NULL;
    CLEANUP(regex_scratch_freep) struct regex_scratch *scratch = NULL;
    struct grade grade = {0}, empty = {0};
    int r = regex_set_new(&set, &grader->options.match);

    r = r ? r : regex_set_add(set, pattern, 0, why);
    r = r ? r : regex_set_seal_over(set, grader->fold);
    r = r ? r : regex_scratch_new(&scratch, set);
    if (r) {
        return r;
    }
    look_at_need(grader, pattern, set, &grade);
    try_texts(grader, set, scratch, &SPAN(""), 1, &empty);
    try_texts(grader, set, scratch, texts, count, &grade);
    grade.marks |= empty.hits > 0 ? GRADE_EMPTY : 0;
    grade.marks |=
        grade.undecided > 0 || grade.slowest_us > grader->options.slow_us ? GRADE_SLOW : 0;
    if ((double)grade.hits * 100 > grader->options.broad_percent * (double)grade.texts) {
        grade.marks |= GRADE_BROAD;
    }
    *ret = grade;
    return 0;
}

const char *grade_mark_text(enum grade_mark mark)
{
    switch (mark) {
    case GRADE_NO_STRING:
        return "holds no string to look for, so it is tried on almost every text";
    case GRADE_SLOW:
        return "is slow, or reached a limit, on a text of the sample";
    case GRADE_BROAD:
        return "hits too many ordinary texts";
    case GRADE_EMPTY:
        return "matches the empty text, and with it every text";
    case GRADE_CASE:
        return "minds the case, so it is not looked for in normalised text";
    case GRADE_MARKS:
        break;
    }
    return "";
}
