/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/webhooks/test: one message, sent at once, whatever state the endpoint is in. The webhooks' thread
 * sends it; between it and this worker goes one `struct testing`, held by the exchange and by whoever works on
 * it, whichever ends last. */
#include "service/api/api.h"
#include "service/runtime/random.h"
#include "service/sync/webhook_message.h"
#include "service/sync/webhooks.h"

#include <stdio.h>
#include <stdlib.h>

struct testing {
    struct webhook_try attempt;         /* first: what comes back leads here */
    atomic_int refs;
    struct exchange *ex;                /* this worker's thread only; NULL once it is gone */
    struct loop *loop;
    struct buf *body;
    char id[ID_LEN + 1];
};

static void testing_unref(struct testing *t)
{
    if (atomic_fetch_sub(&t->refs, 1) == 1) {
        (void)buf_free(t->body);
        free(t->attempt.url);
        free(t);
    }
}

static void answer(void *arg)
{
    struct testing *t = arg;
    const struct post_result *result = &t->attempt.result;

    if (t->ex) {
        json_t *said = json_pack("{s:s, s:b, s:I}", "webhook_id", t->id, "delivered", result->accepted, "took_ms",
                                 (json_int_t)result->took_ms);

        if (result->status) {
            (void)json_object_set_new(said, "status", json_integer(result->status));
        }
        if (result->failure[0]) {
            (void)json_object_set_new(said, "detail", json_string(result->failure));
        }
        api_answer_json(t->ex, 200, said);
    }
    testing_unref(t);
}

/* On the webhooks' thread. */
static void tried(struct webhook_try *attempt)
{
    struct testing *t = (struct testing *)attempt;

    if (loop_post(t->loop, answer, t) != 0) {
        testing_unref(t);               /* the worker is gone, or going */
    }
}

static void exchange_ended(void *arg)
{
    struct testing *t = arg;

    t->ex = NULL;
    testing_unref(t);
}

static int prepare(struct testing *t, const struct store_webhook *webhook)
{
    struct webhook_signer signer = {webhook->secret, webhook->old_secret, webhook->old_secret_until_ms};
    int64_t now = loop_now_ms();
    int r;

    t->attempt.url = strndup(webhook->url.ptr, webhook->url.len);
    t->body = buf_new(WEBHOOK_BODY_MAX);
    r = t->attempt.url && t->body ? webhook_test_body(t->body, now) : -1;
    r = r ? r : webhook_headers(t->attempt.headers, &signer, t->id, now, buf_span(t->body));
    t->attempt.body = r ? (struct span){NULL, 0} : buf_span(t->body);
    return r;
}

static void got(void *arg, enum store_outcome outcome, const struct store_webhooks *result)
{
    struct exchange *ex = arg;
    struct api *api = api_of(ex);
    struct testing *t;

    if (outcome != STORE_OK || result->count != 1) {
        api_answer_store(ex, outcome == STORE_OK ? STORE_NOT_FOUND : outcome);
        return;
    }
    t = calloc(1, sizeof(*t));
    if (!t) {
        api_answer_no_memory(ex);
        return;
    }
    atomic_init(&t->refs, 2);
    t->ex = ex;
    t->loop = api->loop;
    t->attempt.done = tried;
    (void)snprintf(t->id, sizeof(t->id), "%s", random_id("tst", loop_now_ms(), 0).text);
    exchange_defer(ex, exchange_ended, t);
    if (prepare(t, &result->webhooks[0]) != 0) {
        api_answer_no_memory(ex);
        testing_unref(t);
    } else if (webhooks_try(api->app->webhooks, &t->attempt) != 0) {
        (void)exchange_header_text(ex, "Retry-After", "1");
        exchange_problem(ex, 503, "DRAINING", "the service is stopping; try again after its restart", NULL);
        testing_unref(t);
    }
}

void webhooks_test(struct exchange *ex)
{
    if (!store_webhooks(api_of(ex)->store, &(struct store_webhooks_args){.partner = span_of(caller_of(ex)->name)}, got,
                        ex)) {
        api_answer_no_memory(ex);
    }
}
