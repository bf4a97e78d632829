/* SPDX-License-Identifier: Apache-2.0 */
/* config/ as it stands: the rules load with their examples, each sample report gets the verdict
 * that it is a sample of, and its decision template is a complete record. */
#include "lib/rights/justification.h"
#include "tests/unit/lib/flag/samples.h"

#define NOW_MS 1795000000000LL /* 2026-11-18T11:06:40Z */
#define MINUTE_MS (60 * 1000LL)
#define HOUR_MS (60 * MINUTE_MS)

static const struct {
    const char *name, *queue, *rules; /* the rules that fired, in order */
    int severity;
    int64_t due_in_ms;
    size_t least_hits;
    bool needs_second;
    const char *outcome;
    enum justification_tier tier;
    enum justification_state state;
} samples[] = {
    {"01-clear-hit", "terrorism", "propaganda-near propaganda-site recruitment-contact ", 3,
     4 * HOUR_MS, 4, false, "disable", TIER_FULL, STATE_EFFECTIVE},
    {"02-counter-speech", "legitimate-expression", "quoted-by-others ", 2, 48 * HOUR_MS, 2, true,
     "no_action", TIER_FULL, STATE_EFFECTIVE},
    {"03-journalism", "legitimate-expression", "quoted-by-others ", 2, 48 * HOUR_MS, 2, true,
     "no_action", TIER_FULL, STATE_EFFECTIVE},
    {"04-evasive-spelling", "terrorism", "incitement-slogan incitement-hidden-spelling ", 3,
     6 * HOUR_MS, 2, false, "disable", TIER_FULL, STATE_EFFECTIVE},
    {"05-government-referral", "terrorism", "propaganda-exact propaganda-near state-origin ", 3,
     12 * HOUR_MS, 3, true, "label", TIER_FULL, STATE_AWAITING_SECOND},
    {"06-threat-to-life", "threat-to-life", "threat-with-group threat-reported ", 4, 15 * MINUTE_MS,
     2, false, "escalate_threat_to_life", TIER_FULL, STATE_EFFECTIVE},
    {"07-no-hit", "general", "", 0, 7 * 24 * HOUR_MS, 0, false, "no_action", TIER_QUICK,
     STATE_EFFECTIVE},
};

static void check_verdict(size_t i, const struct verdict *verdict, const struct hits *hits)
{
    char rules[1024] = "";
    size_t len = 0;

    for (size_t j = 0; j < verdict->rule_count; j++) {
        assert_false(verdict->rules[j].failed);
        len += (size_t)snprintf(rules + len, sizeof(rules) - len, "%.*s ",
                                (int)verdict->rules[j].id.len, verdict->rules[j].id.ptr);
    }
    if (!span_is(verdict->queue, samples[i].queue) || verdict->severity != samples[i].severity ||
        verdict->due_ms != NOW_MS + samples[i].due_in_ms ||
        verdict->needs_second != samples[i].needs_second || strcmp(rules, samples[i].rules) != 0 ||
        hits->count < samples[i].least_hits || verdict->undecided ||
        (samples[i].least_hits == 0 && hits->count > 0)) {
        fail_msg("%s: %s", samples[i].name, json_dumps(verdict_json(verdict, hits), 0));
    }
}

static void check_decision(size_t i, const struct report *report, const struct verdict *verdict,
                           const struct policy *policy)
{
    struct justification_context context = {.policy = policy,
                                            .category = report->category,
                                            .origin = report->origin.kind,
                                            .state_actor = report->origin.state_actor != NULL,
                                            .needs_second = verdict->needs_second,
                                            .threat_to_life =
                                                report->urgency == URGENCY_THREAT_TO_LIFE,
                                            .reviewer_pid = "r1",
                                            .opened_ms = NOW_MS,
                                            .decided_ms = NOW_MS + MINUTE_MS};
    struct justification_check_result result;
    struct faults faults = {0};
    char name[128];
    json_t *record;

    (void)snprintf(name, sizeof(name), "%s.decision.json", samples[i].name);
    record = sample_json(name);
    memcpy(context.exemptions_claimed, report->exemptions_claimed,
           sizeof(context.exemptions_claimed));
    if (justification_check(&result, record, &context, &faults) != 0) {
        fail_msg("%s: %s at %s: %s", name, faults.list[0].code, faults.list[0].place,
                 faults.list[0].text);
    }
    assert_string_equal(outcome_words[result.outcome], samples[i].outcome);
    if (result.tier != samples[i].tier || result.state != samples[i].state) {
        fail_msg("%s: tier %s, state %s", name, tier_words[result.tier],
                 justification_state_words[result.state]);
    }
    json_decref(record);
}

static void each_sample_is_what_it_says(void **state)
{
    CLEANUP(policy_freep) struct policy *policy = sample_policy();
    CLEANUP(snapshot_unrefp) struct snapshot *snapshot = sample_snapshot(policy);
    CLEANUP(flag_scratch_freep) struct flag_scratch *scratch = NULL;

    (void)state;
    assert_int_equal(flag_scratch_new(&scratch, snapshot), 0);
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        CLEANUP(report_freep) struct report *report = NULL;
        const struct verdict *verdict;
        const struct hits *hits;
        struct faults faults = {0};
        char name[128];
        json_t *body;

        (void)snprintf(name, sizeof(name), "%s.json", samples[i].name);
        body = sample_json(name);
        if (report_read(&report, body, NOW_MS, &faults) != 0) {
            fail_msg("%s: %s at %s", name, faults.list[0].code, faults.list[0].place);
        }
        json_decref(body);
        assert_int_equal(flag_evaluate(scratch, report, NULL, NOW_MS, &verdict, &hits), 0);
        check_verdict(i, verdict, hits);
        check_decision(i, report, verdict, policy);
    }
}

/* A list that a rule names by a wrong id would never fire, and no example would show it. */
static void rules_name_lists_that_are_there(void **state)
{
    CLEANUP(policy_freep) struct policy *policy = sample_policy();
    CLEANUP(snapshot_unrefp) struct snapshot *snapshot = sample_snapshot(policy);
    const struct match_set *matches = snapshot_matches(snapshot);
    json_t *rules = rule_set_json(snapshot_rules(snapshot)), *rule, *example, *hit;
    size_t i, j, k;

    (void)state;
    json_array_foreach(rules, i, rule)
    {
        json_array_foreach(json_object_get(rule, "examples"), j, example)
        {
            json_array_foreach(json_object_get(example, "hits"), k, hit)
            {
                const char *list = json_string_value(json_object_get(hit, "list"));
                bool found = false;

                for (size_t l = 0; l < match_set_list_count(matches); l++) {
                    found = found || span_is(list_head(match_set_list(matches, l))->id, list);
                }
                if (!found) {
                    fail_msg("%s: no list %s", json_string_value(json_object_get(rule, "id")),
                             list);
                }
            }
        }
    }
    json_decref(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sample_is_what_it_says),
        cmocka_unit_test(rules_name_lists_that_are_there),
    };

    return cmocka_run_group_tests_name("samples", tests, NULL, NULL);
}
