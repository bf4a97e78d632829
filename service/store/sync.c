/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/sync.h"

#include "lib/base/arena.h"
#include "service/store/exchange.h"
#include "service/store/operation.h"
#include "service/store/script.h"
#include "service/store/where.h"

#include <hiredis/hiredis.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { COMMAND_MAX = 48 << 20, RESULT_MAX_BYTES = 64 << 20, LIBRARY_MAX = 1 << 20 };
#define TIMEOUT_MS 2000

struct store_sync {
    struct store_where where;
    struct command_common common;
    int64_t timeout_ms;
    struct redisContext *context; /* NULL until needed */
    struct redisReply *reply;     /* what results borrow from */
    struct arena *results;
    char error[128];
};

int store_sync_new(struct store_sync **ret, const struct store_options *o, struct fault *why)
{
    CLEANUP(store_sync_freep) struct store_sync *sync = calloc(1, sizeof(*sync));
    int r = sync ? store_where_read(&sync->where, span_of(o->url), why) : -ENOMEM;

    if (r == 0 && sync->where.kind == STORE_EMBEDDED) {
        r = fault_set(why, "STORE_URL", "",
                      "the embedded store is given by its socket, unix:/path");
    }
    if (r != 0) {
        return r;
    }
    sync->timeout_ms = o->timeout_ms > 0 ? o->timeout_ms : TIMEOUT_MS;
    sync->common = command_common(o->max_log_entries, o->retry_ms, o->shards);
    sync->results = arena_new(RESULT_MAX_BYTES);
    if (!sync->results) {
        return -ENOMEM;
    }
    *ret = TAKE(sync);
    return 0;
}

static void disconnect(struct store_sync *sync)
{
    if (sync->context) {
        redisFree(sync->context);
        sync->context = NULL;
    }
}

static void forget_reply(struct store_sync *sync)
{
    if (sync->reply) {
        freeReplyObject(sync->reply);
        sync->reply = NULL;
    }
}

struct store_sync *store_sync_free(struct store_sync *sync)
{
    if (sync) {
        forget_reply(sync);
        disconnect(sync);
        (void)arena_free(sync->results);
        free(sync);
    }
    return NULL;
}

unsigned store_sync_shards(const struct store_sync *sync)
{
    return sync->common.shards;
}

const struct command_common *exchange_common(const struct store_sync *sync)
{
    return &sync->common;
}

void exchange_set_shards(struct store_sync *sync, unsigned shards)
{
    sync->common.shards = shards;
}

const char *exchange_error(const struct store_sync *sync)
{
    return sync->error;
}

static bool greet_one(struct store_sync *sync, struct redisReply *reply)
{
    bool ok = reply && reply->type != REDIS_REPLY_ERROR;

    if (!ok) {
        (void)snprintf(sync->error, sizeof(sync->error), "%s",
                       reply ? reply->str : sync->context->errstr);
    }
    if (reply) {
        freeReplyObject(reply);
    }
    return ok;
}

static bool greet(struct store_sync *sync)
{
    const struct store_where *w = &sync->where;
    bool ok = true;

    if (w->user[0]) {
        ok = greet_one(sync, redisCommand(sync->context, "AUTH %s %s", w->user, w->password));
    } else if (w->password[0]) {
        ok = greet_one(sync, redisCommand(sync->context, "AUTH %s", w->password));
    }
    if (ok && w->db != 0) {
        ok = greet_one(sync, redisCommand(sync->context, "SELECT %d", w->db));
    }
    return ok;
}

static bool is_connected(struct store_sync *sync)
{
    struct pollfd fd = {.events = POLLIN};

    if (!sync->context) {
        return false;
    }
    /* Nothing was asked, so anything to read is the other side's goodbye. */
    fd.fd = sync->context->fd;
    if (sync->context->err || poll(&fd, 1, 0) != 0) {
        disconnect(sync);
        return false;
    }
    return true;
}

static bool connect_now(struct store_sync *sync)
{
    struct timeval limit = {.tv_sec = sync->timeout_ms / 1000,
                            .tv_usec = sync->timeout_ms % 1000 * 1000};
    const struct store_where *w = &sync->where;

    if (is_connected(sync)) {
        return true;
    }
    sync->context = w->kind == STORE_TCP ? redisConnectWithTimeout(w->host, w->port, limit)
                                         : redisConnectUnixWithTimeout(w->path, limit);
    sync->error[0] = '\0';
    if (!sync->context || sync->context->err || redisSetTimeout(sync->context, limit) != REDIS_OK) {
        (void)snprintf(sync->error, sizeof(sync->error), "%s",
                       sync->context ? sync->context->errstr : "out of memory");
        disconnect(sync);
        return false;
    }
    if (!greet(sync)) {
        disconnect(sync);
        return false;
    }
    return true;
}

static enum store_outcome exchange_once(struct store_sync *sync, struct span bytes)
{
    void *reply = NULL;

    forget_reply(sync);
    if (!connect_now(sync)) {
        return STORE_BUSY;
    }
    if (redisAppendFormattedCommand(sync->context, bytes.ptr, bytes.len) != REDIS_OK ||
        redisGetReply(sync->context, &reply) != REDIS_OK) {
        (void)snprintf(sync->error, sizeof(sync->error), "%s", sync->context->errstr);
        disconnect(sync);
        return STORE_UNKNOWN;
    }
    sync->reply = reply;
    return STORE_OK;
}

static enum store_outcome command_outcome(int r)
{
    return r == -ENOENT ? STORE_NOT_FOUND : r == -ENOMEM ? STORE_BUSY : STORE_BROKEN;
}

enum store_outcome exchange_load(struct store_sync *sync, const struct redisReply **ret)
{
    CLEANUP(buf_freep) struct buf *library = buf_new(LIBRARY_MAX);
    enum store_outcome outcome = STORE_BUSY;
    struct command command;
    struct span bytes;

    command_init(&command, LIBRARY_MAX);
    command_text(&command, "FUNCTION");
    command_text(&command, "LOAD");
    command_text(&command, "REPLACE");
    if (library && script_library(library) == 0) {
        command_span(&command, buf_span(library));
        outcome = command_end(&command, &bytes) == 0 ? exchange_once(sync, bytes) : STORE_BUSY;
    }
    command_done(&command);
    *ret = sync->reply;
    return outcome;
}

enum store_outcome exchange(struct store_sync *sync, struct command *command,
                            const struct redisReply **ret)
{
    enum store_outcome outcome;
    struct span bytes;
    int r = command_end(command, &bytes);

    if (r != 0) {
        return command_outcome(r);
    }
    outcome = exchange_once(sync, bytes);
    if (outcome == STORE_OK && reply_is_missing(sync->reply)) {
        outcome = exchange_load(sync, ret);
        outcome = outcome == STORE_OK ? exchange_once(sync, bytes) : outcome;
    }
    *ret = sync->reply;
    return outcome;
}

enum store_outcome exchange_words(struct store_sync *sync, const char *const *words, size_t count,
                                  const struct redisReply **ret)
{
    enum store_outcome outcome;
    struct command command;

    command_init(&command, COMMAND_MAX);
    for (size_t i = 0; i < count; i++) {
        command_text(&command, words[i]);
    }
    outcome = exchange(sync, &command, ret);
    command_done(&command);
    return outcome;
}

static enum store_outcome run(struct store_sync *sync, const struct operation *operation,
                              const void *args, void *result)
{
    const struct redisReply *reply = NULL;
    enum store_outcome outcome;
    struct command command;

    memset(result, 0, operation->result_size);
    command_init(&command, COMMAND_MAX);
    operation->encode(&command, args, &sync->common);
    outcome = exchange(sync, &command, &reply);
    command_done(&command);
    if (outcome != STORE_OK) {
        return outcome;
    }
    arena_reset(sync->results);
    return operation->decode(reply, sync->results, result);
}

#define STORE_OPERATION(name, args_type, result_type)                                              \
    enum store_outcome store_sync_##name(struct store_sync *sync, const struct args_type *args,    \
                                         struct result_type *ret)                                  \
    {                                                                                              \
        return run(sync, &operation_##name, args, ret);                                            \
    }
#include "service/store/operations.def"
#undef STORE_OPERATION
