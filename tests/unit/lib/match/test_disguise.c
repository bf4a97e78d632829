/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/disguise.h"

#include "tests/support/support.h"

#include <stdio.h>

static const struct {
    const char *name, *written, *normalised, *literal;
    bool meant;
} cases[] = {
    {"a digit in a long word", "Gr1mbold", "gr1mbold", "grimbold", true},
    {"four letters, at their rim", "4fag", "4fag", "afag", true},
    {"three letters, a vowel", "F4G", "f4g", "fag", true},
    {"three letters, a sign", "f@g", "f@g", "fag", true},
    {"three letters, a consonant", "fa6", "fa6", "fag", false},
    {"three letters, the first", "4ss", "4ss", "ass", false},
    {"three letters, two digits", "m16", "m16", "mig", false},
    {"three letters, a digit that is no vowel", "b2b", "b2b", "bzb", false},
    {"three letters, an accent", "göt", "göt", "got", false},
    {"three letters of another script", "2نا", "2نا", "أنا", false},
    {"two letters", "h1", "h1", "hi", false},
    {"a participle", "emmerdé", "emmerdé", "emmerde", false},
    {"a past tense", "mató", "mató", "mato", false},
    {"a participle in a phrase", "emmerdé moi", "emmerdé moi", "emmerde moi", false},
    {"the accent left out", "emmerde", "emmerde", "emmerdé", true},
    {"an accent inside", "émmerde", "émmerde", "emmerde", true},
    {"an umlaut at the end", "emmerdë", "emmerdë", "emmerde", true},
    {"teh marbuta for heh", "بكرة", "بكرة", "بكره", false},
    {"heh for teh marbuta", "مدرسه", "مدرسه", "مدرسة", true},
    {"hamza added", "أحمد", "أحمد", "احمد", true},
};

static void cases_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (disguise_is_meant(span_of(cases[i].written), span_of(cases[i].normalised),
                              span_of(cases[i].literal)) != cases[i].meant) {
            fail_msg("%s: %s for %s", cases[i].name, cases[i].written, cases[i].literal);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_hold),
    };

    return cmocka_run_group_tests_name("lib/match/disguise", tests, NULL, NULL);
}
