/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/store.h"

#include "lib/base/arena.h"
#include "lib/base/fault.h"
#include "service/store/keys.h"
#include "service/store/link.h"
#include "service/store/operation.h"
#include "service/store/script.h"

#include <event2/event.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum {
    CONNECTIONS = 4,
    CONNECTIONS_MAX = 64,
    CALLS_MAX = 4096,
    COMMAND_MAX = 48 << 20,
    RESULT_MAX_BYTES = 16 << 20
};
#define BYTES_MAX ((size_t)64 << 20)
#define TIMEOUT_MS 2000

struct store_call {
    struct link_call wire;         /* first: link.c hands back its address */
    TAILQ_ENTRY(store_call) entry; /* of store->ended */
    struct store *store;
    const struct operation *operation;
    struct command command; /* kept until answered: it may have to be sent again */
    size_t bytes;
    /* done is cast back to its own type by deliver, which is generated with it. */
    void (*deliver)(void (*done)(void), void *arg, enum store_outcome outcome, const void *result);
    void (*done)(void);
    void *arg;
    enum store_outcome outcome; /* of a call that never left */
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
    struct link *links[CONNECTIONS_MAX];
    unsigned link_count, next;
    struct arena *results;    /* arrays of the result being delivered */
    struct store_calls ended; /* ended without being sent; delivered by the loop */
    struct event *deliver_ended;
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
    if (reply_is_missing(reply) && !call->resent && load_and_resend(call) == 0) {
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
    for (unsigned i = 0; i < store->link_count; i++) {
        struct link *link = store->links[store->next++ % store->link_count];

        if (link_send(link, &call->wire, bytes, store->timeout_ms) == 0) {
            call->bytes = bytes.len;
            store->counts.in_flight_bytes += bytes.len;
            return STORE_OK;
        }
    }
    return STORE_BUSY;
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
    store->link_count = o->connections > 0 ? o->connections : CONNECTIONS;
    if (store->link_count > CONNECTIONS_MAX) {
        store->link_count = CONNECTIONS_MAX;
    }
    store->common = command_common(o->max_log_entries, o->retry_ms, o->shards);
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
    store->base = base;
    take_options(store, options);
    store->results = arena_new(RESULT_MAX_BYTES);
    store->deliver_ended = event_new(base, -1, 0, on_ended, store);
    r = store->results && store->deliver_ended ? prepare_library(store) : -ENOMEM;
    for (unsigned i = 0; r == 0 && i < store->link_count; i++) {
        r = link_new(&store->links[i], base, &where, options->jitter_seed * 64 + i + 1);
    }
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
    for (unsigned i = 0; i < store->link_count; i++) {
        store->links[i] = link_free(store->links[i]);
    }
    while ((call = TAILQ_FIRST(&store->ended))) {
        TAILQ_REMOVE(&store->ended, call, entry);
        call_free(call);
    }
    if (store->deliver_ended) {
        event_free(store->deliver_ended);
    }
    (void)arena_free(store->results);
    buf_done(&store->library);
    command_done(&store->load);
    free(store);
    return NULL;
}

bool store_ready(const struct store *store)
{
    for (unsigned i = 0; i < store->link_count; i++) {
        if (link_ready(store->links[i])) {
            return true;
        }
    }
    return false;
}

struct store_counts store_counts(const struct store *store)
{
    struct store_counts counts = store->counts;

    for (unsigned i = 0; i < store->link_count; i++) {
        counts.connected += link_ready(store->links[i]);
        counts.reconnects += link_reconnects(store->links[i]);
    }
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
