/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/case_view.h"

bool case_visible(const struct caller *caller, struct span partner)
{
    return caller->role != ROLE_PARTNER || span_is(partner, caller->name);
}

static bool reviews(const struct caller *caller)
{
    return caller->role == ROLE_REVIEWER || caller->role == ROLE_SENIOR;
}

/* Reviewers and seniors work with the content; partners know their own. */
static bool sees_content(const struct caller *caller)
{
    return reviews(caller) || caller->role == ROLE_PARTNER;
}

bool case_preserved(const struct caller *caller, enum case_state state)
{
    return reviews(caller) && state == CASE_CLOSED;
}

static bool sees_people(const struct caller *caller)
{
    return caller->role != ROLE_PARTNER;
}

static void set_json(json_t *object, const char *key, struct span stored)
{
    json_t *value = api_stored_json(stored);

    if (value) {
        (void)json_object_set_new(object, key, value);
    }
}

/* The body as it was sent, to reviewers without the partner's names of people. */
static void set_body(json_t *view, const struct store_report *from, const struct caller *caller)
{
    json_t *body = api_stored_json(from->body);

    if (body && reviews(caller)) {
        (void)json_object_del(json_object_get(body, "content"), "author");
        (void)json_object_del(json_object_get(body, "origin"), "reporter");
    }
    if (body) {
        (void)json_object_set_new(view, "body", body);
    }
}

json_t *report_view(const struct store_report *from, const struct caller *caller, bool content)
{
    json_t *view = json_object();

    api_set_span(view, "report", from->id);
    api_set_span(view, "case", from->case_id);
    if (sees_people(caller)) {
        api_set_span(view, "partner", from->partner);
    }
    api_set_time(view, "received_at", from->received_ms);
    (void)json_object_set_new(view, "joined", json_boolean(from->joined));
    (void)json_object_set_new(view, "log_index", json_integer(from->index));
    if (from->erased) {
        (void)json_object_set_new(view, "erased", json_true());
    }
    if (sees_content(caller) && content) {
        set_body(view, from, caller);
    } else if (sees_content(caller) && from->body.len) {
        (void)json_object_set_new(view, "preserved", json_true());
    }
    set_json(view, "verdict", from->verdict);
    return view;
}

json_t *decision_view(const struct store_decision *from, const struct caller *caller)
{
    json_t *view = json_object();

    api_set_span(view, "decision", from->id);
    api_set_span(view, "case", from->case_id);
    (void)json_object_set_new(view, "state", json_string(decision_state_words[from->state]));
    api_set_time(view, "decided_at", from->decided_ms);
    api_set_time(view, "effective_at", from->effective_ms);
    api_set_time(view, "appeal_until", from->appeal_until_ms);
    (void)json_object_set_new(view, "log_index", json_integer(from->index));
    api_set_time(view, "full_record_due_at", from->full_due_ms);
    api_set_span(view, "completed_by", from->completed_by);
    if (sees_people(caller)) {
        api_set_span(view, "reviewer", from->pseudonym);
        api_set_span(view, "second_reviewer", from->second_pseudonym);
    }
    /* A second person answers before reading the first one's reasons: they are shown once answered. */
    if (from->state != DECISION_AWAITING_SECOND || caller->role == ROLE_AUDITOR || caller->role == ROLE_ADMIN) {
        json_t *record = api_stored_json(from->record);

        if (record && !sees_people(caller)) {
            (void)json_object_del(record, "reviewer_pid");
            (void)json_object_del(record, "second_pid");
        }
        if (record) {
            (void)json_object_set_new(view, "justification", record);
        }
    }
    if (from->second_ms) {
        (void)json_object_set_new(view, "second_agreed", json_boolean(from->second_agreed));
        api_set_time(view, "second_at", from->second_ms);
    }
    if (from->done_ms) {
        api_set_time(view, "carried_out_at", from->done_ms);
        api_set_span(view, "measure", from->measure);
    }
    return view;
}

static json_t *event_view(const struct store_event *from, const struct caller *caller)
{
    json_t *view = json_object();

    api_set_time(view, "at", from->at_ms);
    api_set_span(view, "what", from->what);
    if (from->index >= 0) {
        (void)json_object_set_new(view, "log_index", json_integer(from->index));
    }
    if (sees_people(caller)) {
        api_set_span(view, "detail", from->detail);
    }
    return view;
}

static void set_lists(json_t *view, const struct store_case *from, const struct caller *caller, bool content)
{
    json_t *reports = json_array(), *decisions = json_array(), *history = json_array();

    for (size_t i = 0; i < from->reports_len; i++) {
        (void)json_array_append_new(reports, report_view(&from->reports[i], caller, content));
    }
    for (size_t i = 0; i < from->decision_count; i++) {
        /* To a partner a decision exists once it is effective. */
        if (sees_people(caller) || from->decisions[i].effective_ms) {
            (void)json_array_append_new(decisions, decision_view(&from->decisions[i], caller));
        }
    }
    for (size_t i = 0; i < from->event_count; i++) {
        (void)json_array_append_new(history, event_view(&from->events[i], caller));
    }
    (void)json_object_set_new(view, "reports", reports);
    (void)json_object_set_new(view, "decisions", decisions);
    (void)json_object_set_new(view, "history", history);
}

json_t *case_view(const struct store_case *from, const struct caller *caller, bool content)
{
    json_t *view = json_object();

    api_set_span(view, "case", from->id);
    if (sees_people(caller)) {
        api_set_span(view, "partner", from->partner);
    }
    if (sees_content(caller)) {
        api_set_span(view, "content_id", from->content_id);
    }
    (void)json_object_set_new(view, "state", json_string(case_state_words[from->state]));
    api_set_span(view, "queue", from->queue);
    api_set_span(view, "language", from->language);
    (void)json_object_set_new(view, "severity", json_integer(from->severity));
    (void)json_object_set_new(view, "needs_second", json_boolean(from->needs_second));
    api_set_time(view, "created_at", from->created_ms);
    api_set_time(view, "deadline", from->deadline_ms);
    api_set_time(view, "closed_at", from->closed_ms);
    (void)json_object_set_new(view, "version", json_integer(from->version));
    (void)json_object_set_new(view, "report_count", json_integer(from->report_count));
    set_json(view, "verdict", from->verdict);
    set_json(view, "appeal", from->appeal);
    if (sees_people(caller) && from->lease_token.len) {
        api_set_time(view, "lease_expires", from->lease_expires_ms);
    }
    set_lists(view, from, caller, content);
    return view;
}
