/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_GRADE_H
#define RAPPORTEUR_LIB_MATCH_GRADE_H

/*
 * What a pattern costs and how much it hits, said when its list is read and not when the first post
 * comes: for `rapporteur lists check`. Texts are a sample of ordinary posts, given by the caller.
 *     r = grader_new(&grader, &options, patterns, pattern_count);
 *     r = grade_pattern(grader, pattern, texts, count, &grade, &why);       FAULT: PCRE2 refuses it
 *     for each bit of grade.marks: grade_mark_text(bit)
 */

#include "lib/base/fault.h"
#include "lib/match/match_set.h"

enum grade_mark {
    GRADE_NO_STRING = 1, /* nothing to look for: PCRE2 runs on most texts */
    GRADE_SLOW = 2,      /* a text took more than slow_us, or a limit ended it */
    GRADE_BROAD = 4,     /* hits more than broad_percent of the sample */
    GRADE_EMPTY = 8,     /* matches the empty text, and with it every text */
    GRADE_CASE = 16,     /* minds the case: not looked for in normalised text */
    GRADE_MARKS = 31
};

struct grade {
    unsigned marks;
    size_t texts, asked, hits, undecided;
    int64_t slowest_us; /* 0 without a clock */
    char string[64];    /* the string it is found by, or one of them; "" without */
    size_t strings;     /* how many there are */
    bool squeezed;      /* they are looked for in the text without marks and spaces */
};

struct grade_options {
    struct match_options match; /* limits, and the clock for GRADE_SLOW */
    int64_t slow_us;            /* default 2,000 */
    double broad_percent;       /* default 1 */
};
extern const struct grade_options grade_options_default;

struct grader;

/* `patterns` are all that will be graded, as far as known: what is prepared for them is prepared
 * once. Not kept. 0 or -ENOMEM. */
int grader_new(struct grader **ret, const struct grade_options *options,
               const struct span patterns[], size_t count);
struct grader *grader_free(struct grader *grader);
DEFINE_CLEANUP(struct grader *, grader_free);

/* Texts that are not valid UTF-8 or too long are passed over. 0, FAULT or -ENOMEM. */
int grade_pattern(struct grader *grader, struct span pattern, const struct span texts[],
                  size_t count, struct grade *ret, struct fault *why);

/* A sentence for one bit. */
const char *grade_mark_text(enum grade_mark mark);

#endif
