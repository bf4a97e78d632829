/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/webhooks.h"

#include "lib/http/webhook.h"
#include "service/runtime/log.h"
#include "service/runtime/loop.h"
#include "service/runtime/metrics.h"
#include "service/runtime/random.h"
#include "service/sync/transfer.h"
#include "service/sync/webhook_message.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* LATE_MS: how long after its deadline a message without an outcome is due again. */
enum { TICK_MS = 250, SUMS_MS = 10000, LATE_MS = 5000, STOP_MS = 3000 };

/* An endpoint with something under way. */
struct target {
    struct target *next;
    struct webhooks *webhooks;
    char partner[STORE_NAME_MAX + 1];
    unsigned under_way;
    bool taking;
};

struct webhooks {
    struct webhooks_options options;
    char *ca_file;
    struct loop *loop;
    struct store *store;
    struct transfer_pool *pool;
    struct loop_timer *timer, *stop_timer;
    struct target *targets;
    struct delivery *deliveries;
    int64_t under_way, sums_ms;         /* messages and tries; when the sums are due */
    bool asking, stopping, running;
    pthread_t thread;
};

/* One message on its way. */
struct delivery {
    struct delivery *next;
    struct target *target;
    int64_t cursor, attempt;
    char *url;
};

static void look(struct webhooks *w);

static struct target *target_of(struct webhooks *w, struct span partner)
{
    struct target *target;

    for (target = w->targets; target; target = target->next) {
        if (span_is(partner, target->partner)) {
            return target;
        }
    }
    target = partner.len <= STORE_NAME_MAX ? calloc(1, sizeof(*target)) : NULL;
    if (target) {
        memcpy(target->partner, partner.ptr, partner.len);
        target->webhooks = w;
        target->next = w->targets;
        w->targets = target;
    }
    return target;
}

static void target_release(struct target *target)
{
    struct webhooks *w = target->webhooks;

    if (target->under_way || target->taking) {
        return;
    }
    for (struct target **link = &w->targets; *link; link = &(*link)->next) {
        if (*link == target) {
            *link = target->next;
            break;
        }
    }
    free(target);
}

/* Ends the loop once nothing is under way. */
static void maybe_end(struct webhooks *w)
{
    if (w->stopping && w->under_way == 0) {
        loop_stop(w->loop);
    }
}

static void delivery_end(struct delivery *delivery)
{
    struct target *target = delivery->target;
    struct webhooks *w = target->webhooks;

    for (struct delivery **link = &w->deliveries; *link; link = &(*link)->next) {
        if (*link == delivery) {
            *link = delivery->next;
            break;
        }
    }
    target->under_way--;
    w->under_way--;
    target_release(target);
    free(delivery->url);
    free(delivery);
    maybe_end(w);
}

/* ---- what became of a message ---- */

static void recorded(void *arg, enum store_outcome outcome, const struct store_webhook_word *result)
{
    struct delivery *delivery = arg;
    struct webhooks *w = delivery->target->webhooks;

    if (outcome == STORE_OK) {
        metrics_add(METRIC_WEBHOOKS, (unsigned)result->fate, 1);
        if (result->fate == WEBHOOK_FATE_DISABLED) {
            log_warn("webhook endpoint switched off; what waits is kept until an operator enables it",
                     LOG_STR("partner", delivery->target->partner));
        } else if (result->fate == WEBHOOK_FATE_GIVEN_UP) {
            log_warn("a notice was given up; the partner can replay it",
                     LOG_STR("partner", delivery->target->partner), LOG_INT("cursor", delivery->cursor));
        }
    } else if (outcome != STORE_NOT_FOUND) {
        /* Due again in a while: the receiver may get it twice, and never not at all. */
        log_warn("the outcome of a webhook could not be recorded", LOG_STR("partner", delivery->target->partner),
                 LOG_STR("state", store_outcome_words[outcome]));
    }
    delivery_end(delivery);
    if (!w->stopping) {
        loop_timer_start(w->timer, 0);
    }
}

static void posted(void *arg, const struct post_result *result)
{
    struct delivery *delivery = arg;
    struct webhooks *w = delivery->target->webhooks;
    CLEANUP(buf_freep) struct buf *entry = buf_new(4096);
    int64_t now = loop_now_ms(), pause;
    uint32_t random;
    struct store_webhook_done_args args = {
        .now_ms = now, .partner = span_of(delivery->target->partner), .cursor = delivery->cursor,
        .status = result->status, .failure = span_of(result->failure), .patience_ms = w->options.patience_ms,
        .result = result->accepted ? WEBHOOK_DELIVERED : result->status == 410 ? WEBHOOK_GONE_410 : WEBHOOK_REFUSED};

    if (result->dropped) {
        delivery_end(delivery);
        return;
    }
    metrics_observe(METRIC_WEBHOOK_SECONDS, (double)result->took_ms / 1000.0);
    random_bytes(&random, sizeof(random));
    pause = webhook_pause_ms(delivery->attempt, w->options.first_pause_ms, random);
    args.next_ms = now + (pause > result->retry_after_ms ? pause : result->retry_after_ms);
    if (!result->accepted && entry &&
        webhook_entry(entry, "webhook_disable", args.partner, span_of(delivery->url), SPAN("system"), now) == 0) {
        args.entry = buf_span(entry);
    }
    if ((!result->accepted && !args.entry.len) || !store_webhook_done(w->store, &args, recorded, delivery)) {
        delivery_end(delivery);             /* no memory: due again later */
    }
}

/* ---- sending ---- */

static int send_one(struct delivery *delivery, const struct store_webhook_taken *taken,
                    const struct store_webhook_message *message)
{
    struct webhooks *w = delivery->target->webhooks;
    CLEANUP(buf_freep) struct buf *body = buf_new(WEBHOOK_BODY_MAX);
    struct webhook_signer signer = {taken->secret, taken->old_secret, taken->old_secret_until_ms};
    char headers[WEBHOOK_HEADERS][WEBHOOK_HEADER_MAX], id[WEBHOOK_ID_MAX];
    const char *const list[WEBHOOK_HEADERS] = {headers[0], headers[1], headers[2]};
    int r;

    (void)snprintf(id, sizeof(id), "ntc_%lld", (long long)message->cursor);
    r = body ? webhook_notice_body(body, message) : -ENOMEM;
    r = r ? r : webhook_headers(headers, &signer, id, loop_now_ms(), buf_span(body));
    return r ? r : post_start(w->pool, &(struct post_options){
                                           .url = delivery->url, .ca_file = w->ca_file, .headers = list,
                                           .header_count = WEBHOOK_HEADERS, .body = buf_span(body),
                                           .deadline_ms = w->options.deadline_ms,
                                           .allow_private_address = w->options.allow_private_address,
                                           .done = posted, .arg = delivery});
}

static void begin_one(struct target *target, const struct store_webhook_taken *taken,
                      const struct store_webhook_message *message)
{
    struct delivery *delivery = calloc(1, sizeof(*delivery));

    if (!delivery) {
        return;                             /* due again later */
    }
    delivery->target = target;
    delivery->cursor = message->cursor;
    delivery->attempt = message->attempt;
    delivery->url = strndup(taken->url.ptr, taken->url.len);
    delivery->next = target->webhooks->deliveries;
    target->webhooks->deliveries = delivery;
    target->under_way++;
    target->webhooks->under_way++;
    if (!delivery->url || send_one(delivery, taken, message) != 0) {
        struct post_result failed = {.failure = "the message could not be made or sent"};

        posted(delivery, &failed);
    }
}

static void taken(void *arg, enum store_outcome outcome, const struct store_webhook_taken *result)
{
    struct target *target = arg;

    target->taking = false;
    for (size_t i = 0; outcome == STORE_OK && !target->webhooks->stopping && i < result->count; i++) {
        begin_one(target, result, &result->messages[i]);
    }
    target_release(target);
}

/* How many messages this endpoint may have under way more. */
static size_t places(const struct webhooks *w, const struct target *target)
{
    int64_t left = w->options.in_flight - w->under_way;

    if (target->taking || left <= 0 || (target->under_way && w->under_way * 2 >= w->options.in_flight)) {
        return 0;
    }
    if (w->under_way * 2 >= w->options.in_flight) {
        return 1;
    }
    return target->under_way >= WEBHOOKS_PER_ENDPOINT ? 0 : WEBHOOKS_PER_ENDPOINT - target->under_way;
}

static void due(void *arg, enum store_outcome outcome, const struct store_webhook_due *result)
{
    struct webhooks *w = arg;

    w->asking = false;
    if (outcome == STORE_OK && result->waiting >= 0) {
        metrics_set(METRIC_WEBHOOK_QUEUE, 0, (uint64_t)result->waiting);
        metrics_set(METRIC_WEBHOOKS_OFF, 0, (uint64_t)result->disabled);
    }
    for (size_t i = 0; outcome == STORE_OK && !w->stopping && i < result->count; i++) {
        struct target *target = target_of(w, result->partners[i]);
        size_t count = target ? places(w, target) : 0;
        struct store_webhook_take_args args = {.now_ms = loop_now_ms(), .partner = result->partners[i], .limit = count,
                                               .again_ms = w->options.deadline_ms + LATE_MS};

        if (count) {
            target->taking = store_webhook_take(w->store, &args, taken, target) != NULL;
        }
        if (target) {
            target_release(target);
        }
    }
}

static void look(struct webhooks *w)
{
    bool sums = loop_steady_ms() >= w->sums_ms;
    struct store_webhook_due_args args = {.now_ms = loop_now_ms(), .limit = STORE_WEBHOOKS_MAX, .sums = sums};

    if (!w->asking && store_ready(w->store)) {
        w->asking = store_webhook_due(w->store, &args, due, w) != NULL;
        w->sums_ms = sums ? loop_steady_ms() + SUMS_MS : w->sums_ms;
    }
}

static void tick(void *arg)
{
    struct webhooks *w = arg;

    if (!w->stopping) {
        look(w);
        loop_timer_start(w->timer, TICK_MS);
    }
}

/* ---- a try ---- */

struct trying {
    struct webhooks *webhooks;
    struct webhook_try *attempt;
};

static void tried(void *arg, const struct post_result *result)
{
    struct trying *trying = arg;
    struct webhooks *w = trying->webhooks;

    trying->attempt->result = *result;
    trying->attempt->done(trying->attempt);
    free(trying);
    w->under_way--;
    maybe_end(w);
}

static void try_begin(void *arg)
{
    struct trying *trying = arg;
    struct webhooks *w = trying->webhooks;
    struct webhook_try *attempt = trying->attempt;
    const char *const list[] = {attempt->headers[0], attempt->headers[1], attempt->headers[2]};
    struct post_options options = {.url = attempt->url, .ca_file = w->ca_file, .headers = list,
                                   .header_count = COUNT_OF(list), .body = attempt->body,
                                   .deadline_ms = w->options.deadline_ms,
                                   .allow_private_address = w->options.allow_private_address,
                                   .done = tried, .arg = trying};
    struct post_result failed = {.failure = "the service is stopping, or out of memory"};

    w->under_way++;
    if (w->stopping || w->under_way > w->options.in_flight || post_start(w->pool, &options) != 0) {
        tried(trying, &failed);
    }
}

int webhooks_try(struct webhooks *w, struct webhook_try *attempt)
{
    struct trying *trying = calloc(1, sizeof(*trying));
    int r;

    if (!trying) {
        return -ENOMEM;
    }
    *trying = (struct trying){w, attempt};
    r = loop_post(w->loop, try_begin, trying);
    if (r) {
        free(trying);
    }
    return r;
}

/* ---- life ---- */

bool webhooks_allow_http(const struct webhooks *w)
{
    return w->options.allow_http;
}

static void *thread_main(void *arg)
{
    struct webhooks *w = arg;
    int r = loop_run(w->loop);

    if (r) {
        log_error("the webhooks' event loop failed", LOG_INT("error", -r));
    }
    return NULL;
}

static void give_up(void *arg)
{
    struct webhooks *w = arg;

    loop_stop(w->loop);
}

static void stop_begin(void *arg)
{
    struct webhooks *w = arg;

    w->stopping = true;
    loop_timer_stop(w->timer);
    loop_timer_start(w->stop_timer, STOP_MS);
    maybe_end(w);
}

static int start_thread(struct webhooks *w)
{
    sigset_t all, before;
    int r;

    (void)sigfillset(&all);                 /* signals belong to the main thread */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&w->thread, NULL, thread_main, w);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    w->running = r == 0;
    return -r;
}

int webhooks_start(struct webhooks **ret, const struct webhooks_options *options, struct fault *why)
{
    struct webhooks *w = calloc(1, sizeof(*w));
    int r;

    if (!w) {
        return -ENOMEM;
    }
    w->options = *options;
    w->options.ca_file = NULL;
    w->ca_file = strdup(options->ca_file);
    r = w->ca_file ? loop_new(&w->loop) : -ENOMEM;
    r = r ? r : store_new(&w->store, loop_base(w->loop), &options->store, why);
    if (r == 0) {
        w->pool = transfer_pool_new(w->loop, (long)options->in_flight);
        w->timer = loop_timer_new(w->loop, tick, w);
        w->stop_timer = loop_timer_new(w->loop, give_up, w);
        r = w->pool && w->timer && w->stop_timer ? 0 : -ENOMEM;
    }
    if (r == 0) {
        loop_timer_start(w->timer, 0);
        r = start_thread(w);
    }
    if (r) {
        (void)webhooks_free(w);
        return r;
    }
    *ret = w;
    return 0;
}

void webhooks_stop(struct webhooks *w)
{
    if (w && w->running) {
        if (loop_post(w->loop, stop_begin, w) != 0) {
            log_warn("the webhooks' loop has ended already");
        }
        (void)pthread_join(w->thread, NULL);
        w->running = false;
    }
}

struct webhooks *webhooks_free(struct webhooks *w)
{
    if (w) {
        webhooks_stop(w);
        w->stopping = true;
        w->store = store_free(w->store);
        w->pool = transfer_pool_free(w->pool);
        while (w->deliveries) {                 /* those whose outcome the store was being told */
            delivery_end(w->deliveries);
        }
        w->timer = loop_timer_free(w->timer);
        w->stop_timer = loop_timer_free(w->stop_timer);
        while (w->targets) {
            struct target *next = w->targets->next;

            free(w->targets);
            w->targets = next;
        }
        w->loop = loop_free(w->loop);
        free(w->ca_file);
        free(w);
    }
    return NULL;
}
