/* SPDX-License-Identifier: Apache-2.0 */
/* Appeals: POST /v1/cases/{id}/appeals by the partner, POST /v1/appeals and GET /v1/appeals/status with
 * nothing but a case token. */
#include "lib/base/codec.h"
#include "lib/json/field.h"
#include "service/api/appeal_view.h"
#include "service/api/case_token.h"
#include "service/api/entries.h"
#include "service/runtime/random.h"

#include <stdlib.h>

struct appeal {
    struct exchange *ex;
    json_t *body;                       /* borrowed; NULL when only the status is asked for */
    struct store_retry retry;
    struct case_token token;            /* text.ptr NULL: a partner asks */
    struct span case_id, decision_id;
    int64_t now_ms, due_ms;
};

static void answer_unknown(struct exchange *ex)
{
    exchange_problem(ex, 401, "TOKEN_UNKNOWN", "this is no case token; it stands in the letter about the decision", NULL);
}

static void filed(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct appeal *a = arg;
    json_t *answer;

    if (outcome != STORE_OK && outcome != STORE_AGAIN) {
        api_answer_store(a->ex, outcome);
        return;
    }
    answer = json_object();
    api_set_span(answer, "id", result->id);
    api_set_span(answer, "appeal", result->id);
    (void)json_object_set_new(answer, "status", json_string("received"));
    api_set_time(answer, "filed_at", a->now_ms);
    api_set_time(answer, "due_at", a->due_ms);
    if (!a->token.text.ptr) {
        api_set_span(answer, "case", a->case_id);
        api_set_span(answer, "decision", a->decision_id);
        (void)json_object_set_new(answer, "log_index", json_integer(result->index));
    }
    app_wake(api_of(a->ex)->app);
    api_answer_json(a->ex, 201, answer);
}

/* The record of the appeal, as reviewers read it. */
static char *record_text(struct appeal *a, const char *appeal_id)
{
    static const char *const parties[] = {[PARTY_USER] = "user", [PARTY_REPORTER] = "reporter"};

    (void)json_object_set_new(a->body, "appeal", json_string(appeal_id));
    api_set_span(a->body, "decision", a->decision_id);
    (void)json_object_set_new(a->body, "by", json_string(a->token.text.ptr ? parties[a->token.party] : "partner"));
    api_set_time(a->body, "filed_at", a->now_ms);
    return json_dumps(a->body, JSON_COMPACT);
}

static void file(struct appeal *a, const struct store_case *from)
{
    struct settings *settings = slot_take(&api_of(a->ex)->app->settings);
    struct id appeal;
    unsigned shard = 0;
    struct store_appeal_args args;
    char *record;

    a->due_ms = a->now_ms + settings->due_appeal_ms;
    (void)settings_unref(settings);
    (void)id_read(a->case_id, "cas", &shard, NULL);
    appeal = random_id("apl", a->now_ms, shard);
    record = record_text(a, appeal.text);
    args = (struct store_appeal_args){
        .now_ms = a->now_ms, .retry = a->retry, .case_id = a->case_id, .partner = from->partner,
        .record = span_of(record), .deadline_ms = a->due_ms, .appeal_id = span_of(appeal.text),
        .entry = entries_appeal(a->ex, a->case_id, appeal.text, a->decision_id, from->partner, a->now_ms)};
    if (!record || !args.entry.ptr || !store_appeal(api_of(a->ex)->store, &args, filed, a)) {
        api_answer_no_memory(a->ex);
    }
    free(record);
}

/* A token speaks of one decision: once that is no longer the one in force, there is nothing to contest. */
static bool in_force(const struct store_case *from, struct span decision_id)
{
    for (size_t i = 0; i < from->decision_count; i++) {
        if (span_equal(from->decisions[i].id, decision_id)) {
            return from->decisions[i].state == DECISION_EFFECTIVE;
        }
    }
    return false;
}

static void case_got(void *arg, enum store_outcome outcome, const struct store_case *result)
{
    struct appeal *a = arg;

    if (outcome == STORE_OK && !a->token.text.ptr) {
        const struct store_decision *last =
            result->decision_count ? &result->decisions[result->decision_count - 1] : NULL;

        if (!span_is(result->partner, caller_of(a->ex)->name)) {
            outcome = STORE_NOT_FOUND;
        } else if (!last) {
            outcome = STORE_STATE;
        } else {
            a->decision_id = span_of(api_text(a->ex, last->id));
        }
    } else if (outcome == STORE_OK && a->body && !in_force(result, a->decision_id)) {
        outcome = STORE_STATE;
    }
    if (outcome != STORE_OK) {
        api_answer_store(a->ex, outcome);
    } else if (a->body) {
        file(a, result);
    } else {
        api_answer_json(a->ex, 200, appeal_view(result, a->decision_id, a->now_ms));
    }
}

static void decision_got(void *arg, enum store_outcome outcome, const struct store_decision *result)
{
    struct appeal *a = arg;
    struct keyring *ring = slot_take(&api_of(a->ex)->app->keyring);
    bool good = outcome == STORE_OK && result->effective_ms && case_token_check(ring, result->partner, &a->token);

    (void)keyring_unref(ring);
    if (outcome != STORE_OK && outcome != STORE_NOT_FOUND) {
        api_answer_store(a->ex, outcome);
        return;
    }
    if (!good) {
        answer_unknown(a->ex);
        return;
    }
    a->case_id = span_of(api_text(a->ex, result->case_id));
    if (!store_case_get(api_of(a->ex)->store, &(struct store_id_args){.id = a->case_id}, case_got, a)) {
        api_answer_no_memory(a->ex);
    }
}

static bool is_sha256(struct span text)
{
    uint8_t bytes[32];

    return text.len == 64 && hex_decode(text, bytes, sizeof(bytes));
}

/* What an appeal says. False when it was answered. */
static bool read_body(struct appeal *a)
{
    static const char *const names[] = {"statement", "new_information", "attachment_sha256", "language"};
    struct faults faults = {0};
    struct fields at;
    struct span text;

    if (fields_open(&at, a->body, "", &faults)) {
        fields_known(&at, names, COUNT_OF(names));
        (void)field_string(&at, "statement", REQUIRED, 1, 8192, &text);
        (void)field_string(&at, "new_information", OPTIONAL, 1, 8192, &text);
        (void)field_string(&at, "language", OPTIONAL, 2, 3, &text);
        if (field_string(&at, "attachment_sha256", OPTIONAL, 64, 64, &text) && text.len && !is_sha256(text)) {
            (void)field_fault(&at, "attachment_sha256", "HASH_FORM", "64 hex digits of the attachment's SHA-256");
        }
    }
    if (faults.count) {
        api_answer_faults(a->ex, &faults);
        return false;
    }
    return true;
}

static struct appeal *begin(struct exchange *ex)
{
    struct appeal *a = arena_alloc(exchange_arena(ex), sizeof(*a));

    if (!a) {
        api_answer_no_memory(ex);
        return NULL;
    }
    a->ex = ex;
    a->now_ms = loop_now_ms();
    return a;
}

void appeals_create(struct exchange *ex)
{
    struct appeal *a = begin(ex);

    if (!a || !api_id_param(ex, "id", "cas", &a->case_id) || !(a->body = api_body(ex)) || !read_body(a) ||
        !api_retry(ex, false, &a->retry)) {
        return;
    }
    if (!store_case_get(api_of(ex)->store, &(struct store_id_args){.id = a->case_id}, case_got, a)) {
        api_answer_no_memory(ex);
    }
}

/* The token of the header; false when 401 was answered. */
static bool read_token(struct appeal *a)
{
    const struct http_request *request = exchange_request(a->ex);
    struct span header = http_request_header(request, "authorization");

    if (http_request_header_count(request, "authorization") != 1 || !span_starts(header, "Bearer ") ||
        !case_token_read(span_sub(header, strlen("Bearer "), header.len), &a->token)) {
        answer_unknown(a->ex);
        return false;
    }
    a->decision_id = span_of(a->token.decision);
    return true;
}

static void look_up(struct appeal *a)
{
    if (!store_decision_get(api_of(a->ex)->store, &(struct store_id_args){.id = a->decision_id}, decision_got, a)) {
        api_answer_no_memory(a->ex);
    }
}

void appeals_create_by_token(struct exchange *ex)
{
    struct appeal *a = begin(ex);

    if (a && read_token(a) && (a->body = api_body(ex)) && read_body(a)) {
        look_up(a);
    }
}

void appeals_status(struct exchange *ex)
{
    struct appeal *a = begin(ex);

    if (a && read_token(a)) {
        look_up(a);
    }
}
