/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/wire.h"

#include <hiredis/hiredis.h>

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool fail(struct wire *wire, const char *why)
{
    (void)snprintf(wire->error, sizeof(wire->error), "%s", why);
    wire_close(wire);
    return false;
}

void wire_close(struct wire *wire)
{
    if (wire->context) {
        redisFree(wire->context);
        wire->context = NULL;
    }
}

static bool is_open(struct wire *wire)
{
    struct pollfd fd = {.events = POLLIN};

    if (!wire->context) {
        return false;
    }
    /* Nothing was asked, so anything to read is the other side's goodbye. */
    fd.fd = wire->context->fd;
    if (wire->context->err || poll(&fd, 1, 0) != 0) {
        wire_close(wire);
        return false;
    }
    return true;
}

/* One command of the greeting; false also when the answer is an error. */
static bool greet_one(struct wire *wire, struct redisReply *reply)
{
    bool ok = reply && reply->type != REDIS_REPLY_ERROR;

    if (!ok) {
        (void)snprintf(wire->error, sizeof(wire->error), "%s",
                       reply ? reply->str : wire->context->errstr);
    }
    if (reply) {
        freeReplyObject(reply);
    }
    return ok;
}

static bool is_primary(struct wire *wire)
{
    struct redisReply *reply = redisCommand(wire->context, "ROLE");
    bool ok = reply && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 &&
              reply->element[0]->type == REDIS_REPLY_STRING &&
              strcmp(reply->element[0]->str, "master") == 0;

    if (!ok) {
        (void)snprintf(wire->error, sizeof(wire->error), "%s",
                       !reply                             ? wire->context->errstr
                       : reply->type == REDIS_REPLY_ERROR ? reply->str
                                                          : "it is a replica");
    }
    if (reply) {
        freeReplyObject(reply);
    }
    return ok;
}

static bool greet(struct wire *wire, bool primary)
{
    const struct store_where *w = &wire->where;
    struct redisContext *c = wire->context;
    bool ok = true;

    if (w->auth.user[0]) {
        ok = greet_one(wire, redisCommand(c, "AUTH %s %s", w->auth.user, w->auth.password));
    } else if (w->auth.password[0]) {
        ok = greet_one(wire, redisCommand(c, "AUTH %s", w->auth.password));
    }
    if (ok && w->db != 0) {
        ok = greet_one(wire, redisCommand(c, "SELECT %d", w->db));
    }
    return ok && (!primary || is_primary(wire));
}

bool wire_open(struct wire *wire, int64_t timeout_ms, bool primary)
{
    struct timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    const struct store_where *w = &wire->where;

    if (is_open(wire)) {
        return true;
    }
    wire->error[0] = '\0';
    wire->context = w->kind == STORE_TCP
                        ? redisConnectWithTimeout(w->hosts[0].host, w->hosts[0].port, limit)
                        : redisConnectUnixWithTimeout(w->path, limit);
    if (!wire->context) {
        return fail(wire, "out of memory");
    }
    if (wire->context->err || redisSetTimeout(wire->context, limit) != REDIS_OK) {
        return fail(wire, wire->context->errstr);
    }
    if (!greet(wire, primary)) {
        wire_close(wire);
        return false;
    }
    return true;
}

static int answer(struct wire *wire, struct redisReply **ret)
{
    void *reply = NULL;

    if (redisGetReply(wire->context, &reply) != REDIS_OK) {
        (void)fail(wire, wire->context->errstr);
        return -ETIMEDOUT;
    }
    *ret = reply;
    return 0;
}

int wire_exchange(struct wire *wire, struct span bytes, struct redisReply **ret)
{
    if (redisAppendFormattedCommand(wire->context, bytes.ptr, bytes.len) != REDIS_OK) {
        (void)fail(wire, wire->context->errstr);
        return -ETIMEDOUT;
    }
    return answer(wire, ret);
}

int wire_command(struct wire *wire, struct redisReply **ret, const char *format, ...)
{
    va_list args;
    int r;

    va_start(args, format);
    r = redisvAppendCommand(wire->context, format, args);
    va_end(args);
    if (r != REDIS_OK) {
        (void)fail(wire, wire->context->errstr);
        return -ETIMEDOUT;
    }
    return answer(wire, ret);
}

bool wire_wait(struct wire *wire, int replicas, int64_t timeout_ms)
{
    struct redisReply *reply = NULL;
    bool ok;

    if (wire_command(wire, &reply, "WAIT %d %d", replicas, (int)timeout_ms) != 0) {
        return false;
    }
    ok = reply->type == REDIS_REPLY_INTEGER && reply->integer >= replicas;
    if (!ok) {
        (void)snprintf(wire->error, sizeof(wire->error), "%s",
                       reply->type == REDIS_REPLY_ERROR ? reply->str : "too few replicas have it");
    }
    freeReplyObject(reply);
    return ok;
}
