/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/link.h"

#include <event2/event.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum link_state {
    LINK_DOWN,     /* waits for the back-off timer */
    LINK_GREETING, /* connecting, or its first commands are not answered yet */
    LINK_READY
};

/* A reply may have arrived while the loop was held up: it is read before the deadline is believed.
 */
enum { GRACE_MS = 10 };

TAILQ_HEAD(link_calls, link_call);

struct link {
    struct event_base *base;
    struct store_where where;
    struct redisAsyncContext *context; /* NULL while down */
    enum link_state state;
    struct event *retry, *deadline;
    struct link_calls calls; /* in the order of sending */
    int64_t backoff_ms;
    uint32_t random;
    uint64_t connects;
    bool grace, loading, ending;
};

int64_t link_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void timer_start(struct event *timer, int64_t ms)
{
    struct timeval in = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    (void)evtimer_add(timer, &in);
}

static uint32_t random_next(struct link *link)
{
    uint32_t x = link->random;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    link->random = x;
    return x;
}

static void link_down(struct link *link)
{
    if (link->ending || (link->state == LINK_DOWN && evtimer_pending(link->retry, NULL))) {
        link->state = LINK_DOWN;
        return;
    }
    link->state = LINK_DOWN;
    link->loading = false;
    link->backoff_ms = link->backoff_ms * 2 < LINK_BACKOFF_MIN_MS   ? LINK_BACKOFF_MIN_MS
                       : link->backoff_ms * 2 > LINK_BACKOFF_MAX_MS ? LINK_BACKOFF_MAX_MS
                                                                    : link->backoff_ms * 2;
    /* Between half and all of it, so that many links do not come back in step. */
    timer_start(link->retry,
                link->backoff_ms / 2 + (int64_t)random_next(link) % (link->backoff_ms / 2 + 1));
}

/* Ends the connection: hiredis answers what was on its way with NULL. */
static void link_drop(struct link *link)
{
    struct redisAsyncContext *context = TAKE(link->context);

    link_down(link);
    (void)evtimer_del(link->deadline);
    if (context) {
        redisAsyncFree(context);
    }
}

static void on_connect(const struct redisAsyncContext *context, int status)
{
    struct link *link = context->data;

    if (status != REDIS_OK && link->context == context) {
        link->context = NULL; /* hiredis frees it next */
        link_down(link);
    }
}

static void on_disconnect(const struct redisAsyncContext *context, int status)
{
    struct link *link = context->data;

    (void)status;
    if (link->context == context) {
        link->context = NULL;
        link_down(link);
    }
}

static void on_greeting(struct redisAsyncContext *context, void *reply, void *is_last)
{
    struct link *link = context->data;
    const struct redisReply *r = reply;

    if (!r || link->context != context) {
        return;
    }
    if (r->type == REDIS_REPLY_ERROR) {
        link_drop(link); /* LOADING, a wrong password, no such database */
    } else if (is_last) {
        link->state = LINK_READY;
        link->backoff_ms = 0;
        link->connects++;
        (void)evtimer_del(link->deadline);
    }
}

static int greet(struct link *link)
{
    const struct store_where *w = &link->where;
    int r = REDIS_OK;

    if (w->user[0]) {
        r |=
            redisAsyncCommand(link->context, on_greeting, NULL, "AUTH %s %s", w->user, w->password);
    } else if (w->password[0]) {
        r |= redisAsyncCommand(link->context, on_greeting, NULL, "AUTH %s", w->password);
    }
    if (w->db != 0) {
        r |= redisAsyncCommand(link->context, on_greeting, NULL, "SELECT %d", w->db);
    }
    r |= redisAsyncCommand(link->context, on_greeting, link, "PING");
    return r == REDIS_OK ? 0 : -EIO;
}

static void link_connect(struct link *link)
{
    const struct store_where *w = &link->where;
    struct redisAsyncContext *context =
        w->kind == STORE_TCP ? redisAsyncConnect(w->host, w->port) : redisAsyncConnectUnix(w->path);

    if (!context || context->err || redisLibeventAttach(context, link->base) != REDIS_OK) {
        if (context) {
            redisAsyncFree(context);
        }
        link_down(link);
        return;
    }
    context->data = link;
    link->context = context;
    link->state = LINK_GREETING;
    link->grace = false;
    (void)redisAsyncSetConnectCallback(context, on_connect);
    (void)redisAsyncSetDisconnectCallback(context, on_disconnect);
    timer_start(link->deadline, LINK_CONNECT_MS);
    if (greet(link) != 0) {
        link_drop(link);
    }
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    link_connect(arg);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct link *link = arg;
    struct link_call *first = TAILQ_FIRST(&link->calls);
    int64_t left = first ? first->deadline_ms - link_now_ms() : 0;

    (void)fd;
    (void)what;
    if (link->state == LINK_GREETING) {
        link_drop(link);
    } else if (first && left > 0) {
        timer_start(link->deadline, left);
    } else if (first && !link->grace) {
        link->grace = true;
        timer_start(link->deadline, GRACE_MS);
    } else if (first) {
        link_drop(link);
    }
}

static void on_reply(struct redisAsyncContext *context, void *reply, void *arg)
{
    struct link_call *call = arg;
    struct link *link = call->link;

    if (!reply && link->context == context) {
        link->context = NULL; /* so that nothing is sent from the callbacks below */
        link_down(link);
    }
    link->grace = false;
    TAILQ_REMOVE(&link->calls, call, entry);
    call->reply(call, reply);
}

int link_new(struct link **ret, struct event_base *base, const struct store_where *where,
             uint32_t seed)
{
    CLEANUP(link_freep) struct link *link = calloc(1, sizeof(*link));

    assert(where->kind != STORE_EMBEDDED);
    if (!link) {
        return -ENOMEM;
    }
    TAILQ_INIT(&link->calls);
    link->base = base;
    link->where = *where;
    link->random = seed ? seed : 1; /* xorshift stays at 0 for ever */
    link->retry = evtimer_new(base, on_retry, link);
    link->deadline = evtimer_new(base, on_deadline, link);
    if (!link->retry || !link->deadline) {
        return -ENOMEM;
    }
    link_connect(link);
    *ret = TAKE(link);
    return 0;
}

struct link *link_free(struct link *link)
{
    if (link) {
        link->ending = true;
        if (link->context) {
            struct redisAsyncContext *context = TAKE(link->context);

            redisAsyncFree(context);
        }
        if (link->retry) {
            event_free(link->retry);
        }
        if (link->deadline) {
            event_free(link->deadline);
        }
        free(link);
    }
    return NULL;
}

bool link_ready(const struct link *link)
{
    return link->state == LINK_READY && link->context;
}

uint64_t link_reconnects(const struct link *link)
{
    return link->connects > 1 ? link->connects - 1 : 0;
}

bool *link_loading(struct link *link)
{
    return &link->loading;
}

int link_send(struct link *link, struct link_call *call, struct span command, int64_t timeout_ms)
{
    if (!link_ready(link) || redisAsyncFormattedCommand(link->context, on_reply, call, command.ptr,
                                                        command.len) != REDIS_OK) {
        return -EAGAIN;
    }
    call->link = link;
    call->deadline_ms = link_now_ms() + timeout_ms;
    TAILQ_INSERT_TAIL(&link->calls, call, entry);
    if (!evtimer_pending(link->deadline, NULL)) {
        timer_start(link->deadline, timeout_ms);
    }
    return 0;
}
