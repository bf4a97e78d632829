/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_FOLD_H
#define RAPPORTEUR_LIB_MATCH_FOLD_H

/*
 * Text as the literal search before PCRE2 sees it: characters that PCRE2 takes for one another when
 * case does not count become one, each on its own. So what a pattern demands of a text, folded, is
 * found in the text, folded; nothing is lost, whatever PCRE2's Unicode version, because the table
 * is made by asking it. Two streams: plain      every character, folded squeezed   only those that
 * \W never matches (letters and numbers), for patterns like k\W?i\W?l\W?l Only the characters that
 * patterns hold are in the table; all others stay as they are.
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"

#include <stdint.h>

enum { FOLD_PAD = 64 }; /* bytes behind each stream that may be read */

struct fold;

/* `points` are the code points of all patterns. 0 or -ENOMEM. */
int fold_build(struct fold **ret, const uint32_t *points, size_t count);
struct fold *fold_free(struct fold *fold);
DEFINE_CLEANUP(struct fold *, fold_free);
size_t fold_bytes(const struct fold *fold);

/* What stands for a code point: itself, or the one chosen for all that PCRE2 takes for equal. */
uint32_t fold_point(const struct fold *fold, uint32_t point);
/* Was it (or an equal) among the points given to fold_build, or is it ASCII? */
bool fold_knows(const struct fold *fold, uint32_t point);

/* The squeezed stream keeps it. */
bool fold_is_word(const struct fold *fold, uint32_t point);

enum fold_squeeze {
    FOLD_KEPT,    /* it and its equals are kept in the squeezed stream */
    FOLD_DROPPED, /* none of them is */
    FOLD_MIXED    /* some are: the squeezed stream says nothing about it */
};
enum fold_squeeze fold_squeeze_of(const struct fold *fold, uint32_t point);

/* One folded text. */
struct fold_text {
    char *plain, *squeezed; /* room for the text's bytes and FOLD_PAD each */
    size_t plain_len, squeezed_len;
    bool ascii; /* the text was: a byte of plain is a character */
};

/* `text` is valid UTF-8. The streams are never longer than it. */
void fold_run(const struct fold *fold, struct span text, struct fold_text *into);

/* Which characters a text has, folded: a bit for each of ASCII, and in the third word two more. */
enum { FOLD_SEEN_WIDE_WORD = 1, FOLD_SEEN_WIDE_OTHER = 2, FOLD_SEEN_WORDS = 3 };
void fold_look(const struct fold *fold, struct span text, uint64_t ret_seen[FOLD_SEEN_WORDS]);
/* The longest run of characters that \d matches. */
uint32_t fold_longest_digits(const struct fold *fold, struct span text);

#endif
