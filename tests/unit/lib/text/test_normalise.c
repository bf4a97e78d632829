/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text/normalise.h"
#include "lib/text/utf8.h"
#include "tests/support/support.h"

#include <errno.h>
#include <stdlib.h>

static struct text_scratch *scratch;

static const struct text_form *made(struct span text, enum text_form_id id)
{
    const struct text_forms *forms = NULL;

    assert_int_equal(text_normalise(scratch, text, 1u << id, &forms), 0);
    assert_true(forms->made & 1u << id);
    return &forms->form[id];
}

static const struct {
    const char *name, *text, *normalised, *squeezed;
} cases[] = {
    {"ASCII case", "Stop THEM Now", "stop them now", "stopthemnow"},
    {"nothing", "", "", ""},
    {"punctuation goes only when squeezed", "k.i-l_l", "k.i-l_l", "kill"},
    {"full width", "ＡＢＣ１２", "abc12", "abc12"},
    {"mathematical letters", "𝐊𝒊𝓵𝔩", "kill", "kill"},
    {"ligature", "ﬁre", "fire", "fire"},
    {"sharp s", "Straße STRASSE", "strasse strasse", "strassestrasse"},
    {"longer lower case: U+023A", "Ⱥb", "ⱥb", "ⱥb"},
    {"circled letters", "Ⓚⓘⓛⓛ", "kill", "kill"},
    {"zero width space and joiner", "ki\u200bl\u200dl", "kill", "kill"},
    {"bidi controls", "\u202ekill\u202c\u2066x\u2069", "killx", "killx"},
    {"soft hyphen and variation selector", "ki\u00adll\ufe0f", "kill", "kill"},
    {"tag characters", "a\U000e0061b", "ab", "ab"},
    {"composed and decomposed are one", "e\u0301", "é", "é"},
    {"a diaeresis tells words apart", "göt", "göt", "göt"},
    {"marks in any order", "e\u0323\u0302 e\u0302\u0323", "ệ ệ", "ệệ"},
    {"zalgo", "k\u0334\u0335i\u0336l\u0489l\u20dd", "kill", "kill"},
    {"a stack of 40 marks",
     "a\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308"
     "\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308"
     "\u0308"
     "\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308\u0308z",
     "äz", "äz"},
    {"mark at the beginning", "\u0301a", "a", "a"},
    {"Arabic points and tatweel", "مُحَـــمَّد", "محمد", "محمد"},
    {"Arabic hamza stays a letter", "أا\u0654", "أأ", "أأ"},
    {"Arabic presentation forms", "ﻣﺤﻤﺪ", "محمد", "محمد"},
    {"Hebrew points", "שָׁלוֹם", "שלום", "שלום"},
    {"Hindi is not damaged", "हिन्दी क्या", "हिन्दी क्या", "हिन्दीक्या"},
    {"Hindi nukta in both spellings", "\u095b\u091c\u093c", "ज़ज़", "ज़ज़"},
    {"Thai is not damaged", "น้ำแข็ง", "น้ําแข็ง", "น้ําแข็ง"},
    {"Bengali vowel of two parts", "\u0995\u09c7\u09be", "\u0995\u09cb", "\u0995\u09cb"},
    {"kana voicing", "か\u3099", "が", "が"},
    {"half width kana", "ｶﾞ", "ガ", "ガ"},
    {"Hangul jamo", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국", "한국"},
    {"Hangul syllable and trailing jamo", "하\u11ab", "한", "한"},
    {"Hangul across an ignorable and a stray mark", "\u1112\u200b\u1161\u0301\u11ab", "한", "한"},
    {"Cyrillic case", "УБИТЬ", "убить", "убить"},
    {"Greek final sigma", "ΛΟΓΟΣ", "λογοσ", "λογοσ"},
    {"Turkish dotted capital", "İ", "i", "i"},
    {"ideographic space", "a\u3000b", "a b", "ab"},
    {"emoji stay, and go when squeezed", "ki😀ll", "ki😀ll", "kill"},
    {"keycap digits", "1\ufe0f\u20e38", "18", "18"},
};

static void cases_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct text_form *form = made(span_of(cases[i].text), TEXT_FORM_NORMALISED);

        if (!span_is(form->text, cases[i].normalised)) {
            fail_msg("%s: %.*s", cases[i].name, (int)form->text.len, form->text.ptr);
        }
        form = made(span_of(cases[i].text), TEXT_FORM_SQUEEZED);
        if (!span_is(form->text, cases[i].squeezed)) {
            fail_msg("%s: squeezed %.*s", cases[i].name, (int)form->text.len, form->text.ptr);
        }
    }
}

static const struct {
    const char *name, *text, *one, *two;
    bool stretched;
} stretches[] = {
    {"three of a letter", "Fuuuck", "fuck", "fuuck", true},
    {"many, at the end of the text", "killllllllllllllll", "kil", "kill", true},
    {"both cases", "yeSsS", "yes", "yess", true},
    {"two stay two", "kill a bookkeeper", "kill a bookkeeper", "kill a bookkeeper", false},
    {"doubles beside a run stay", "a foolll", "a fool", "a fooll", true},
    {"signs and digits stay", "wait... 1000!!!   ok", "wait... 1000!!!   ok",
     "wait... 1000!!!   ok", false},
    {"Arabic", "خااااااالص", "خالص", "خاالص", true},
    {"points between make no difference", "كَلَّلل", "كل", "كلل", true},
    {"four bytes a letter", "𐐨𐐨𐐨a", "𐐨a", "𐐨𐐨a", true},
    {"Chinese says it three times", "哈哈哈", "哈哈哈", "哈哈哈", false},
    {"two at the end of the text", "kill", "kill", "kill", false},
    {"nothing", "", "", "", false},
};

static void stretched_letters(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stretches); i++) {
        const struct text_forms *forms = NULL;

        assert_int_equal(
            text_normalise(scratch, span_of(stretches[i].text), TEXT_STRETCHED, &forms), 0);
        if (forms->stretched != stretches[i].stretched ||
            !span_is(forms->form[TEXT_FORM_SINGLE].text, stretches[i].one) ||
            !span_is(forms->form[TEXT_FORM_DOUBLE].text, stretches[i].two)) {
            fail_msg("%s: %s %s", stretches[i].name, forms->form[TEXT_FORM_SINGLE].text.ptr,
                     forms->form[TEXT_FORM_DOUBLE].text.ptr);
        }
    }
}

/* `find` in the form of `text` has to lead back to `want`. */
static const struct {
    const char *name, *text;
    enum text_form_id form;
    const char *find, *want;
} origins[] = {
    {"ASCII", "Say KILL now", TEXT_FORM_NORMALISED, "kill", "KILL"},
    {"behind an umlaut", "Über KILL", TEXT_FORM_NORMALISED, "kill", "KILL"},
    {"with ignorables inside", "a K\u200bILL\u200b!", TEXT_FORM_NORMALISED, "kill", "K\u200bILL"},
    {"half a ligature is all of it", "aﬁb", TEXT_FORM_NORMALISED, "f", "ﬁ"},
    {"composed from two", "xe\u0301y", TEXT_FORM_NORMALISED, "é", "e\u0301"},
    {"dropped marks count to their letter", "xk\u0336i\u0336ly", TEXT_FORM_NORMALISED, "ki",
     "k\u0336i\u0336"},
    {"Arabic points too", "قال مُحَمَّدٌ لا", TEXT_FORM_NORMALISED, "محمد", "مُحَمَّدٌ"},
    {"Hangul", "x\u1112\u1161\u11aby", TEXT_FORM_NORMALISED, "한", "\u1112\u1161\u11ab"},
    {"marks that changed places", "xก\u0e48\u0e38y", TEXT_FORM_NORMALISED, "\u0e38\u0e48",
     "\u0e48\u0e38"},
    {"squeezed", "go k . i - l l, ok", TEXT_FORM_SQUEEZED, "kill", "k . i - l l"},
    {"squeezed behind two bytes", "é k.i.l.l", TEXT_FORM_SQUEEZED, "kill", "k.i.l.l"},
    {"confusable", "go K1LL now", TEXT_FORM_CONFUSABLE, "kiii", "K1LL"},
    {"confusable, Cyrillic", "éх кіӏӏ", TEXT_FORM_CONFUSABLE, "kiii", "кіӏӏ"},
    {"confusable, Arabic digits", "é 7مير k1ll 5ال9 go", TEXT_FORM_CONFUSABLE, "حمير", "7مير"},
    {"behind Arabic digits", "é 7مير k1ll 5ال9 go", TEXT_FORM_CONFUSABLE, "kiii", "k1ll"},
    {"single", "a fuuuuck you", TEXT_FORM_SINGLE, "fuck", "fuuuuck"},
    {"of a run the rest is the last one's", "a fuuuuck", TEXT_FORM_DOUBLE, "uc", "uuuc"},
    {"behind a run", "é fuuuck you", TEXT_FORM_SINGLE, "you", "you"},
    {"confusable and squeezed", "to K 1.L L", TEXT_FORM_CONFUSABLE_SQUEEZED, "k", "K"},
};

static void origin_leads_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        struct span text = span_of(origins[i].text);
        const struct text_form *form = made(text, origins[i].form);
        const char *at =
            memmem(form->text.ptr, form->text.len, origins[i].find, strlen(origins[i].find));
        struct text_range range;

        if (!at) {
            fail_msg("%s: not in %.*s", origins[i].name, (int)form->text.len, form->text.ptr);
        }
        range = text_origin(form, (size_t)(at - form->text.ptr),
                            (size_t)(at - form->text.ptr) + strlen(origins[i].find));
        if (!span_is(span_sub(text, range.start, range.end - range.start), origins[i].want)) {
            fail_msg("%s: %zu-%zu", origins[i].name, range.start, range.end);
        }
    }
}

static void limits(void **state)
{
    CLEANUP(text_scratch_freep) struct text_scratch *small = text_scratch_new(8);
    const struct text_forms *forms = NULL;

    (void)state;
    assert_int_equal(text_normalise(small, SPAN("12345678"), TEXT_ALL_FORMS, &forms), 0);
    assert_int_equal(text_normalise(small, SPAN("123456789"), TEXT_ALL_FORMS, &forms), -E2BIG);
}

static void longest_expansion(void **state)
{
    char text[3 * 400];
    const struct text_form *form;

    (void)state;
    for (size_t i = 0; i < sizeof(text); i += 3) {
        memcpy(text + i, "\xef\xb7\xba", 3);
    }
    form = made((struct span){text, sizeof(text)}, TEXT_FORM_CONFUSABLE_SQUEEZED);
    assert_int_equal(form->text.len, 400 * 30);
}

static void memory_is_kept_and_padded(void **state)
{
    struct span text = SPAN("Ünï k1lll ﷺ مُحَمَّد 中文");
    const struct text_forms *forms = NULL;
    size_t bytes;

    (void)state;
    assert_int_equal(text_normalise(scratch, text, TEXT_ALL_FORMS, &forms), 0);
    bytes = text_scratch_bytes(scratch);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(text_normalise(scratch, text, TEXT_ALL_FORMS, &forms), 0);
    }
    assert_int_equal(text_scratch_bytes(scratch), bytes);
    for (int i = 0; i < TEXT_FORM_COUNT; i++) {
        for (size_t k = 0; k < TEXT_PAD; k++) {
            assert_int_equal(forms->form[i].text.ptr[forms->form[i].text.len + k], 0);
        }
    }
}

/* A letter under 200,000 marks of falling class must not take quadratic time; the suite's time is
 * the limit. */
static void marks_without_end(void **state)
{
    CLEANUP(text_scratch_freep) struct text_scratch *big = text_scratch_new(1 << 20);
    const struct text_forms *forms = NULL;
    char *text = malloc(800001);

    (void)state;
    text[0] = 'a';
    for (size_t i = 0; i < 200000; i++) {
        memcpy(text + 1 + 4 * i, i % 2 ? "\xcc\x81\xcc\xa7" : "\xe0\xa5\x8d\x00", 4);
        if (i % 2 == 0) {
            text[4 + 4 * i] = 'b';
        }
    }
    assert_int_equal(text_normalise(big, (struct span){text, 800001}, TEXT_ALL_FORMS, &forms), 0);
    memset(text + 1, 0, 800000);
    for (size_t i = 0; i < 400000; i++) {
        memcpy(text + 1 + 2 * i, i % 2 ? "\xcc\x81" : "\xcc\xa7", 2);
    }
    assert_int_equal(text_normalise(big, (struct span){text, 800001}, TEXT_ALL_FORMS, &forms), 0);
    assert_int_equal(forms->form[0].end[0], 800001);
    free(text);
}

static int open_scratch(void **state)
{
    (void)state;
    scratch = text_scratch_new(1 << 20);
    return scratch ? 0 : -1;
}

static int close_scratch(void **state)
{
    (void)state;
    scratch = text_scratch_free(scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_hold),
        cmocka_unit_test(stretched_letters),
        cmocka_unit_test(origin_leads_back), cmocka_unit_test(limits),
        cmocka_unit_test(longest_expansion), cmocka_unit_test(memory_is_kept_and_padded),
        cmocka_unit_test(marks_without_end),
    };

    return cmocka_run_group_tests_name("lib/text/normalise", tests, open_scratch, close_scratch);
}
