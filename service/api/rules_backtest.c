/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /v1/rules/backtest: a candidate set over the newest stored reports, as backtest.h says; `limit` 1 to
 * 10,000, initially 1,000. One at a time in the process, on a thread of its own with its own connection and
 * the lowest priority, for at most DEADLINE_MS: then the answer says "complete": false. The thread is
 * joined by the loop it answers to, or by api_free.
 */
#include "service/api/backtest_store.h"
#include "service/api/rules_body.h"
#include "service/runtime/log.h"
#include "service/sync/build.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DEADLINE_MS = 60000, STORE_MS = 5000, LEAST_PRIORITY = 19 };

struct backtesting {
    struct exchange *ex;            /* NULL once it is gone; this worker's thread only */
    struct api *api;
    struct app *app;
    struct loop *loop;
    struct rule_bundle *files;
    struct settings *settings;      /* held, as are the two below */
    struct snapshot *snapshot;
    struct policy_held *policy;
    int64_t limit;
    pthread_t thread;
    atomic_bool cancel;
    /* The result: one of these. */
    struct faults faults;
    json_t *result;
};

static void backtesting_free(struct backtesting *b)
{
    (void)rule_bundle_free(b->files);
    (void)settings_unref(b->settings);
    (void)snapshot_unref(b->snapshot);
    policy_held_unref(b->policy);
    json_decref(b->result);
    free(b);
}

/* ---- the thread ---- */

static int build_set(const struct backtesting *b, bool shadow_as_live, struct rule_set **ret, struct faults *faults)
{
    struct rule_options options;

    build_rule_options(b->settings, policy_held_set(b->policy), &options);
    options.shadow_as_live = shadow_as_live;
    return rule_set_build(ret, b->files->files, b->files->count, &options, faults);
}

static int read_reports(struct backtesting *b, struct backtest *test)
{
    struct store_options options = {.url = b->app->store_url, .shards = b->app->shards, .timeout_ms = STORE_MS};
    CLEANUP(store_sync_freep) struct store_sync *store = NULL;
    struct backtest_reading from = {.shards = b->app->shards, .limit = (size_t)b->limit,
                                    .deadline_ms = loop_steady_ms() + DEADLINE_MS, .cancel = &b->cancel};
    struct fault why;
    int r = store_sync_new(&store, &options, &why);

    if (r) {
        return r < 0 ? r : BACKTEST_STORE;
    }
    from.store = store;
    return backtest_read_store(test, &from);
}

static int run(struct backtesting *b)
{
    CLEANUP(rule_set_freep) struct rule_set *candidate = NULL;
    CLEANUP(rule_set_freep) struct rule_set *trial = NULL;
    CLEANUP(backtest_freep) struct backtest *test = NULL;
    int r = build_set(b, false, &candidate, &b->faults);

    if (r == 0 && backtest_has_shadow(candidate)) {
        r = build_set(b, true, &trial, &b->faults);
    }
    r = r ? r : backtest_new(&test, snapshot_rules(b->snapshot), candidate, trial, span_of(b->settings->default_queue));
    if (r) {
        return r;
    }
    r = read_reports(b, test);
    if (r < 0 || r == BACKTEST_STORE || r == BACKTEST_CANCELLED) {
        return -EIO;
    }
    b->result = backtest_result(test);
    return b->result ? json_object_set_new(b->result, "complete", json_boolean(r == BACKTEST_WHOLE)) : -ENOMEM;
}

static void ended(void *arg);

static void *thread_main(void *arg)
{
    struct backtesting *b = arg;

    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), LEAST_PRIORITY);    /* of this thread only, on Linux */
    (void)run(b);
    if (loop_post(b->loop, ended, b) != 0) {
        log_info("a backtest ended after its worker");      /* api_free waits for it */
    }
    return NULL;
}

/* ---- the worker ---- */

static void ended(void *arg)
{
    struct backtesting *b = arg;

    (void)pthread_join(b->thread, NULL);
    b->api->backtesting = NULL;
    atomic_store(&b->app->backtesting, false);      /* before the answer: who has it may begin the next */
    if (b->ex && b->faults.count) {
        api_answer_faults(b->ex, &b->faults);
    } else if (b->ex && b->result) {
        api_answer_json(b->ex, 200, TAKE(b->result));
    } else if (b->ex) {
        (void)exchange_header_text(b->ex, "Retry-After", "1");
        exchange_problem(b->ex, 503, "BACKTEST_FAILED", "the stored reports could not be read; nothing was changed", NULL);
    }
    backtesting_free(b);
}

void rules_backtest_stop(struct api *api)
{
    struct backtesting *b = TAKE(api->backtesting);

    if (b) {
        atomic_store(&b->cancel, true);
        (void)pthread_join(b->thread, NULL);
        atomic_store(&b->app->backtesting, false);
        backtesting_free(b);
    }
}

/* In the exchange's arena: which exchange it is that ended, since another may have one by then. */
struct waiting {
    struct api *api;
    struct exchange *ex;
};

static struct backtesting *of_waiting(const struct waiting *waiting)
{
    struct backtesting *b = waiting->api->backtesting;

    return b && b->ex == waiting->ex ? b : NULL;
}

/* With its answer, or without one when the server is freed: then before api_free. */
static void exchange_ended(void *arg)
{
    struct backtesting *b = of_waiting(arg);

    if (b) {
        b->ex = NULL;
    }
}

static void client_gone(struct exchange *ex, enum exchange_cancel why, void *arg)
{
    struct backtesting *b = of_waiting(arg);

    (void)ex;
    (void)why;
    if (b) {
        atomic_store(&b->cancel, true);
    }
}

static void start(struct exchange *ex, struct rule_bundle *files, int64_t limit)
{
    struct api *api = api_of(ex);
    struct waiting *waiting = arena_alloc(exchange_arena(ex), sizeof(*waiting));
    struct backtesting *b = waiting ? calloc(1, sizeof(*b)) : NULL;

    if (!b) {
        atomic_store(&api->app->backtesting, false);
        (void)rule_bundle_free(files);
        api_answer_no_memory(ex);
        return;
    }
    *b = (struct backtesting){.ex = ex, .api = api, .app = api->app, .loop = api->loop, .files = files, .limit = limit,
                              .settings = slot_take(&api->app->settings),
                              .snapshot = slot_take(&api->app->snapshot),
                              .policy = slot_take(&api->app->policy)};
    if (pthread_create(&b->thread, NULL, thread_main, b) != 0) {
        atomic_store(&api->app->backtesting, false);
        backtesting_free(b);
        api_answer_no_memory(ex);
        return;
    }
    api->backtesting = b;
    *waiting = (struct waiting){.api = api, .ex = ex};
    exchange_defer(ex, exchange_ended, waiting);
    exchange_on_cancel(ex, client_gone, waiting);
}

void rules_backtest(struct exchange *ex)
{
    int64_t limit = BACKTEST_LIMIT;
    struct rule_bundle *files = rules_body_read(ex, &limit, BACKTEST_LIMIT_MAX);

    if (!files) {
        return;
    }
    if (atomic_exchange(&api_of(ex)->app->backtesting, true)) {
        (void)rule_bundle_free(files);
        (void)exchange_header_text(ex, "Retry-After", "5");
        exchange_problem(ex, 409, "BACKTEST_RUNNING", "another backtest runs; one at a time, so that intake keeps its pace",
                         NULL);
        return;
    }
    start(ex, files, limit);
}
