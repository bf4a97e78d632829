/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /v1/webhooks: a partner's endpoint, made, read, changed and removed with the partner's own key; an admin reads
 * all of them and switches one off or on. A secret is shown when it is made and never again.
 */
#include "lib/http/webhook.h"
#include "lib/json/field.h"
#include "service/api/entries.h"
#include "service/api/key_make.h"
#include "service/runtime/random.h"
#include "service/sync/webhook_message.h"
#include "service/sync/webhooks.h"

#include <stdio.h>

enum { OVERLAP_MS = 24 * 3600 * 1000, OVERLAP_MAX_S = 7 * 24 * 3600 };

/* From the request to its answer. */
struct change {
    struct exchange *ex;
    uint8_t secret[WEBHOOK_SECRET_LEN];
    struct span partner;
    bool show_secret;
    int64_t old_until_ms;
};

static struct change *begin(struct exchange *ex, struct span partner)
{
    struct change *c = arena_alloc(exchange_arena(ex), sizeof(*c));

    if (!c) {
        api_answer_no_memory(ex);
        return NULL;
    }
    c->ex = ex;
    c->partner = partner;
    return c;
}

static struct span own(struct exchange *ex)
{
    return span_of(caller_of(ex)->name);
}

/* The entry of a change, in the arena; ptr NULL without memory. */
static struct span entry_of(struct exchange *ex, const char *action, struct span partner, struct span url)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(ENTRY_MAX_BYTES);

    if (!out || webhook_entry(out, action, partner, url, span_of(caller_of(ex)->pseudonym), loop_now_ms()) != 0) {
        return (struct span){NULL, 0};
    }
    return arena_copy(exchange_arena(ex), buf_span(out));
}

/* ---- reading ---- */

static json_t *last_failure(const struct store_webhook *w)
{
    json_t *failure = json_object();

    api_set_time(failure, "at", w->last_failure_ms);
    if (w->last_status) {
        (void)json_object_set_new(failure, "status", json_integer(w->last_status));
    }
    api_set_span(failure, "detail", w->last_failure);
    return failure;
}

static json_t *endpoint_json(const struct store_webhook *w, int64_t now_ms)
{
    char cursor[NOTICE_CURSOR_MAX];
    json_t *one = json_object();

    notice_cursor_text(w->taken, cursor);
    api_set_span(one, "partner", w->partner);
    api_set_span(one, "url", w->url);
    (void)json_object_set_new(one, "state", json_string(webhook_state_words[w->state]));
    api_set_time(one, "disabled_at", w->disabled_ms);
    api_set_time(one, "created_at", w->created_ms);
    api_set_time(one, "last_success_at", w->last_success_ms);
    if (w->last_failure_ms) {
        (void)json_object_set_new(one, "last_failure", last_failure(w));
    }
    (void)json_object_set_new(one, "failures_in_row", json_integer(w->failures_in_row));
    (void)json_object_set_new(one, "delivered", json_integer(w->delivered));
    (void)json_object_set_new(one, "given_up", json_integer(w->given_up));
    (void)json_object_set_new(one, "waiting", json_integer(w->waiting));
    (void)json_object_set_new(one, "cursor", json_string(cursor));
    if (w->old_secret_until_ms > now_ms) {
        api_set_time(one, "old_secret_until", w->old_secret_until_ms);
    }
    return one;
}

/* Answers with one endpoint, and its secret where it was just made. */
static void answer_endpoint(void *arg, enum store_outcome outcome, const struct store_webhooks *result)
{
    struct change *c = arg;
    json_t *one;

    if (outcome != STORE_OK || result->count != 1) {
        api_answer_store(c->ex, outcome == STORE_OK ? STORE_NOT_FOUND : outcome);
        return;
    }
    one = endpoint_json(&result->webhooks[0], loop_now_ms());
    if (c->show_secret) {
        char text[WEBHOOK_SECRET_TEXT_MAX + 1];

        webhook_secret_text((const uint8_t *)result->webhooks[0].secret.ptr, result->webhooks[0].secret.len, text);
        (void)json_object_set_new(one, "secret", json_string(text));
        bytes_wipe(text, sizeof(text));
    }
    bytes_wipe(c->secret, sizeof(c->secret));
    api_answer_json(c->ex, c->show_secret && !c->old_until_ms ? 201 : 200, one);
}

static void show(struct change *c)
{
    if (!store_webhooks(api_of(c->ex)->store, &(struct store_webhooks_args){.partner = c->partner}, answer_endpoint, c)) {
        api_answer_no_memory(c->ex);
    }
}

static void answer_all(void *arg, enum store_outcome outcome, const struct store_webhooks *result)
{
    struct exchange *ex = arg;
    json_t *list = json_array();

    for (size_t i = 0; outcome == STORE_OK && i < result->count; i++) {
        (void)json_array_append_new(list, endpoint_json(&result->webhooks[i], loop_now_ms()));
    }
    if (outcome == STORE_OK) {
        api_answer_json(ex, 200, json_pack("{s:o}", "webhooks", list));
    } else {
        json_decref(list);
        api_answer_store(ex, outcome);
    }
}

void webhooks_read(struct exchange *ex)
{
    if (caller_of(ex)->role == ROLE_ADMIN) {
        if (!store_webhooks(api_of(ex)->store, &(struct store_webhooks_args){0}, answer_all, ex)) {
            api_answer_no_memory(ex);
        }
    } else {
        struct change *c = begin(ex, own(ex));

        if (c) {
            show(c);
        }
    }
}

/* ---- making and changing ---- */

static void put_done(void *arg, enum store_outcome outcome, const struct store_webhook_number *result)
{
    struct change *c = arg;

    if (outcome == STORE_LIMIT) {
        exchange_problem(c->ex, 409, "WEBHOOKS_TOO_MANY", "there are as many endpoints as the service takes", NULL);
    } else if (outcome != STORE_OK) {
        api_answer_store(c->ex, outcome);
    } else {
        c->show_secret = result->number == 1;
        show(c);
    }
}

void webhooks_write(struct exchange *ex)
{
    static const char *const names[] = {"url"};
    json_t *body = api_body(ex);
    struct change *c = body ? begin(ex, own(ex)) : NULL;
    struct faults faults = {0};
    struct fields at;
    struct span url = {NULL, 0};
    struct fault why;
    struct store_webhook_put_args args;

    if (!c) {
        return;
    }
    if (fields_open(&at, body, "", &faults)) {
        fields_known(&at, names, COUNT_OF(names));
        if (field_string(&at, "url", REQUIRED, 1, STORE_WEBHOOK_URL_MAX, &url) &&
            webhook_url_check(url, webhooks_allow_http(api_of(ex)->app->webhooks), &why) != 0) {
            (void)faults_add_one(&faults, &why);
        }
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
        return;
    }
    random_bytes(c->secret, sizeof(c->secret));
    args = (struct store_webhook_put_args){.now_ms = loop_now_ms(), .partner = c->partner, .url = url,
                                           .secret = {(const char *)c->secret, sizeof(c->secret)},
                                           .entry = entry_of(ex, "webhook_set", c->partner, url)};
    if (!args.entry.ptr || !store_webhook_put(api_of(ex)->store, &args, put_done, c)) {
        api_answer_no_memory(ex);
    }
}

static void changed_and_show(void *arg, enum store_outcome outcome, const struct store_webhook_number *result)
{
    struct change *c = arg;

    (void)result;
    if (outcome != STORE_OK) {
        api_answer_store(c->ex, outcome);
    } else {
        show(c);
    }
}

static void send_change(struct change *c, struct store_webhook_change_args *args, const char *action,
                        void (*done)(void *arg, enum store_outcome outcome, const struct store_webhook_number *result))
{
    args->now_ms = loop_now_ms();
    args->partner = c->partner;
    if (action) {
        args->entry = entry_of(c->ex, action, c->partner, SPAN(""));
    }
    if ((action && !args->entry.ptr) || !store_webhook_change(api_of(c->ex)->store, args, done, c)) {
        api_answer_no_memory(c->ex);
    }
}

static void deleted(void *arg, enum store_outcome outcome, const struct store_webhook_number *result)
{
    struct change *c = arg;

    (void)result;
    if (outcome != STORE_OK) {
        api_answer_store(c->ex, outcome);
    } else {
        exchange_reply(c->ex, 204);
    }
}

void webhooks_delete(struct exchange *ex)
{
    struct change *c = begin(ex, own(ex));

    if (c) {
        send_change(c, &(struct store_webhook_change_args){.what = WEBHOOK_DELETE}, "webhook_delete", deleted);
    }
}

void webhooks_rotate(struct exchange *ex)
{
    static const char *const names[] = {"overlap_seconds"};
    json_t *body = api_body(ex);
    struct change *c = body ? begin(ex, own(ex)) : NULL;
    struct faults faults = {0};
    struct fields at;
    int64_t overlap_s = OVERLAP_MS / 1000;

    if (!c) {
        return;
    }
    if (fields_open(&at, body, "", &faults)) {
        fields_known(&at, names, COUNT_OF(names));
        (void)field_int(&at, "overlap_seconds", OPTIONAL, 0, OVERLAP_MAX_S, &overlap_s);
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
        return;
    }
    random_bytes(c->secret, sizeof(c->secret));
    c->show_secret = true;
    c->old_until_ms = loop_now_ms() + overlap_s * 1000;
    send_change(c, &(struct store_webhook_change_args){.what = WEBHOOK_ROTATE, .number = c->old_until_ms,
                                                       .secret = {(const char *)c->secret, sizeof(c->secret)}},
                "webhook_rotate", changed_and_show);
}

static void replayed(void *arg, enum store_outcome outcome, const struct store_webhook_number *result)
{
    struct change *c = arg;
    char cursor[NOTICE_CURSOR_MAX];

    if (outcome != STORE_OK) {
        api_answer_store(c->ex, outcome);
        return;
    }
    notice_cursor_text(result->number, cursor);
    api_answer_json(c->ex, 202, json_pack("{s:s}", "after", cursor));
}

void webhooks_replay(struct exchange *ex)
{
    static const char *const names[] = {"cursor", "since"};
    json_t *body = api_body(ex);
    struct change *c = body ? begin(ex, own(ex)) : NULL;
    struct faults faults = {0};
    struct fields at;
    struct span cursor = {NULL, 0};
    struct store_webhook_change_args args = {.what = WEBHOOK_REPLAY};

    if (!c) {
        return;
    }
    if (fields_open(&at, body, "", &faults)) {
        fields_known(&at, names, COUNT_OF(names));
        if (field_string(&at, "cursor", OPTIONAL, 1, NOTICE_CURSOR_MAX - 1, &cursor) &&
            !notice_cursor_read(cursor, &args.number)) {
            (void)field_fault(&at, "cursor", "FIELD_VALUE", "this cursor was not given out by /v1/notices");
        }
        (void)field_time(&at, "since", OPTIONAL, &args.since_ms);
        if (!faults.count && (cursor.ptr != NULL) == (args.since_ms != 0)) {
            (void)field_fault(&at, "", "FIELD_MISSING", "say either cursor or since");
        }
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
    } else {
        send_change(c, &args, NULL, replayed);
    }
}

/* ---- for operators ---- */

void webhooks_switch(struct exchange *ex)
{
    static const char *const names[] = {"enabled"};
    struct span partner = http_request_param(exchange_request(ex), "partner");
    json_t *body = api_body(ex);
    struct change *c = body ? begin(ex, span_of(api_text(ex, partner))) : NULL;
    struct faults faults = {0};
    struct fields at;
    bool enabled = true;

    if (!c) {
        return;
    }
    if (fields_open(&at, body, "", &faults)) {
        fields_known(&at, names, COUNT_OF(names));
        (void)field_bool(&at, "enabled", REQUIRED, &enabled);
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
        return;
    }
    if (!key_name_good(c->partner)) {
        api_answer_store(ex, STORE_NOT_FOUND);
        return;
    }
    send_change(c, &(struct store_webhook_change_args){.what = enabled ? WEBHOOK_ENABLE : WEBHOOK_DISABLE},
                enabled ? "webhook_enable" : "webhook_disable", changed_and_show);
}
