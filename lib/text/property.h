/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_TEXT_PROPERTY_H
#define RAPPORTEUR_LIB_TEXT_PROPERTY_H

/*
 * What a code point is, from the generated table (Unicode version: text_unicode_version), and where
 * words begin and end.
 *
 * Words follow UAX #29 with three deliberate differences, all towards finding a listed word:
 * an apostrophe or full stop inside a word ends it ("women's" holds "women"; against WB6, WB7,
 * WB12), so does an underscore ("#stop_them" holds "them"; against WB13a, and against PCRE2's \w),
 * and in scripts written without spaces every code point boundary is a word boundary, since finding
 * the real ones needs a dictionary: entries of such scripts match as substrings.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum text_property {
    TEXT_LETTER = 1,     /* Alphabetic: letters, letter numbers, dependent vowel signs */
    TEXT_DIGIT = 2,      /* general category N* without what is Alphabetic */
    TEXT_MARK = 4,       /* general category M* */
    TEXT_CONNECTOR = 8,  /* general category Pc: underscore and its kin */
    TEXT_NO_SPACES = 16, /* letter or mark of a script written without spaces between words: Han,
                            Hiragana, Katakana, Bopomofo, Thai, Lao, Khmer, Myanmar, Yi, Tai Le, New
                            Tai Lue, Tai Tham, Tai Viet, Javanese, Balinese, Tibetan */
    TEXT_SPACE = 32,     /* White_Space */
    TEXT_STRIP = 64,     /* a mark that the normalised form drops where it does not compose */
    TEXT_MID = 128,      /* UAX #29 MidLetter, MidNum, MidNumLet, Single_Quote: ' . : and kin */

    TEXT_WORD = TEXT_LETTER | TEXT_DIGIT | TEXT_MARK, /* part of a word */
};

/* Two-level: text_property_block[text_property_index[cp >> 7] << 7 | (cp & 127)]; block 0 is ASCII.
 */
extern const uint16_t text_property_index[];
extern const uint8_t text_property_block[];
extern const char text_unicode_version[];

/* The property bits of a code point <= U+10FFFF. */
static inline unsigned text_property(uint32_t cp)
{
    return text_property_block[(uint32_t)text_property_index[cp >> 7] << 7 | (cp & 127)];
}

static inline bool text_is_word(uint32_t cp)
{
    return text_property(cp) & TEXT_WORD;
}

/* Letter, digit, or a mark that is part of one: what the squeezed form keeps. */
static inline bool text_is_letter_or_digit(uint32_t cp)
{
    return text_property(cp) & TEXT_WORD;
}

/* A word of this script has to be looked for as a substring. */
static inline bool text_needs_substring(uint32_t cp)
{
    return text_property(cp) & TEXT_NO_SPACES;
}

/* A word may begin or end at byte `at` (a code point boundary) of valid UTF-8: the text begins or
 * ends here, or one neighbour is no word character, or one belongs to a script without spaces. */
bool text_is_word_boundary(struct span text, size_t at);

/* All of text[from, to) stands on its own: a boundary on both sides. */
static inline bool text_is_whole_word(struct span text, size_t from, size_t to)
{
    return text_is_word_boundary(text, from) && text_is_word_boundary(text, to);
}

/* Some code point of `text` belongs to a script without spaces. */
bool text_has_no_spaces_script(struct span text);

/* The next word from byte *at on (runs of word characters; a code point of a script without spaces
 * is a word of its own with its marks). True with *ret_from, *ret_to, and *at behind it; false at
 * the end. */
bool text_word_next(struct span text, size_t *at, size_t *ret_from, size_t *ret_to);

#endif
