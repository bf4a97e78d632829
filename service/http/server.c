/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/connection.h"

#include "service/runtime/loop.h"
#include "service/runtime/random.h"

#include <openssl/ssl.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

enum {
    FILES_SPARE = 128, /* store, log, lists, and what libraries open */
    FILES_LEAST = 16,  /* connections a worker must be able to have */
    TICK_MAX_MS = 250,
    RATE_GRACE_MS = 3000,
    TROUBLE_EVERY_MS = 1000,
    OUT_MAX = 64 << 20,
};

struct http_limits http_limits_default(void)
{
    return (struct http_limits){
        .head_max_bytes = 16 << 10,
        .head_max_lines = 100,
        .target_max_bytes = 2 << 10,
        .head_ms = 10000,
        .body_ms = 30000,
        .body_min_per_second = 500,
        .idle_ms = 15000,
        .handler_ms = 30000,
        .reply_ms = 30000,
        .connections_max = 10000,
        .connections_per_address_max = 64,
        .exchanges_max = 4096,
        .output_high_bytes = 64 << 10,
    };
}

void server_trouble(struct http_server *server, const char *what, int error)
{
    int64_t now_ms = loop_steady_ms();

    if (server->options.trouble && now_ms - server->trouble_ms >= TROUBLE_EVERY_MS) {
        server->trouble_ms = now_ms;
        server->options.trouble(server->options.arg, what, error);
    }
}

/* Deadlines. One timer looks at all connections a few times a second: cheaper than a timer for
 * each, and no deadline here needs to be met more exactly. */

static bool too_slow(const struct exchange *ex, int64_t now_ms)
{
    int64_t took_ms = now_ms - ex->body_started_ms;
    int64_t least = ex->server->limits.body_min_per_second * took_ms / 1000;

    return ex->phase == PHASE_BODY && took_ms >= RATE_GRACE_MS && (int64_t)ex->body_read < least;
}

static void refuse_slow(struct exchange *ex)
{
    static const struct http_refusal slow = {408, "HTTP_TOO_SLOW", "the request came too slowly"};
    struct connection *connection = ex->connection;

    if (ex->phase == PHASE_SKIP || !http_reader_started(ex->reader)) {
        connection_cut(connection);
        return;
    }
    answer_refuse(ex, &slow);
}

static void check_deadline(struct connection *connection, int64_t now_ms)
{
    struct exchange *ex = connection->exchange;
    bool waits = ex && (ex->phase == PHASE_ADMIT || ex->phase == PHASE_HANDLER);
    bool reads = ex && connection->state == CONNECTION_OPEN &&
                 (ex->phase == PHASE_HEAD || ex->phase == PHASE_BODY || ex->phase == PHASE_SKIP);

    if (waits) {
        if (now_ms >= ex->deadline_ms) {
            exchange_time_out(ex);
            connection_go_on(connection);
        }
    } else if (reads && (now_ms >= connection->deadline_ms || too_slow(ex, now_ms))) {
        refuse_slow(ex);
    } else if (now_ms >= connection->deadline_ms) {
        connection_cut(connection);
    }
}

static void on_tick(void *arg)
{
    struct http_server *server = arg;
    int64_t now_ms = loop_steady_ms();

    server->cursor = server->connections;
    while (server->cursor) {
        struct connection *connection = server->cursor;

        server->cursor = connection->next;
        check_deadline(connection, now_ms);
    }
    if (server->connections) {
        loop_timer_start(server->tick, server->tick_ms);
    }
}

void server_start_tick(struct http_server *server)
{
    if (!loop_timer_running(server->tick)) {
        loop_timer_start(server->tick, server->tick_ms);
    }
}

static void on_pause_over(void *arg)
{
    listen_resume(arg);
}

/* A quarter of the shortest deadline, at most TICK_MAX_MS. */
static int64_t tick_for(const struct http_limits *limits)
{
    const int64_t each[] = {limits->head_ms, limits->body_ms, limits->idle_ms, limits->handler_ms,
                            limits->reply_ms};
    int64_t tick = TICK_MAX_MS;

    for (size_t i = 0; i < COUNT_OF(each); i++) {
        tick = each[i] / 4 < tick ? each[i] / 4 : tick;
    }
    return tick > 0 ? tick : 1;
}

/* Drain. */

void server_look_drained(struct http_server *server)
{
    if (server->draining && !server->freeing && !server->connections && !server->exchanges) {
        loop_member_ready(server->member);
    }
}

void http_server_drain(struct http_server *server)
{
    if (server->draining) {
        return;
    }
    server->draining = true;
    listen_close(server);
    server->cursor = server->connections;
    while (server->cursor) {
        struct connection *connection = server->cursor;

        server->cursor = connection->next;
        if (connection->state == CONNECTION_HANDSHAKE) {
            connection_cut(connection);
        } else {
            connection_go_on(connection); /* closes it when it is idle */
        }
    }
}

static void on_drain(void *arg, enum drain_state state)
{
    struct http_server *server = arg;

    if (state == DRAIN_REFUSE) {
        http_server_drain(server);
        server_look_drained(server);
    } else {
        loop_member_ready(server->member);
    }
}

/* Beginning and end. */

static int fit_files(struct http_server *server, struct fault *why)
{
    unsigned workers = server->options.workers > 0 ? server->options.workers : 1;
    struct rlimit files = {0};
    size_t each;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) {
        return 0;
    }
    each = files.rlim_cur > FILES_SPARE ? (files.rlim_cur - FILES_SPARE) / workers : 0;
    if (each < FILES_LEAST) {
        return fault_set(
            why, "LIMIT_FILES", "",
            "the limit of open files (%llu) leaves %zu connections to each of %u workers; raise it",
            (unsigned long long)files.rlim_cur, each, workers);
    }
    if (server->limits.connections_max > each) {
        server->limits.connections_max = each;
    }
    return 0;
}

static int add_routes(struct http_server *server, struct fault *why)
{
    for (size_t i = 0; i < server->options.route_count; i++) {
        const struct http_route *route = &server->options.routes[i];
        int r;

        if (!route->admit || !route->handler) {
            return fault_set(why, "ROUTE_ADMIT", route->pattern,
                             "a route needs a handler and says who is admitted");
        }
        r = router_add(server->router, route->method, route->pattern, route, why);
        if (r) {
            return r;
        }
    }
    return 0;
}

static int make_parts(struct http_server *server)
{
    uint64_t seed;

    random_bytes(&seed, sizeof(seed));
    server->router = router_new();
    server->addresses = address_table_new(server->limits.connections_max, seed);
    server->tick = loop_timer_new(server->loop, on_tick, server);
    server->pause = loop_timer_new(server->loop, on_pause_over, server);
    server->member = loop_join(server->loop, "http", on_drain, server);
    return server->router && server->addresses && server->tick && server->pause && server->member
               ? 0
               : -ENOMEM;
}

int http_server_new(struct http_server **ret, const struct http_server_options *options,
                    struct fault *why)
{
    CLEANUP(http_server_freep) struct http_server *server = calloc(1, sizeof(*server));
    int r;

    if (!server) {
        return -ENOMEM;
    }
    server->options = *options;
    server->options.tls = NULL;
    http_server_set_tls(server, options->tls);
    server->limits = options->limits;
    server->loop = options->loop;
    server->tick_ms = tick_for(&options->limits);
    server->trouble_ms = loop_steady_ms() - TROUBLE_EVERY_MS;
    buf_init(&server->out, OUT_MAX);
    buf_init(&server->piece, STREAM_PIECE_MAX);
    r = fit_files(server, why);
    if (r == 0) {
        r = make_parts(server);
    }
    if (r == 0) {
        r = add_routes(server, why);
    }
    if (r) {
        return r;
    }
    *ret = TAKE(server);
    return 0;
}

struct http_server *http_server_free(struct http_server *server)
{
    if (!server) {
        return NULL;
    }
    server->draining = server->freeing = true;
    listen_close(server);
    while (server->connections) {
        connection_cut(server->connections);
    }
    while (server->exchanges) {
        exchange_server_gone(server->exchanges);
    }
    while (server->spares) {
        struct exchange *next = server->spares->next;

        exchange_destroy(server->spares);
        server->spares = next;
    }
    server->member = loop_leave(server->member);
    server->tick = loop_timer_free(server->tick);
    server->pause = loop_timer_free(server->pause);
    server->router = router_free(server->router);
    server->addresses = address_table_free(server->addresses);
    buf_done(&server->out);
    buf_done(&server->piece);
    SSL_CTX_free(server->options.tls);
    free(server);
    return NULL;
}

void http_server_set_tls(struct http_server *server, SSL_CTX *tls)
{
    if (tls) {
        (void)SSL_CTX_up_ref(tls);
    }
    SSL_CTX_free(server->options.tls);
    server->options.tls = tls;
}

size_t http_server_connections(const struct http_server *server)
{
    return server->connection_count;
}

size_t http_server_exchanges(const struct http_server *server)
{
    return server->exchange_count;
}
