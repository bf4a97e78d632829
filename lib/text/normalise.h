/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_TEXT_NORMALISE_H
#define RAPPORTEUR_LIB_TEXT_NORMALISE_H

/*
 * One spelling for what people write in many, with the way back to every original byte.
 *
 *     CLEANUP(text_scratch_freep) struct text_scratch *scratch = text_scratch_new(64 << 10);
 *     const struct text_forms *forms;
 *     r = text_normalise(scratch, text, TEXT_NORMALISED | TEXT_SQUEEZED, &forms);
 *     ... found something at [from, to) of forms->form[TEXT_FORM_SQUEEZED] ...
 *     struct text_range where = text_origin(&forms->form[TEXT_FORM_SQUEEZED], from, to);
 *
 * Listed words and texts go through the same call, so both sides change alike.
 *
 * normalised  NFKC_Casefold (Unicode 15: compatibility characters, case, default-ignorable code
 *             points and with them zero width and bidi controls), and then: Arabic tatweel and
 *             harakat, Hebrew and Syriac points dropped; of the marks of Latin, Greek and Cyrillic
 *             those are kept that compose into a letter (e + U+0301 is U+00E9; "Gott" and Turkish
 *             "göt" stay two words), the rest ("zalgo" stacks, strike-through overlays) dropped.
 *             Marks of Indic, Thai, Lao, Khmer, Thaana and all other scripts are letters there and
 *             stay, as do kana voicing marks. Hangul jamo are composed, also across dropped
 *             characters. A mark past the 32nd on one letter is dropped (UAX #15 Stream-Safe Text
 *             has 30), so that no text makes this quadratic.
 * confusable  the normalised form with look-alikes made one letter (ICU's data of UTS #39, both
 *             cases), all marks of TEXT_STRIP gone (é is e, ø is o, أ is ا), Arabic yeh, kaf and
 *             teh marbuta spellings joined, i and l joined (both "l" forms of 1 | !), and in words
 *             that hold a letter the digits and signs that stand for letters read as such: 0o 1i 2z
 *             3e 4a 5s 6g 7t 8b 9g @a $s !i |i. In words with an Arabic letter digits are those of
 *             the Arabic chat alphabet: 1 and 2 alef, 3 ain, 5 khah, 6 tah, 7 hah, 8 qaf, 9 sad.
 *             Numbers stay numbers. A lead only: it makes short words collide, so use it for entries
 *             of some length (TEXT_CONFUSABLE_MIN letters).
 * squeezed    letters, digits and their marks only: "k.i l-l" is "kill". Of the normalised and of
 *             the confusable form.
 * single,     the normalised form with one, or two, of each letter that stands three times or more
 * double      in a row: "kiiillll" is "kil" and "kiill", "fuuuck" "fuck" and "fuuck".
 *
 * Normalising a normalised form gives the same bytes again.
 * Input: valid UTF-8 (utf8_check first) of at most the scratch's max_bytes. Linear in time; no
 * malloc once the scratch has seen a text of that size. Sources: UAX #15, UTS #39, UAX #29; Unicode
 * data by lib/text/table/generate.c from ICU at build time.
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum text_form_id {
    TEXT_FORM_NORMALISED,
    TEXT_FORM_SQUEEZED,
    TEXT_FORM_CONFUSABLE,
    TEXT_FORM_CONFUSABLE_SQUEEZED,
    TEXT_FORM_SINGLE,
    TEXT_FORM_DOUBLE,
    TEXT_FORM_COUNT
};

/* Bits for `forms`; what a form is made from is made as well. */
enum {
    TEXT_NORMALISED = 1 << TEXT_FORM_NORMALISED,
    TEXT_SQUEEZED = 1 << TEXT_FORM_SQUEEZED,
    TEXT_CONFUSABLE = 1 << TEXT_FORM_CONFUSABLE,
    TEXT_CONFUSABLE_SQUEEZED = 1 << TEXT_FORM_CONFUSABLE_SQUEEZED,
    TEXT_STRETCHED = 1 << TEXT_FORM_SINGLE | 1 << TEXT_FORM_DOUBLE,
    TEXT_ALL_FORMS = (1 << TEXT_FORM_COUNT) - 1
};

enum {
    TEXT_PAD = 64,             /* bytes behind each form's text that may be read; the first is 0 */
    TEXT_MAX_MARKS = 32,       /* kept on one letter */
    TEXT_MAX_BYTES = 64 << 20, /* the largest max_bytes */
    TEXT_CONFUSABLE_MIN = 4
};

/* One form. Byte i comes from the original bytes [start[i], end[i]); both arrays never fall, all
 * bytes of one code point have the same range, and both ends are code point boundaries of the
 * original. start[text.len] is the original length. */
struct text_form {
    struct span text; /* text.ptr is never NULL */
    const uint32_t *start, *end;
};

struct text_forms {
    struct span source; /* the original, borrowed from the caller */
    unsigned made;      /* which of form[] are filled */
    bool ascii;         /* the original is pure ASCII */
    bool stretched;     /* single and double are not just the normalised form once more */
    struct text_form form[TEXT_FORM_COUNT]; /* borrow from the scratch, until its next use */
};

struct text_range {
    size_t start, end;
};

struct text_scratch;

/* NULL without memory; max_bytes <= TEXT_MAX_BYTES. One thread at a time. */
struct text_scratch *text_scratch_new(size_t max_bytes);
struct text_scratch *text_scratch_free(struct text_scratch *scratch);
DEFINE_CLEANUP(struct text_scratch *, text_scratch_free);
/* Heap bytes it holds now. */
size_t text_scratch_bytes(const struct text_scratch *scratch);

/* 0, -E2BIG (longer than max_bytes) or -ENOMEM. */
int text_normalise(struct text_scratch *scratch, struct span utf8, unsigned forms,
                   const struct text_forms **ret) NODISCARD;

/* The original bytes behind [from, to) of a form, from < to <= text.len. */
static inline struct text_range text_origin(const struct text_form *form, size_t from, size_t to)
{
    return (struct text_range){form->start[from], form->end[to - 1]};
}

#endif
