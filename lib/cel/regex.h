/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_REGEX_H
#define RAPPORTEUR_LIB_CEL_REGEX_H

/*
 * matches(): the regular expressions of RE2, run by PCRE2 under limits.
 * A pattern is first translated: what RE2 does not have (backreferences, lookaround, atomic groups,
 * possessive quantifiers, recursion, callouts, verbs, repeats over 1,000) is refused, and what means
 * something else in PCRE2 (\s \v $ \C) is rewritten. Source: github.com/google/re2, doc/syntax.txt.
 * What a match does is counted, over all its starting points, and taken from the steps of the
 * evaluation; past 200,000 it ends with CEL_REGEX_LIMIT. PCRE2's own match limit would not do: it
 * starts again at each starting point, and compiled patterns hardly count.
 */

#include "lib/base/arena.h"
#include "lib/base/span.h"

struct cel_regex;

enum { CEL_PATTERN_MAX = 4096 };

/* Compiles with the memory of malloc; NULL and *what (borrowed until the next call: at most
 * CEL_REGEX_WHAT_MAX bytes in `into`) where the pattern is refused. */
enum { CEL_REGEX_WHAT_MAX = 160 };
struct cel_regex *cel_regex_new(struct span pattern, char into[CEL_REGEX_WHAT_MAX]);
struct cel_regex *cel_regex_free(struct cel_regex *regex);

/* The pattern of RE2 as one of PCRE2. False: refused, `into` says why. *ret_len: its length. */
bool cel_regex_translate(struct span pattern, char *out, size_t cap, size_t *ret_len,
                         char into[CEL_REGEX_WHAT_MAX]);

#endif
