/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_HTTP_SERVER_H
#define RAPPORTEUR_SERVICE_HTTP_SERVER_H

/*
 * One HTTP/1.1 server on one loop: listeners, connections, limits and deadlines. A process has one
 * per worker thread; they share nothing but the port (SO_REUSEPORT) or the listening descriptor.
 *     struct http_server_options options = {.loop = loop, .routes = routes, .route_count = n,
 *                                           .limits = http_limits_default()};
 *     r = http_server_new(&server, &options, &why);
 *     r = http_server_listen(server, "127.0.0.1:8080", &why);
 * The server joins the loop's drain: listeners close, idle connections close, open exchanges
 * finish.
 *
 * What the edge does before any handler runs is listed in README.md (framing, limits, deadlines).
 */

#include "lib/base/attr.h"
#include "lib/base/fault.h"
#include "service/http/message.h"

#include <openssl/types.h>
#include <stdint.h>

struct http_server;
struct loop;

/* Bytes, milliseconds and counts. Connection counts are per server, that is, per worker. */
struct http_limits {
    size_t head_max_bytes;       /* request line and header lines: 16 KiB, then 431 */
    size_t head_max_lines;       /* 100, then 431 */
    size_t target_max_bytes;     /* 2 KiB, then 414 */
    int64_t head_ms;             /* first byte (or TLS handshake) to end of head: 10 s, then 408 */
    int64_t body_ms;             /* end of head to end of body: 30 s, then 408 */
    int64_t body_min_per_second; /* 500 bytes, looked at from the third second on, then 408 */
    int64_t idle_ms;             /* between requests: 15 s, then closed without a word */
    int64_t handler_ms;          /* admit to answer: 30 s, then 503 */
    int64_t reply_ms;       /* answer to last byte taken: 30 s; a stream gets it for every 64 KiB */
    size_t connections_max; /* then no more are accepted until one ends */
    size_t connections_per_address_max; /* IPv4 address or IPv6 /64: 64, then 429 and closed; 0: no
                                           cap */
    size_t exchanges_max;               /* open at once: 4096, then 503 before the body is read */
    size_t output_high_bytes;           /* a stream pauses above it: 64 KiB */
};

struct http_limits http_limits_default(void);

/* One finished exchange, or one refused before it was one; for metrics and the access log. */
struct http_summary {
    const struct http_route *route; /* NULL: refused at the edge, 404, 405 */
    struct span method, path; /* as sent; empty when the request line was not read. Foreign bytes */
    const char *remote, *id;
    int status;           /* 0: closed without an answer */
    const char *code;     /* of the problem answered, NULL otherwise */
    size_t body_bytes;    /* request body */
    uint64_t reply_bytes; /* head and body handed to the connection */
    int64_t duration_ms;  /* head complete to answer handed over (stream: ended) */
    void *caller;         /* exchange_caller(), NULL where none was set */
};

struct http_server_options {
    struct loop *loop;               /* borrowed */
    const struct http_route *routes; /* borrowed; outlives the server */
    size_t route_count;
    void *arg; /* exchange_arg() */
    struct http_limits limits;
    SSL_CTX *tls;     /* NULL: plain. From service/http/tls.h; referenced */
    unsigned workers; /* servers in this process, to share RLIMIT_NOFILE; 0 means 1 */
    /* May be NULL. The summary is valid during the call. */
    void (*finished)(void *arg, const struct http_summary *summary);
    /* May be NULL. Something an operator should know, at most once a second: accept failed,
     * connection cap reached. `error` is an errno or 0. */
    void (*trouble)(void *arg, const char *what, int error);
};

/* Lowers limits.connections_max so that all workers stay below RLIMIT_NOFILE with 128 to spare.
 * 0; FAULT: ROUTE_PATTERN, ROUTE_TWICE, ROUTE_ADMIT (place: the pattern), LIMIT_FILES (the file
 * limit leaves no room); -ENOMEM. */
int http_server_new(struct http_server **ret, const struct http_server_options *options,
                    struct fault *why) NODISCARD;
/* Closes all. Exchanges still open are told EXCHANGE_SERVER_GONE. */
struct http_server *http_server_free(struct http_server *server);
DEFINE_CLEANUP(struct http_server *, http_server_free);

/* Listens on "127.0.0.1:8080", "[::1]:8080", "*:8080" (IPv4 and IPv6), or "unix:/run/x/http.sock"
 * (mode 0660; a socket left over that nobody answers is replaced). Port 0 takes a free one. FAULT:
 * LISTEN_ADDRESS, LISTEN_BIND. */
int http_server_listen(struct http_server *server, const char *address,
                       struct fault *why) NODISCARD;
/* Takes a listening stream socket, also on failure: socket activation, or a dup() of another
 * worker's. */
int http_server_listen_fd(struct http_server *server, int fd, struct fault *why) NODISCARD;
/* The port of the first TCP listener; 0 without one. */
unsigned http_server_port(const struct http_server *server);
/* The descriptor of the first listener, still the server's; -1 without one. */
int http_server_fd(const struct http_server *server);

/* For connections made from now on. Takes its own reference. */
void http_server_set_tls(struct http_server *server, SSL_CTX *tls);

/* Closes the listeners and idle connections; answers get Connection: close. The loop's drain does
 * it. */
void http_server_drain(struct http_server *server);
size_t http_server_connections(const struct http_server *server);
size_t http_server_exchanges(const struct http_server *server);

#endif
