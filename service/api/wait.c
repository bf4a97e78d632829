/* SPDX-License-Identifier: Apache-2.0 */
/* Long polls: parked exchanges of one worker, looked at again when something was written by any
 * worker of this process, and once a second for what other processes wrote. */
#include "service/api/api.h"

#include <stdlib.h>

enum { LOOK_MS = 1000 };

struct api_waiter {
    struct api_waiter *next;
    struct exchange *ex;
    int64_t until_ms;               /* steady clock */
    void (*again)(struct exchange *ex, bool last);
};

static void remove_waiter(struct api *api, const struct exchange *ex)
{
    for (struct api_waiter **link = &api->waiters; *link; link = &(*link)->next) {
        if ((*link)->ex == ex) {
            struct api_waiter *gone = *link;

            *link = gone->next;
            free(gone);
            return;
        }
    }
}

static void cancelled(struct exchange *ex, enum exchange_cancel why, void *arg)
{
    struct api *api = arg;

    /* Parked: nobody else will answer. Not parked: a store call is under way and its end answers. */
    for (const struct api_waiter *w = api->waiters; w; w = w->next) {
        if (w->ex == ex) {
            remove_waiter(api, ex);
            if (why != EXCHANGE_SERVER_GONE) {
                exchange_drop(ex);
            }
            return;
        }
    }
}

/* Runs every waiter once; those that park themselves again come into a fresh list. */
static void look(struct api *api)
{
    struct api_waiter *all = api->waiters;
    int64_t now = loop_steady_ms();

    api->waiters = NULL;
    while (all) {
        struct api_waiter *w = all;

        all = w->next;
        w->again(w->ex, now >= w->until_ms);
        free(w);
    }
}

void api_wake(void *arg)
{
    struct api *api = arg;

    (void)api_refresh(api);
    if (api->waiters) {
        look(api);
    }
}

static void tick(void *arg)
{
    struct api *api = arg;

    look(api);
    if (api->waiters) {
        loop_timer_start(api->waiters_timer, LOOK_MS);
    }
}

void api_wait(struct exchange *ex, int64_t ms, void (*again)(struct exchange *ex, bool last))
{
    struct api *api = api_of(ex);
    struct api_waiter *w = malloc(sizeof(*w));

    if (!api->waiters_timer) {
        api->waiters_timer = loop_timer_new(api->loop, tick, api);
    }
    if (exchange_cancelled(ex)) {
        free(w);
        exchange_drop(ex);
        return;
    }
    if (!w || !api->waiters_timer || atomic_load(&api->app->draining)) {
        free(w);
        again(ex, true);
        return;
    }
    *w = (struct api_waiter){
        .next = api->waiters, .ex = ex, .until_ms = loop_steady_ms() + ms, .again = again};
    api->waiters = w;
    exchange_on_cancel(ex, cancelled, api);
    if (!loop_timer_running(api->waiters_timer)) {
        loop_timer_start(api->waiters_timer, ms < LOOK_MS ? ms : LOOK_MS);
    }
}
