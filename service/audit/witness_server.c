/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/witness_server.h"

#include "service/audit/witness_store.h"
#include "service/http/server.h"
#include "service/runtime/loop.h"

#include <errno.h>
#include <stdlib.h>

enum { ANSWER_MAX = 4096, CONNECTIONS_MAX = 256 };

struct witness_server {
    struct witness_server_options options;
    struct http_server *http;
    bool is_broken;
};

static void tell(struct witness_server *server, struct exchange *ex, int status, const struct fault *why)
{
    if (server->options.answered) {
        server->options.answered(server->options.arg, status, exchange_request(ex)->remote, why);
    }
}

static void add_checkpoint(struct exchange *ex)
{
    struct witness_server *server = exchange_arg(ex);
    struct fault why = {.code = "NO_MEMORY", .text = "out of memory"};
    struct buf out;
    int r;

    buf_init(&out, ANSWER_MAX);
    r = server->is_broken ? -EIO
                          : witness_store_add(server->options.store, exchange_request(ex)->body, loop_now_ms() / 1000,
                                              &out, &why);
    if (r == WITNESS_SIGN || r == WITNESS_CONFLICT) {
        tell(server, ex, r, r == WITNESS_SIGN ? NULL : &why);
        exchange_reply_bytes(ex, r, r == WITNESS_SIGN ? "text/plain; charset=utf-8" : "text/x.tlog.size",
                             buf_span(&out));
    } else if (r == FAULT) {
        server->is_broken = true;
        exchange_problem(ex, 500, "WITNESS_IO", "the witness cannot keep what it saw and stops", NULL);
        server->options.broken(server->options.arg, &why);
    } else if (r < 0) {
        exchange_problem(ex, 503, "WITNESS_BUSY", "the witness cannot answer now", NULL);
    } else {
        tell(server, ex, r, &why);
        exchange_problem_fault(ex, r, &why);
    }
    buf_done(&out);
}

static void last_checkpoint(struct exchange *ex)
{
    struct witness_server *server = exchange_arg(ex);
    struct buf out;
    int r;

    buf_init(&out, NOTE_MAX_BYTES);
    r = witness_store_checkpoint(server->options.store, http_request_param(exchange_request(ex), "log"), &out);
    if (r == 0) {
        exchange_reply_bytes(ex, 200, "text/plain; charset=utf-8", buf_span(&out));
    } else {
        exchange_problem(ex, r == -ENOENT ? 404 : 503, r == -ENOENT ? "NOT_FOUND" : "NO_MEMORY",
                         r == -ENOENT ? "nothing of this log was cosigned here" : "out of memory", NULL);
    }
    buf_done(&out);
}

static void public_key(struct exchange *ex)
{
    struct witness_server *server = exchange_arg(ex);
    struct buf out;

    buf_init(&out, NOTE_VKEY_MAX + 1);
    (void)note_key_write(&out, witness_store_key(server->options.store));
    (void)buf_add_char(&out, '\n');
    exchange_reply_bytes(ex, 200, "text/plain; charset=utf-8", buf_span(&out));
    buf_done(&out);
}

static const struct http_route routes[] = {
    {.method = "POST", .pattern = "/add-checkpoint", .handler = add_checkpoint, .admit = http_admit_everyone,
     .body_max = WITNESS_BODY_MAX},
    {.method = "GET", .pattern = "/{log}/checkpoint", .handler = last_checkpoint, .admit = http_admit_everyone},
    {.method = "GET", .pattern = "/vkey", .handler = public_key, .admit = http_admit_everyone},
};

int witness_server_new(struct witness_server **ret, const struct witness_server_options *options, struct fault *why)
{
    CLEANUP(witness_server_freep) struct witness_server *server = calloc(1, sizeof(*server));
    struct http_server_options http = {.loop = options->loop, .routes = routes,
                                       .route_count = sizeof(routes) / sizeof(routes[0]), .arg = server,
                                       .limits = http_limits_default()};
    int r;

    if (!server) {
        return -ENOMEM;
    }
    server->options = *options;
    http.limits.connections_max = CONNECTIONS_MAX;
    r = http_server_new(&server->http, &http, why);
    if (r == 0) {
        *ret = TAKE(server);
    }
    return r;
}

struct witness_server *witness_server_free(struct witness_server *server)
{
    if (server) {
        server->http = http_server_free(server->http);
        free(server);
    }
    return NULL;
}

int witness_server_listen(struct witness_server *server, const char *address, struct fault *why)
{
    return http_server_listen(server->http, address, why);
}

unsigned witness_server_port(const struct witness_server *server)
{
    return http_server_port(server->http);
}
