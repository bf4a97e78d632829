/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/disguise.h"

#include "lib/text/normalise.h"
#include "lib/text/property.h"
#include "lib/text/utf8.h"

enum { HEH = 0x647, TEH_MARBUTA = 0x629 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_short_meant(struct span written, struct span literal)
{
    return literal.len == DISGUISE_MIN && written.len == DISGUISE_MIN &&
           lower(written.ptr[0]) == literal.ptr[0] && lower(written.ptr[2]) == literal.ptr[2] &&
           memchr("0134@!|", written.ptr[1], 7) != NULL;
}

/* The vowel below an acute or grave accent; 0: none. */
static char accented(uint32_t cp)
{
    switch (cp) {
    case 0xe0:
    case 0xe1:
        return 'a';
    case 0xe8:
    case 0xe9:
        return 'e';
    case 0xec:
    case 0xed:
        return 'i';
    case 0xf2:
    case 0xf3:
        return 'o';
    case 0xf9:
    case 0xfa:
        return 'u';
    default:
        return 0;
    }
}

static bool at_word_end(struct span text)
{
    const char *p = text.ptr;

    return text.len == 0 || !text_is_word(utf8_next(&p));
}

static uint32_t take(struct span *text)
{
    const char *p = text->ptr;
    uint32_t cp = utf8_next(&p);

    *text = span_sub(*text, (size_t)(p - text->ptr), text->len);
    return cp;
}

bool disguise_is_meant(struct span written, struct span normalised, struct span literal)
{
    size_t letters = 0;

    for (size_t i = 0; i < literal.len; i++) {
        letters += (literal.ptr[i] & 0xc0) != 0x80;
    }
    if (letters < TEXT_CONFUSABLE_MIN) {
        return is_short_meant(written, literal);
    }
    while (normalised.len > 0 && literal.len > 0) {
        uint32_t here = take(&normalised), wanted = take(&literal);

        if ((here == TEH_MARBUTA && wanted == HEH) ||
            (accented(here) && (uint32_t)accented(here) == wanted && at_word_end(normalised) &&
             at_word_end(literal))) {
            return false;
        }
    }
    return true;
}
