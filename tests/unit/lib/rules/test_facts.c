/* SPDX-License-Identifier: Apache-2.0 */
/* Every fact, read through a condition, of a report that says much and of one that says little. */
#include "tests/unit/lib/rules/rules_support.h"

#include <stdio.h>

static const char full[] =
    "{'content': {'id': 'c7', 'type': 'image', 'text': 'Some w\u00f6rds', 'language': 'pt-BR',"
    "  'url': 'https://a.example/1', 'urls': ['https://b.example', 'https://c.example'],"
    "  'hashes': [{'kind': 'pdq', 'value': "
    "'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',"
    "              'quality': 87}],"
    "  'created_at': '2026-11-17T11:06:40Z', 'reach': {'views': 1200, 'followers': 80}},"
    " 'category': 'training', 'reason': 'because', 'urgency': 'urgent',"
    " 'origin': {'kind': 'trusted_flagger', 'good_faith': true, 'reporter': 'u-1', 'state_actor':"
    "  {'country': 'FR', 'authority': 'Unit', 'unit': 'U', 'power': 'trusted_flagger', 'court': "
    "true,"
    "   'legal_basis': 'L', 'alleged': 'both', 'provision': 'P'}},"
    " 'exemptions_claimed': ['satire', 'journalistic'], 'jurisdictions': ['DE', 'FR'],"
    " 'reported_at': '2026-11-18T10:06:40Z'}";

static const char *const true_of_full[] = {
    "report.category == \"training\"",
    "report.reason == \"because\"",
    "report.urgency == \"urgent\"",
    "report.origin.kind == \"trusted_flagger\" && report.origin.good_faith && "
    "report.origin.is_state",
    "has(report.origin.state_actor) && report.origin.is_named",
    "report.origin.state_actor.country == \"FR\" && report.origin.state_actor.authority == "
    "\"Unit\"",
    "report.origin.state_actor.unit == \"U\" && report.origin.state_actor.power == "
    "\"trusted_flagger\"",
    "report.origin.state_actor.court && report.origin.state_actor.legal_basis == \"L\"",
    "report.origin.state_actor.alleged == \"both\" && report.origin.state_actor.provision == \"P\"",
    "!report.is_order",
    "report.exemptions_claimed.size() == 2 && \"satire\" in report.exemptions_claimed",
    "report.jurisdictions == [\"DE\", \"FR\"]",
    "has(report.reported_at) && now - report.reported_at == duration(\"1h\")",
    "content.id == \"c7\" && content.type == \"image\" && content.language == \"pt\"",
    "content.text == \"Some wörds\" && content.text.size() == 10",
    "content.url == \"https://a.example/1\" && content.urls[1] == \"https://c.example\"",
    "content.hashes[0].kind == \"pdq\" && content.hashes[0].quality == 87",
    "content.hashes[0].value.startsWith(\"0011\")",
    "now - content.created_at == duration(\"24h\")",
    "content.reach.views == 1200 && content.reach.followers == 80 && has(content.reach.views)",
    "hits.size() == 2 && hits[0].list == \"a\" && hits[1].list == \"b\"",
    "hits[0].version == \"1\" && hits[0].entry == \"e1\" && hits[0].kind == \"literal\"",
    "hits[0].severity == 2 && hits[0].field == \"text\" && hits[0].form == \"raw\"",
    "hits[0].index == 0 && hits[0].start == 0 && hits[0].end == 5 && hits[0].distance == 0",
    "!hits.exists(h, h.list == \"shadow\")",
    "hits.all(h, h.severity >= 2) && hits.exists_one(h, h.severity == 3)",
    "history.reports == 7 && history.reporters == 3",
    "has(history.since) && now - history.since == duration(\"30m\")",
    "now == timestamp(\"2026-11-18T11:06:40Z\")",
};

static const char short_of[] = "{'content': {'language': null}}";

static const char *const true_of_short[] = {
    "!has(report.reason) && report.reason == \"\"",
    "report.urgency == \"routine\"",
    "!report.origin.good_faith && !report.origin.is_state",
    "!has(report.origin.state_actor) && report.origin.state_actor.country == \"\"",
    "!report.origin.state_actor.court && !has(report.origin.state_actor.court)",
    "report.exemptions_claimed.size() == 0 && !has(report.exemptions_claimed)",
    "report.jurisdictions == []",
    "!has(report.reported_at) && report.reported_at == now",
    "content.language == \"und\" && !has(content.url) && content.url == \"\"",
    "content.urls.size() == 0 && content.hashes.size() == 0",
    "!has(content.created_at) && content.created_at == now",
    "!has(content.reach) && !has(content.reach.views) && content.reach.views == 0",
    "hits.size() == 0 && !hits.exists(h, true)",
    "history.reports == 0 && history.reporters == 0",
    "!report.origin.is_named",
    "!has(history.since) && history.since == now",
};

static void expect_true(const char *condition, const struct rule_facts *facts)
{
    struct rule_scratch *scratch = NULL;
    struct rule_set *set;
    struct verdict verdict;
    char yaml[1024];

    /* A rule that is on needs an example that matches: the content of examples has the id
     * "example". */
    (void)snprintf(yaml, sizeof(yaml),
                   "- {id: a, policy: policy/1, when: '(%s) || content.id == \"example\"', then: "
                   "{severity: 4}, "
                   "examples: [{matches: true}]}\n",
                   condition);
    set = rules_of(yaml);
    assert_int_equal(rule_scratch_new(&scratch, set), 0);
    assert_int_equal(rule_set_evaluate(set, scratch, facts, &verdict), 0);
    if (verdict.severity != 4) {
        fail_msg("%s: %.*s", condition, (int)verdict.rules[0].error.len,
                 verdict.rule_count ? verdict.rules[0].error.ptr : "");
    }
    (void)rule_scratch_free(scratch);
    (void)rule_set_free(set);
}

static void a_full_report_is_read(void **state)
{
    struct report *report = report_of(full);
    struct hits *hits = calloc(1, sizeof(*hits));
    struct rule_facts facts = {.report = report,
                               .hits = hits,
                               .history_reports = 7,
                               .history_reporters = 3,
                               .history_since_ms = RULES_NOW_MS - 1800000,
                               .now_ms = RULES_NOW_MS};

    (void)state;
    add_hit(hits, "a", 2);
    add_hit(hits, "shadow", 4);
    hits->list[1].mode = LIST_SHADOW;
    add_hit(hits, "b", 3);
    for (size_t i = 0; i < COUNT_OF(true_of_full); i++) {
        expect_true(true_of_full[i], &facts);
    }
    (void)report_free(report);
    free(hits);
}

static void what_is_not_said_has_a_plain_value(void **state)
{
    struct report *report = report_of(short_of);
    struct hits *hits = calloc(1, sizeof(*hits));
    struct rule_facts facts = {.report = report, .hits = hits, .now_ms = RULES_NOW_MS};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(true_of_short); i++) {
        expect_true(true_of_short[i], &facts);
    }
    (void)report_free(report);
    free(hits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_report_is_read),
        cmocka_unit_test(what_is_not_said_has_a_plain_value),
    };

    return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
