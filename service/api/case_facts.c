/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/case_facts.h"

#include "lib/base/clock.h"
#include "lib/export/dsa.h"
#include "lib/json/field.h"
#include "lib/report/report.h"

#include <errno.h>
#include <stdio.h>

/* The graver origin leads: an order, then another state act, then anything. */
static int origin_weight(enum origin_kind kind)
{
    return origin_is_order(kind) ? 2 : origin_is_state(kind) ? 1 : 0;
}

static void read_origin(struct case_facts *facts, const json_t *body, bool leads)
{
    const json_t *origin = json_object_get(body, "origin");
    json_t *actor = json_object_get(origin, "state_actor");
    int kind = word_index(origin_words, ORIGIN_COUNT, json_span(json_object_get(origin, "kind")));

    if (kind >= 0) {
        int mine = origin_weight((enum origin_kind)kind), held = origin_weight(facts->origin);

        if (mine > held || (leads && mine == held)) {
            facts->origin = (enum origin_kind)kind;
        }
        facts->order_open |= origin_is_order((enum origin_kind)kind);
    }
    if (json_is_object(actor) && !facts->state_actor) {
        facts->state_actor = json_incref(actor);
    }
}

static void read_exemptions(struct case_facts *facts, const json_t *body)
{
    const json_t *claimed = json_object_get(body, "exemptions_claimed");

    for (size_t i = 0; i < json_array_size(claimed); i++) {
        int word = word_index(exemption_words, EXEMPTION_COUNT, json_span(json_array_get(claimed, i)));

        if (word >= 0) {
            facts->exemptions_claimed[word] = true;
        }
    }
}

static void read_content(struct case_facts *facts, const json_t *body, int64_t received_ms)
{
    const json_t *content = json_object_get(body, "content");
    struct span language = json_span(json_object_get(content, "language"));
    char date[CLOCK_TEXT_LEN + 1];
    int64_t created_ms = received_ms;

    (void)clock_read(json_span(json_object_get(content, "created_at")), &created_ms);
    clock_text(created_ms, date);
    (void)snprintf(facts->content_date, sizeof(facts->content_date), "%.10s", date);
    (void)snprintf(facts->language, sizeof(facts->language), "%.*s", (int)language.len,
                   language.len ? language.ptr : "");
    (void)json_array_append(facts->content_types, json_object_get(content, "type"));
}

static void read_report(struct case_facts *facts, const struct store_report *report, bool leads)
{
    json_t *body = api_stored_json(report->body);
    int category;

    (void)json_array_append_new(facts->report_ids, json_stringn(report->id.ptr, report->id.len));
    if (!facts->first_ms || report->received_ms < facts->first_ms) {
        facts->first_ms = report->received_ms;
    }
    if (!body) {
        return;                         /* erased: ids and times stay */
    }
    read_origin(facts, body, leads);
    read_exemptions(facts, body);
    if (span_is(json_span(json_object_get(body, "urgency")), urgency_words[URGENCY_THREAT_TO_LIFE])) {
        facts->threat_to_life = true;
    }
    category = word_index(harm_words, HARM_COUNT, json_span(json_object_get(body, "category")));
    if (leads && category >= 0) {
        facts->category = (enum harm)category;
        read_content(facts, body, report->received_ms);
    }
    json_decref(body);
}

static void add_once(json_t *list, json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_equal(json_array_get(list, i), value)) {
            return;
        }
    }
    if (value) {
        (void)json_array_append(list, value);
    }
}

static void read_verdict(struct case_facts *facts, struct span stored)
{
    json_t *verdict = api_stored_json(stored);
    const json_t *rules = json_object_get(verdict, "rules"), *hits = json_object_get(verdict, "hits");

    for (size_t i = 0; i < json_array_size(rules); i++) {
        add_once(facts->rule_ids, json_object_get(json_array_get(rules, i), "id"));
    }
    for (size_t i = 0; i < json_array_size(hits); i++) {
        const json_t *hit = json_array_get(hits, i);
        struct span kind = json_span(json_object_get(hit, "kind"));

        add_once(facts->list_ids, json_object_get(hit, "list"));
        add_once(facts->list_versions, json_object_get(hit, "version"));
        if (span_is(kind, "url") || span_is(kind, "domain")) {
            facts->detection = DETECTION_URL_MATCH;
        } else if (!span_is(kind, "literal") && !span_is(kind, "regex")) {
            facts->detection = DETECTION_HASH_MATCH;
        }
    }
    if (json_array_size(hits) && facts->detection == DETECTION_REPORT) {
        facts->detection = DETECTION_RULE_MATCH;
    }
    json_decref(verdict);
}

int case_facts_read(struct case_facts *ret, const struct store_case *from)
{
    *ret = (struct case_facts){.category = HARM_NONE, .origin = ORIGIN_USER_TERMS_FLAG};
    ret->report_ids = json_array();
    ret->content_types = json_array();
    ret->rule_ids = json_array();
    ret->list_ids = json_array();
    ret->list_versions = json_array();
    if (!ret->report_ids || !ret->content_types || !ret->rule_ids || !ret->list_ids || !ret->list_versions) {
        case_facts_done(ret);
        return -ENOMEM;
    }
    for (size_t i = 0; i < from->reports_len; i++) {
        read_report(ret, &from->reports[i], span_equal(from->reports[i].id, from->lead_report));
    }
    read_verdict(ret, from->verdict);
    /* What a list found after somebody had reported it was detected by the report: DSA art. 17(3)(c)
     * asks how the item was found, not what was matched later. */
    if (ret->origin != ORIGIN_OWN_INITIATIVE && ret->origin != ORIGIN_SHARED_SIGNAL) {
        ret->detection = DETECTION_REPORT;
    }
    return 0;
}

void case_facts_done(struct case_facts *facts)
{
    json_decref(facts->state_actor);
    json_decref(facts->report_ids);
    json_decref(facts->content_types);
    json_decref(facts->rule_ids);
    json_decref(facts->list_ids);
    json_decref(facts->list_versions);
    *facts = (struct case_facts){0};
}

void case_facts_context(const struct case_facts *facts, const struct store_case *from,
                        struct justification_context *ret)
{
    *ret = (struct justification_context){
        .category = facts->category, .origin = facts->origin, .state_actor = facts->state_actor != NULL,
        .order_valid = facts->order_open, .threat_to_life = facts->threat_to_life || span_is(from->queue, "threat-to-life"),
        .needs_second = from->needs_second, .automated_decision = AUTOMATION_NONE};
    memcpy(ret->exemptions_claimed, facts->exemptions_claimed, sizeof(ret->exemptions_claimed));
}

json_t *case_facts_origin(const struct case_facts *facts)
{
    json_t *origin = json_pack("{s:s}", "kind", origin_words[facts->origin]);

    if (origin && facts->state_actor) {
        (void)json_object_set(origin, "state_actor", facts->state_actor);
    }
    return origin;
}

void case_facts_envelope(const struct case_facts *facts, const char *decision_id, const char *case_id,
                         json_t *origin, struct justification_envelope *ret)
{
    *ret = (struct justification_envelope){
        .decision_id = decision_id, .item_id = case_id, .report_ids = facts->report_ids, .origin = origin,
        .detection = detection_words[facts->detection], .rule_ids = facts->rule_ids,
        .list_ids = facts->list_ids, .list_versions = facts->list_versions,
        .automated_detection = dsa_automated_detection(facts->origin, facts->detection),
        .content_lang = facts->language[0] ? facts->language : NULL, .content_types = facts->content_types,
        .content_date = facts->content_date[0] ? facts->content_date : NULL};
}
