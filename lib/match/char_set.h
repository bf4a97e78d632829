/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_CHAR_SET_H
#define RAPPORTEUR_LIB_MATCH_CHAR_SET_H

/*
 * The characters one place of a pattern may match, as the reader of patterns collects them: never
 * fewer than PCRE2 means, with case ignored and Unicode properties on.
 */

#include "lib/match/pattern.h"

void char_set_add(struct char_set *set, const struct fold *fold, uint32_t point);
void char_set_add_range(struct char_set *set, const struct fold *fold, uint32_t from, uint32_t to);
void char_set_add_all(struct char_set *set);
/* d D s S w W h H v V, and N. False for other letters. */
bool char_set_add_escape(struct char_set *set, char letter);
/* Makes *set a set that holds what it does not hold now. */
void char_set_negate(struct char_set *set);
void char_set_join(struct char_set *set, const struct char_set *other);

/* The set as bits of what fold_look says, and how likely one character of a text is among them; wide
 * ones are thought rarer than they may be. */
void char_set_seen(const struct char_set *set, const struct fold *fold,
                   uint64_t ret_bits[FOLD_SEEN_WORDS]);
double char_set_chance(const uint64_t bits[FOLD_SEEN_WORDS]);

/* ASCII letters and digits: what the squeezed stream keeps of ASCII. */
extern const uint64_t char_set_alnum[2];

static inline bool char_set_has(const struct char_set *set, unsigned char ascii)
{
    return set->ascii[ascii >> 6] >> (ascii & 63) & 1;
}

#endif
