/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/connection.h"

#include "lib/http/writer.h"
#include "service/runtime/loop.h"

/* Fills the request from the reader's head; what was refused is answered. */
static bool read_target(struct exchange *ex, const struct http_head *head)
{
    struct http_refusal why;
    int r;

    ex->request.method = head->method;
    ex->request.path = head->target; /* until it is parsed */
    ex->request.headers = head->fields;
    ex->request.header_count = head->field_count;
    ex->request.received_ms = loop_now_ms();
    r = http_target_parse(&ex->target, head->target, ex->arena, &why);
    if (r == FAULT) {
        exchange_problem(ex, why.status, why.code, why.text, NULL);
        return false;
    }
    if (r) {
        exchange_problem(ex, 503, "HTTP_NO_MEMORY", "there is no memory for this request", NULL);
        return false;
    }
    ex->request.path = ex->target.path;
    ex->request.query = ex->target.params;
    ex->request.query_count = ex->target.param_count;
    return true;
}

static bool find_route(struct exchange *ex)
{
    switch (router_match(ex->server->router, ex->request.method, ex->target.segments,
                         ex->target.segment_count, ex->arena, &ex->match)) {
    case ROUTER_FOUND:
        ex->request.route = ex->match.found;
        ex->request.params = ex->match.params;
        ex->request.param_count = ex->match.param_count;
        return true;
    case ROUTER_NO_METHOD:
        (void)exchange_header_text(ex, "Allow", ex->match.allow);
        exchange_problem(ex, 405, "METHOD_NOT_ALLOWED", "this path has other methods: see Allow",
                         NULL);
        return false;
    case ROUTER_NO_PATH:
        exchange_problem(ex, 404, "NOT_FOUND", "there is nothing at this path", NULL);
        return false;
    default:
        exchange_problem(ex, 503, "HTTP_NO_MEMORY", "there is no memory for this request", NULL);
        return false;
    }
}

/* OPTIONS *: asks for nothing in particular, and gets it (RFC 9110 9.3.7). */
static bool is_server_options(const struct http_head *head)
{
    return span_is(head->target, "*") && span_is(head->method, "OPTIONS");
}

static void read_body(struct exchange *ex)
{
    const struct http_head *head = http_reader_head(ex->reader);
    uint64_t max = ex->body_max > 0 ? ex->body_max : BODY_DROP_MAX;
    bool wanted = !head->has_length || head->length <= max;

    ex->phase = PHASE_BODY;
    ex->body_started_ms = loop_steady_ms();
    ex->connection->deadline_ms = ex->body_started_ms + ex->server->limits.body_ms;
    http_reader_set_body_max(ex->reader, max);
    ex->body.max = ex->body_max;
    if (head->expect_continue && wanted && http_reader_body_open(ex->reader)) {
        (void)http_write_status(connection_out(ex->connection), 100);
        (void)http_write_end(connection_out(ex->connection));
    }
}

void exchange_admit(struct exchange *ex)
{
    struct connection *connection = ex->connection;

    if (!connection) {
        exchange_close(ex);
        return;
    }
    read_body(ex);
    connection_go_on(connection);
}

static void admit(struct exchange *ex)
{
    const struct http_route *route = ex->request.route;
    struct http_server *server = ex->server;
    int64_t allowed_ms = route->handler_ms > 0 ? route->handler_ms : server->limits.handler_ms;

    if (server->exchange_count >= server->limits.exchanges_max) {
        (void)exchange_header_text(ex, "Retry-After", "1");
        exchange_problem(ex, 503, "SERVER_BUSY", "too many requests are open; try again", NULL);
        return;
    }
    server->exchange_count++;
    ex->counted = true;
    ex->phase = PHASE_ADMIT;
    ex->body_max = route->body_max;
    ex->deadline_ms = loop_steady_ms() + allowed_ms;
    switch (route->admit(ex)) {
    case ADMIT_GO:
        read_body(ex);
        break;
    case ADMIT_ANSWERED: /* ex is gone */
    case ADMIT_LATER:
        break;
    }
}

void dispatch_head(struct exchange *ex)
{
    const struct http_head *head = http_reader_head(ex->reader);

    ex->started_ms = loop_steady_ms();
    if (is_server_options(head)) {
        ex->request.method = head->method;
        exchange_reply(ex, 204);
    } else if (read_target(ex, head) && find_route(ex)) {
        admit(ex);
    }
}

void dispatch_body(struct exchange *ex, struct span piece)
{
    ex->body_read += piece.len;
    if (ex->phase == PHASE_BODY && ex->body_max > 0) {
        (void)buf_add_span(&ex->body, piece); /* its failure is seen when the body is whole */
    }
}

void dispatch_done(struct exchange *ex)
{
    if (ex->phase == PHASE_SKIP) {
        exchange_close(ex);
        return;
    }
    if (buf_status(&ex->body) != 0) {
        exchange_problem(ex, 503, "HTTP_NO_MEMORY", "there is no memory for this request", NULL);
        return;
    }
    ex->request.body = ex->body.data ? buf_span(&ex->body) : (struct span){"", 0};
    ex->phase = PHASE_HANDLER;
    /* Time spent on the body is the client's, not the handler's. */
    ex->deadline_ms += loop_steady_ms() - ex->body_started_ms;
    ex->request.route->handler(ex);
}
