/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text/normalise.h"
#include "lib/text/property.h"
#include "lib/text/utf8.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

static struct text_scratch *scratch;

static char *confusable(struct span text)
{
    const struct text_forms *forms = NULL;
    struct span form;

    assert_int_equal(text_normalise(scratch, text, TEXT_CONFUSABLE, &forms), 0);
    form = forms->form[TEXT_FORM_CONFUSABLE].text;
    return strndup(form.ptr, form.len);
}

static const struct {
    const char *name, *listed, *written;
    bool same;
} cases[] = {
    {"digits in a word", "kill", "k1ll", true},
    {"one for l", "hello", "he1lo", true},
    {"three, four, five, seven, zero", "beatthesoot", "b3a77h3s00t", true},
    {"dollar and at", "bastard", "b@$tard", true},
    {"dollars at the end", "ass", "a$$", true},
    {"a dollar before the word", "slut", "$lut", true},
    {"an exclamation mark inside", "bitch", "b!tch", true},
    {"an exclamation mark behind is one", "bitch", "b!tch!!", false},
    {"numbers stay numbers", "88", "bb", false},
    {"numbers stay numbers among words", "call 88 now", "call bb now", false},
    {"digits in a word among words", "you kill now", "you k1ll now", true},
    {"years stay years", "zois", "2015", false},
    {"prices stay prices", "$500", "$500", true},
    {"mentions keep their sign", "@@name", "aname", false},
    {"Cyrillic letters in a Latin word", "attack", "аttасk", true},
    {"all Cyrillic look-alikes", "kepox", "керох", true},
    {"Cyrillic capitals", "MOTHER", "МОТНЕR", true},
    {"Greek look-alikes", "bomb", "βοmb", true},
    {"small capitals", "kill", "ᴋɪʟʟ", true},
    {"eth and diacritics", "dod", "ðöđ", true},
    {"d with stroke", "dad", "đàđ", true},
    {"o with stroke", "bomb", "bømb", true},
    {"dotless i", "kill", "kıll", true},
    {"French accents", "epee", "épée", true},
    {"Russian yo and ye", "её", "ее", true},
    {"Arabic alef forms", "احمد", "أحمد", true},
    {"Arabic teh marbuta and yeh", "مدرسه على", "مدرسة علی", true},
    {"Arabic letters that differ by dots stay apart", "بنت", "تبن", false},
    {"Arabic and Latin digits", "123", "١٢٣", true},
    {"Arabic chat digits", "حمير خالص سرطان", "7مير 5ال9 سر6ان", true},
    {"all Arabic chat digits", "بابعبخبطبحبقبصب", "ب1ب3ب5ب6ب7ب8ب9ب", true},
    {"two for alef", "أنا", "2نا", true},
    {"Arabic-Indic digits as well", "حمير", "٧مير", true},
    {"Arabic digits without a reading", "ب0ب4ب", "بوبعب", false},
    {"a year behind Arabic stays", "سنة 2023", "سنة اهاع", false},
    {"signs stay in Arabic words", "ب!ب", "بiب", false},
    {"Latin words keep their digits", "حمير kill", "7مير k1ll", true},
    {"Hindi stays", "हिन्दी", "हिन्दी", true},
    {"Hindi vowels tell words apart", "की", "का", false},
    {"Thai vowels tell words apart", "กา", "กำ", false},
    {"kana voicing tells words apart", "か", "が", false},
    {"Katakana ro and the mouth", "エロ", "エ口", true},
    {"Korean stays", "한국", "한국", true},
    {"ae ligature", "aether", "æther", true},
    {"full stop stays", "k.ill", "kill", false},
};

static void cases_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *listed = confusable(span_of(cases[i].listed)),
             *written = confusable(span_of(cases[i].written));

        if ((strcmp(listed, written) == 0) != cases[i].same) {
            fail_msg("%s: '%s' '%s'", cases[i].name, listed, written);
        }
        free(listed);
        free(written);
    }
}

static void every_code_point_is_stable(void **state)
{
    int wrong = 0;

    (void)state;
    for (uint32_t cp = 0; cp <= UTF8_MAX_CODE_POINT; cp++) {
        char text[UTF8_MAX_LEN], *once, *twice;

        if ((cp >= 0xd800 && cp <= 0xdfff) || cp == 0) {
            continue;
        }
        once = confusable((struct span){text, utf8_put(text, cp)});
        twice = confusable(span_of(once));
        if (strcmp(once, twice) != 0 && wrong++ < 20) {
            (void)printf("# U+%04X: '%s' then '%s'\n", cp, once, twice);
        }
        free(once);
        free(twice);
    }
    assert_int_equal(wrong, 0);
}

/* Texts keep the same form when they are put through twice, and hold no mark that is stripped. */
static void texts_are_stable(void **state)
{
    static const char *const files[] = {"text/tweets.csv",           "text/hatecheck_arabic.csv",
                                        "text/hatecheck_french.csv", "patterns/ldnoobw/ja",
                                        "patterns/ldnoobw/th",       "patterns/ldnoobw/zh"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char *path = test_data(files[i]);
        size_t len;
        char *bytes;
        struct span rest;

        if (!path) {
            return;
        }
        bytes = test_read_file(path, &len);
        rest = (struct span){bytes, len};
        while (rest.ptr) {
            char *once = confusable(span_cut(&rest, '\n')), *twice = confusable(span_of(once));

            assert_string_equal(once, twice);
            for (const char *p = once; *p;) {
                assert_false(text_property(utf8_next(&p)) & TEXT_STRIP);
            }
            free(once);
            free(twice);
        }
        free(bytes);
        free(path);
    }
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
        cmocka_unit_test(every_code_point_is_stable),
        cmocka_unit_test(texts_are_stable),
    };

    return cmocka_run_group_tests_name("lib/text/confusable", tests, open_scratch, close_scratch);
}
