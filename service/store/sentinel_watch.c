/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/sentinel_watch.h"

#include "service/store/link.h"

#include <event2/event.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>

#include <errno.h>
#include <stdlib.h>

enum watch_state {
    WATCH_PAUSE,  /* no connection; the timer begins with the next Sentinel */
    WATCH_ASKING, /* a question is on its way; the timer is its deadline */
    WATCH_IDLE    /* answered; the timer asks again */
};
enum { PAUSE_MIN_MS = 20, PAUSE_MAX_MS = 500 };

struct sentinel_watch {
    struct sentinel_watch_options options;
    struct sentinel_view view;
    struct redisAsyncContext *ask, *listen;
    struct event *timer;
    enum watch_state state;
    size_t at;         /* the Sentinel in turn */
    unsigned failures; /* Sentinels in a row that were of no use */
    int64_t asked_ms, answered_ms;
    uint32_t random;
};

static void set_timer(struct sentinel_watch *watch, int64_t ms)
{
    struct timeval in = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    (void)evtimer_add(watch->timer, &in);
}

static void drop(struct redisAsyncContext **place)
{
    struct redisAsyncContext *context = TAKE(*place);

    if (context) {
        redisAsyncFree(context);
    }
}

/* This Sentinel is of no use: the next one, after a pause once all were tried. */
static void give_up(struct sentinel_watch *watch)
{
    size_t count = watch->options.where->host_count;
    int64_t pause = PAUSE_MIN_MS;

    if (watch->state == WATCH_PAUSE) {
        return;
    }
    watch->state = WATCH_PAUSE;
    drop(&watch->ask);
    drop(&watch->listen);
    watch->at = (watch->at + 1) % count;
    watch->failures++;
    if (watch->failures % count == 0) {
        pause = watch->failures / count * 100 < PAUSE_MAX_MS ? watch->failures / count * 100
                                                             : PAUSE_MAX_MS;
    }
    watch->random = watch->random * 1664525 + 1013904223;
    set_timer(watch, pause / 2 + watch->random % (pause / 2 + 1));
}

static void on_gone(const struct redisAsyncContext *context, int status)
{
    struct sentinel_watch *watch = context->data;

    (void)status;
    if (watch->ask == context) {
        watch->ask = NULL;
        give_up(watch);
    } else if (watch->listen == context) {
        watch->listen = NULL;
        give_up(watch);
    }
}

static void on_connect(const struct redisAsyncContext *context, int status)
{
    if (status != REDIS_OK) {
        on_gone(context, status); /* hiredis frees it next */
    }
}

static void on_auth(struct redisAsyncContext *context, void *reply, void *arg)
{
    struct sentinel_watch *watch = context->data;
    const struct redisReply *r = reply;

    (void)arg;
    if (r && r->type == REDIS_REPLY_ERROR && watch->ask == context) {
        give_up(watch);
    }
}

static struct redisAsyncContext *open_one(struct sentinel_watch *watch)
{
    const struct store_where *where = watch->options.where;
    const struct store_host *host = &where->hosts[watch->at];
    const struct store_auth *auth = &where->sentinel_auth;
    struct redisAsyncContext *context = redisAsyncConnect(host->host, host->port);

    if (!context || context->err || redisLibeventAttach(context, watch->options.base) != REDIS_OK) {
        if (context) {
            redisAsyncFree(context);
        }
        return NULL;
    }
    context->data = watch;
    (void)redisAsyncSetConnectCallback(context, on_connect);
    (void)redisAsyncSetDisconnectCallback(context, on_gone);
    if (auth->user[0]) {
        (void)redisAsyncCommand(context, on_auth, NULL, "AUTH %s %s", auth->user, auth->password);
    } else if (auth->password[0]) {
        (void)redisAsyncCommand(context, on_auth, NULL, "AUTH %s", auth->password);
    }
    return context;
}

static void on_message(struct redisAsyncContext *context, void *reply, void *arg)
{
    struct sentinel_watch *watch = context->data;

    (void)arg;
    if (reply && watch->listen == context && sentinel_switched(reply, watch->options.where->name)) {
        sentinel_watch_hint(watch);
    }
}

static void listen_too(struct sentinel_watch *watch)
{
    if (!watch->listen) {
        watch->listen = open_one(watch);
        if (watch->listen) {
            (void)redisAsyncCommand(watch->listen, on_message, NULL, "SUBSCRIBE +switch-master");
        }
    }
}

static void on_master(struct redisAsyncContext *context, void *reply, void *arg)
{
    struct sentinel_watch *watch = context->data;
    enum sentinel_said said;

    (void)arg;
    if (!reply || watch->ask != context) {
        return;
    }
    said = sentinel_read(&watch->view, reply, watch->options.where->host_count);
    if (said == SENTINEL_NOTHING || said == SENTINEL_STALE) {
        give_up(watch);
        return;
    }
    watch->state = WATCH_IDLE;
    watch->failures = 0;
    watch->answered_ms = link_now_ms();
    set_timer(watch, SENTINEL_ASK_MS);
    listen_too(watch);
    if (said == SENTINEL_SWITCHED) {
        watch->options.switched(watch->options.arg, &watch->view);
    }
}

static void ask(struct sentinel_watch *watch)
{
    watch->state = WATCH_ASKING;
    watch->asked_ms = link_now_ms();
    if (!watch->ask) {
        watch->ask = open_one(watch);
    }
    if (!watch->ask || redisAsyncCommand(watch->ask, on_master, NULL, "SENTINEL MASTER %s",
                                         watch->options.where->name) != REDIS_OK) {
        give_up(watch);
        return;
    }
    set_timer(watch, SENTINEL_ANSWER_MS);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct sentinel_watch *watch = arg;

    (void)fd;
    (void)what;
    if (watch->state == WATCH_ASKING) {
        give_up(watch);
    } else {
        ask(watch);
    }
}

void sentinel_watch_hint(struct sentinel_watch *watch)
{
    int64_t since = link_now_ms() - watch->asked_ms;

    if (watch->state == WATCH_IDLE) {
        set_timer(watch, since >= SENTINEL_AGAIN_MS ? 0 : SENTINEL_AGAIN_MS - since);
    }
}

bool sentinel_watch_answered(const struct sentinel_watch *watch)
{
    return watch->answered_ms > 0 &&
           link_now_ms() - watch->answered_ms < SENTINEL_ASK_MS + 2 * SENTINEL_ANSWER_MS;
}

int sentinel_watch_new(struct sentinel_watch **ret, const struct sentinel_watch_options *options)
{
    struct sentinel_watch *watch = calloc(1, sizeof(*watch));

    if (!watch) {
        return -ENOMEM;
    }
    watch->options = *options;
    watch->random = options->seed;
    watch->at = options->seed % options->where->host_count;
    watch->timer = evtimer_new(options->base, on_timer, watch);
    if (!watch->timer) {
        free(watch);
        return -ENOMEM;
    }
    set_timer(watch, 0);
    *ret = watch;
    return 0;
}

struct sentinel_watch *sentinel_watch_free(struct sentinel_watch *watch)
{
    if (watch) {
        watch->state = WATCH_PAUSE; /* so that nobody begins again */
        drop(&watch->ask);
        drop(&watch->listen);
        event_free(watch->timer);
        free(watch);
    }
    return NULL;
}
