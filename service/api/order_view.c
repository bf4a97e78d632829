/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/order_view.h"

#include "lib/base/clock.h"
#include "lib/json/field.h"

#include <stdio.h>

static bool carries_order(struct order_facts *ret, json_t *body)
{
    const json_t *origin = json_object_get(body, "origin");
    int kind = word_index(origin_words, ORIGIN_COUNT, json_span(json_object_get(origin, "kind")));

    ret->order = json_object_get(body, "order");
    if (kind < 0 || !origin_is_order((enum origin_kind)kind) || !json_is_object(ret->order)) {
        return false;
    }
    ret->kind = (enum origin_kind)kind;
    return true;
}

static void read_times(struct order_facts *ret, const struct store_case *from, int64_t reported_ms)
{
    const json_t *actor = json_object_get(json_object_get(ret->body, "origin"), "state_actor");
    int64_t ms;

    ret->times = (struct order_times){.received_ms = reported_ms, .paused_ms = from->order_paused_ms,
                                      .resumed_ms = from->order_resumed_ms};
    if (clock_read(json_span(json_object_get(actor, "received_at")), &ms) && ms < reported_ms) {
        ret->times.received_ms = ms;
    }
    for (size_t i = 0; i < from->decision_count; i++) {
        const struct store_decision *one = &from->decisions[i];

        if (one->done_ms && one->state != DECISION_REJECTED) {
            ret->times.effect_ms = one->done_ms;
            ret->measure = one->measure;
        }
    }
}

int order_facts_read(struct order_facts *ret, const struct store_case *from)
{
    *ret = (struct order_facts){0};
    for (size_t i = 0; i < from->reports_len; i++) {
        json_t *body = api_stored_json(from->reports[i].body);

        if (carries_order(ret, body)) {
            ret->body = body;
            read_times(ret, from, from->reports[i].received_ms);
            return 1;
        }
        json_decref(body);
    }
    return 0;
}

void order_facts_done(struct order_facts *facts)
{
    json_decref(facts->body);
    *facts = (struct order_facts){0};
}

/* Where the law names no hour: the deadline of the case, which every pause has moved already. */
static enum order_state state_by_deadline(const struct order_times *times, int64_t deadline_ms, int64_t now_ms)
{
    if (times->effect_ms) {
        return times->effect_ms <= deadline_ms ? ORDER_DONE_IN_TIME : ORDER_DONE_LATE;
    }
    if (times->paused_ms && !times->resumed_ms) {
        return ORDER_PAUSED;
    }
    return now_ms > deadline_ms ? ORDER_OVERDUE : ORDER_RUNNING;
}

static void set_clock(json_t *view, const struct order_facts *facts, const struct store_case *from, int64_t now_ms)
{
    bool hour = facts->kind == ORIGIN_TCO_REMOVAL_ORDER;
    enum order_state state = hour ? order_state(&facts->times, now_ms)
                                  : state_by_deadline(&facts->times, from->deadline_ms, now_ms);
    bool stands = facts->times.paused_ms && !facts->times.resumed_ms;

    (void)json_object_set_new(view, "state", json_string(order_state_words[state]));
    api_set_time(view, "received_at", facts->times.received_ms);
    api_set_time(view, "due_at", hour ? order_due(&facts->times) : stands ? 0 : from->deadline_ms);
    api_set_time(view, "paused_at", facts->times.paused_ms);
    api_set_time(view, "resumed_at", facts->times.resumed_ms);
    api_set_time(view, "effect_at", facts->times.effect_ms);
}

/* The last event of this word; borrowed from `events`. */
static const json_t *event_named(const json_t *events, const char *word)
{
    const json_t *found = NULL, *one;
    size_t i;

    json_array_foreach(events, i, one) {
        if (span_is(json_span(json_object_get(one, "event")), word)) {
            found = one;
        }
    }
    return found;
}

static void set_removal_order(json_t *view, const struct order_facts *facts, const json_t *events)
{
    const json_t *informed = event_named(events, "informed"), *asked = event_named(events, "scrutiny_requested");
    bool emergency = json_is_true(json_object_get(informed, "emergency"));
    json_t *contact = json_object(), *scrutiny = json_object();
    int64_t ms = 0;

    (void)clock_read(json_span(json_object_get(informed, "at")), &ms);
    if (informed) {
        api_set_time(contact, "informed_at", ms);
        (void)json_object_set_new(contact, "emergency", json_boolean(emergency));
        (void)json_object_set_new(
            contact, "kept", json_boolean(order_first_contact_kept(ms, facts->times.received_ms, emergency)));
        (void)json_object_set(view, "first_contact", contact);
    }
    api_set_time(scrutiny, "request_until", order_scrutiny_until(facts->times.received_ms));
    if (asked && clock_read(json_span(json_object_get(asked, "at")), &ms)) {
        api_set_time(scrutiny, "requested_at", ms);
        api_set_time(scrutiny, "answer_until", order_scrutiny_answer_until(ms));
    }
    (void)json_object_set(view, "scrutiny", scrutiny);
    json_decref(contact);
    json_decref(scrutiny);
}

/* Why it is not carried out: as the partner said, or as the decision says that stopped the clock. */
static void read_refusal(struct order_feedback *feedback, const json_t *events, json_t *record)
{
    const json_t *said = json_object_get(record, "order_feedback");

    if (!said) {
        said = event_named(events, "paused");
    }
    feedback->ground = json_string_value(json_object_get(said, "ground"));
    feedback->explanation = json_string_value(json_object_get(said, "explanation"));
}

static json_t *last_record(const struct store_case *from)
{
    for (size_t i = from->decision_count; i-- > 0;) {
        if (from->decisions[i].effective_ms) {
            return api_stored_json(from->decisions[i].record);
        }
    }
    return NULL;
}

static int set_feedback(json_t *view, const struct order_facts *facts, const struct store_case *from,
                        const json_t *events)
{
    bool stands = facts->times.paused_ms && !facts->times.resumed_ms;
    json_t *record = last_record(from), *document = NULL;
    char measure[201], host[STORE_NAME_MAX + 1];
    struct order_feedback feedback = {.order = facts->order, .times = facts->times, .measure = measure, .host = host,
                                      .removal_order = facts->kind == ORIGIN_TCO_REMOVAL_ORDER};
    int r = 0;

    (void)snprintf(measure, sizeof(measure), "%.*s", (int)facts->measure.len, facts->measure.len ? facts->measure.ptr : "");
    (void)snprintf(host, sizeof(host), "%.*s", (int)from->partner.len, from->partner.ptr);
    if (facts->times.effect_ms || stands) {
        read_refusal(&feedback, events, record);
        r = order_feedback_json(&document, &feedback);
        r = r ? r : json_object_set_new(view, "feedback", document);
    }
    json_decref(record);
    return r;
}

json_t *order_view(const struct order_facts *facts, const struct store_case *from, int64_t now_ms)
{
    static const char *const copied[] = {"reference", "authority", "country", "legal_basis"};
    json_t *view = json_object(), *events = json_array();

    api_set_span(view, "case", from->id);
    (void)json_object_set_new(view, "kind", json_string(origin_words[facts->kind]));
    for (size_t i = 0; i < COUNT_OF(copied); i++) {
        json_t *value = json_object_get(facts->order, copied[i]);

        if (value) {
            (void)json_object_set(view, copied[i], value);
        }
    }
    set_clock(view, facts, from, now_ms);
    for (size_t i = 0; i < from->order_event_count; i++) {
        json_t *event = api_stored_json(from->order_events[i]);

        if (event) {
            (void)json_array_append_new(events, event);
        }
    }
    if (facts->kind == ORIGIN_TCO_REMOVAL_ORDER) {
        set_removal_order(view, facts, events);
    }
    (void)json_object_set(view, "events", events);
    if (!view || set_feedback(view, facts, from, events)) {
        json_decref(view);
        view = NULL;
    }
    json_decref(events);
    return view;
}
