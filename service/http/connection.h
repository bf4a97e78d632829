/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_HTTP_CONNECTION_H
#define RAPPORTEUR_SERVICE_HTTP_CONNECTION_H

/*
 * Inside of service/http: the three structs that the files of this folder share, and who calls
 * whom. server.c      options, deadlines (tick), drain, the list of connections and exchanges
 *     listen.c      listeners, accept, connection caps
 *     connection.c  bytes: reads, writes, closes; runs the request reader
 *     dispatch.c    what follows each event of the reader: route, admit, body, handler
 *     exchange.c    life of an exchange, what handlers ask of it
 *     answer.c      head and body of answers, problems
 *     stream.c      answers of any length
 * Nobody else includes this header.
 */

#include "lib/base/id.h"
#include "lib/http/reader.h"
#include "lib/http/router.h"
#include "lib/http/target.h"
#include "service/http/address_table.h"
#include "service/http/server.h"

#include <event2/bufferevent.h>

enum {
    BODY_DROP_MAX = 8192, /* of a body nobody wants, so that the connection can go on */
    LISTENERS_MAX = 8,
    EXCHANGE_ARENA_MAX = 1 << 20,
    EXCHANGE_HEADERS_MAX = 8192, /* added by handlers */
    STREAM_PIECE_MAX = 256 << 10,
    RANDOM_STOCK = 64, /* request ids for which random bytes are fetched at once */
};

struct evconnlistener;
struct connection;
struct loop_member;
struct loop_timer;

enum exchange_phase {
    PHASE_HEAD,    /* reading the head */
    PHASE_ADMIT,   /* admit runs, or said ADMIT_LATER */
    PHASE_BODY,    /* reading the body */
    PHASE_HANDLER, /* the handler has it */
    PHASE_STREAM,  /* the answer is being produced */
    PHASE_SKIP,    /* answered; a short rest of the body is read and dropped */
};

struct exchange {
    struct exchange *next, *previous; /* of the server's open ones, or its spares */
    struct http_server *server;
    struct connection *connection; /* NULL: nobody waits for the answer */
    enum exchange_phase phase;
    bool counted;         /* in server->exchange_count */
    bool cancelled, told; /* notice given; summary given */
    bool must_close;      /* the connection cannot go on after the answer */
    bool has_cache_control, has_authenticate;
    struct http_reader *reader;
    struct arena *arena;
    struct buf body, headers;
    struct http_target target;
    struct router_match match;
    struct http_request request;
    struct id id;
    size_t body_max;
    uint64_t body_read;
    int64_t started_ms, body_started_ms, deadline_ms; /* steady */
    void *caller, *state;
    void (*cancel)(struct exchange *ex, enum exchange_cancel why, void *arg);
    void *cancel_arg;
    size_t defer_count;
    struct {
        void (*release)(void *arg);
        void *arg;
    } defers[EXCHANGE_DEFERS_MAX];
    int (*produce)(void *arg, struct buf *out);
    void (*produced)(void *arg);
    void *produce_arg;
    bool stream_chunked, stream_waiting;
    int status;
    const char *code;
    uint64_t reply_bytes;
};

enum connection_state {
    CONNECTION_HANDSHAKE, /* TLS */
    CONNECTION_OPEN,
    CONNECTION_CLOSING, /* the last answer is on its way out */
    CONNECTION_LINGER,  /* it is out; input is dropped, so that no reset destroys it */
};

struct connection {
    struct connection *next, *previous;
    struct http_server *server;
    struct bufferevent *events;
    evutil_socket_t fd;
    bool secure, eof, processing, dead;
    bool linger; /* the peer may still be sending */
    enum connection_state state;
    int64_t deadline_ms; /* steady; when an exchange waits for its handler, that one's counts */
    size_t lingered;
    struct exchange *exchange;
    struct address address;
    char remote[ADDRESS_TEXT_MAX];
};

struct http_server {
    struct http_server_options options;
    struct http_limits limits;
    struct loop *loop;
    struct router *router;
    struct loop_member *member;
    struct loop_timer *tick, *pause;
    int64_t tick_ms;
    bool draining, freeing;
    size_t listener_count;
    struct evconnlistener *listeners[LISTENERS_MAX];
    char *unix_paths[LISTENERS_MAX];
    bool paused;
    struct connection *connections, *cursor; /* cursor: the tick's next one */
    size_t connection_count;
    struct address_table *addresses;
    struct exchange *exchanges, *spares;
    size_t exchange_count, spare_count;
    struct buf out; /* answers of out_owner that were not yet given to the socket */
    struct connection *out_owner;
    struct buf piece; /* scratch of bodies and streams */
    int64_t date_s;
    char date[32];
    size_t random_left;
    uint8_t random[RANDOM_STOCK * ID_RANDOM_LEN];
    int64_t trouble_ms;
};

/* server.c */
void server_trouble(struct http_server *server, const char *what, int error);
void server_look_drained(struct http_server *server);
void server_start_tick(struct http_server *server);
/* listen.c: accepts again, if it had stopped and there is room. */
void listen_resume(struct http_server *server);
void listen_close(struct http_server *server);

/* connection.c */
/* Takes fd, which has been counted in server->addresses, unless it fails. */
int connection_new(struct http_server *server, evutil_socket_t fd, const struct address *address,
                   const char *remote);
/* Reads on from where the connection stands, then gives what was answered to the socket. The
 * connection may be gone afterwards. */
void connection_go_on(struct connection *connection);
/* Where answers are written; they go out at the end of connection_go_on(). */
struct buf *connection_out(struct connection *connection);
/* Gives them to the bufferevent instead, which then says when the socket has taken all: for
 * streams, which would otherwise keep the loop to themselves while their peer is fast. */
void connection_queue(struct connection *connection);
/* Closes now, dropping what was not sent, and cancels its exchange. */
void connection_cut(struct connection *connection);
/* Bytes written and not yet taken by the socket. */
size_t connection_unsent(const struct connection *connection);

/* dispatch.c */
void dispatch_head(struct exchange *ex);
void dispatch_body(struct exchange *ex, struct span piece);
void dispatch_done(struct exchange *ex);

/* exchange.c */
struct exchange *exchange_open(struct connection *connection);
/* The handler's part is over: tells the summary, ends the stream, runs the defers. */
void exchange_finish(struct exchange *ex);
/* Finishes it, takes it off its connection and recycles it. */
void exchange_close(struct exchange *ex);
void exchange_tell(struct exchange *ex);
/* The handler's deadline: 503 to the client, notice to the handler. */
void exchange_time_out(struct exchange *ex);
/* Nobody waits any more; the handler still has it. */
void exchange_orphan(struct exchange *ex, enum exchange_cancel why);
void exchange_server_gone(struct exchange *ex);
void exchange_destroy(struct exchange *ex);

/* answer.c */
void answer_refuse(struct exchange *ex, const struct http_refusal *why);
/* Writes the 503 of exchange_time_out(). */
void answer_time_out(struct exchange *ex);
/* The answer's head, with whatever all answers have. length < 0: chunked or until close. */
void answer_head(struct exchange *ex, int status, const char *type, int64_t length);
bool answer_has_no_body(const struct exchange *ex, int status);
/* The connection's part after the answer: closes, skips the rest of a body, or goes on. */
void answer_sent(struct exchange *ex);

/* stream.c */
void stream_pump(struct exchange *ex);

#endif
