/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/rules/rules_support.h"

/* What explain says of one condition: fired, and the sentence. */
static void expect(const char *when, bool fired, const char *why, size_t parts)
{
    struct rule_scratch *scratch = NULL;
    struct report *report = report_of("{}");
    struct hits *hits = calloc(1, sizeof(*hits));
    struct rule_facts facts = {.report = report, .hits = hits, .now_ms = RULES_NOW_MS};
    json_t *answer = NULL, *rule;
    struct rule_set *set;
    char yaml[1024];

    (void)snprintf(
        yaml, sizeof(yaml),
        "- id: a\n  policy: policy/1\n  when: |\n    (content.id == \"example\" ? true : true) "
        "&&\n    %s\n"
        "  then: {severity: 4}\n  examples: [{matches: true, report: {category: training}, "
        "hits: [{list: a}]}]\n",
        when);
    set = rules_of(yaml);
    assert_int_equal(rule_scratch_new(&scratch, set), 0);
    assert_int_equal(rule_explain(set, scratch, &facts, &answer), 0);
    rule = json_array_get(answer, 0);
    if (json_is_true(json_object_get(rule, "fired")) != fired ||
        strcmp(json_string_value(json_object_get(rule, "why")), why) != 0 ||
        json_array_size(json_object_get(rule, "parts")) != parts) {
        fail_msg("%s: %s", when, json_dumps(rule, 0));
    }
    assert_int_equal(fired, json_object_get(rule, "effects") != NULL);
    json_decref(answer);
    (void)rule_scratch_free(scratch);
    (void)rule_set_free(set);
    (void)report_free(report);
    free(hits);
}

static const struct {
    const char *when, *why;
    size_t parts;
    bool fired;
} cases[] = {
    {"content.type == \"post\"", "every part of the condition holds", 2, true},
    {"report.category == \"training\"", "does not hold: report.category == \"training\"", 2, false},
    {"content.type == \"post\" && report.category   ==\n    \"training\" && hits.size() > 0",
     "does not hold: report.category == \"training\"", 4, false},
    {"hits[0].severity > 1", "could not say: hits[0].severity > 1", 2, false},
    {"(report.category == \"training\" && true)",
     "does not hold: (report.category == \"training\" && true)", 2, false},
    {"report.category != \"a && b\" && hits.size() > 0", "does not hold: hits.size() > 0", 3,
     false},
    {"report.category != 'a\\' && b' && hits.size() > 0", "does not hold: hits.size() > 0", 3,
     false},
    {"report.category != r'a\\' && hits.size() > 0", "does not hold: hits.size() > 0", 3, false},
    {"report.category != '''a' && ''b''' && hits.size() > 0", "does not hold: hits.size() > 0", 3,
     false},
    {"true // one && two\n    && hits.size() > 0", "does not hold: hits.size() > 0", 3, false},
    {"hits.exists(h, h.severity > 1 && h.list == \"a\")",
     "does not hold: hits.exists(h, h.severity > 1 && h.list == \"a\")", 2, false},
};

static void the_part_that_was_false_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect(cases[i].when, cases[i].fired, cases[i].why, cases[i].parts);
    }
}

static void a_choice_is_one_part(void **state)
{
    (void)state;
    expect("hits.size() > 0 || report.category == \"training\"", false,
           "does not hold: (content.id == \"example\" ? true : true) && hits.size() > 0 || "
           "report.category == "
           "\"training\"",
           1);
}

static void a_rule_that_is_off_says_so(void **state)
{
    struct rule_set *set = rules_of(RULE_IN("off", "a", "true", "severity: 1", ""));
    struct rule_scratch *scratch = NULL;
    struct report *report = report_of("{}");
    struct hits *hits = calloc(1, sizeof(*hits));
    struct rule_facts facts = {.report = report, .hits = hits, .now_ms = RULES_NOW_MS};
    json_t *answer = NULL;

    (void)state;
    assert_int_equal(rule_scratch_new(&scratch, set), 0);
    assert_int_equal(rule_explain(set, scratch, &facts, &answer), 0);
    assert_string_equal(json_string_value(json_object_get(json_array_get(answer, 0), "why")),
                        "the rule is off");
    json_decref(answer);
    (void)rule_scratch_free(scratch);
    (void)rule_set_free(set);
    (void)report_free(report);
    free(hits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_part_that_was_false_is_named),
        cmocka_unit_test(a_choice_is_one_part),
        cmocka_unit_test(a_rule_that_is_off_says_so),
    };

    return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
