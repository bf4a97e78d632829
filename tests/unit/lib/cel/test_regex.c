/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of RE2 as PCRE2 gets them, and those refused. */
#include "lib/cel/regex.h"
#include "tests/support/support.h"

#include <stdio.h>

static const struct {
    const char *pattern, *becomes;
} translated[] = {
    {"a.b*c+?", "a.b*c+?"},
    {"\\s+", "[\\t\\n\\f\\r ]+"},
    {"[^\\s]", "[^\\t\\n\\f\\r ]"},
    {"\\S", "[^\\t\\n\\f\\r ]"},
    {"\\v", "\\x0b"},
    {"a{2,3}", "a{2,3}"},
    {"a{2,", "a\\{2,"},
    {"{", "\\{"},
    {"[]a]", "[\\]a]"},
    {"[a[]", "[a\\[]"},
    {"[[:alpha:]:]", "[[:alpha:]:]"},
    {"\\Qa.b\\E.", "a\\.b."},
    {"(?P<n>a)(?:b)(?i)c(?s-m:d)", "(?P<n>a)(?:b)(?i)c(?s-m:d)"},
    {"\\p{Greek}\\pL\\x{263A}\\x41", "\\p{Greek}\\pL\\x{263A}\\x41"},
    {"\\.\\-\\d\\W\\bx\\z", "\\.\\-\\d\\W\\bx\\z"},
};

static const char *const refused[] = {
    "(a)\\1", "\\g{1}", "\\k<n>", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?>a)", "(?R)", "(?1)",
    "(?(1)a)", "(?C)", "(*ACCEPT)", "a*+", "a++", "a?+", "a**", "a{2}{3}", "a{1001}", "a{1,1001}",
    "[a", "\\", "(?#c)", "(?x)a", "\\K", "\\G", "\\R", "\\X", "\\h", "\\N", "\\Z", "\\C", "\\x{41",
    "[\\b]", "(a", "a)", "*a", "[z-a]",
};

static void a_pattern_is_translated(void **state)
{
    char out[400], what[CEL_REGEX_WHAT_MAX];
    size_t len;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(translated); i++) {
        struct cel_regex *regex;

        if (!cel_regex_translate(span_of(translated[i].pattern), out, sizeof(out) - 1, &len, what)) {
            fail_msg("%s: %s", translated[i].pattern, what);
        }
        out[len] = '\0';
        assert_string_equal(out, translated[i].becomes);
        regex = cel_regex_new(span_of(translated[i].pattern), what);
        if (!regex) {
            fail_msg("%s: %s", translated[i].pattern, what);
        }
        (void)cel_regex_free(regex);
    }
}

static void what_re2_does_not_have_is_refused(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        char what[CEL_REGEX_WHAT_MAX];
        struct cel_regex *regex = cel_regex_new(span_of(refused[i]), what);

        if (regex || what[0] == '\0') {
            (void)printf("# %s is not refused\n", refused[i]);
            wrong++;
        }
        (void)cel_regex_free(regex);
    }
    assert_int_equal(wrong, 0);
}

static void a_pattern_has_a_length(void **state)
{
    char pattern[CEL_PATTERN_MAX + 1], what[CEL_REGEX_WHAT_MAX];
    struct cel_regex *regex;

    (void)state;
    memset(pattern, 'a', sizeof(pattern));
    regex = cel_regex_new((struct span){pattern, CEL_PATTERN_MAX}, what);
    assert_non_null(regex);
    (void)cel_regex_free(regex);
    assert_null(cel_regex_new((struct span){pattern, CEL_PATTERN_MAX + 1}, what));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_translated),
        cmocka_unit_test(what_re2_does_not_have_is_refused),
        cmocka_unit_test(a_pattern_has_a_length),
    };

    return cmocka_run_group_tests_name("lib/cel: regex", tests, NULL, NULL);
}
