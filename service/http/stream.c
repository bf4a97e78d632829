/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/connection.h"

#include "lib/http/writer.h"
#include "service/runtime/loop.h"

#include <assert.h>
#include <errno.h>

enum { EMPTY_STEPS_MAX = 64 }; /* STREAM_MORE without a byte: a producer that skips, or a mistake */

/* One call of the producer: an enum stream_step, or a negative errno. */
static int take_piece(struct exchange *ex)
{
    struct buf *piece = &ex->server->piece;
    struct buf *out;
    size_t before;
    int r;

    buf_clear(piece);
    r = ex->produce(ex->produce_arg, piece);
    if (r < 0 || buf_status(piece) != 0) {
        return r < 0 ? r : -ENOBUFS;
    }
    out = connection_out(ex->connection);
    before = out->len;
    if (ex->stream_chunked) {
        (void)http_write_chunk(out, buf_span(piece));
    } else {
        (void)buf_add_span(out, buf_span(piece));
    }
    if (r == STREAM_END && ex->stream_chunked) {
        (void)http_write_last_chunk(out);
    }
    ex->reply_bytes += out->len - before;
    return r;
}

static int pump(struct exchange *ex)
{
    size_t high = ex->server->limits.output_high_bytes;
    size_t empty = 0;
    int r = STREAM_MORE;

    while (r == STREAM_MORE && connection_unsent(ex->connection) < high) {
        r = take_piece(ex);
        empty = ex->server->piece.len == 0 ? empty + 1 : 0;
        if (r == STREAM_MORE && empty > EMPTY_STEPS_MAX) {
            return -EINVAL;
        }
    }
    return r;
}

void stream_pump(struct exchange *ex)
{
    struct connection *connection = ex->connection;
    int r = ex->stream_waiting ? STREAM_WAIT : pump(ex);

    if (r < 0) {
        /* The missing last chunk, or the reset, tells the client that this is not all. */
        connection_cut(connection);
        return;
    }
    connection_queue(connection);
    if (r == STREAM_WAIT) {
        if (!ex->stream_waiting || connection_unsent(connection) == 0) {
            connection->deadline_ms = loop_steady_ms() + ex->server->limits.handler_ms;
        }
        ex->stream_waiting = true;
        connection_go_on(connection);
    } else if (r == STREAM_END) {
        answer_sent(ex);
    } else {
        connection_go_on(connection);
    }
}

void exchange_stream_resume(struct exchange *ex)
{
    if (ex->phase == PHASE_STREAM && ex->stream_waiting) {
        ex->stream_waiting = false;
        ex->connection->deadline_ms = loop_steady_ms() + ex->server->limits.reply_ms;
        stream_pump(ex);
    }
}

void exchange_reply_stream(struct exchange *ex, int status, const char *type,
                           int (*produce)(void *arg, struct buf *out), void (*done)(void *arg),
                           void *arg)
{
    struct connection *connection = ex->connection;
    struct buf *out;
    size_t before;

    ex->produce = produce;
    ex->produced = done;
    ex->produce_arg = arg;
    if (!connection) {
        exchange_close(ex);
        return;
    }
    ex->stream_chunked = http_reader_head(ex->reader)->minor == 1;
    ex->must_close = ex->must_close || !ex->stream_chunked;
    out = connection_out(connection);
    before = out->len;
    answer_head(ex, status, type, -1);
    ex->reply_bytes = out->len - before;
    if (answer_has_no_body(ex, status)) {
        answer_sent(ex);
        return;
    }
    ex->phase = PHASE_STREAM;
    connection->deadline_ms = loop_steady_ms() + ex->server->limits.reply_ms;
    stream_pump(ex);
}
