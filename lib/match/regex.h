/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_REGEX_H
#define RAPPORTEUR_LIB_MATCH_REGEX_H

/*
 * Many PCRE2 patterns over one text. Of every pattern it is known what a text must hold for it to
 * match (pattern.h); what a text holds is found in one walk; only the patterns left are asked, and
 * PCRE2 alone decides. Caseless, UTF and UCP unless the pattern says otherwise. \C is refused: it
 * would cut characters apart.
 *     r = regex_set_new(&set, options);  regex_set_add(set, pattern, ref, &why) ...;
 * regex_set_seal(set); r = regex_scratch_new(&scratch, set); regex_set_scan(set, scratch, text,
 * REGEX_FRESH, found, &arg);
 */

#include "lib/base/fault.h"
#include "lib/match/match_set.h"

struct regex_set;
struct regex_scratch;

/* `options` are copied. */
int regex_set_new(struct regex_set **ret, const struct match_options *options);
/* 0, FAULT (PATTERN_SYNTAX: PCRE2 refuses it, or PATTERN_LENGTH) or -ENOMEM. Borrows `pattern`
 * until the seal. */
int regex_set_add(struct regex_set *set, struct span pattern, uint32_t ref, struct fault *why);
int regex_set_seal(struct regex_set *set);
/* The same over a fold made before for these patterns and perhaps more: the costly part of a seal
 * when there are few patterns. Borrows it for the life of the set. */
struct fold;
int regex_fold(struct fold **ret, const struct span patterns[], size_t count);
int regex_set_seal_over(struct regex_set *set, struct fold *fold);
struct regex_set *regex_set_free(struct regex_set *set);
DEFINE_CLEANUP(struct regex_set *, regex_set_free);

size_t regex_set_count(const struct regex_set *set);
size_t regex_set_bytes(const struct regex_set *set);
/* How the patterns are found: by a string of the text, of the squeezed text, or by characters only.
 */
struct regex_ways {
    size_t plain, squeezed, leftover;
};
struct regex_ways regex_set_ways(const struct regex_set *set);

int regex_scratch_new(struct regex_scratch **ret, const struct regex_set *set);
struct regex_scratch *regex_scratch_free(struct regex_scratch *scratch);
DEFINE_CLEANUP(struct regex_scratch *, regex_scratch_free);

enum regex_part {
    REGEX_FRESH, /* another text */
    REGEX_AGAIN  /* another form of the text before: patterns found in it are not looked for, nor
                    those that switch caseless off, since a form has lost the case */
};

/* What a scan came to. */
struct regex_result {
    const char *undecided_why; /* a limit ended it early; NULL when all was decided */
    size_t asked;              /* how often PCRE2 ran */
};

struct regex_finder {
    void (*found)(void *arg, uint32_t ref, size_t start, size_t end);
    bool (*late)(void *arg); /* NULL: no deadline */
    void *arg;
};

/* The first match of every pattern that has one. `text` is valid UTF-8, at most REPORT_MAX_TEXT. */
struct regex_result regex_set_scan(const struct regex_set *set, struct regex_scratch *scratch,
                                   struct span text, enum regex_part part,
                                   const struct regex_finder *finder);

/* The two differ at most in what PCRE2 ignores when case does not count. */
bool regex_same_folded(const struct regex_set *set, struct regex_scratch *scratch, struct span a,
                       struct span b);

#endif
