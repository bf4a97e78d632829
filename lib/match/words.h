/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_WORDS_H
#define RAPPORTEUR_LIB_MATCH_WORDS_H

/* A text cut into words, each with the hash of its letters; and how words stand for a literal. */

#include "lib/base/span.h"

#include <stdint.h>

struct word {
    uint64_t hash;     /* of word_hash_add over its bytes, from 0 */
    uint64_t factor;   /* WORD_HASH_FACTOR to the power of its length */
    uint32_t from, to; /* bytes of the text */
    bool single;       /* one letter or digit, with its marks */
    bool digits;       /* ASCII digits only */
    bool apart;        /* of a script without spaces: no part of a literal of words */
};

/* Writes up to `cap` words of valid UTF-8 and returns how many. */
size_t words_of(struct span text, bool ascii, struct word *words, size_t cap);

enum word_match {
    WORDS_DIFFER,
    WORDS_SAME,      /* the literal itself stands there as a whole word */
    WORDS_SEPARATED, /* its letters do, cut up in a way that people use to hide a word */
};

/*
 * How words[0..count) of `text` stand for `literal`; both in the same form. Besides the literal
 * itself, byte for byte between word boundaries, with [*ret_from, *ret_to) including punctuation at
 * its ends, the same letters count where they cover whole words and
 *   - the words are those of the literal, with other marks or spaces between ("stop-them"), or
 *   - all but at most one are single letters, and there are three or more ("k i l l", "k.i.ll"), or
 *   - no white space is between them and they have five letters or more ("immi-grants"), or
 *   - a phrase of six letters or more is written as one word ("stopthem"), or
 *   - they are seven digits or more ("0815 172-9325").
 * So "the rapist" is not a therapist and "an us" no anus. A literal that begins or ends with
 * punctuation ("c++", "#tag") is only found as it is.
 */
enum word_match words_match(struct span text, const struct word *words, size_t count,
                            struct span literal, size_t *ret_from, size_t *ret_to);

#endif
