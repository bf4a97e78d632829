/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/link.h"

#include <event2/event.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum link_state {
    LINK_DOWN,     /* waits for the back-off timer */
    LINK_GREETING, /* connecting, or its first commands are not answered yet */
    LINK_READY
};

/* A reply may have arrived while the loop was held up: it is read before the deadline is believed.
 */
enum { GRACE_MS = 10 };
#define WAIT_MS 1500

TAILQ_HEAD(link_calls, link_call);

struct link {
    struct event_base *base;
    struct store_where where;
    struct redisAsyncContext *context; /* NULL while down */
    enum link_state state;
    struct event *retry, *deadline;
    struct event *flush;     /* sends the WAIT behind the calls of this turn */
    struct link_calls calls; /* in the order of sending */
    struct link_calls held;  /* answered, but the replicas have not said so yet */
    size_t call_count;
    int64_t backoff_ms, wait_ms;
    void (*lost)(void *arg);
    void *arg;
    uint32_t random;
    uint64_t connects;
    int replicas;  /* as the last WAIT said; -1: not known */
    bool unwaited; /* a call was sent behind the last WAIT */
    bool short_of; /* too few replicas: nothing that waits is sent */
    bool orphans;  /* `held` belongs to a connection that is gone */
    bool grace, loading, ending;
};

/* A WAIT on its way. */
struct wait_mark {
    struct link_call wire; /* first: it stands in link->calls for its deadline */
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
    link->replicas = -1;
    link->unwaited = false;
    link->orphans = !TAILQ_EMPTY(&link->held);
    if (link->orphans) {
        timer_start(link->flush, 0);
    }
    link->backoff_ms = link->backoff_ms * 2 < LINK_BACKOFF_MIN_MS   ? LINK_BACKOFF_MIN_MS
                       : link->backoff_ms * 2 > LINK_BACKOFF_MAX_MS ? LINK_BACKOFF_MAX_MS
                                                                    : link->backoff_ms * 2;
    /* Between half and all of it, so that many links do not come back in step. */
    timer_start(link->retry,
                link->backoff_ms / 2 + (int64_t)random_next(link) % (link->backoff_ms / 2 + 1));
    if (link->lost) {
        link->lost(link->arg);
    }
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

static bool is_primary(const struct redisReply *role)
{
    return role->type == REDIS_REPLY_ARRAY && role->elements > 0 &&
           role->element[0]->type == REDIS_REPLY_STRING &&
           strcmp(role->element[0]->str, "master") == 0;
}

static void on_role(struct redisAsyncContext *context, void *reply, void *arg)
{
    struct link *link = context->data;
    const struct redisReply *r = reply;

    (void)arg;
    if (r && link->context == context && !is_primary(r)) {
        link_drop(link);
    }
}

static void wait_answered(struct link *link, const struct redisReply *reply)
{
    link->replicas = reply && reply->type == REDIS_REPLY_INTEGER ? (int)reply->integer : -1;
    link->short_of = link->replicas < link->where.replicas;
    if (link->short_of && reply) {
        timer_start(link->flush, LINK_PROBE_MS);
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
        link_drop(link); /* LOADING, a wrong password, no such database, no right to WAIT */
    } else if (is_last) {
        link->state = LINK_READY;
        link->backoff_ms = 0;
        link->connects++;
        (void)evtimer_del(link->deadline);
        link->short_of = false;
        if (link->where.replicas > 0) {
            wait_answered(link, r);
        }
    }
}

static int greet(struct link *link)
{
    const struct store_where *w = &link->where;
    const char *user = w->auth.user, *password = w->auth.password;
    struct redisAsyncContext *c = link->context;
    int r = REDIS_OK;

    if (user[0]) {
        r |= redisAsyncCommand(c, on_greeting, NULL, "AUTH %s %s", user, password);
    } else if (password[0]) {
        r |= redisAsyncCommand(c, on_greeting, NULL, "AUTH %s", password);
    }
    if (w->db != 0) {
        r |= redisAsyncCommand(c, on_greeting, NULL, "SELECT %d", w->db);
    }
    r |= redisAsyncCommand(c, on_role, NULL, "ROLE");
    r |= redisAsyncCommand(c, on_greeting, w->replicas > 0 ? NULL : link, "PING");
    if (w->replicas > 0) {
        r |= redisAsyncCommand(c, on_greeting, link, "WAIT %d %d", w->replicas, LINK_PROBE_MS);
    }
    return r == REDIS_OK ? 0 : -EIO;
}

static void link_connect(struct link *link)
{
    const struct store_where *w = &link->where;
    struct redisAsyncContext *context = w->kind == STORE_TCP
                                            ? redisAsyncConnect(w->hosts[0].host, w->hosts[0].port)
                                            : redisAsyncConnectUnix(w->path);

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

/* Takes what the reply holds; hiredis then frees an empty shell. NULL: no memory. */
static struct redisReply *reply_keep(struct redisReply *reply)
{
    struct redisReply *kept = malloc(sizeof(*kept));

    if (kept) {
        *kept = *reply;
        *reply = (struct redisReply){.type = REDIS_REPLY_NIL};
    }
    return kept;
}

/* Ends the calls whose replies were kept: with them, or as unknown. */
static void held_end(struct link *link, bool have_it)
{
    struct link_calls now = TAILQ_HEAD_INITIALIZER(now);
    struct link_call *call;

    TAILQ_CONCAT(&now, &link->held, entry);
    link->orphans = false;
    while ((call = TAILQ_FIRST(&now))) {
        struct redisReply *kept = TAKE(call->kept);

        TAILQ_REMOVE(&now, call, entry);
        call->reply(call, have_it ? kept : NULL);
        freeReplyObject(kept);
    }
}

static void call_leave(struct link *link, struct link_call *call)
{
    TAILQ_REMOVE(&link->calls, call, entry);
    link->call_count--;
}

/* A NULL reply: hiredis is about to free the connection. */
static void notice_loss(struct link *link, const struct redisAsyncContext *context,
                        const void *reply)
{
    if (!reply && link->context == context) {
        link->context = NULL; /* so that nothing is sent from the callbacks below */
        link_down(link);
    }
    link->grace = false;
}

static void on_reply(struct redisAsyncContext *context, void *reply, void *arg)
{
    struct link_call *call = arg;
    struct link *link = call->link;
    struct redisReply *r = reply;

    notice_loss(link, context, reply);
    call_leave(link, call);
    if (r && call->wait && link->where.replicas > 0 && r->type != REDIS_REPLY_ERROR) {
        call->kept = reply_keep(r);
        if (call->kept) {
            TAILQ_INSERT_TAIL(&link->held, call, entry);
            return;
        }
        r = NULL;
    }
    call->reply(call, r);
}

static void on_wait(struct redisAsyncContext *context, void *reply, void *arg)
{
    struct wait_mark *mark = arg;
    struct link *link = mark->wire.link;

    notice_loss(link, context, reply);
    call_leave(link, &mark->wire);
    free(mark);
    wait_answered(link, reply);
    held_end(link, reply && !link->short_of);
}

static void call_enter(struct link *link, struct link_call *call, int64_t timeout_ms)
{
    call->link = link;
    call->deadline_ms = link_now_ms() + timeout_ms;
    TAILQ_INSERT_TAIL(&link->calls, call, entry);
    link->call_count++;
    if (!evtimer_pending(link->deadline, NULL)) {
        timer_start(link->deadline, timeout_ms);
    }
}

static void on_flush(evutil_socket_t fd, short what, void *arg)
{
    struct link *link = arg;
    struct wait_mark *mark;

    (void)fd;
    (void)what;
    if (link->orphans) {
        held_end(link, false);
    }
    if (!link_ready(link) || (!link->unwaited && !link->short_of)) {
        return;
    }
    mark = calloc(1, sizeof(*mark));
    if (!mark || redisAsyncCommand(link->context, on_wait, mark, "WAIT %d %d", link->where.replicas,
                                   (int)link->wait_ms) != REDIS_OK) {
        free(mark);
        link_drop(link); /* what was sent must not stay without its WAIT */
        return;
    }
    link->unwaited = false;
    call_enter(link, &mark->wire, link->wait_ms + link->wait_ms / 3);
}

int link_new(struct link **ret, const struct link_options *options)
{
    CLEANUP(link_freep) struct link *link = calloc(1, sizeof(*link));

    assert(options->where->kind == STORE_TCP || options->where->kind == STORE_UNIX);
    if (!link) {
        return -ENOMEM;
    }
    TAILQ_INIT(&link->calls);
    TAILQ_INIT(&link->held);
    link->base = options->base;
    link->where = *options->where;
    link->wait_ms = options->wait_ms > 0 ? options->wait_ms : WAIT_MS;
    link->random = options->seed ? options->seed : 1; /* xorshift stays at 0 for ever */
    link->replicas = -1;
    link->lost = options->lost;
    link->arg = options->arg;
    link->retry = evtimer_new(link->base, on_retry, link);
    link->deadline = evtimer_new(link->base, on_deadline, link);
    link->flush = evtimer_new(link->base, on_flush, link);
    if (!link->retry || !link->deadline || !link->flush) {
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
        held_end(link, false);
        if (link->flush) {
            event_free(link->flush);
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

bool link_durable(const struct link *link)
{
    return link_ready(link) && !link->short_of;
}

int link_replicas(const struct link *link)
{
    return link->replicas;
}

const struct store_host *link_host(const struct link *link)
{
    return &link->where.hosts[0];
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
    if (!link_ready(link) || link->call_count >= LINK_CALLS_MAX || (call->wait && link->short_of) ||
        redisAsyncFormattedCommand(link->context, on_reply, call, command.ptr, command.len) !=
            REDIS_OK) {
        return -EAGAIN;
    }
    call_enter(link, call, timeout_ms);
    if (call->wait && link->where.replicas > 0 && !link->unwaited) {
        link->unwaited = true;
        event_active(link->flush, EV_TIMEOUT, 0);
    }
    return 0;
}
