/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/grade.h"

#include "tests/support/support.h"

static const struct span texts[] = {
    SPAN("A quiet day at the harbour."), SPAN("Call 0123456789 now"), SPAN("nothing to see here"),
    SPAN("we met at the station"),       SPAN("\xff is not text"),    SPAN("buy cheap watches"),
};

static void marks_say_what_is_wrong(void **state)
{
    static const struct {
        const char *pattern;
        unsigned marks;
        bool squeezed;
    } cases[] = {
        {"cheap watches", GRADE_BROAD, true},
        {"neverthere", 0, false},
        {"c\\W*h\\W*e\\W*a\\W*p\\W*er", 0, true},
        {"\\d+", GRADE_NO_STRING | GRADE_BROAD, false},
        {"x*", GRADE_NO_STRING | GRADE_BROAD | GRADE_EMPTY, false},
        {"(?-i:Never)", GRADE_CASE, false},
        {"(?:\\w+\\s*)+;;", 0, false},
        {"\xd0\xb6\xd0\xb8\xd0\xb2", 0, false},
    };
    struct span patterns[COUNT_OF(cases)];
    CLEANUP(grader_freep) struct grader *grader = NULL;
    struct grade grade;
    struct fault why;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        patterns[i] = span_of(cases[i].pattern);
    }
    assert_int_equal(grader_new(&grader, NULL, patterns, COUNT_OF(cases)), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(grade_pattern(grader, patterns[i], texts, COUNT_OF(texts), &grade, &why),
                         0);
        if (grade.marks != cases[i].marks || grade.squeezed != cases[i].squeezed) {
            fail_msg("%s: marks %u, squeezed %d, string %s", cases[i].pattern, grade.marks,
                     grade.squeezed, grade.string);
        }
        assert_int_equal(grade.texts, 5);
    }
    assert_int_equal(grade_pattern(grader, SPAN("("), texts, 1, &grade, &why), FAULT);
    assert_string_equal(why.code, "PATTERN_SYNTAX");
}

static int64_t ticking(void *arg)
{
    return *(int64_t *)arg += 3000;
}

static void slow_by_the_clock_given(void **state)
{
    int64_t now = 0;
    struct grade_options options = grade_options_default;
    CLEANUP(grader_freep) struct grader *grader = NULL;
    struct span pattern = SPAN("station");
    struct grade grade;
    struct fault why;

    (void)state;
    options.match.now_us = ticking;
    options.match.now_us_arg = &now;
    options.broad_percent = 50;
    assert_int_equal(grader_new(&grader, &options, &pattern, 1), 0);
    assert_int_equal(grade_pattern(grader, pattern, texts, COUNT_OF(texts), &grade, &why), 0);
    assert_int_equal(grade.marks, GRADE_SLOW);
    assert_int_equal(grade.hits, 1);
    assert_string_equal(grade.string, "station");
    for (unsigned bit = 1; bit < GRADE_MARKS; bit <<= 1) {
        assert_true(strlen(grade_mark_text((enum grade_mark)bit)) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_say_what_is_wrong),
        cmocka_unit_test(slow_by_the_clock_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
