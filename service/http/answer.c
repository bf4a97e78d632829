/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/connection.h"

#include "lib/http/status.h"
#include "lib/http/writer.h"
#include "service/http/problem.h"
#include "service/runtime/loop.h"

#include <event2/buffer.h>

#include <assert.h>

enum { BODY_MAX = 32 << 20 };

static const char *date_of(struct http_server *server)
{
    int64_t now_ms = loop_now_ms();

    if (now_ms / 1000 != server->date_s) {
        server->date_s = now_ms / 1000;
        http_date(now_ms, server->date);
    }
    return server->date;
}

/* Whether the connection must end with this answer. */
static bool must_close(const struct exchange *ex)
{
    const struct http_head *head = http_reader_head(ex->reader);
    uint64_t left = http_reader_body_left(ex->reader);

    /* A client that waits for 100 Continue may send its body after the answer, or leave it out:
     * what it sends next could be either. */
    return ex->must_close || !head->keep_alive || ex->server->draining || left > BODY_DROP_MAX ||
           (left > 0 && head->expect_continue && ex->phase != PHASE_BODY);
}

bool answer_has_no_body(const struct exchange *ex, int status)
{
    return status == 204 || status == 304 || span_is(http_reader_method(ex->reader), "HEAD");
}

void answer_head(struct exchange *ex, int status, const char *type, int64_t length)
{
    struct buf *out = connection_out(ex->connection);

    assert(http_reason(status));
    ex->status = status;
    ex->must_close = must_close(ex);
    (void)http_write_status(out, status);
    (void)buf_add(out, "Date: ", 6);
    (void)buf_add(out, date_of(ex->server), HTTP_DATE_LEN);
    (void)buf_add_text(out, "\r\nX-Request-Id: ");
    (void)buf_add(out, ex->id.text, ID_LEN);
    (void)buf_add_text(out, "\r\nX-Content-Type-Options: nosniff\r\n");
    if (!ex->has_cache_control) {
        (void)buf_add_text(out, "Cache-Control: no-store\r\n");
    }
    if (type) {
        (void)http_write_field(out, SPAN("Content-Type"), span_of(type));
    }
    (void)buf_add_span(out, buf_span(&ex->headers));
    if (ex->must_close) {
        (void)buf_add_text(out, "Connection: close\r\n");
    } else if (http_reader_head(ex->reader)->minor == 0) {
        (void)buf_add_text(out, "Connection: keep-alive\r\n");
    }
    if (length >= 0 && status != 204 && status != 304) {
        (void)http_write_length(out, (uint64_t)length);
    } else if (ex->stream_chunked) {
        (void)buf_add_text(out, "Transfer-Encoding: chunked\r\n");
    }
    (void)http_write_end(out);
}

void answer_sent(struct exchange *ex)
{
    struct connection *connection = ex->connection;
    bool body_left = http_reader_body_left(ex->reader) > 0;

    connection->deadline_ms = loop_steady_ms() + ex->server->limits.reply_ms;
    if (ex->must_close) {
        connection->state = CONNECTION_CLOSING;
        connection->linger = connection->linger || body_left ||
                             evbuffer_get_length(bufferevent_get_input(connection->events)) > 0;
        exchange_close(ex);
    } else if (body_left) {
        exchange_finish(ex);
        ex->phase = PHASE_SKIP;
        http_reader_set_body_max(ex->reader, UINT64_MAX); /* at most BODY_DROP_MAX, by its length */
    } else {
        exchange_close(ex);
    }
    connection_go_on(connection);
}

/* Writes the answer, not ending the exchange. */
static void write_answer(struct exchange *ex, int status, const char *type, struct span body)
{
    struct buf *out = connection_out(ex->connection);
    size_t before = out->len;

    answer_head(ex, status, type, (int64_t)body.len);
    if (!answer_has_no_body(ex, status)) {
        (void)buf_add_span(out, body);
    }
    ex->reply_bytes += out->len - before;
}

void exchange_reply_bytes(struct exchange *ex, int status, const char *type, struct span body)
{
    if (!ex->connection) {
        exchange_close(ex);
        return;
    }
    write_answer(ex, status, type, body);
    answer_sent(ex);
}

void exchange_reply(struct exchange *ex, int status)
{
    exchange_reply_bytes(ex, status, NULL, (struct span){"", 0});
}

static int add_json(const char *bytes, size_t len, void *arg)
{
    return buf_add(arg, bytes, len) == 0 ? 0 : -1;
}

void exchange_reply_json(struct exchange *ex, int status, const json_t *value)
{
    CLEANUP(buf_freep) struct buf *body = buf_new(BODY_MAX);

    if (!body || json_dump_callback(value, add_json, body, JSON_COMPACT | JSON_ENCODE_ANY) != 0) {
        exchange_problem(ex, 500, "ANSWER_TOO_LARGE", "the answer could not be written", NULL);
        return;
    }
    exchange_reply_bytes(ex, status, "application/json", buf_span(body));
}

static void write_problem(struct exchange *ex, int status, const char *code, const char *detail,
                          const struct faults *faults)
{
    struct problem problem = {
        .status = status, .code = code, .detail = detail, .instance = ex->id.text};
    CLEANUP(buf_freep) struct buf *body = buf_new(BODY_MAX);

    if (faults) {
        problem.errors = faults->list;
        problem.error_count = faults->count;
        problem.dropped = faults->dropped;
    }
    if (status == 401 && !ex->has_authenticate) {
        (void)exchange_header_text(ex, "WWW-Authenticate", "Bearer");
    }
    /* The code is kept until the summary: copied, since callers give us codes of faults on their
     * stack. */
    ex->code = arena_copy(ex->arena, span_of(code)).ptr;
    if (!body || problem_write(body, &problem) != 0) {
        write_answer(ex, status, NULL, (struct span){"", 0});
        return;
    }
    write_answer(ex, status, PROBLEM_TYPE, buf_span(body));
}

void exchange_problem(struct exchange *ex, int status, const char *code, const char *detail,
                      const struct faults *faults)
{
    if (!ex->connection) {
        exchange_close(ex);
        return;
    }
    write_problem(ex, status, code, detail, faults);
    answer_sent(ex);
}

void exchange_problem_fault(struct exchange *ex, int status, const struct fault *why)
{
    struct faults faults = {0};

    if (why->place[0]) {
        (void)faults_add_one(&faults, why);
    }
    exchange_problem(ex, status, why->code, why->text, &faults);
}

void answer_refuse(struct exchange *ex, const struct http_refusal *why)
{
    if (ex->phase == PHASE_SKIP) { /* it has its answer; what follows cannot be read */
        ex->connection->dead = true;
        return;
    }
    ex->must_close = true;
    ex->connection->linger = true;
    exchange_problem(ex, why->status, why->code, why->text, NULL);
}

void answer_time_out(struct exchange *ex)
{
    struct connection *connection = ex->connection;

    /* Its reader stays with the exchange, so an unread body cannot be skipped. */
    ex->must_close = ex->must_close || ex->phase == PHASE_ADMIT;
    write_problem(ex, 503, "TIMED_OUT",
                  "the answer took too long; what was asked may have been done", NULL);
    connection->deadline_ms = loop_steady_ms() + ex->server->limits.reply_ms;
    if (ex->must_close) {
        connection->state = CONNECTION_CLOSING;
        connection->linger = true;
    }
}
