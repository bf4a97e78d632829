/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text/table/rules.h"

#include "lib/text/property.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#include <stdio.h>
#include <stdlib.h>

enum { HANGUL_FIRST = 0xac00, HANGUL_LAST = 0xd7a3, TATWEEL = 0x640 };

static const UNormalizer2 *nfc, *nfd, *nfkd, *nfkc_casefold;
static USpoofChecker *spoof;

static void check(UErrorCode error, const char *what)
{
    if (U_FAILURE(error)) {
        (void)fprintf(stderr, "table/rules: %s: %s\n", what, u_errorName(error));
        exit(1);
    }
}

void rules_open(void)
{
    UErrorCode error = U_ZERO_ERROR;

    nfc = unorm2_getNFCInstance(&error);
    nfd = unorm2_getNFDInstance(&error);
    nfkd = unorm2_getNFKDInstance(&error);
    nfkc_casefold = unorm2_getNFKCCasefoldInstance(&error);
    spoof = uspoof_open(&error);
    check(error, "open");
}

void rules_close(void)
{
    uspoof_close(spoof);
}

const char *rules_unicode_version(void)
{
    return U_UNICODE_VERSION;
}

bool is_surrogate(uint32_t cp)
{
    return cp >= 0xd800 && cp <= 0xdfff;
}

/* ---- sequences ---- */

static int to_utf16(const struct codes *codes, UChar into[2 * RULE_MAX])
{
    int len = 0;

    for (int i = 0; i < codes->count; i++) {
        U16_APPEND_UNSAFE(into, len, codes->at[i]);
    }
    return len;
}

static struct codes from_utf16(const UChar *text, int len)
{
    struct codes codes = {0};

    for (int i = 0; i < len;) {
        UChar32 cp;

        U16_NEXT(text, i, len, cp);
        if (codes.count == RULE_MAX) {
            check(U_BUFFER_OVERFLOW_ERROR, "sequence");
        }
        codes.at[codes.count++] = (uint32_t)cp;
    }
    return codes;
}

static struct codes normalised_by(const UNormalizer2 *form, struct codes codes)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar in[2 * RULE_MAX], out[2 * RULE_MAX];
    int len = unorm2_normalize(form, in, to_utf16(&codes, in), out, 2 * RULE_MAX, &error);

    check(error, "normalise");
    return from_utf16(out, len);
}

static struct codes one(uint32_t cp)
{
    return (struct codes){1, {cp}};
}

static struct codes without(struct codes codes, bool (*drop)(uint32_t))
{
    struct codes left = {0};

    for (int i = 0; i < codes.count; i++) {
        if (!drop(codes.at[i])) {
            left.at[left.count++] = codes.at[i];
        }
    }
    return left;
}

static bool codes_equal(const struct codes *a, const struct codes *b)
{
    for (int i = 0; i < a->count && i < b->count; i++) {
        if (a->at[i] != b->at[i]) {
            return false;
        }
    }
    return a->count == b->count;
}

/* ---- properties ---- */

static UScriptCode script_of(uint32_t cp)
{
    UErrorCode error = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript((UChar32)cp, &error);

    check(error, "script");
    return script;
}

static bool has_no_spaces(UScriptCode script)
{
    switch ((int)script) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_KATAKANA_OR_HIRAGANA:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
    case USCRIPT_YI:
    case USCRIPT_TAI_LE:
    case USCRIPT_NEW_TAI_LUE:
    case USCRIPT_LANNA:
    case USCRIPT_TAI_VIET:
    case USCRIPT_JAVANESE:
    case USCRIPT_BALINESE:
    case USCRIPT_TIBETAN:
        return true;
    default:
        return false;
    }
}

/* Inherited marks that belong to scripts where marks are letters: kana voicing, Vedic. */
static bool is_letter_mark(uint32_t cp)
{
    return cp == 0x3099 || cp == 0x309a || (cp >= 0x951 && cp <= 0x954) ||
           (cp >= 0x1cd0 && cp <= 0x1cff);
}

static bool is_stripped(uint32_t cp)
{
    int8_t type = u_charType((UChar32)cp);

    if ((type != U_NON_SPACING_MARK && type != U_ENCLOSING_MARK) || is_letter_mark(cp)) {
        return false;
    }
    switch ((int)script_of(cp)) {
    case USCRIPT_INHERITED:
    case USCRIPT_COMMON:
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_CYRILLIC:
    case USCRIPT_COPTIC:
    case USCRIPT_ARABIC:
    case USCRIPT_HEBREW:
    case USCRIPT_SYRIAC:
        return true;
    default:
        return false;
    }
}

static bool is_mid(uint32_t cp)
{
    switch (u_getIntPropertyValue((UChar32)cp, UCHAR_WORD_BREAK)) {
    case U_WB_MIDLETTER:
    case U_WB_MIDNUM:
    case U_WB_MIDNUMLET:
    case U_WB_SINGLE_QUOTE:
        return true;
    default:
        return false;
    }
}

unsigned rule_property(uint32_t cp)
{
    UChar32 c = (UChar32)cp;
    uint32_t mask = U_GET_GC_MASK(c);
    unsigned bits = 0;

    if (u_hasBinaryProperty(c, UCHAR_ALPHABETIC) && !(mask & U_GC_SO_MASK)) {
        bits |= TEXT_LETTER;
    } else if (mask & U_GC_N_MASK) {
        bits |= TEXT_DIGIT;
    }
    bits |= mask & U_GC_M_MASK ? TEXT_MARK : 0;
    bits |= mask & U_GC_PC_MASK ? TEXT_CONNECTOR : 0;
    bits |= u_isUWhiteSpace(c) ? TEXT_SPACE : 0;
    bits |= is_stripped(cp) ? TEXT_STRIP : 0;
    bits |= is_mid(cp) ? TEXT_MID : 0;
    if ((mask & (U_GC_L_MASK | U_GC_M_MASK)) &&
        (has_no_spaces(script_of(cp)) || cp == 0x3099 || cp == 0x309a || cp == 0x30fc)) {
        bits |= TEXT_NO_SPACES;
    }
    return bits;
}

unsigned rule_class(uint32_t cp)
{
    return u_getCombiningClass((UChar32)cp);
}

bool rule_joins_before(uint32_t cp)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar text[2];
    int len = 0;

    U16_APPEND_UNSAFE(text, len, cp);
    return unorm2_quickCheck(nfc, text, len, &error) == UNORM_MAYBE;
}

bool rule_dropped(uint32_t cp)
{
    return u_hasBinaryProperty((UChar32)cp, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || cp == TATWEEL ||
           (is_stripped(cp) && !rule_joins_before(cp));
}

/* ---- the normalised form ---- */

struct codes rule_decomposed(uint32_t cp)
{
    if (rule_dropped(cp)) {
        return (struct codes){0};
    }
    return normalised_by(nfd, without(normalised_by(nfkc_casefold, one(cp)), rule_dropped));
}

struct codes rule_normalised(uint32_t cp)
{
    return normalised_by(nfc, without(normalised_by(nfc, rule_decomposed(cp)), is_stripped));
}

bool rule_pair(uint32_t cp, uint32_t *ret_first, uint32_t *ret_second)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar raw[8];
    int len;
    struct codes pair;

    if ((cp >= HANGUL_FIRST && cp <= HANGUL_LAST) ||
        u_hasBinaryProperty((UChar32)cp, UCHAR_FULL_COMPOSITION_EXCLUSION)) {
        return false;
    }
    len = unorm2_getRawDecomposition(nfc, (UChar32)cp, raw, 8, &error);
    check(error, "raw decomposition");
    if (len < 0) {
        return false;
    }
    pair = from_utf16(raw, len);
    if (pair.count != 2) {
        return false;
    }
    *ret_first = pair.at[0];
    *ret_second = pair.at[1];
    return true;
}

/* ---- the confusable form ---- */

static bool is_ascii_letter(uint32_t cp)
{
    return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
}

static struct codes skeleton_of(struct codes codes)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar in[2 * RULE_MAX], out[2 * RULE_MAX];
    int len = uspoof_getSkeleton(spoof, 0, in, to_utf16(&codes, in), out, 2 * RULE_MAX, &error);

    check(error, "skeleton");
    return from_utf16(out, len);
}

/* Scripts whose look-alikes ICU's data joins by shape alone (dots of Arabic letters, o-like signs
 * of Indic ones): that would make different words of these languages one. */
static bool keeps_its_letters(uint32_t cp)
{
    switch ((int)script_of(cp)) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_CYRILLIC:
    case USCRIPT_ARMENIAN:
    case USCRIPT_CHEROKEE:
    case USCRIPT_COPTIC:
    case USCRIPT_LISU:
    case USCRIPT_DESERET:
    case USCRIPT_OSAGE:
    case USCRIPT_CANADIAN_ABORIGINAL:
    case USCRIPT_COMMON:
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
        return false;
    default:
        return true;
    }
}

/* Spellings of one Arabic letter that keyboards and languages exchange freely. */
static uint32_t arabic_fold(uint32_t cp)
{
    switch (cp) {
    case 0x629: /* teh marbuta */
    case 0x6be: /* heh doachashmee */
    case 0x6c1: /* heh goal */
    case 0x6d5: /* ae */
        return 0x647;
    case 0x649: /* alef maksura */
    case 0x6cc: /* Farsi yeh */
        return 0x64a;
    case 0x671: /* alef wasla */
        return 0x627;
    case 0x6a9: /* keheh */
    case 0x6aa:
        return 0x643;
    default:
        return cp;
    }
}

static bool stays_letters(const struct codes *codes, uint32_t source)
{
    bool source_letter = u_hasBinaryProperty((UChar32)source, UCHAR_ALPHABETIC);

    if (codes->count == 0 || codes->count > 4) {
        return false;
    }
    for (int i = 0; i < codes->count; i++) {
        uint32_t cp = codes->at[i];

        if ((rule_property(cp) & TEXT_MARK) || rule_joins_before(cp) ||
            !(is_ascii_letter(cp) ||
              (source_letter && u_hasBinaryProperty((UChar32)cp, UCHAR_ALPHABETIC)))) {
            return false;
        }
    }
    return true;
}

/* The ASCII letter whose picture the sequence is; 0 where none. */
static uint32_t letter_like(struct codes codes, char first, char last)
{
    struct codes skeleton = without(skeleton_of(codes), is_stripped);

    for (char letter = first; letter <= last; letter++) {
        struct codes picture = skeleton_of(one((uint32_t)letter));

        if (codes_equal(&skeleton, &picture)) {
            return (uint32_t)u_tolower(letter);
        }
    }
    return 0;
}

/* "LATIN LETTER SMALL CAPITAL K" and the letters styled alike. */
static uint32_t small_capital(uint32_t cp)
{
    static const char prefix[] = "LATIN LETTER SMALL CAPITAL ";
    UErrorCode error = U_ZERO_ERROR;
    char name[128];
    int len = u_charName((UChar32)cp, U_UNICODE_CHAR_NAME, name, sizeof(name), &error);

    check(error, "name");
    if (len != (int)sizeof(prefix) || strncmp(name, prefix, sizeof(prefix) - 1) != 0) {
        return 0;
    }
    return (uint32_t)u_tolower(name[sizeof(prefix) - 1]);
}

static struct codes confusable_step(uint32_t cp)
{
    struct codes plain = without(normalised_by(nfkd, one(cp)), is_stripped);
    uint32_t letter;
    struct codes folded;

    if (cp < 0x80) {
        return one(cp == 'l' ? 'i' : cp);
    }
    if (u_charType((UChar32)cp) == U_DECIMAL_DIGIT_NUMBER) {
        return one('0' + (uint32_t)u_charDigitValue((UChar32)cp));
    }
    if (script_of(cp) == USCRIPT_HANGUL) {
        return one(cp);
    }
    if (keeps_its_letters(cp)) {
        if (plain.count == 1) {
            plain.at[0] = arabic_fold(plain.at[0]);
        }
        return stays_letters(&plain, cp) ? plain : one(cp);
    }
    letter = plain.count == 1 && is_ascii_letter(plain.at[0]) ? plain.at[0]
                                                              : letter_like(one(cp), 'a', 'z');
    if (!letter && u_toupper((UChar32)cp) != (UChar32)cp) {
        letter = letter_like(one((uint32_t)u_toupper((UChar32)cp)), 'A', 'Z');
    }
    if (!letter) {
        letter = small_capital(cp);
    }
    if (letter) {
        return one((uint32_t)u_tolower((UChar32)letter));
    }
    folded = normalised_by(nfkc_casefold, without(skeleton_of(plain), is_stripped));
    if (stays_letters(&folded, cp)) {
        return folded;
    }
    return stays_letters(&plain, cp) ? plain : one(cp);
}

struct codes rule_confusable(uint32_t cp)
{
    struct codes codes = one(cp);

    for (int round = 0; round < 8; round++) {
        struct codes next = {0};

        for (int i = 0; i < codes.count; i++) {
            struct codes step = confusable_step(codes.at[i]);

            for (int k = 0; k < step.count; k++) {
                next.at[next.count++] = step.at[k];
            }
        }
        if (codes_equal(&codes, &next)) {
            return codes;
        }
        if (next.count > 4) {
            break;
        }
        codes = next;
    }
    return one(cp); /* pictures that chase each other stay what they are */
}
