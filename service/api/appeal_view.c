/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/appeal_view.h"

#include "lib/json/field.h"
#include "service/api/remedy.h"

/* What an event of the case means to the person who waits; NULL: nothing. */
static const char *step_of(const struct store_event *event, const struct store_case *from)
{
    static const char *const waits[] = {"appealed", "released", "expired", "requeued", "escalated", "disagreed"};

    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        if (span_is(event->what, waits[i])) {
            return "received";
        }
    }
    if (span_is(event->what, "claimed")) {
        return "in_review";
    }
    if (span_is(event->what, "agreed")) {
        return "answered";
    }
    if (!span_is(event->what, "decided")) {
        return NULL;
    }
    for (size_t i = 0; i < from->decision_count; i++) {
        if (span_equal(from->decisions[i].id, event->detail)) {
            return from->decisions[i].second_ms || !from->decisions[i].effective_ms ? "awaiting_second" : "answered";
        }
    }
    return "answered";
}

static void add_step(json_t *history, const char *status, int64_t at_ms, int64_t due_ms)
{
    json_t *last = json_array_get(history, json_array_size(history) - 1), *step;

    if (last && span_is(json_span(json_object_get(last, "status")), status)) {
        return;                         /* given back and waiting as before: no news to who waits */
    }
    step = json_pack("{s:s}", "status", status);
    api_set_time(step, "at", at_ms);
    api_set_time(step, "due_at", due_ms);
    (void)json_array_append_new(history, step);
}

/* The events from the filing on; the index of the filing, event_count: none. */
static size_t filed_at(const struct store_case *from, struct span appeal_id)
{
    for (size_t i = 0; i < from->event_count; i++) {
        if (span_is(from->events[i].what, "appealed") && span_equal(from->events[i].detail, appeal_id)) {
            return i;
        }
    }
    return from->event_count;
}

static void set_answer(json_t *view, const struct store_decision *before, const struct store_decision *after)
{
    json_t *old = api_stored_json(before->record), *new = api_stored_json(after->record);
    int outcome = word_index(outcome_words, OUTCOME_COUNT, json_span(json_object_get(new, "outcome")));

    api_set_time(view, "decided_at", after->effective_ms);
    if (old && outcome >= 0) {
        (void)json_object_set_new(view, "result", json_string(appeal_result_of(old, (enum outcome)outcome)));
    }
    json_decref(old);
    json_decref(new);
}

/* The first decision that took effect after the filing; NULL: none yet. */
static const struct store_decision *answer_after(const struct store_case *from, int64_t filed_ms)
{
    for (size_t i = 0; i < from->decision_count; i++) {
        if (from->decisions[i].decided_ms >= filed_ms && from->decisions[i].effective_ms) {
            return &from->decisions[i];
        }
    }
    return NULL;
}

static void set_filed(json_t *view, json_t *history, const struct store_case *from, size_t filed,
                      const struct store_decision *decision, int64_t now_ms)
{
    int64_t filed_ms = from->events[filed].at_ms;
    const struct store_decision *answer = answer_after(from, filed_ms);
    const char *status = "received";

    for (size_t i = filed; i < from->event_count; i++) {
        const char *step = step_of(&from->events[i], from);

        if (step && (!answer || from->events[i].at_ms <= answer->effective_ms)) {
            status = step;
            add_step(history, step, from->events[i].at_ms, i == filed && !answer ? from->deadline_ms : 0);
        }
    }
    (void)json_object_set_new(view, "status", json_string(answer ? "answered" : status));
    api_set_time(view, "filed_at", filed_ms);
    if (answer) {
        set_answer(view, decision, answer);
    } else {
        api_set_time(view, "due_at", from->deadline_ms);
        (void)json_object_set_new(view, "overdue", json_boolean(now_ms > from->deadline_ms));
    }
}

json_t *appeal_view(const struct store_case *from, struct span decision_id, int64_t now_ms)
{
    json_t *view = json_object(), *history = json_array();
    json_t *appeal = api_stored_json(from->appeal);
    const struct store_decision *decision = NULL;
    bool mine = span_equal(json_span(json_object_get(appeal, "decision")), decision_id);
    size_t filed = mine ? filed_at(from, json_span(json_object_get(appeal, "appeal"))) : from->event_count;

    for (size_t i = 0; i < from->decision_count; i++) {
        decision = span_equal(from->decisions[i].id, decision_id) ? &from->decisions[i] : decision;
    }
    if (!decision || !view || !history) {
        json_decref(view);
        json_decref(history);
        json_decref(appeal);
        return NULL;
    }
    add_step(history, "decided", decision->effective_ms, 0);
    api_set_time(view, "appeal_until", decision->appeal_until_ms);
    if (filed < from->event_count) {
        set_filed(view, history, from, filed, decision, now_ms);
    } else {
        (void)json_object_set_new(view, "status",
                                  json_string(now_ms > decision->appeal_until_ms ? "closed" : "open"));
    }
    (void)json_object_set_new(view, "history", history);
    json_decref(appeal);
    return view;
}
