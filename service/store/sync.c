/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/sync.h"

#include "lib/base/arena.h"
#include "service/store/exchange.h"
#include "service/store/link.h"
#include "service/store/operation.h"
#include "service/store/script.h"
#include "service/store/sync_route.h"

#include <hiredis/hiredis.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COMMAND_MAX = 48 << 20, RESULT_MAX_BYTES = 64 << 20, LIBRARY_MAX = 1 << 20 };
enum { PAUSE_MIN_MS = 5, PAUSE_MAX_MS = 100, MOVES_AT_ONCE = 4 };
#define TIMEOUT_MS 2000

struct store_sync {
    struct sync_route *route;
    struct command_common common;
    int64_t timeout_ms;
    size_t server; /* for commands without a key */
    uint32_t random;
    struct redisReply *reply; /* what results borrow from */
    struct arena *results;
};

int store_sync_new(struct store_sync **ret, const struct store_options *o, struct fault *why)
{
    CLEANUP(store_sync_freep) struct store_sync *sync = calloc(1, sizeof(*sync));
    struct store_where where;
    int r = sync ? store_where_read(&where, span_of(o->url), why) : -ENOMEM;

    if (r == 0 && where.kind == STORE_EMBEDDED) {
        r = fault_set(why, "STORE_URL", "",
                      "the embedded store is given by its socket, unix:/path");
    }
    if (r != 0) {
        return r;
    }
    sync->timeout_ms = o->timeout_ms > 0 ? o->timeout_ms : TIMEOUT_MS;
    sync->common = command_common(o->max_log_entries, o->retry_ms, o->shards);
    sync->random = o->jitter_seed + 1;
    sync->results = arena_new(RESULT_MAX_BYTES);
    r = sync->results ? sync_route_new(&sync->route, &where, sync->timeout_ms) : -ENOMEM;
    if (r == 0) {
        *ret = TAKE(sync);
    }
    return r;
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
        sync->route = sync_route_free(sync->route);
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
    return sync_route_error(sync->route);
}

const struct store_where *exchange_where(const struct store_sync *sync)
{
    return sync_route_where(sync->route);
}

size_t exchange_servers(struct store_sync *sync)
{
    return sync_route_servers(sync->route);
}

void exchange_choose(struct store_sync *sync, size_t server)
{
    sync->server = server;
}

/* A primary may take the other's place, a slot may move: worth another try. */
static bool can_change(const struct store_sync *sync)
{
    enum store_kind kind = exchange_where(sync)->kind;

    return kind == STORE_SENTINEL || kind == STORE_CLUSTER;
}

static void pause_some(struct store_sync *sync, unsigned tries)
{
    int64_t ms = tries < 5 ? (int64_t)PAUSE_MIN_MS << tries : PAUSE_MAX_MS;
    struct timespec time;

    sync->random = sync->random * 1664525 + 1013904223;
    ms = ms / 2 + sync->random % (uint32_t)(ms / 2 + 1);
    time = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

static struct wire *wire_of(struct store_sync *sync, const struct command *command)
{
    return command->slot >= 0 ? sync_route_wire(sync->route, (unsigned)command->slot)
                              : sync_route_server(sync->route, sync->server);
}

static enum store_outcome exchange_at(struct store_sync *sync, struct wire *wire, struct span bytes)
{
    forget_reply(sync);
    if (wire_exchange(wire, bytes, &sync->reply) != 0) {
        sync_route_forget(sync->route);
        return STORE_UNKNOWN;
    }
    return STORE_OK;
}

static enum store_outcome load_at(struct store_sync *sync, struct wire *wire)
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
        outcome = command_end(&command, &bytes) == 0 ? exchange_at(sync, wire, bytes) : STORE_BUSY;
    }
    command_done(&command);
    return outcome;
}

enum store_outcome exchange_load(struct store_sync *sync, const struct redisReply **ret)
{
    struct wire *wire = sync_route_server(sync->route, sync->server);
    enum store_outcome outcome = wire ? load_at(sync, wire) : STORE_BUSY;

    *ret = outcome == STORE_OK ? sync->reply : NULL;
    return outcome;
}

/* ASK: the key is at the other server already, which answers only after ASKING. */
static enum store_outcome exchange_asking(struct store_sync *sync, const struct store_host *host,
                                          struct span bytes)
{
    struct wire *wire = sync_route_at(sync->route, host);
    struct redisReply *reply = NULL;

    if (!wire || wire_command(wire, &reply, "ASKING") != 0) {
        return STORE_BUSY;
    }
    freeReplyObject(reply);
    return exchange_at(sync, wire, bytes);
}

/* At one server, its answer in sync->reply; what it says of other servers in *ret. */
static enum store_outcome exchange_once(struct store_sync *sync, const struct command *command,
                                        struct span bytes, struct redirect *ret)
{
    const struct store_where *where = exchange_where(sync);
    struct wire *wire = wire_of(sync, command);
    enum store_outcome outcome;

    *ret = (struct redirect){.kind = REDIRECT_NONE};
    if (!wire) {
        return STORE_BUSY;
    }
    outcome = exchange_at(sync, wire, bytes);
    if (outcome == STORE_OK && reply_is_missing(sync->reply)) {
        outcome = load_at(sync, wire);
        outcome = outcome == STORE_OK ? exchange_at(sync, wire, bytes) : outcome;
    }
    if (outcome != STORE_OK) {
        return outcome;
    }
    *ret = redirect_read(sync->reply, &wire->where.hosts[0]);
    if (command->function && !command->reads && where->replicas > 0 &&
        sync->reply->type != REDIS_REPLY_ERROR &&
        !wire_wait(wire, where->replicas, sync->timeout_ms * 3 / 4)) {
        return STORE_UNKNOWN;
    }
    return STORE_OK;
}

/* Sends again until the answer is no redirection, or the time is over: then the last one stands. */
static enum store_outcome exchange_until(struct store_sync *sync, const struct command *command,
                                         struct span bytes)
{
    int64_t end = link_now_ms() + sync->timeout_ms;
    enum store_outcome outcome;
    struct redirect redirect;

    for (unsigned tries = 0;; tries++) {
        outcome = exchange_once(sync, command, bytes, &redirect);
        if (outcome == STORE_UNKNOWN || (outcome == STORE_OK && redirect.kind == REDIRECT_NONE) ||
            !can_change(sync) || link_now_ms() >= end) {
            return outcome;
        }
        if (redirect.kind == REDIRECT_ASK && !command->function) {
            outcome = exchange_asking(sync, &redirect.host, bytes);
            if (outcome != STORE_BUSY) {
                return outcome;
            }
        } else if (redirect.kind == REDIRECT_MOVED) {
            sync_route_moved(sync->route, redirect.slot, &redirect.host);
        } else if (redirect.kind == REDIRECT_STALE) {
            sync_route_forget(sync->route);
        }
        if (redirect.kind != REDIRECT_MOVED || tries >= MOVES_AT_ONCE) {
            pause_some(sync, tries);
        }
    }
}

static enum store_outcome command_outcome(int r)
{
    return r == -ENOENT ? STORE_NOT_FOUND : r == -ENOMEM ? STORE_BUSY : STORE_BROKEN;
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
    outcome = exchange_until(sync, command, bytes);
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
        if (command.slot < 0 && strncmp(words[i], "{s", 2) == 0) {
            command_key(&command, words[i]);
        } else {
            command_text(&command, words[i]);
        }
    }
    outcome = exchange(sync, &command, ret);
    command_done(&command);
    return outcome;
}

enum store_outcome exchange_settle(struct store_sync *sync, unsigned shard)
{
    const struct store_where *where = exchange_where(sync);
    struct wire *wire;

    if (where->replicas == 0) {
        return STORE_OK;
    }
    wire = sync_route_wire(sync->route, slot_of_shard(shard));
    return wire && wire_wait(wire, where->replicas, sync->timeout_ms * 3 / 4) ? STORE_OK
                                                                              : STORE_BUSY;
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
    command.reads = operation_reads(operation);
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
