/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/connection.h"

#include "service/runtime/loop.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/ssl.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    INPUT_HIGH = 64 << 10, /* read ahead of a handler; the rest waits in the kernel */
    OUT_MAX = 64 << 20,
    OUT_KEEP = 256 << 10, /* memory kept for the next answers */
    LINGER_MS = 2000,
    LINGER_MAX_BYTES = 1 << 20,
};

/* Output. */

size_t connection_unsent(const struct connection *connection)
{
    size_t waiting = evbuffer_get_length(bufferevent_get_output(connection->events));

    return waiting +
           (connection->server->out_owner == connection ? connection->server->out.len : 0);
}

/* Gives the answers in server->out to the socket. A plain connection with nothing queued is written
 * to at once: that spares two turns of epoll for nearly every answer. */
static void flush(struct connection *connection)
{
    struct http_server *server = connection->server;
    struct span bytes = buf_span(&server->out);

    if (server->out_owner != connection) {
        return;
    }
    server->out_owner = NULL;
    if (buf_status(&server->out) != 0) {
        connection->dead = true;
        bytes.len = 0;
    }
    if (bytes.len > 0 && !connection->secure && !connection->dead &&
        evbuffer_get_length(bufferevent_get_output(connection->events)) == 0) {
        ssize_t sent = send(connection->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            connection->dead = true;
        }
        bytes = span_sub(bytes, sent > 0 ? (size_t)sent : 0, bytes.len);
    }
    if (bytes.len > 0 && !connection->dead &&
        bufferevent_write(connection->events, bytes.ptr, bytes.len) != 0) {
        connection->dead = true;
    }
    buf_clear(&server->out);
    if (server->out.cap > OUT_KEEP) {
        buf_done(&server->out);
        buf_init(&server->out, OUT_MAX);
    }
}

struct buf *connection_out(struct connection *connection)
{
    struct http_server *server = connection->server;

    /* A handler may answer another connection's exchange: each keeps its own bytes together. */
    if (server->out_owner && server->out_owner != connection) {
        flush(server->out_owner);
    }
    server->out_owner = connection;
    return &server->out;
}

void connection_queue(struct connection *connection)
{
    struct http_server *server = connection->server;

    if (server->out_owner == connection && server->out.len > 0) {
        if (bufferevent_write(connection->events, server->out.data, server->out.len) != 0) {
            connection->dead = true;
        }
        server->out.len = 0;
    }
}

/* End. */

static void unlink_connection(struct connection *connection)
{
    struct http_server *server = connection->server;

    if (server->cursor == connection) {
        server->cursor = connection->next;
    }
    if (connection->previous) {
        connection->previous->next = connection->next;
    } else {
        server->connections = connection->next;
    }
    if (connection->next) {
        connection->next->previous = connection->previous;
    }
    server->connection_count--;
    if (server->limits.connections_per_address_max > 0) {
        address_table_give(server->addresses, &connection->address);
    }
}

static void let_go_of_exchange(struct connection *connection)
{
    struct exchange *ex = TAKE(connection->exchange);

    if (!ex) {
        return;
    }
    if (ex->phase == PHASE_ADMIT || ex->phase == PHASE_HANDLER) {
        exchange_orphan(ex,
                        connection->server->freeing ? EXCHANGE_SERVER_GONE : EXCHANGE_CLIENT_GONE);
    } else {
        ex->connection = NULL;
        exchange_close(ex);
    }
}

void connection_cut(struct connection *connection)
{
    struct http_server *server = connection->server;

    connection->dead = true;
    if (connection->processing) {
        return; /* connection_go_on() ends it */
    }
    connection->processing = true;
    let_go_of_exchange(connection);
    if (server->out_owner == connection) {
        server->out_owner = NULL;
        buf_clear(&server->out);
    }
    unlink_connection(connection);
    bufferevent_free(connection->events);
    free(connection);
    listen_resume(server);
    server_look_drained(server);
}

/* The last answer has left: says so to the peer, and stays a moment when it may still be sending.
 */
static void end_output(struct connection *connection)
{
    SSL *tls = connection->secure ? bufferevent_openssl_get_ssl(connection->events) : NULL;

    if (tls) {
        (void)SSL_shutdown(tls);
    }
    if (!connection->linger || connection->eof) {
        connection->dead = true;
        return;
    }
    (void)shutdown(connection->fd, SHUT_WR);
    connection->state = CONNECTION_LINGER;
    connection->deadline_ms = loop_steady_ms() + LINGER_MS;
}

/* Input. */

static void drop_input(struct connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->events);
    size_t len = evbuffer_get_length(input);

    connection->lingered += len;
    (void)evbuffer_drain(input, len);
    if (connection->state == CONNECTION_LINGER &&
        (connection->eof || connection->lingered > LINGER_MAX_BYTES)) {
        connection->dead = true;
    }
}

/* One event of the reader; false when there is nothing more to do now. */
static bool step(struct connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->events);
    struct evbuffer_iovec piece = {NULL, 0};
    struct exchange *ex = connection->exchange;
    struct span bytes, body;
    enum http_event event;

    (void)evbuffer_peek(input, -1, NULL, &piece, 1);
    if (!ex) {
        if (piece.iov_len == 0 ||
            connection_unsent(connection) > connection->server->limits.output_high_bytes) {
            return false;
        }
        ex = exchange_open(connection);
        if (!ex) {
            connection->dead = true;
            return false;
        }
    } else if (ex->phase != PHASE_HEAD && ex->phase != PHASE_BODY && ex->phase != PHASE_SKIP) {
        return false;
    }
    bytes = (struct span){piece.iov_base, piece.iov_len};
    event = http_reader_push(ex->reader, &bytes, &body);
    if (event == HTTP_BODY) {
        dispatch_body(ex, body); /* before the drain: body lies in it */
    }
    (void)evbuffer_drain(input, piece.iov_len - bytes.len);
    switch (event) {
    case HTTP_HEAD:
        dispatch_head(ex);
        break;
    case HTTP_DONE:
        dispatch_done(ex);
        break;
    case HTTP_REFUSED:
        answer_refuse(ex, http_reader_refusal(ex->reader));
        break;
    case HTTP_MORE:
        return evbuffer_get_length(input) > 0;
    case HTTP_BODY:
        break;
    }
    return true;
}

/* Nothing to read or to do: who closes, and until when do we wait? */
static void settle(struct connection *connection)
{
    bool sent = connection_unsent(connection) == 0;

    if (connection->dead) {
        return;
    }
    if (connection->state == CONNECTION_CLOSING && sent) {
        end_output(connection);
    } else if (connection->state == CONNECTION_OPEN && connection->eof) {
        struct exchange *ex = connection->exchange;

        /* The peer sends no more. It may still read, if it closed only its half; and it may have
         * sent more requests before, which wait for their answers to be taken. */
        if (ex ? ex->phase == PHASE_HEAD || ex->phase == PHASE_BODY || ex->phase == PHASE_SKIP
               : evbuffer_get_length(bufferevent_get_input(connection->events)) == 0) {
            connection->state = CONNECTION_CLOSING;
            connection->dead = sent;
        }
    } else if (connection->state == CONNECTION_OPEN && !connection->exchange && sent) {
        connection->dead = connection->server->draining;
        connection->deadline_ms = loop_steady_ms() + connection->server->limits.idle_ms;
    }
}

void connection_go_on(struct connection *connection)
{
    if (connection->processing) {
        return; /* an answer from inside a handler: the caller below goes on by itself */
    }
    connection->processing = true;
    while (!connection->dead && connection->state == CONNECTION_OPEN && step(connection)) {
    }
    if (connection->state >= CONNECTION_CLOSING) {
        drop_input(connection);
    }
    flush(connection);
    settle(connection);
    connection->processing = false;
    if (connection->dead) {
        connection_cut(connection);
    }
}

static void on_read(struct bufferevent *events, void *arg)
{
    (void)events;
    connection_go_on(arg);
}

/* All output was taken by the socket. */
static void on_written(struct bufferevent *events, void *arg)
{
    struct connection *connection = arg;

    (void)events;
    if (connection->exchange && connection->exchange->phase == PHASE_STREAM) {
        connection->deadline_ms = loop_steady_ms() + connection->server->limits.reply_ms;
        stream_pump(connection->exchange);
        return;
    }
    connection_go_on(connection);
}

static void on_event(struct bufferevent *events, short what, void *arg)
{
    struct connection *connection = arg;
    struct exchange *ex = connection->exchange;

    (void)events;
    if (what & BEV_EVENT_CONNECTED) {
        connection->state = CONNECTION_OPEN;
        connection->deadline_ms = loop_steady_ms() + connection->server->limits.idle_ms;
        return;
    }
    if (!(what & BEV_EVENT_EOF) || connection->state == CONNECTION_HANDSHAKE) {
        connection_cut(connection);
        return;
    }
    connection->eof = true;
    if (ex && (ex->phase == PHASE_ADMIT || ex->phase == PHASE_HANDLER) && ex->cancel &&
        !ex->cancelled) {
        ex->cancelled = true;
        /* It may answer, which ends the exchange and perhaps the connection: both not touched
         * after. */
        ex->cancel(ex, EXCHANGE_CLIENT_GONE, ex->cancel_arg);
        return;
    }
    connection_go_on(connection);
}

/* Beginning. */

static struct bufferevent *new_events(struct http_server *server, evutil_socket_t fd)
{
    struct event_base *base = loop_base(server->loop);
    struct bufferevent *events;
    SSL *tls;

    if (!server->options.tls) {
        return bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    }
    tls = SSL_new(server->options.tls);
    if (!tls) {
        return NULL;
    }
    events = bufferevent_openssl_socket_new(base, fd, tls, BUFFEREVENT_SSL_ACCEPTING,
                                            BEV_OPT_CLOSE_ON_FREE);
    if (!events) {
        SSL_free(tls);
        return NULL;
    }
    /* Clients that leave without close_notify are the rule; lengths tell us what is whole. */
    bufferevent_openssl_set_allow_dirty_shutdown(events, 1);
    return events;
}

int connection_new(struct http_server *server, evutil_socket_t fd, const struct address *address,
                   const char *remote)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    const struct http_limits *limits = &server->limits;

    if (!connection) {
        return -ENOMEM;
    }
    connection->events = new_events(server, fd);
    if (!connection->events) {
        free(connection);
        return -ENOMEM;
    }
    connection->server = server;
    connection->fd = fd;
    connection->address = *address;
    (void)snprintf(connection->remote, sizeof(connection->remote), "%s", remote);
    connection->secure = server->options.tls != NULL;
    connection->state = connection->secure ? CONNECTION_HANDSHAKE : CONNECTION_OPEN;
    connection->deadline_ms =
        loop_steady_ms() + (connection->secure ? limits->head_ms : limits->idle_ms);
    connection->next = server->connections;
    if (connection->next) {
        connection->next->previous = connection;
    }
    server->connections = connection;
    server->connection_count++;
    bufferevent_setcb(connection->events, on_read, on_written, on_event, connection);
    bufferevent_setwatermark(connection->events, EV_READ, 0, INPUT_HIGH);
    (void)bufferevent_enable(connection->events, EV_READ | EV_WRITE);
    server_start_tick(server);
    return 0;
}
