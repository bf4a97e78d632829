/* SPDX-License-Identifier: Apache-2.0 */
/* The merge: what becomes of several rules, of none, of one that fails; urgency and orders. */
#include "tests/unit/lib/rules/rules_support.h"

#define MINUTE_MS (60 * 1000LL)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

struct outcome_of {
    struct rule_set *set;
    struct rule_scratch *scratch;
    struct report *report;
    struct hits hits;
    struct verdict verdict;
};

/* The verdict of the rules on the report; close() frees all. */
static struct outcome_of *decide(const char *rules, const char *report)
{
    struct outcome_of *of = calloc(1, sizeof(*of));
    struct rule_facts facts;

    assert_non_null(of);
    of->set = rules_of(rules);
    of->report = report_of(report);
    assert_int_equal(rule_scratch_new(&of->scratch, of->set), 0);
    facts = (struct rule_facts){.report = of->report, .hits = &of->hits, .now_ms = RULES_NOW_MS};
    assert_int_equal(rule_set_evaluate(of->set, of->scratch, &facts, &of->verdict), 0);
    return of;
}

static void close_of(struct outcome_of *of)
{
    (void)rule_scratch_free(of->scratch);
    (void)rule_set_free(of->set);
    (void)report_free(of->report);
    free(of);
}

static void expect(const char *name, const char *rules, const char *report, const char *queue,
                   int severity, int64_t due_in_ms)
{
    struct outcome_of *of = decide(rules, report);
    const struct verdict *verdict = &of->verdict;

    if (!span_is(verdict->queue, queue) || verdict->severity != severity ||
        verdict->due_ms != RULES_NOW_MS + due_in_ms) {
        fail_msg("%s: queue %.*s, severity %d, due in %lld ms", name, (int)verdict->queue.len,
                 verdict->queue.ptr, verdict->severity,
                 (long long)(verdict->due_ms - RULES_NOW_MS));
    }
    close_of(of);
}

#define T "true"
#define STATE(kind, power)                                                                         \
    "'origin': {'kind': '" kind                                                                    \
    "', 'state_actor': {'country': 'DE', 'authority': 'A', 'power': '" power "',"                  \
    " 'legal_basis': 'L', 'received_at': '2026-11-18T11:00:00Z'}}"
#define DSA_ORDER                                                                                  \
    "'order': {'authority': 'A', 'legal_basis': 'L', 'reasons': 'R', 'urls': "                     \
    "['https://a.example'],"                                                                       \
    " 'redress': 'R', 'territory': ['DE'], 'language': 'de'}"
#define TCO_ORDER                                                                                  \
    "'order': {'reference': '1', 'country': 'DE', 'authority': 'A', 'legal_basis': 'L', "          \
    "'reasons': 'R',"                                                                              \
    " 'type': ['a'], 'urls': ['https://a.example'], 'issued_at': '2026-11-18T10:59:00Z', "         \
    "'addressee': 'H',"                                                                            \
    " 'contact': 'C', 'signature': 'S', 'redress': 'R'}"

static const struct {
    const char *name, *rules, *report, *queue;
    int severity;
    int64_t due_in_ms;
} merges[] = {
    {"no rule at all: the default queue and deadline", "", "{}", "general", 0, 7 * DAY_MS},
    {"one rule gives all", RULE("a", T, "queue: q, severity: 3, due: 4h"), "{}", "q", 3,
     4 * HOUR_MS},
    {"severity alone: default queue, deadline of the severity", RULE("a", T, "severity: 4"), "{}",
     "general", 4, 4 * HOUR_MS},
    {"queue alone: severity stays 0", RULE("a", T, "queue: q"), "{}", "q", 0, 7 * DAY_MS},
    {"highest severity, first the lower", RULE("a", T, "severity: 1") RULE("b", T, "severity: 3"),
     "{}", "general", 3, 8 * HOUR_MS},
    {"highest severity, first the higher", RULE("a", T, "severity: 3") RULE("b", T, "severity: 1"),
     "{}", "general", 3, 8 * HOUR_MS},
    {"earliest deadline, whoever is graver",
     RULE("a", T, "severity: 3, due: 8h") RULE("b", T, "severity: 1, due: 30m"), "{}", "general", 3,
     30 * MINUTE_MS},
    {"a rule may put the deadline later than the severity's", RULE("a", T, "severity: 4, due: 2d"),
     "{}", "general", 4, 2 * DAY_MS},
    {"the queue of the gravest rule",
     RULE("a", T, "queue: mild, severity: 1") RULE("b", T, "queue: grave, severity: 4"), "{}",
     "grave", 4, 4 * HOUR_MS},
    {"a tie of severity: the earlier rule's queue",
     RULE("a", T, "queue: first, severity: 2") RULE("b", T, "queue: second, severity: 2"), "{}",
     "first", 2, DAY_MS},
    {"the gravest names no queue: the next one's",
     RULE("a", T, "queue: mild, severity: 1") RULE("b", T, "severity: 4"), "{}", "mild", 4,
     4 * HOUR_MS},
    {"urgent pulls forward", "", "{'urgency': 'urgent'}", "general", 0, 12 * HOUR_MS},
    {"urgent never pushes back", RULE("a", T, "due: 1h"), "{'urgency': 'urgent'}", "general", 0,
     HOUR_MS},
    {"threat to life: its queue and deadline", RULE("a", T, "queue: q, severity: 1, due: 4h"),
     "{'urgency': 'threat_to_life'}", "threat-to-life", 1, 15 * MINUTE_MS},
    {"threat to life never pushes back", RULE("a", T, "due: 1m"), "{'urgency': 'threat_to_life'}",
     "threat-to-life", 0, MINUTE_MS},
    {"a removal order runs one hour from its receipt", RULE("a", T, "queue: q, due: 4h"),
     "{" STATE("tco_removal_order", "order") "," TCO_ORDER "}", "orders", 0,
     53 * MINUTE_MS + 20 * 1000},
    {"a removal order never pushes back", RULE("a", T, "due: 5m"),
     "{" STATE("tco_removal_order", "order") "," TCO_ORDER "}", "orders", 0, 5 * MINUTE_MS},
    {"another order has the settings' deadline", "",
     "{" STATE("gov_order", "order") "," DSA_ORDER "}", "orders", 0,
     DAY_MS - 6 * MINUTE_MS - 40 * 1000},
    {"a threat to life goes before an order", "",
     "{'urgency': 'threat_to_life', " STATE("gov_order", "order") "," DSA_ORDER "}",
     "threat-to-life", 0, 15 * MINUTE_MS},
    {"a referral of the state gets no earlier place", "",
     "{" STATE("gov_referral_unit", "referral") "}", "general", 0, 7 * DAY_MS},
};

static void effects_merge(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(merges); i++) {
        expect(merges[i].name, merges[i].rules, merges[i].report, merges[i].queue,
               merges[i].severity, merges[i].due_in_ms);
    }
    expect("no rule matched",
           RULE_IN("live", "a", "report.category == \"training\"", "queue: q, severity: 4, due: 5m",
                   "{matches: true, report: {category: training}}"),
           "{}", "general", 0, 7 * DAY_MS);
}

static void labels_unite_in_order(void **state)
{
    struct outcome_of *of = decide(
        RULE("a", T, "labels: [z, b]") RULE("b", T, "labels: [b, a, z], needs_second: true")
            RULE("c", T, "labels: [c], needs_second: false, note: N1") RULE("d", T, "note: N2"),
        "{}");
    static const char *const want[] = {"z", "b", "a", "c"};

    (void)state;
    assert_int_equal(of->verdict.label_count, COUNT_OF(want));
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        assert_true(span_is(of->verdict.labels[i], want[i]));
    }
    assert_true(of->verdict.needs_second);
    assert_int_equal(of->verdict.note_count, 2);
    assert_true(span_is(of->verdict.notes[1], "N2"));
    assert_int_equal(of->verdict.rule_count, 4);
    assert_true(span_is(of->verdict.rules[0].id, "a"));
    assert_true(span_is(of->verdict.rules[0].policy, "policy/4.2"));
    close_of(of);
}

static void shadow_rules_are_counted_only(void **state)
{
    struct outcome_of *of =
        decide(RULE_IN("shadow", "a", T,
                       "queue: q, severity: 4, due: 1m, labels: [x], needs_second: true, note: N",
                       "{matches: true}"),
               "{}");

    (void)state;
    assert_true(span_is(of->verdict.queue, "general"));
    assert_int_equal(of->verdict.severity, 0);
    assert_int_equal(of->verdict.due_ms, RULES_NOW_MS + 7 * DAY_MS);
    assert_int_equal(of->verdict.label_count, 0);
    assert_int_equal(of->verdict.note_count, 0);
    assert_false(of->verdict.needs_second);
    assert_int_equal(of->verdict.rule_count, 1);
    assert_true(of->verdict.rules[0].shadow);
    close_of(of);
}

static void rules_that_are_off_are_silent(void **state)
{
    struct outcome_of *of = decide(RULE_IN("off", "a", T, "queue: q, severity: 4", ""), "{}");

    (void)state;
    assert_int_equal(of->verdict.rule_count, 0);
    assert_true(span_is(of->verdict.queue, "general"));
    close_of(of);
}

/* It matches its example, where there is a hit, and fails on a case without. */
#define FAILS(mode)                                                                                \
    RULE_IN(mode, "fails", "hits[0].severity > 1", "queue: q, severity: 4, due: 1m",               \
            "{matches: true, hits: [{list: a}]}")

static void a_rule_that_fails_makes_the_verdict_undecided(void **state)
{
    struct outcome_of *of = decide(FAILS("live") RULE("b", T, "queue: kept, severity: 2"), "{}");

    (void)state;
    assert_true(of->verdict.undecided);
    assert_int_equal(of->verdict.rule_count, 2);
    assert_true(of->verdict.rules[0].failed);
    assert_true(span_is(of->verdict.rules[0].id, "fails"));
    assert_true(span_starts(of->verdict.rules[0].error, "CEL_INDEX"));
    assert_false(of->verdict.rules[1].failed);
    assert_true(span_is(of->verdict.queue, "kept"));
    assert_int_equal(of->verdict.severity, 2);
    close_of(of);
}

static void a_shadow_rule_that_fails_is_named_only(void **state)
{
    struct outcome_of *of = decide(FAILS("shadow"), "{}");

    (void)state;
    assert_false(of->verdict.undecided);
    assert_int_equal(of->verdict.rule_count, 1);
    assert_true(of->verdict.rules[0].failed && of->verdict.rules[0].shadow);
    close_of(of);
}

/* Within the estimate, which takes a text for a usual one, but past the limit on the longest text.
 */
static void a_rule_past_its_limit_fails_by_name(void **state)
{
    static const char rules[] = RULE(
        "dear", "!content.text.contains(\"zz\") && !content.text.contains(\"yy\")", "severity: 4");
    const struct rule_file file = {"r.yaml", SPAN(rules)};
    struct rule_options options = rule_options_default;
    struct outcome_of *of = calloc(1, sizeof(*of));
    char *text = calloc(1, REPORT_MAX_TEXT);
    struct faults faults = {0};
    struct rule_facts facts;

    (void)state;
    options.cost_max = 1000;
    if (rule_set_build(&of->set, &file, 1, &options, &faults) != 0) {
        fail_msg("%s", faults.list[0].text);
    }
    of->report = report_of("{}");
    memset(text, 'a', REPORT_MAX_TEXT);
    of->report->content.text = (struct span){text, REPORT_MAX_TEXT};
    assert_int_equal(rule_scratch_new(&of->scratch, of->set), 0);
    facts = (struct rule_facts){.report = of->report, .hits = &of->hits, .now_ms = RULES_NOW_MS};
    assert_int_equal(rule_set_evaluate(of->set, of->scratch, &facts, &of->verdict), 0);
    assert_true(of->verdict.undecided);
    assert_true(span_starts(of->verdict.rules[0].error, "CEL_STEPS"));
    assert_true(span_is(of->verdict.rules[0].id, "dear"));
    assert_int_equal(of->verdict.severity, 0);
    close_of(of);
    free(text);
}

/* Sooner at the latest, and nothing else: queue and severity stay those of anybody's report. */
static void a_trusted_flagger_gets_a_deadline_and_no_lower_bar(void **state)
{
    static const struct {
        const char *rules, *report;
        int severity;
        int64_t due_in_ms;
    } cases[] = {
        {"", "{'origin': {'kind': 'trusted_flagger'}}", 0, 12 * HOUR_MS},
        {"", "{'origin': {'kind': 'user_notice'}}", 0, 7 * DAY_MS},
        {RULE("a", T, "severity: 1, due: 1h"), "{'origin': {'kind': 'trusted_flagger'}}", 1, HOUR_MS},
        {RULE("a", T, "severity: 1, due: 2d"), "{'origin': {'kind': 'trusted_flagger'}}", 1, 12 * HOUR_MS},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rule_file file = {"r.yaml", span_of(cases[i].rules)};
        struct rule_options options = rule_options_default;
        struct outcome_of *of = calloc(1, sizeof(*of));
        struct faults faults = {0};
        struct rule_facts facts;

        options.trusted_due_ms = 12 * HOUR_MS;
        assert_int_equal(rule_set_build(&of->set, &file, file.bytes.len > 0, &options, &faults), 0);
        of->report = report_of(cases[i].report);
        assert_int_equal(rule_scratch_new(&of->scratch, of->set), 0);
        facts = (struct rule_facts){.report = of->report, .hits = &of->hits, .now_ms = RULES_NOW_MS};
        assert_int_equal(rule_set_evaluate(of->set, of->scratch, &facts, &of->verdict), 0);
        assert_int_equal(of->verdict.due_ms - RULES_NOW_MS, cases[i].due_in_ms);
        assert_int_equal(of->verdict.severity, cases[i].severity);
        assert_true(span_is(of->verdict.queue, "general"));
        assert_false(of->verdict.needs_second);
        close_of(of);
    }
}

static void matching_cut_short_makes_the_verdict_undecided(void **state)
{
    struct rule_set *set = rules_of("");
    struct rule_scratch *scratch = NULL;
    struct report *report = report_of("{}");
    struct hits *hits = calloc(1, sizeof(*hits));
    struct rule_facts facts = {.report = report, .hits = hits, .now_ms = RULES_NOW_MS};
    struct verdict verdict;

    (void)state;
    hits->undecided_why = "the text took too long";
    assert_int_equal(rule_scratch_new(&scratch, set), 0);
    assert_int_equal(rule_set_evaluate(set, scratch, &facts, &verdict), 0);
    assert_true(verdict.undecided);
    (void)rule_scratch_free(scratch);
    (void)rule_set_free(set);
    (void)report_free(report);
    free(hits);
}

#define HIT_EXAMPLE "{matches: true, hits: [{list: b, severity: 3}, {list: c, severity: 3}]}"

static void a_rule_names_the_hits_it_used(void **state)
{
    static const struct {
        const char *rule;
        size_t count;
        uint16_t places[VERDICT_MAX_RULE_HITS];
    } rows[] = {
        {RULE_IN("live", "a", "hits.exists(h, h.list == \"b\")", "severity: 1", HIT_EXAMPLE), 1, {2}},
        {RULE_IN("live", "a", "hits.filter(h, h.severity == 3).size() == 2", "severity: 1", HIT_EXAMPLE), 2, {2, 3}},
        {RULE_IN("live", "a", "hits.exists_one(h, h.list == \"c\")", "severity: 1", HIT_EXAMPLE), 1, {3}},
        {RULE_IN("live", "a", "hits.exists(h, h.list == \"c\") && hits.exists(i, i.list == \"b\") && hits.exists(h, h.list == \"c\")",
                 "severity: 1", HIT_EXAMPLE), 2, {3, 2}},
        {RULE_IN("shadow", "a", "hits.exists(h, h.list == \"b\")", "severity: 1", HIT_EXAMPLE), 1, {2}},
        {RULE("a", "report.category != \"x\" && hits.all(h, h.severity < 9)", "severity: 1"), 0, {0}},
        {RULE("a", "[1, 2].exists(i, i == 2)", "severity: 1"), 0, {0}},
    };
    struct hits *hits = calloc(1, sizeof(*hits));
    struct report *report = report_of("{}");

    (void)state;
    add_hit(hits, "b", 1);
    hits->list[0].mode = LIST_SHADOW;           /* no rule sees it; places count it all the same */
    add_hit(hits, "x", 1);
    add_hit(hits, "b", 3);
    add_hit(hits, "c", 3);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CLEANUP(rule_set_freep) struct rule_set *set = rules_of(rows[i].rule);
        CLEANUP(rule_scratch_freep) struct rule_scratch *scratch = NULL;
        struct rule_facts facts = {.report = report, .hits = hits, .now_ms = RULES_NOW_MS};
        struct verdict verdict;

        assert_int_equal(rule_scratch_new(&scratch, set), 0);
        assert_int_equal(rule_set_evaluate(set, scratch, &facts, &verdict), 0);
        assert_string_equal(verdict.rules_digest, rule_set_digest(set));
        if (verdict.rule_count != 1 || verdict.rules[0].hit_count != rows[i].count ||
            memcmp(verdict.rules[0].hits, rows[i].places, rows[i].count * sizeof(uint16_t)) != 0) {
            fail_msg("row %zu: %zu rules, %zu hits, first %d", i, verdict.rule_count, verdict.rules[0].hit_count,
                     verdict.rules[0].hits[0]);
        }
    }
    (void)report_free(report);
    free(hits);
}

static char *many(size_t count, const char *then)
{
    char *yaml = calloc(count, 200);
    size_t len = 0;

    assert_non_null(yaml);
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(yaml + len, 200,
                                "- {id: r%zu, policy: policy/4.2, when: 'true', then: {%s%zu]%s}, "
                                "examples: [{matches: true}]}\n",
                                i, "labels: [l", i, then);
    }
    return yaml;
}

static void what_has_no_room_is_counted_and_still_merged(void **state)
{
    char *rules = many(VERDICT_MAX_RULES + 1, "");
    char *last = many(VERDICT_MAX_RULES, "");
    struct outcome_of *of = decide(rules, "{}"), *full = decide(last, "{}");

    (void)state;
    assert_int_equal(of->verdict.rule_count, VERDICT_MAX_RULES);
    assert_int_equal(of->verdict.label_count, VERDICT_MAX_LABELS);
    assert_int_equal(of->verdict.dropped, 1 + VERDICT_MAX_RULES + 1 - VERDICT_MAX_LABELS);
    assert_int_equal(full->verdict.dropped, VERDICT_MAX_RULES - VERDICT_MAX_LABELS);
    close_of(of);
    close_of(full);
    free(rules);
    free(last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effects_merge),
        cmocka_unit_test(labels_unite_in_order),
        cmocka_unit_test(a_trusted_flagger_gets_a_deadline_and_no_lower_bar),
        cmocka_unit_test(shadow_rules_are_counted_only),
        cmocka_unit_test(rules_that_are_off_are_silent),
        cmocka_unit_test(a_rule_that_fails_makes_the_verdict_undecided),
        cmocka_unit_test(a_shadow_rule_that_fails_is_named_only),
        cmocka_unit_test(a_rule_past_its_limit_fails_by_name),
        cmocka_unit_test(matching_cut_short_makes_the_verdict_undecided),
        cmocka_unit_test(a_rule_names_the_hits_it_used),
        cmocka_unit_test(what_has_no_room_is_counted_and_still_merged),
    };

    return cmocka_run_group_tests_name("evaluate", tests, NULL, NULL);
}
