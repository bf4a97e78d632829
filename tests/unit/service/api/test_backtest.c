/* SPDX-License-Identifier: Apache-2.0 */
/* The backtest: what other rules would change, by rule, language and origin. */
#include "service/api/backtest.h"
#include "tests/unit/lib/rules/rules_support.h"

#include <stdio.h>

#define HOME RULE("home", "true", "queue: terrorism, severity: 2, due: 4h, labels: [a]")

static struct backtest_report report_at(const struct report *report, const struct hits *hits)
{
    return (struct backtest_report){.report_id = SPAN("rpt_1"), .case_id = SPAN("cas_1"), .report = report, .hits = hits,
                                    .now_ms = RULES_NOW_MS};
}

/* The result of one report of recruitment in German, judged by both; trial may be NULL. */
static json_t *result_of(const char *running, const char *candidate, const char *trial)
{
    CLEANUP(rule_set_freep) struct rule_set *a = rules_of(running);
    CLEANUP(rule_set_freep) struct rule_set *b = rules_of(candidate);
    CLEANUP(rule_set_freep) struct rule_set *c = trial ? rules_of(trial) : NULL;
    CLEANUP(backtest_freep) struct backtest *test = NULL;
    CLEANUP(report_freep) struct report *report = report_of("{}");
    static const struct hits none;
    struct backtest_report one = report_at(report, &none);

    assert_int_equal(backtest_new(&test, a, b, c, SPAN("general")), 0);
    assert_int_equal(backtest_add(test, &one), 0);
    return backtest_result(test);
}

static json_int_t number(const json_t *value, const char *a, const char *b, const char *c)
{
    value = json_object_get(value, a);
    value = b ? json_object_get(value, b) : value;
    value = c ? json_object_get(value, c) : value;
    return json_integer_value(value);
}

static const struct {
    const char *name, *running, *candidate, *word;
} changes[] = {
    {"nothing", HOME, HOME, NULL},
    {"another comment", HOME, "# words\n" HOME, NULL},
    {"into another queue", HOME, RULE("home", "true", "queue: financing, severity: 2, due: 4h, labels: [a]"), "moved"},
    {"back to the default queue", HOME, RULE("home", "true", "severity: 2, due: 4h, labels: [a]"), "back_to_default"},
    {"a queue at last", RULE("home", "true", "severity: 2, due: 4h, labels: [a]"), HOME, "newly_queued"},
    {"earlier", HOME, RULE("home", "true", "queue: terrorism, severity: 2, due: 3h, labels: [a]"), "deadline_earlier"},
    {"later", HOME, RULE("home", "true", "queue: terrorism, severity: 2, due: 5h, labels: [a]"), "deadline_later"},
    {"graver", HOME, RULE("home", "true", "queue: terrorism, severity: 3, due: 4h, labels: [a]"), "severity_raised"},
    {"less grave", HOME, RULE("home", "true", "queue: terrorism, severity: 1, due: 4h, labels: [a]"), "severity_lowered"},
    {"a second person", HOME,
     RULE("home", "true", "queue: terrorism, severity: 2, due: 4h, labels: [a], needs_second: true"), "second_added"},
    {"another label", HOME, RULE("home", "true", "queue: terrorism, severity: 2, due: 4h, labels: [b]"), "labels"},
};

static void each_kind_of_change_has_its_word(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        json_t *result = result_of(changes[i].running, changes[i].candidate, NULL);
        if (number(result, "changed", NULL, NULL) != (changes[i].word != NULL) ||
            (changes[i].word && (number(result, "changes", changes[i].word, NULL) != 1 ||
                                 json_object_size(json_object_get(result, "changes")) != 1))) {
            char *text = json_dumps(result, JSON_INDENT(1));

            fail_msg("%s: %s", changes[i].name, text);
        }
        json_decref(result);
    }
}

static void a_change_counts_for_the_rule_that_differs_and_for_language_and_origin(void **state)
{
    json_t *result = result_of(HOME RULE("same", "true", "labels: [same]"),
                               HOME RULE("same", "true", "labels: [same]") RULE("new", "true", "severity: 4, due: 1h"), NULL);

    (void)state;
    assert_int_equal(number(result, "by_rule", "new", "changed"), 1);
    assert_int_equal(number(result, "by_rule", "new", "before"), 0);
    assert_int_equal(number(result, "by_rule", "new", "after"), 1);
    assert_int_equal(number(result, "by_rule", "same", "changed"), 0);
    assert_int_equal(number(result, "by_rule", "same", "before"), 1);
    assert_int_equal(number(result, "by_rule", "home", "changed"), 0);
    assert_int_equal(number(result, "by_language", "de", "changed"), 1);
    assert_int_equal(number(result, "by_origin", "user_notice", "reports"), 1);
    json_decref(result);
}

static void an_example_shows_both_verdicts_and_no_content(void **state)
{
    json_t *result = result_of(HOME, RULE("home", "true", "queue: financing"), NULL);
    const json_t *example = json_array_get(json_object_get(result, "examples"), 0);
    char *text = json_dumps(result, 0);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(example, "report")), "rpt_1");
    assert_string_equal(json_string_value(json_object_get(json_object_get(example, "before"), "queue")), "terrorism");
    assert_string_equal(json_string_value(json_object_get(json_object_get(example, "after"), "queue")), "financing");
    assert_null(strstr(text, "words"));
    free(text);
    json_decref(result);
}

static void a_shadow_rule_changes_nothing_and_says_what_it_would(void **state)
{
    const char *shadow = HOME RULE_IN("shadow", "trial", "true", "severity: 4, queue: everything", "{matches: true}");
    const char *live = HOME RULE_IN("live", "trial", "true", "severity: 4, queue: everything", "{matches: true}");
    json_t *result = result_of(HOME, shadow, live);

    (void)state;
    assert_int_equal(number(result, "changed", NULL, NULL), 0);
    assert_int_equal(number(result, "by_rule", "trial", "after"), 1);
    assert_int_equal(number(result, "by_rule", "trial", "changed"), 0);
    assert_int_equal(number(result, "shadow", "changed", NULL), 1);
    assert_int_equal(number(result, "shadow", "changes", "moved"), 1);
    assert_int_equal(number(result, "shadow", "by_rule", "trial"), 1);
    json_decref(result);
}

static void a_change_beside_a_shadow_rule_is_not_its_own(void **state)
{
    json_t *result = result_of(HOME, RULE("home", "true", "queue: financing")
                                         RULE_IN("shadow", "trial", "true", "severity: 4", "{matches: true}"), NULL);

    (void)state;
    assert_int_equal(number(result, "by_rule", "home", "changed"), 1);
    assert_int_equal(number(result, "by_rule", "trial", "after"), 1);
    assert_int_equal(number(result, "by_rule", "trial", "changed"), 0);
    json_decref(result);
}

static void a_trial_set_runs_its_shadow_rules_and_has_its_own_digest(void **state)
{
    const char *yaml = HOME RULE_IN("shadow", "trial", "true", "severity: 4", "{matches: true}");
    const struct rule_file file = {"rules/test.yaml", span_of(yaml)};
    CLEANUP(rule_set_freep) struct rule_set *plain = rules_of(yaml);
    CLEANUP(rule_set_freep) struct rule_set *trial = NULL;
    struct rule_options options = rule_options_default;
    struct faults faults = {0};

    (void)state;
    options.shadow_as_live = true;
    assert_int_equal(rule_set_build(&trial, &file, 1, &options, &faults), 0);
    assert_true(backtest_has_shadow(plain));
    assert_false(backtest_has_shadow(trial));
    assert_string_not_equal(rule_set_digest(plain), rule_set_digest(trial));
}

static void the_hits_of_a_stored_verdict_come_back(void **state)
{
    struct hits *hits = calloc(1, sizeof(*hits)), *back = calloc(1, sizeof(*back));
    struct verdict verdict = {.queue = SPAN("general"), .due_ms = RULES_NOW_MS};
    json_t *stored;

    (void)state;
    add_hit(hits, "slogans", 3);
    add_hit(hits, "trial", 2);
    hits->list[1].mode = LIST_SHADOW;
    hits->list[1].kind = SIGNAL_PDQ;
    hits->list[1].field = HIT_HASHES;
    hits->list[1].index = 2;
    hits->list[1].distance = 9;
    hits->undecided_why = "a text took too long";
    stored = verdict_json(&verdict, hits);
    backtest_hits(back, stored);
    assert_int_equal(back->count, 2);
    assert_true(span_is(back->list[0].list, "slogans"));
    assert_int_equal(back->list[0].severity, 3);
    assert_int_equal(back->list[0].end, 5);
    assert_int_equal(back->list[1].mode, LIST_SHADOW);
    assert_int_equal(back->list[1].index, 2);
    assert_int_equal(back->list[1].distance, 9);
    assert_string_equal(back->undecided_why, "a text took too long");
    backtest_hits(back, json_null());
    assert_int_equal(back->count, 0);
    json_decref(stored);
    free(hits);
    free(back);
}

static void more_than_the_examples_are_counted_and_languages_have_a_ceiling(void **state)
{
    CLEANUP(rule_set_freep) struct rule_set *a = rules_of(HOME);
    CLEANUP(rule_set_freep) struct rule_set *b = rules_of(RULE("home", "true", "queue: financing"));
    CLEANUP(backtest_freep) struct backtest *test = NULL;
    static const struct hits none;
    json_t *result;

    (void)state;
    assert_int_equal(backtest_new(&test, a, b, NULL, SPAN("general")), 0);
    for (int i = 0; i < 100; i++) {
        char members[80];
        struct backtest_report one;
        struct report *report;

        (void)snprintf(members, sizeof(members), "{'content': {'language': '%c%c'}}", 'a' + i / 26, 'a' + i % 26);
        report = report_of(members);
        one = report_at(report, &none);
        assert_int_equal(backtest_add(test, &one), 0);
        report = report_free(report);
    }
    backtest_skip(test, "erased");
    result = backtest_result(test);
    assert_int_equal(backtest_seen(test), 101);
    assert_int_equal(number(result, "reports", NULL, NULL), 100);
    assert_int_equal(number(result, "changed", NULL, NULL), 100);
    assert_int_equal(number(result, "skipped", "erased", NULL), 1);
    assert_true(json_array_size(json_object_get(result, "examples")) <= BACKTEST_EXAMPLES);
    assert_int_equal(json_object_size(json_object_get(result, "by_language")), BACKTEST_LANGUAGES + 1);
    assert_int_equal(number(result, "by_language", "other", "reports"), 100 - BACKTEST_LANGUAGES);
    json_decref(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_change_has_its_word),
        cmocka_unit_test(a_change_counts_for_the_rule_that_differs_and_for_language_and_origin),
        cmocka_unit_test(an_example_shows_both_verdicts_and_no_content),
        cmocka_unit_test(a_shadow_rule_changes_nothing_and_says_what_it_would),
        cmocka_unit_test(a_change_beside_a_shadow_rule_is_not_its_own),
        cmocka_unit_test(a_trial_set_runs_its_shadow_rules_and_has_its_own_digest),
        cmocka_unit_test(the_hits_of_a_stored_verdict_come_back),
        cmocka_unit_test(more_than_the_examples_are_counted_and_languages_have_a_ceiling),
    };

    return cmocka_run_group_tests_name("service/api: backtest", tests, NULL, NULL);
}
