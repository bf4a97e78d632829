/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_HTTP_MESSAGE_H
#define RAPPORTEUR_SERVICE_HTTP_MESSAGE_H

/*
 * What a handler gets and what it may do: a request as plain values, and the exchange through which
 * it answers exactly once, at once or later.
 *     static void case_read(struct exchange *ex)
 *     {
 *         struct span id = http_request_param(exchange_request(ex), "id");
 *         ...
 *         exchange_reply_json(ex, 200, value);        borrows value
 *     }
 *     const struct http_route routes[] = {
 *         {.method = "GET", .pattern = "/v1/cases/{id}", .handler = case_read, .admit = admit_key},
 *     };
 *
 * Life of an exchange: head read -> route found -> admit -> body read -> handler -> answer -> gone.
 * It stays valid until it has been answered (reply, problem or drop), however late, even when the
 * client or the deadline has overtaken it: the late answer then goes nowhere. One exception: after
 * EXCHANGE_SERVER_GONE was told, it is gone. Everything of the request, its body too, lives as long
 * as the exchange. A handler must not touch an exchange after it answered it.
 *
 * All calls from the loop's thread only; another thread uses loop_post().
 */

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"
#include "lib/http/field.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange;
struct http_route;

/* Read-only. Spans are valid as long as the exchange; all text but header values and the body is
 * valid UTF-8 without NUL. */
struct http_request {
    struct span method; /* as sent: HEAD stays HEAD though a GET route serves it */
    struct span path;   /* as sent, still percent-encoded, without the query */
    const struct http_route *route;
    const struct http_field *params; /* {name} parts of the pattern, decoded, in order */
    size_t param_count;
    const struct http_field *query; /* decoded, in order; a name may be there more than once */
    size_t query_count;
    const struct http_field *headers; /* in order, names as sent */
    size_t header_count;
    struct span body;    /* whole, dechunked; empty before admit and where the route takes none */
    const char *remote;  /* the peer's address without port, "unix" for a local socket */
    const char *id;      /* request id, "req_" + UUIDv7: in X-Request-Id, problems and logs */
    int64_t received_ms; /* since 1970, when the head was complete */
    bool secure;         /* came over TLS */
};

/* The first header of that name (any case); ptr NULL when there is none. */
struct span http_request_header(const struct http_request *request, const char *name);
/* How many headers have that name: a handler that needs one answers 400 for two. */
size_t http_request_header_count(const struct http_request *request, const char *name);
/* A route parameter; ptr NULL when the pattern has none of that name. */
struct span http_request_param(const struct http_request *request, const char *name);
/* The first query parameter of that name; ptr NULL when there is none, len 0 for "?name" and
 * "?name=". */
struct span http_request_query(const struct http_request *request, const char *name);
/* The first query parameter that is not in `known` (ends with NULL), or stands there a second time;
 * NULL when all is well. For answering 400 to a mistyped name. */
const struct http_field *http_request_stray_query(const struct http_request *request,
                                                  const char *const *known);

enum http_admission {
    ADMIT_GO,       /* read the body, then call the handler */
    ADMIT_ANSWERED, /* admit has answered (401, 403, 413, 429, ...); the body is not read */
    ADMIT_LATER,    /* it will call exchange_admit() or answer; the body waits in the kernel */
};

/* One line of the route table. Patterns: "/v1/cases/{id}"; a last segment "{rest...}" takes the
 * rest of the path, slashes and all. GET routes answer HEAD. */
struct http_route {
    const char *method, *pattern;
    /* Called with the whole body. */
    void (*handler)(struct exchange *ex);
    /* Called after the head and before the body: authentication, rights, rate limits, body limit.
     * NULL is refused when the server is made: a public route says http_admit_everyone. */
    enum http_admission (*admit)(struct exchange *ex);
    size_t body_max; /* bytes; more gets 413. 0: the route takes none; up to 8 KiB are dropped
                        unread */
    int64_t
        handler_ms; /* from admit to the answer, then 503 with Retry-After; 0: the server's limit */
    const void *info; /* whatever the table's owner wants to find again, such as the roles */
};

enum http_admission http_admit_everyone(struct exchange *ex);

const struct http_request *exchange_request(const struct exchange *ex);
/* The `arg` of the server. */
void *exchange_arg(const struct exchange *ex);
/* Scratch that lives as long as the exchange; at most 1 MiB. */
struct arena *exchange_arena(struct exchange *ex);
/* Two pointers for those before the answer: who asks (set by admit), and what the handler keeps. */
void *exchange_caller(const struct exchange *ex);
void exchange_set_caller(struct exchange *ex, void *caller);
void *exchange_state(const struct exchange *ex);
void exchange_set_state(struct exchange *ex, void *state);

/* Goes on after ADMIT_LATER. The exchange is the server's again until the handler is called; when
 * the client is gone it ends here. */
void exchange_admit(struct exchange *ex);
/* In admit: another body limit than the route's. */
void exchange_set_body_max(struct exchange *ex, size_t bytes);
/* Another deadline for the handler, counted from now: long polls. */
void exchange_set_deadline(struct exchange *ex, int64_t ms);

enum exchange_cancel {
    EXCHANGE_CLIENT_GONE, /* closed, reset, or half-closed: an answer may still arrive */
    EXCHANGE_TIMED_OUT,   /* the handler's deadline: 503 has been sent */
    EXCHANGE_SERVER_GONE, /* the server is being freed: when this returns, the exchange is gone */
};

/* Asks for a notice that nobody waits for the answer any more: once, and EXCHANGE_SERVER_GONE
 * besides. The exchange must still be answered or dropped, from inside the notice or later (but see
 * there). */
void exchange_on_cancel(struct exchange *ex,
                        void (*cancelled)(struct exchange *ex, enum exchange_cancel why, void *arg),
                        void *arg);
/* True once nobody waits for the answer. */
bool exchange_cancelled(const struct exchange *ex);

enum { EXCHANGE_DEFERS_MAX = 4 };
/* Runs release(arg) when the exchange ends, whichever way; last come, first run. At most
 * EXCHANGE_DEFERS_MAX: references to snapshots, in-flight counters. */
void exchange_defer(struct exchange *ex, void (*release)(void *arg), void *arg);

/* Adds a header to the answer to come. `name` is a token, `value` has no control characters: FAULT
 * otherwise, and nothing is added. Connection, Content-Length, Transfer-Encoding, Date and
 * X-Request-Id are the server's (FAULT). Every answer has X-Content-Type-Options: nosniff, and
 * Cache-Control: no-store unless the handler says another. */
int exchange_header(struct exchange *ex, const char *name, struct span value);
int exchange_header_text(struct exchange *ex, const char *name, const char *value);

/* The answers. Each ends the handler's part; status must be in lib/http/status.h. All copy. */
void exchange_reply(struct exchange *ex, int status); /* without a body */
void exchange_reply_bytes(struct exchange *ex, int status, const char *type, struct span body);
/* application/json, compact, members in the order of their making. */
void exchange_reply_json(struct exchange *ex, int status, const json_t *value);
/* application/problem+json (service/http/problem.h). `faults` may be NULL. 401 gets
 * WWW-Authenticate: Bearer unless the handler has set one. */
void exchange_problem(struct exchange *ex, int status, const char *code, const char *detail,
                      const struct faults *faults);
/* The same from one fault: code and detail are the fault's, errors[] has its place if it has one.
 */
void exchange_problem_fault(struct exchange *ex, int status, const struct fault *why);
/* No answer at all: the connection is closed. */
void exchange_drop(struct exchange *ex);

enum stream_step {
    STREAM_END = 0,  /* what is in out is the last of it */
    STREAM_MORE = 1, /* call again when there is room */
    STREAM_WAIT = 2, /* nothing to give now: exchange_stream_resume() says when */
};

/*
 * An answer of any length in constant memory: chunked, or ended by closing for HTTP/1.0. produce
 * appends up to some 64 KiB to `out` (its ceiling is 256 KiB) and is called only while the client
 * takes what it is sent. It returns an enum stream_step, or a negative errno: then the connection
 * is cut, so that the client sees that the answer is not whole. `done` (may be NULL) frees arg when
 * the stream has ended, whichever way. Until then the exchange is valid. A HEAD calls only `done`.
 */
void exchange_reply_stream(struct exchange *ex, int status, const char *type,
                           int (*produce)(void *arg, struct buf *out), void (*done)(void *arg),
                           void *arg);
/* Not from inside produce. */
void exchange_stream_resume(struct exchange *ex);

#endif
