/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_RARITY_H
#define RAPPORTEUR_LIB_MATCH_RARITY_H

/*
 * How often a string may be expected in ordinary posts: a model of three bytes in a row, trained by
 * rarity_train.c on posts in English, French and Arabic. It only chooses which required string is
 * looked for, so a wrong guess costs time and never a match.
 * Symbols: a-z, any digit, white space, other ASCII, a byte past ASCII.
 */

#include "lib/base/span.h"

/* Expected occurrences a byte of folded text. rarity_gram looks at 4 bytes. */
double rarity_of(struct span text);
double rarity_gram(const char *bytes);
double rarity_char(unsigned char c);

#endif
