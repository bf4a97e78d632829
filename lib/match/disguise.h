/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_DISGUISE_H
#define RAPPORTEUR_LIB_MATCH_DISGUISE_H

/*
 * A text has the letters of a literal once look-alikes are one: is it the literal in disguise, or a
 * word of its own?
 *     disguise_is_meant(SPAN("F4g"), SPAN("f4g"), SPAN("fag"))            true
 *     disguise_is_meant(SPAN("emmerdé"), SPAN("emmerdé"), SPAN("emmerde"))    false
 *
 * A literal of four letters or more is meant, but for spellings that a language tells apart:
 *   - an acute or grave accent on the last vowel of a word where the literal has none: participles
 *     and tenses of the Romance languages are written so. Without the accent that the literal has,
 *     the text is the literal: people leave accents out.
 *   - teh marbuta where the literal has heh, which is a pronoun there. The other way round it is
 *     the literal: people leave the dots out.
 * A literal of three letters is meant only with its vowel in the middle written as one of 0134@!|,
 * for look-alikes make short words collide.
 */

#include "lib/base/span.h"

#include <stdbool.h>

enum { DISGUISE_MIN = 3 }; /* letters; no shorter literal is looked for in disguise */

/* What was written, the same in the normalised form, and the normalised literal. */
bool disguise_is_meant(struct span written, struct span normalised, struct span literal);

#endif
