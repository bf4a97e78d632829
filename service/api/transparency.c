/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /v1/transparency?from=&to=: the numbers that `rapporteur report transparency` prints, by the same code and
 * from the published log. One count at a time in the process, on a thread of its own with the lowest priority,
 * for at most DEADLINE_MS. The thread is joined by the loop it answers to, or by api_free.
 */
#include "lib/base/clock.h"
#include "service/api/look.h"
#include "service/audit/numbers.h"
#include "service/audit/trail.h"
#include "service/runtime/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DEADLINE_MS = 100000, LEAST_PRIORITY = 19 };

struct counting {
    struct exchange *ex;            /* NULL once it is gone; this worker's thread only */
    struct api *api;
    struct app *app;
    struct loop *loop;
    int64_t from_ms, to_ms;
    struct loop_timer *deadline;
    pthread_t thread;
    atomic_bool cancel;
    json_t *result;                 /* NULL: failed */
    struct fault cut;               /* set where a part of the period is deleted */
};

static void counting_free(struct counting *c)
{
    c->api->counting = NULL;
    atomic_store(&c->app->counting, false);
    (void)loop_timer_free(c->deadline);
    json_decref(c->result);
    free(c);
}

static void count(struct counting *c)
{
    struct transparency_options options = {.provider = "", .service = "", .from_ms = c->from_ms, .to_ms = c->to_ms};
    CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
    CLEANUP(transparency_freep) struct transparency *t = NULL;
    char today[CLOCK_TEXT_LEN + 1];
    struct fault why = {.code = "NO_MEMORY"};
    int r = audit_trail_open(&trail, c->app->audit_folder, &why);

    clock_text(loop_now_ms(), today);
    today[10] = '\0';
    options.published = today;
    r = r ? r : numbers_of_log(&t, trail, &options, &c->cancel, NULL, NULL, &why);
    r = r ? r : transparency_json(&c->result, t);
    if (r == FAULT && strcmp(why.code, "NUMBERS_CUT") == 0) {
        c->cut = why;
    } else if (r && r != -ECANCELED) {
        log_warn("transparency numbers could not be counted", LOG_FAULT(&why));
    }
}

static void ended(void *arg)
{
    struct counting *c = arg;
    struct exchange *ex = c->ex;
    json_t *result = TAKE(c->result);
    struct fault cut = c->cut;

    (void)pthread_join(c->thread, NULL);
    counting_free(c);               /* before the answer: who has it may ask for the next */
    if (!ex) {
        json_decref(result);
    } else if (result) {
        api_answer_json(ex, 200, result);
    } else if (cut.code[0]) {
        exchange_problem(ex, 410, "LOG_DELETED", cut.text, NULL);
    } else {
        exchange_problem(ex, 503, "TRANSPARENCY_FAILED",
                         "the log could not be counted in time; `rapporteur report transparency` has no deadline", NULL);
    }
}

static void *thread_main(void *arg)
{
    struct counting *c = arg;

    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), LEAST_PRIORITY);    /* of this thread only, on Linux */
    count(c);
    if (loop_post(c->loop, ended, c) != 0) {
        log_info("transparency numbers ended after their worker");      /* api_free waits for them */
    }
    return NULL;
}

static void too_late(void *arg)
{
    struct counting *c = arg;

    atomic_store(&c->cancel, true);
}

void transparency_stop(struct api *api)
{
    struct counting *c = api->counting;

    if (c) {
        atomic_store(&c->cancel, true);
        (void)pthread_join(c->thread, NULL);
        counting_free(c);
    }
}

/* In the exchange's arena: which exchange it is that ended, since another may have one by then. */
struct waiting {
    struct api *api;
    struct exchange *ex;
};

static struct counting *of_waiting(const struct waiting *waiting)
{
    struct counting *c = waiting->api->counting;

    return c && c->ex == waiting->ex ? c : NULL;
}

static void exchange_ended(void *arg)
{
    struct counting *c = of_waiting(arg);

    if (c) {
        c->ex = NULL;
    }
}

static void client_gone(struct exchange *ex, enum exchange_cancel why, void *arg)
{
    struct counting *c = of_waiting(arg);

    (void)ex;
    (void)why;
    if (c) {
        atomic_store(&c->cancel, true);
    }
}

static bool start(struct exchange *ex, int64_t from_ms, int64_t to_ms)
{
    struct api *api = api_of(ex);
    struct waiting *waiting = arena_alloc(exchange_arena(ex), sizeof(*waiting));
    struct counting *c = waiting ? calloc(1, sizeof(*c)) : NULL;

    if (!c) {
        return false;
    }
    *c = (struct counting){.ex = ex, .api = api, .app = api->app, .loop = api->loop, .from_ms = from_ms, .to_ms = to_ms};
    c->deadline = loop_timer_new(api->loop, too_late, c);
    if (!c->deadline || pthread_create(&c->thread, NULL, thread_main, c) != 0) {
        (void)loop_timer_free(c->deadline);
        free(c);
        return false;
    }
    api->counting = c;
    loop_timer_start(c->deadline, DEADLINE_MS);
    *waiting = (struct waiting){.api = api, .ex = ex};
    exchange_defer(ex, exchange_ended, waiting);
    exchange_on_cancel(ex, client_gone, waiting);
    return true;
}

void transparency_read(struct exchange *ex)
{
    static const char *const known[] = {"from", "to", NULL};
    int64_t from_ms, to_ms;

    if (http_request_stray_query(exchange_request(ex), known)) {
        exchange_problem(ex, 400, "QUERY_VALUE", "no such query parameter, or given twice", NULL);
        return;
    }
    if (!api_query_time(ex, "from", 0, &from_ms) || !api_query_time(ex, "to", CLOCK_MAX_MS, &to_ms)) {
        return;
    }
    if (from_ms < to_ms) {
        look_note(ex, LOOK_NUMBERS);
    }
    if (from_ms >= to_ms) {
        exchange_problem(ex, 400, "QUERY_VALUE", "from must lie before to", NULL);
    } else if (atomic_exchange(&api_of(ex)->app->counting, true)) {
        (void)exchange_header_text(ex, "Retry-After", "5");
        exchange_problem(ex, 409, "TRANSPARENCY_RUNNING", "the numbers are being counted already; one at a time", NULL);
    } else if (!start(ex, from_ms, to_ms)) {
        atomic_store(&api_of(ex)->app->counting, false);
        api_answer_no_memory(ex);
    }
}
