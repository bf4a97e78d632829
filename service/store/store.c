/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/store.h"

#include "lib/base/arena.h"
#include "lib/base/fault.h"
#include "service/store/keys.h"
#include "service/store/operation.h"
#include "service/store/route.h"
#include "service/store/script.h"
#include "service/store/slots.h"

#include <event2/event.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum {
    CONNECTIONS = 4,
    CALLS_MAX = 4096,
    PAUSE_MIN_MS = 5,
    PAUSE_MAX_MS = 100,
    MOVES_AT_ONCE = 4,
    COMMAND_MAX = 48 << 20,
    RESULT_MAX_BYTES = 16 << 20
};
#define BYTES_MAX ((size_t)64 << 20)
#define TIMEOUT_MS 2000

struct store_call {
    struct link_call wire;         /* first: link.c hands back its address */
    TAILQ_ENTRY(store_call) entry; /* of store->ended or store->paused */
    struct store *store;
    const struct operation *operation;
    struct command command; /* kept until answered: it may have to be sent again */
    size_t bytes;
    /* done is cast back to its own type by deliver, which is generated with it. */
    void (*deliver)(void (*done)(void), void *arg, enum store_outcome outcome, const void *result);
    void (*done)(void);
    void *arg;
    enum store_outcome outcome; /* of a call that never left */
    int64_t end_ms, due_ms;     /* when it is over; when a paused call is sent again */
    unsigned tries;             /* how often another server or a later time was named */
    bool cancelled, resent;
};

/* The function library on its way to one server. */
struct loader {
    struct link_call wire;
    struct store *store;
};

TAILQ_HEAD(store_calls, store_call);

struct store {
    struct event_base *base;
    struct command_common common;
    int64_t timeout_ms;
    size_t max_calls, max_bytes;
    struct route *route;
    struct arena *results;     /* arrays of the result being delivered */
    struct store_calls ended;  /* ended without being sent; delivered by the loop */
    struct store_calls paused; /* surely not done; sent again when due */
    struct event *deliver_ended, *resume;
    uint32_t random;
    struct buf library; /* FUNCTION LOAD REPLACE ... */
    struct command load;
    struct store_counts counts;
    bool closing;
};

static void call_free(struct store_call *call)
{
    call->store->counts.in_flight--;
    call->store->counts.in_flight_bytes -= call->bytes;
    command_done(&call->command);
    free(call);
}

static void call_end(struct store_call *call, enum store_outcome outcome, const void *result)
{
    struct store *store = call->store;

    store->counts.busy += outcome == STORE_BUSY;
    store->counts.unknown += outcome == STORE_UNKNOWN;
    store->counts.broken += outcome == STORE_BROKEN;
    if (!call->cancelled && !store->closing) {
        call->deliver(call->done, call->arg, outcome, result);
    }
    call_free(call);
}

static void on_loaded(struct link_call *wire, const struct redisReply *reply)
{
    struct loader *loader = (struct loader *)wire;

    (void)reply; /* a failure shows in the calls sent behind it */
    *link_loading(wire->link) = false;
    free(loader);
}

/* The server does not know our functions (new, wiped, or another version): loads them on the same
 * connection and sends the call again behind. */
static int load_and_resend(struct store_call *call)
{
    struct store *store = call->store;
    struct link *link = call->wire.link;
    struct span bytes;
    int r;

    if (!*link_loading(link)) {
        struct loader *loader = calloc(1, sizeof(*loader));

        r = loader ? command_end(&store->load, &bytes) : -ENOMEM;
        if (r == 0) {
            *loader = (struct loader){.wire.reply = on_loaded, .store = store};
            r = link_send(link, &loader->wire, bytes, store->timeout_ms);
        }
        if (r != 0) {
            free(loader);
            return r;
        }
        *link_loading(link) = true;
    }
    call->resent = true;
    r = command_end(&call->command, &bytes);
    return r != 0 ? r : link_send(link, &call->wire, bytes, store->timeout_ms);
}

static enum store_outcome try_send(struct store_call *call, struct span bytes)
{
    struct store *store = call->store;
    struct node *node = route_node(store->route, call->command.shard);
    int64_t left = call->end_ms - link_now_ms();

    return node && left > 0 && node_send(node, &call->wire, bytes, left) == 0 ? STORE_OK
                                                                              : STORE_BUSY;
}

static void resume_in(struct store *store, int64_t ms)
{
    struct timeval in = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    (void)evtimer_add(store->resume, &in);
}

static void call_pause(struct store_call *call)
{
    struct store *store = call->store;
    int64_t ms = call->tries < 5 ? (int64_t)PAUSE_MIN_MS << call->tries : PAUSE_MAX_MS;

    store->random = store->random * 1664525 + 1013904223;
    call->due_ms = link_now_ms() + ms / 2 + store->random % (uint32_t)(ms / 2 + 1);
    TAILQ_INSERT_TAIL(&store->paused, call, entry);
    if (!evtimer_pending(store->resume, NULL)) {
        resume_in(store, PAUSE_MIN_MS);
    }
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
    struct store *store = arg;
    struct store_calls now = TAILQ_HEAD_INITIALIZER(now);
    int64_t time = link_now_ms();
    struct store_call *call;

    (void)fd;
    (void)what;
    TAILQ_CONCAT(&now, &store->paused, entry);
    while ((call = TAILQ_FIRST(&now))) {
        struct span bytes;

        TAILQ_REMOVE(&now, call, entry);
        if (time >= call->end_ms || call->cancelled) {
            static const char zeros[1024];

            call_end(call, STORE_BUSY, zeros);
        } else if (time < call->due_ms || command_end(&call->command, &bytes) != 0) {
            TAILQ_INSERT_TAIL(&store->paused, call, entry);
        } else if (try_send(call, bytes) != STORE_OK) {
            call->tries++;
            call_pause(call);
        }
    }
    if (!TAILQ_EMPTY(&store->paused)) {
        resume_in(store, PAUSE_MIN_MS);
    }
}

/* Another server, or this one later: the call was surely not done. true: it goes on. */
static bool follow(struct store_call *call, const struct redisReply *reply)
{
    struct store *store = call->store;
    struct redirect redirect = redirect_read(reply, link_host(call->wire.link));
    struct span bytes;

    if (redirect.kind == REDIRECT_NONE || !route_can_change(store->route)) {
        return false;
    }
    if (redirect.kind == REDIRECT_MOVED) {
        route_moved(store->route, redirect.slot, &redirect.host);
    } else {
        route_hint(store->route);
    }
    call->tries++;
    store->counts.redirected++;
    /* ASK too is a pause: no function works on a slot that is on the move (slots.h). */
    if (redirect.kind != REDIRECT_MOVED || call->tries > MOVES_AT_ONCE ||
        command_end(&call->command, &bytes) != 0 || try_send(call, bytes) != STORE_OK) {
        call_pause(call);
    }
    return true;
}

static void on_answer(struct link_call *wire, const struct redisReply *reply)
{
    struct store_call *call = (struct store_call *)wire;
    union {
        struct store_case big;
        char bytes[512];
    } result;
    enum store_outcome outcome;

    if (call->cancelled || call->store->closing) {
        call_free(call);
        return;
    }
    if (follow(call, reply) ||
        (reply_is_missing(reply) && !call->resent && load_and_resend(call) == 0)) {
        return;
    }
    assert(call->operation->result_size <= sizeof(result));
    memset(&result, 0, sizeof(result));
    arena_reset(call->store->results);
    outcome = call->operation->decode(reply, call->store->results, &result);
    call_end(call, outcome, &result);
}

static void on_ended(evutil_socket_t fd, short what, void *arg)
{
    static const char zeros[1024];
    struct store *store = arg;
    struct store_calls now = TAILQ_HEAD_INITIALIZER(now);
    struct store_call *call;

    (void)fd;
    (void)what;
    TAILQ_CONCAT(&now, &store->ended, entry); /* what the callbacks start comes next turn */
    while ((call = TAILQ_FIRST(&now))) {
        TAILQ_REMOVE(&now, call, entry);
        call_end(call, call->outcome, zeros);
    }
}

static void end_later(struct store_call *call, enum store_outcome outcome)
{
    call->outcome = outcome;
    TAILQ_INSERT_TAIL(&call->store->ended, call, entry);
    event_active(call->store->deliver_ended, EV_TIMEOUT, 0);
}

static enum store_outcome send_call(struct store_call *call)
{
    struct store *store = call->store;
    struct span bytes;
    int r = command_end(&call->command, &bytes);

    if (r != 0) {
        return r == -ENOENT ? STORE_NOT_FOUND : r == -ENOMEM ? STORE_BUSY : STORE_BROKEN;
    }
    if (store->counts.in_flight > store->max_calls ||
        store->counts.in_flight_bytes + bytes.len > store->max_bytes) {
        return STORE_BUSY;
    }
    call->end_ms = link_now_ms() + store->timeout_ms;
    if (try_send(call, bytes) != STORE_OK) {
        return STORE_BUSY;
    }
    call->bytes = bytes.len;
    store->counts.in_flight_bytes += bytes.len;
    return STORE_OK;
}

static struct store_call *call_start(struct store *store, const struct operation *operation,
                                     const void *args, struct store_call value)
{
    struct store_call *call = malloc(sizeof(*call));
    enum store_outcome outcome;

    if (!call) {
        return NULL;
    }
    *call = value;
    call->store = store;
    call->operation = operation;
    call->wire.reply = on_answer;
    store->counts.calls++;
    store->counts.in_flight++;
    command_init(&call->command, COMMAND_MAX);
    operation->encode(&call->command, args, &store->common);
    call->wire.wait = !operation_reads(operation);
    outcome = send_call(call);
    if (outcome != STORE_OK) {
        end_later(call, outcome);
    }
    return call;
}

struct store_call *store_call_cancel(struct store_call *call)
{
    if (call) {
        call->cancelled = true;
    }
    return NULL;
}

#define STORE_OPERATION(name, args_type, result_type)                                              \
    static void deliver_##name(void (*done)(void), void *arg, enum store_outcome outcome,          \
                               const void *result)                                                 \
    {                                                                                              \
        ((void (*)(void *, enum store_outcome, const struct result_type *))done)(arg, outcome,     \
                                                                                 result);          \
    }                                                                                              \
    struct store_call *store_##name(                                                               \
        struct store *store, const struct args_type *args,                                         \
        void (*done)(void *arg, enum store_outcome outcome, const struct result_type *result),     \
        void *arg)                                                                                 \
    {                                                                                              \
        return call_start(store, &operation_##name, args,                                          \
                          (struct store_call){.deliver = deliver_##name,                           \
                                              .done = (void (*)(void))done,                        \
                                              .arg = arg});                                        \
    }
#include "service/store/operations.def"
#undef STORE_OPERATION

static int prepare_library(struct store *store)
{
    buf_init(&store->library, 1 << 20);
    command_init(&store->load, 1 << 20);
    command_text(&store->load, "FUNCTION");
    command_text(&store->load, "LOAD");
    command_text(&store->load, "REPLACE");
    if (script_library(&store->library) != 0) {
        return -ENOMEM;
    }
    command_span(&store->load, buf_span(&store->library));
    return buf_status(&store->load.buf) == 0 ? 0 : -ENOMEM;
}

static void take_options(struct store *store, const struct store_options *o)
{
    store->timeout_ms = o->timeout_ms > 0 ? o->timeout_ms : TIMEOUT_MS;
    store->max_calls = o->max_calls > 0 ? o->max_calls : CALLS_MAX;
    store->max_bytes = o->max_bytes > 0 ? o->max_bytes : BYTES_MAX;
    store->common = command_common(o->max_log_entries, o->retry_ms, o->shards);
}

static int open_route(struct store *store, const struct store_where *where,
                      const struct store_options *o)
{
    unsigned connections = o->connections > 0 ? o->connections : CONNECTIONS;

    return route_new(&store->route,
                     &(struct route_options){
                         .base = store->base,
                         .where = where,
                         .shards = store->common.shards,
                         .connections = connections < NODE_LINKS_MAX ? connections : NODE_LINKS_MAX,
                         .timeout_ms = store->timeout_ms,
                         .seed = o->jitter_seed * 64 + 1});
}

int store_new(struct store **ret, struct event_base *base, const struct store_options *options,
              struct fault *why)
{
    struct store_where where;
    struct store *store;
    int r = store_where_read(&where, span_of(options->url), why);

    if (r == 0 && where.kind == STORE_EMBEDDED) {
        r = fault_set(why, "STORE_URL", "",
                      "the embedded store is given by its socket, unix:/path");
    }
    store = r == 0 ? calloc(1, sizeof(*store)) : NULL;
    if (!store) {
        return r == 0 ? -ENOMEM : r;
    }
    TAILQ_INIT(&store->ended);
    TAILQ_INIT(&store->paused);
    store->base = base;
    take_options(store, options);
    store->results = arena_new(RESULT_MAX_BYTES);
    store->deliver_ended = event_new(base, -1, 0, on_ended, store);
    store->resume = evtimer_new(base, on_resume, store);
    r = store->results && store->deliver_ended && store->resume ? prepare_library(store) : -ENOMEM;
    r = r == 0 ? open_route(store, &where, options) : r;
    if (r != 0) {
        store_free(store);
        return r;
    }
    *ret = store;
    return 0;
}

struct store *store_free(struct store *store)
{
    struct store_call *call;

    if (!store) {
        return NULL;
    }
    store->closing = true;
    store->route = route_free(store->route);
    TAILQ_CONCAT(&store->ended, &store->paused, entry);
    while ((call = TAILQ_FIRST(&store->ended))) {
        TAILQ_REMOVE(&store->ended, call, entry);
        call_free(call);
    }
    if (store->deliver_ended) {
        event_free(store->deliver_ended);
    }
    if (store->resume) {
        event_free(store->resume);
    }
    (void)arena_free(store->results);
    buf_done(&store->library);
    command_done(&store->load);
    free(store);
    return NULL;
}

bool store_ready(const struct store *store)
{
    return route_state(store->route).shards_durable == store->common.shards;
}

struct store_state store_state(const struct store *store)
{
    static const char *const backends[] = {
        [STORE_EMBEDDED] = "single",   [STORE_UNIX] = "single",     [STORE_TCP] = "single",
        [STORE_SENTINEL] = "sentinel", [STORE_CLUSTER] = "cluster",
    };
    struct route_state route = route_state(store->route);

    return (struct store_state){
        .backend = backends[route.kind],
        .primary = route.primary,
        .servers = route.servers,
        .shards = store->common.shards,
        .shards_ready = route.shards_ready,
        .shards_durable = route.shards_durable,
        .replicas_wanted = route.replicas_wanted,
        .replicas = route.replicas,
        .watched = route.watched,
    };
}

struct store_counts store_counts(const struct store *store)
{
    struct store_counts counts = store->counts;
    struct route_state route = route_state(store->route);

    counts.connected = route.connected;
    counts.reconnects = route.reconnects;
    return counts;
}

unsigned store_shards(const struct store *store)
{
    return store->common.shards;
}

unsigned store_shard_of(const struct store *store, struct span partner, struct span content_id)
{
    return key_shard(partner, content_id, store->common.shards);
}
