/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/partner_notice.h"

#include "lib/json/field.h"
#include "lib/rights/notice.h"

#include <stdlib.h>

/* Members of the record that only reviewers and auditors see. */
static const char *const kept_back[] = {"reviewer_pid", "second_pid", "second"};

/* By what the user knows the item: its address, else the platform's own id. */
static const char *item_of(struct exchange *ex, const struct store_case *from)
{
    const char *item = api_text(ex, from->content_id);

    for (size_t i = 0; i < from->reports_len; i++) {
        json_t *body = api_stored_json(from->reports[i].body);
        struct span url = json_span(json_object_get(json_object_get(body, "content"), "url"));

        if (url.len) {
            item = api_text(ex, url);
        }
        json_decref(body);
        if (url.len) {
            break;
        }
    }
    return item;
}

static bool is_restriction(const json_t *record)
{
    int outcome = word_index(outcome_words, OUTCOME_COUNT, json_span(json_object_get(record, "outcome")));

    return outcome >= 0 && outcome_is_restriction((enum outcome)outcome);
}

/* Adds the letters: 0, FAULT or -ENOMEM. */
static int add_letters(json_t *notice, const struct notice_input *input, struct faults *faults)
{
    json_t *letter = NULL;
    int r = 0;

    if (is_restriction(input->record)) {
        r = notice_user(&letter, input, faults);
        if (r == 0) {
            (void)json_object_set_new(notice, "user_notice", letter);
        }
    }
    if (r == 0) {
        r = notice_reporter(&letter, input, faults);
    }
    if (r == 0) {
        (void)json_object_set_new(notice, "reporter_notice", letter);
    }
    return r;
}

static json_t *shown_record(const json_t *record)
{
    /* jansson copies from a non-const object and does not change it. */
    json_t *shown = json_copy((json_t *)(uintptr_t)record);

    for (size_t i = 0; i < COUNT_OF(kept_back); i++) {
        (void)json_object_del(shown, kept_back[i]);
    }
    return shown;
}

struct span partner_notice(struct exchange *ex, const struct store_case *from, const char *decision_id,
                           const json_t *record, const struct policy *policy, struct faults *faults)
{
    struct notice_input input = {
        .record = record, .policy = policy, .item = item_of(ex, from),
        .state_actor = json_object_get(json_object_get(record, "origin"), "state_actor"),
        .now_ms = loop_now_ms()};
    json_t *notice = json_object(), *reports = json_array();
    struct span done = {NULL, 0};
    char *text = NULL;

    for (size_t i = 0; i < from->reports_len; i++) {
        (void)json_array_append_new(reports, json_stringn(from->reports[i].id.ptr, from->reports[i].id.len));
    }
    (void)json_object_set_new(notice, "decision", json_string(decision_id));
    api_set_span(notice, "case", from->id);
    api_set_span(notice, "content_id", from->content_id);
    (void)json_object_set_new(notice, "reports", reports);
    (void)json_object_set(notice, "outcome", json_object_get(record, "outcome"));
    (void)json_object_set_new(notice, "justification", shown_record(record));
    if (add_letters(notice, &input, faults) == 0) {
        text = json_dumps(notice, JSON_COMPACT);
    }
    json_decref(notice);
    if (text) {
        done = arena_copy(exchange_arena(ex), span_of(text));
    }
    free(text);
    return done;
}
