/* SPDX-License-Identifier: Apache-2.0 */
/* Rule files: what is taken, what is refused and where, what the digest stands for. */
#include "tests/unit/lib/rules/rules_support.h"

static const char good[] =
    "# a comment\n"
    "- id: recruitment-contact\n"
    "  policy: policy/4.2\n"
    "  when: >\n"
    "    report.category == \"recruitment\"\n"
    "    && hits.exists(h, h.list == \"contact-channels\" && h.severity >= 2)\n"
    "  then: {queue: terrorism, severity: 3, due: 4h, labels: [contact-channel], needs_second: "
    "true, note: Look.}\n"
    "  examples:\n"
    "    - {matches: true, report: {category: recruitment}, hits: [{list: contact-channels, "
    "severity: 3}]}\n"
    "    - {matches: false, report: {category: recruitment}}\n";

static bool has_4_2(void *arg, struct span ref)
{
    (void)arg;
    return span_is(ref, "policy/4.2");
}

static void a_rule_is_read(void **state)
{
    CLEANUP(rule_set_freep) struct rule_set *set = rules_of(good);
    struct rule_info rule = rule_set_rule(set, 0);
    json_t *json = rule_set_json(set);

    (void)state;
    assert_int_equal(rule_set_count(set), 1);
    assert_true(span_is(rule.id, "recruitment-contact"));
    assert_true(span_is(rule.policy, "policy/4.2"));
    assert_true(span_is(rule.queue, "terrorism"));
    assert_int_equal(rule.mode, RULE_LIVE);
    assert_int_equal(rule.severity, 3);
    assert_int_equal(rule.due_ms, 4 * 60 * 60 * 1000);
    assert_true(rule.needs_second);
    assert_int_equal(rule.examples, 2);
    assert_true(rule.cost > 0);
    assert_string_equal(rule.file, "rules/test.yaml");
    assert_int_equal(rule.line, 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(json, 0), "mode")),
                        "live");
    assert_int_equal(strlen(rule_set_digest(set)), 64);
    json_decref(json);
}

#define HEAD "- id: a\n  policy: policy/4.2\n"
#define WHEN "  when: 'true'\n"
#define THEN "  then: {severity: 1}\n"
#define EXAMPLES "  examples: [{matches: true}]\n"

static const struct {
    const char *name, *yaml, *code, *place;
} refused[] = {
    {"YAML that does not parse", "- id: [", "YAML_SYNTAX", NULL},
    {"an anchor", "- &a {id: a}", "YAML_FEATURE", NULL},
    {"a file that is no list", "id: a\n", "FIELD_TYPE", "rules/test.yaml:1:1"},
    {"a rule that is no mapping", "- a\n", "FIELD_TYPE", "rules/test.yaml:1:3"},
    {"no id", "- policy: policy/4.2\n" WHEN THEN EXAMPLES, "FIELD_MISSING", NULL},
    {"an id in capitals", "- id: A\n  policy: policy/4.2\n" WHEN THEN EXAMPLES, "RULE_ID",
     "rules/test.yaml:1:7"},
    {"an id twice", HEAD WHEN THEN EXAMPLES HEAD WHEN THEN EXAMPLES, "RULE_DUPLICATE",
     "rules/test.yaml:6:7"},
    {"an unknown member", HEAD WHEN THEN EXAMPLES "  action: remove\n", "FIELD_UNKNOWN",
     "rules/test.yaml:6:11"},
    {"no clause", "- id: a\n" WHEN THEN EXAMPLES, "FIELD_MISSING", NULL},
    {"a clause that is not published", "- id: a\n  policy: policy/9.9\n" WHEN THEN EXAMPLES,
     "RULE_POLICY", "rules/test.yaml:2:11"},
    {"a clause that is no reference", "- id: a\n  policy: 'see below'\n" WHEN THEN EXAMPLES,
     "RULE_POLICY", "rules/test.yaml:2:11"},
    {"an unknown mode", HEAD "  mode: test\n" WHEN THEN EXAMPLES, "FIELD_VALUE",
     "rules/test.yaml:3:9"},
    {"no condition", HEAD THEN EXAMPLES, "FIELD_MISSING", NULL},
    {"a condition that does not parse", HEAD "  when: 'report.category =='\n" THEN EXAMPLES,
     "RULE_WHEN", "rules/test.yaml:3:9"},
    {"an unknown fact", HEAD "  when: 'author.name == \"x\"'\n" THEN EXAMPLES, "RULE_WHEN",
     "rules/test.yaml:3:9"},
    {"an unknown field of a fact", HEAD "  when: 'report.categry == \"x\"'\n" THEN EXAMPLES,
     "RULE_WHEN", "rules/test.yaml:3:9"},
    {"types that do not fit", HEAD "  when: 'history.reports == \"3\"'\n" THEN EXAMPLES,
     "RULE_WHEN", "rules/test.yaml:3:9"},
    {"a condition that is a text", HEAD "  when: report.category\n" THEN EXAMPLES, "RULE_WHEN",
     "rules/test.yaml:3:9"},
    {"a condition too dear",
     HEAD
     "  when: 'hits.all(a, hits.all(b, hits.all(c, a.list + b.list != c.list)))'\n" THEN EXAMPLES,
     "RULE_COST", "rules/test.yaml:3:9"},
    {"no effects", HEAD WHEN EXAMPLES, "FIELD_MISSING", NULL},
    {"empty effects", HEAD WHEN "  then: {}\n" EXAMPLES, "RULE_EFFECT", "rules/test.yaml:4:9"},
    {"the effect remove", HEAD WHEN "  then: {remove: true}\n" EXAMPLES, "RULE_EFFECT",
     "rules/test.yaml:4:18"},
    {"the effect outcome", HEAD WHEN "  then: {severity: 1, outcome: disable}\n" EXAMPLES,
     "RULE_EFFECT", "rules/test.yaml:4:32"},
    {"a queue in capitals", HEAD WHEN "  then: {queue: Terror}\n" EXAMPLES, "RULE_QUEUE",
     "rules/test.yaml:4:17"},
    {"severity five", HEAD WHEN "  then: {severity: 5}\n" EXAMPLES, "FIELD_RANGE",
     "rules/test.yaml:4:20"},
    {"severity below zero", HEAD WHEN "  then: {severity: -1}\n" EXAMPLES, "FIELD_RANGE",
     "rules/test.yaml:4:20"},
    {"a deadline without unit", HEAD WHEN "  then: {due: '4'}\n" EXAMPLES, "RULE_DUE",
     "rules/test.yaml:4:15"},
    {"a deadline under a minute", HEAD WHEN "  then: {due: 59s}\n" EXAMPLES, "RULE_DUE",
     "rules/test.yaml:4:15"},
    {"a deadline over a year", HEAD WHEN "  then: {due: 367d}\n" EXAMPLES, "RULE_DUE",
     "rules/test.yaml:4:15"},
    {"a label with a blank", HEAD WHEN "  then: {labels: [ok, not ok]}\n" EXAMPLES, "RULE_LABEL",
     "rules/test.yaml:4:23"},
    {"needs_second as a word", HEAD WHEN "  then: {needs_second: yes}\n" EXAMPLES, "FIELD_TYPE",
     "rules/test.yaml:4:24"},
    {"no examples", HEAD WHEN THEN, "FIELD_MISSING", NULL},
    {"no example that matches", HEAD "  when: 'false'\n" THEN "  examples: [{matches: false}]\n",
     "RULE_EXAMPLE", "rules/test.yaml:5:13"},
    {"an example that should match", HEAD "  when: 'false'\n" THEN EXAMPLES, "RULE_EXAMPLE",
     "rules/test.yaml:5:14"},
    {"an example that should not match",
     HEAD WHEN THEN "  examples: [{matches: true}, {matches: false}]\n", "RULE_EXAMPLE",
     "rules/test.yaml:5:31"},
    {"an example that ends in an error",
     HEAD "  when: 'hits[0].severity > 1'\n" THEN
          "  examples: [{matches: true, hits: [{list: a}]}, {matches: false}]\n",
     "RULE_EXAMPLE", "rules/test.yaml:5:50"},
    {"an example without matches", HEAD WHEN THEN "  examples: [{matches: true}, {hits: []}]\n",
     "FIELD_MISSING", NULL},
    {"an example with a foreign fact", HEAD WHEN THEN "  examples: [{matches: true, author: {}}]\n",
     "FIELD_UNKNOWN", "rules/test.yaml:5:38"},
    {"an example with a bad report",
     HEAD WHEN THEN "  examples: [{matches: true, report: {category: x}}]\n", "FIELD_VALUE",
     "rules/test.yaml:5:49"},
    {"an example with bad content",
     HEAD WHEN THEN "  examples: [{matches: true, content: {type: x}}]\n", "FIELD_VALUE",
     "rules/test.yaml:5:46"},
    {"an example with content in report",
     HEAD WHEN THEN "  examples: [{matches: true, report: {content: {type: post}}}]\n",
     "FIELD_UNKNOWN", NULL},
    {"an example with a hit without list",
     HEAD WHEN THEN "  examples: [{matches: true, hits: [{severity: 1}]}]\n", "FIELD_MISSING",
     NULL},
};

static void each_mistake_is_named_with_its_place(void **state)
{
    struct rule_options options = rule_options_default;

    (void)state;
    options.policy_has = has_4_2;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        const struct rule_file file = {"rules/test.yaml", span_of(refused[i].yaml)};
        CLEANUP(rule_set_freep) struct rule_set *set = NULL;
        struct faults faults = {0};
        int r = rule_set_build(&set, &file, 1, &options, &faults);

        if (r != FAULT || faults.count != 1 ||
            !test_has_fault(&faults, refused[i].code, refused[i].place)) {
            fail_msg("%s: got %d, %zu faults, %s at %s: %s", refused[i].name, r, faults.count,
                     faults.list[0].code, faults.list[0].place, faults.list[0].text);
        }
        assert_null(set);
    }
}

static void mistakes_of_all_files_come_at_once(void **state)
{
    const struct rule_file files[] = {
        {"a.yaml", SPAN("- {id: A}\n")},
        {"b.yaml", SPAN(HEAD "  when: 'nothing'\n" THEN EXAMPLES)},
        {"c.yaml", SPAN("{}\n")},
    };
    CLEANUP(rule_set_freep) struct rule_set *set = NULL;
    struct faults faults = {0};

    (void)state;
    assert_int_equal(rule_set_build(&set, files, COUNT_OF(files), &rule_options_default, &faults),
                     FAULT);
    assert_true(test_has_fault(&faults, "RULE_ID", "a.yaml:1:8"));
    assert_true(test_has_fault(&faults, "FIELD_MISSING", NULL));
    assert_true(test_has_fault(&faults, "RULE_WHEN", "b.yaml:3:9"));
    assert_true(test_has_fault(&faults, "FIELD_TYPE", "c.yaml:1:1"));
}

static void what_an_unknown_effect_is_told(void **state)
{
    const struct rule_file file = {"a.yaml", SPAN(HEAD WHEN "  then: {remove: true}\n" EXAMPLES)};
    CLEANUP(rule_set_freep) struct rule_set *set = NULL;
    struct faults faults = {0};

    (void)state;
    assert_int_equal(rule_set_build(&set, &file, 1, &rule_options_default, &faults), FAULT);
    assert_non_null(strstr(faults.list[0].text, "no such effect 'remove'"));
}

static void deadlines_have_two_good_ends(void **state)
{
    CLEANUP(rule_set_freep)
    struct rule_set *shortest = rules_of(HEAD WHEN "  then: {due: 60s}\n" EXAMPLES);
    CLEANUP(rule_set_freep)
    struct rule_set *longest = rules_of(HEAD WHEN "  then: {due: 366d}\n" EXAMPLES);

    (void)state;
    assert_int_equal(rule_set_rule(shortest, 0).due_ms, 60000);
    assert_int_equal(rule_set_rule(longest, 0).due_ms, 366LL * 24 * 60 * 60 * 1000);
}

static void files_may_be_empty(void **state)
{
    CLEANUP(rule_set_freep)
    struct rule_set *nothing = rules_of(""),
                    *comment = rules_of("# later\n");

    (void)state;
    assert_int_equal(rule_set_count(nothing), 0);
    assert_int_equal(rule_set_count(comment), 0);
    assert_string_equal(rule_set_digest(nothing), rule_set_digest(comment));
}

static void the_digest_stands_for_rules_and_settings(void **state)
{
    CLEANUP(rule_set_freep) struct rule_set *one = rules_of(HEAD WHEN THEN EXAMPLES);
    CLEANUP(rule_set_freep) struct rule_set *same = rules_of("# note\n\n" HEAD WHEN THEN EXAMPLES);
    CLEANUP(rule_set_freep)
    struct rule_set *other = rules_of(HEAD WHEN "  then: {severity: 2}\n" EXAMPLES);
    CLEANUP(rule_set_freep) struct rule_set *elsewhere = NULL;
    const struct rule_file file = {"x.yaml", SPAN(HEAD WHEN THEN EXAMPLES)};
    struct rule_options options = rule_options_default;
    struct faults faults = {0};

    (void)state;
    options.default_queue = SPAN("first");
    assert_int_equal(rule_set_build(&elsewhere, &file, 1, &options, &faults), 0);
    assert_string_equal(rule_set_digest(one), rule_set_digest(same));
    assert_string_not_equal(rule_set_digest(one), rule_set_digest(other));
    assert_string_not_equal(rule_set_digest(one), rule_set_digest(elsewhere));
}

static void queues_of_the_settings_are_words(void **state)
{
    struct rule_options options = rule_options_default;
    CLEANUP(rule_set_freep) struct rule_set *set = NULL;
    struct faults faults = {0};

    (void)state;
    options.default_queue = SPAN("");
    assert_int_equal(rule_set_build(&set, NULL, 0, &options, &faults), FAULT);
    assert_true(test_has_fault(&faults, "RULE_QUEUE", NULL));
}

static void the_facts_describe_themselves(void **state)
{
    json_t *all = rule_facts_describe();
    json_t *facts = json_object_get(all, "facts"), *hits = json_array_get(facts, 2);

    (void)state;
    assert_int_equal(json_array_size(facts), 5);
    assert_string_equal(json_string_value(json_object_get(hits, "type")), "list(Hit)");
    assert_int_equal(json_array_size(json_object_get(hits, "members")), 11);
    assert_int_equal(json_array_size(json_object_get(all, "effects")), 6);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_is_read),
        cmocka_unit_test(each_mistake_is_named_with_its_place),
        cmocka_unit_test(mistakes_of_all_files_come_at_once),
        cmocka_unit_test(what_an_unknown_effect_is_told),
        cmocka_unit_test(deadlines_have_two_good_ends),
        cmocka_unit_test(files_may_be_empty),
        cmocka_unit_test(the_digest_stands_for_rules_and_settings),
        cmocka_unit_test(queues_of_the_settings_are_words),
        cmocka_unit_test(the_facts_describe_themselves),
    };

    return cmocka_run_group_tests_name("rule_set", tests, NULL, NULL);
}
