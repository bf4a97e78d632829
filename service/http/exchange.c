/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/connection.h"

#include "lib/http/syntax.h"
#include "lib/http/writer.h"
#include "service/runtime/loop.h"
#include "service/runtime/random.h"

#include <assert.h>
#include <stdlib.h>

enum { SPARES_MAX = 64, SPARE_BODY_MAX = 64 << 10 };

/* Request ids are not secret, so one call of the kernel serves many. */
static struct id next_id(struct http_server *server)
{
    const uint8_t *random;

    if (server->random_left == 0) {
        random_bytes(server->random, sizeof(server->random));
        server->random_left = RANDOM_STOCK;
    }
    server->random_left--;
    random = server->random + server->random_left * ID_RANDOM_LEN;
    return id_make("req", loop_now_ms(), 0, random);
}

static struct exchange *new_exchange(struct http_server *server)
{
    const struct http_head_limits limits = {server->limits.head_max_bytes,
                                            server->limits.head_max_lines,
                                            server->limits.target_max_bytes};
    struct exchange *ex = server->spares;

    if (ex) {
        server->spares = ex->next;
        server->spare_count--;
        return ex;
    }
    ex = calloc(1, sizeof(*ex));
    if (!ex) {
        return NULL;
    }
    ex->reader = http_reader_new(&limits);
    ex->arena = arena_new(EXCHANGE_ARENA_MAX);
    buf_init(&ex->body, 0);
    buf_init(&ex->headers, EXCHANGE_HEADERS_MAX);
    if (!ex->reader || !ex->arena) {
        exchange_destroy(ex);
        return NULL;
    }
    return ex;
}

void exchange_destroy(struct exchange *ex)
{
    ex->reader = http_reader_free(ex->reader);
    ex->arena = arena_free(ex->arena);
    buf_done(&ex->body);
    buf_done(&ex->headers);
    free(ex);
}

struct exchange *exchange_open(struct connection *connection)
{
    struct http_server *server = connection->server;
    struct exchange *ex = new_exchange(server);

    if (!ex) {
        return NULL;
    }
    ex->server = server;
    ex->connection = connection;
    ex->phase = PHASE_HEAD;
    ex->id = next_id(server);
    ex->request = (struct http_request){.id = ex->id.text, .secure = connection->secure};
    ex->request.remote = connection->remote;
    ex->started_ms = loop_steady_ms();
    connection->exchange = ex;
    connection->deadline_ms = ex->started_ms + server->limits.head_ms;
    ex->previous = NULL;
    ex->next = server->exchanges;
    if (ex->next) {
        ex->next->previous = ex;
    }
    server->exchanges = ex;
    return ex;
}

void exchange_tell(struct exchange *ex)
{
    const struct http_server_options *options = &ex->server->options;

    /* A connection that only opened, or was idle, is nobody's request. */
    if (ex->told || !options->finished || (ex->status == 0 && !ex->request.method.ptr)) {
        return;
    }
    ex->told = true;
    options->finished(
        options->arg,
        &(struct http_summary){
            .route = ex->request.route,
            .method = http_reader_method(ex->reader),
            .path = ex->request.path.ptr ? ex->request.path : http_reader_target(ex->reader),
            .remote = ex->request.remote,
            .id = ex->id.text,
            .status = ex->status,
            .code = ex->code,
            .body_bytes = (size_t)ex->body_read,
            .reply_bytes = ex->reply_bytes,
            .duration_ms = loop_steady_ms() - ex->started_ms,
            .caller = ex->caller,
        });
}

void exchange_finish(struct exchange *ex)
{
    exchange_tell(ex);
    if (ex->produced) {
        void (*produced)(void *arg) = TAKE(ex->produced);

        produced(ex->produce_arg);
    }
    while (ex->defer_count > 0) {
        ex->defer_count--;
        ex->defers[ex->defer_count].release(ex->defers[ex->defer_count].arg);
    }
    if (ex->counted) {
        ex->counted = false;
        ex->server->exchange_count--;
    }
}

/* Everything but the memory goes back to its beginning. */
static void recycle(struct http_server *server, struct exchange *ex)
{
    struct exchange kept = {
        .reader = ex->reader, .arena = ex->arena, .body = ex->body, .headers = ex->headers};

    if (server->spare_count >= SPARES_MAX || server->freeing) {
        exchange_destroy(ex);
        return;
    }
    http_reader_reset(kept.reader);
    arena_reset(kept.arena);
    buf_clear(&kept.headers);
    buf_clear(&kept.body);
    if (kept.body.cap > SPARE_BODY_MAX) {
        buf_done(&kept.body);
    }
    /* Field by field where it is large: target and match are written before they are read. */
    memset(ex, 0, offsetof(struct exchange, target));
    memset((char *)ex + offsetof(struct exchange, request), 0,
           sizeof(*ex) - offsetof(struct exchange, request));
    ex->reader = kept.reader;
    ex->arena = kept.arena;
    ex->body = kept.body;
    ex->headers = kept.headers;
    ex->next = server->spares;
    server->spares = ex;
    server->spare_count++;
}

void exchange_close(struct exchange *ex)
{
    struct http_server *server = ex->server;

    exchange_finish(ex);
    if (ex->connection && ex->connection->exchange == ex) {
        ex->connection->exchange = NULL;
    }
    if (ex->previous) {
        ex->previous->next = ex->next;
    } else {
        server->exchanges = ex->next;
    }
    if (ex->next) {
        ex->next->previous = ex->previous;
    }
    recycle(server, ex);
    server_look_drained(server);
}

/* request.remote pointed into the connection. */
static void detach(struct exchange *ex)
{
    struct span text = span_of(ex->connection ? ex->connection->remote : ex->request.remote);
    struct span copy = arena_copy(ex->arena, text);

    ex->request.remote = copy.ptr ? copy.ptr : "";
    ex->connection = NULL;
}

static void notify(struct exchange *ex, enum exchange_cancel why)
{
    bool again = why == EXCHANGE_SERVER_GONE;

    if (ex->cancel && (again || !ex->cancelled)) {
        ex->cancelled = true;
        ex->cancel(ex, why, ex->cancel_arg);
        return;
    }
    ex->cancelled = true;
}

void exchange_orphan(struct exchange *ex, enum exchange_cancel why)
{
    detach(ex);
    exchange_tell(ex);
    /* The server's end tells all exchanges itself, one by one. */
    if (why != EXCHANGE_SERVER_GONE) {
        notify(ex, why);
    }
}

void exchange_time_out(struct exchange *ex)
{
    struct connection *connection = ex->connection;

    buf_clear(&ex->headers);
    ex->has_authenticate = ex->has_cache_control = false;
    (void)exchange_header_text(ex, "Retry-After", "1");
    answer_time_out(ex);
    connection->exchange = NULL;
    detach(ex);
    exchange_tell(ex);
    notify(ex, EXCHANGE_TIMED_OUT);
}

void exchange_server_gone(struct exchange *ex)
{
    struct http_server *server = ex->server;
    bool waiting = ex->phase == PHASE_ADMIT || ex->phase == PHASE_HANDLER;

    if (waiting) {
        notify(ex, EXCHANGE_SERVER_GONE);
    }
    if (server->exchanges == ex) { /* not answered from the notice */
        exchange_close(ex);
    }
}

/* What handlers ask. */

const struct http_request *exchange_request(const struct exchange *ex)
{
    return &ex->request;
}

void *exchange_arg(const struct exchange *ex)
{
    return ex->server->options.arg;
}

struct arena *exchange_arena(struct exchange *ex)
{
    return ex->arena;
}

void *exchange_caller(const struct exchange *ex)
{
    return ex->caller;
}

void exchange_set_caller(struct exchange *ex, void *caller)
{
    ex->caller = caller;
}

void *exchange_state(const struct exchange *ex)
{
    return ex->state;
}

void exchange_set_state(struct exchange *ex, void *state)
{
    ex->state = state;
}

void exchange_set_body_max(struct exchange *ex, size_t bytes)
{
    assert(ex->phase == PHASE_ADMIT);
    ex->body_max = bytes;
}

void exchange_set_deadline(struct exchange *ex, int64_t ms)
{
    ex->deadline_ms = loop_steady_ms() + ms;
}

void exchange_on_cancel(struct exchange *ex,
                        void (*cancelled)(struct exchange *ex, enum exchange_cancel why, void *arg),
                        void *arg)
{
    ex->cancel = cancelled;
    ex->cancel_arg = arg;
}

bool exchange_cancelled(const struct exchange *ex)
{
    return ex->cancelled || !ex->connection;
}

void exchange_defer(struct exchange *ex, void (*release)(void *arg), void *arg)
{
    assert(ex->defer_count < EXCHANGE_DEFERS_MAX);
    ex->defers[ex->defer_count].release = release;
    ex->defers[ex->defer_count].arg = arg;
    ex->defer_count++;
}

int exchange_header(struct exchange *ex, const char *name, struct span value)
{
    static const char *const ours[] = {
        "connection",   "content-length", "transfer-encoding",     "date",
        "x-request-id", "content-type",   "x-content-type-options"};
    struct span key = span_of(name);

    for (size_t i = 0; i < COUNT_OF(ours); i++) {
        if (span_equal_nocase(key, span_of(ours[i]))) {
            return FAULT;
        }
    }
    if (http_write_field(&ex->headers, key, value)) {
        return FAULT;
    }
    ex->has_cache_control = ex->has_cache_control || span_equal_nocase(key, SPAN("cache-control"));
    ex->has_authenticate = ex->has_authenticate || span_equal_nocase(key, SPAN("www-authenticate"));
    return 0;
}

int exchange_header_text(struct exchange *ex, const char *name, const char *value)
{
    return exchange_header(ex, name, span_of(value));
}

void exchange_drop(struct exchange *ex)
{
    struct connection *connection = ex->connection;

    exchange_close(ex);
    if (connection) {
        connection_cut(connection);
    }
}

enum http_admission http_admit_everyone(struct exchange *ex)
{
    (void)ex;
    return ADMIT_GO;
}
