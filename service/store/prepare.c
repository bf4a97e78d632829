/* SPDX-License-Identifier: Apache-2.0 */
/* store_sync_prepare: what must be true of a server before anything is promised on it. */
#include "service/store/exchange.h"
#include "service/store/keys.h"
#include "service/store/link.h"
#include "service/store/log.h"
#include "service/store/reply.h"

#include <hiredis/hiredis.h>

#include <errno.h>
#include <stdio.h>
#include <time.h>

/* How the keys lie. 1: one sorted set a queue and language; 2: one a severity too. */
enum { STORE_FORMAT = 2 };

static const struct {
    const char *setting, *code, *wanted;
    const char *remedy;
} checks[] = {
    {"appendonly", "STORE_DURABILITY", "yes",
     "without its append-only file Redis forgets accepted reports: set appendonly yes"},
    {"appendfsync", "STORE_DURABILITY", "always",
     "a 202 means safe on disk, so set appendfsync always"},
    {"no-appendfsync-on-rewrite", "STORE_DURABILITY", "no",
     "accepted reports would not be synced during a rewrite: set no-appendfsync-on-rewrite no"},
    {"maxmemory-policy", "STORE_EVICTION", "noeviction",
     "other policies throw away reports when memory is short: set maxmemory-policy noeviction"},
};

static void sleep_ms(int64_t ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)nanosleep(&time, NULL);
}

static struct span text_of(const struct redisReply *reply)
{
    bool has = reply && (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS ||
                         reply->type == REDIS_REPLY_ERROR);

    return has ? (struct span){reply->str, (size_t)reply->len} : SPAN("");
}

static int wait_until_up(struct store_sync *sync, int64_t wait_ms, struct fault *why)
{
    static const char *const ping[] = {"PING"};
    int64_t end = link_now_ms() + wait_ms;
    char quote[FAULT_QUOTE_MAX];
    struct span said;

    for (;;) {
        const struct redisReply *reply = NULL;
        enum store_outcome outcome = exchange_words(sync, ping, 1, &reply);

        said = outcome == STORE_OK ? text_of(reply) : span_of(exchange_error(sync));
        if (outcome == STORE_OK && span_is(said, "PONG")) {
            return 0;
        }
        if (link_now_ms() >= end) {
            return fault_set(why, "STORE_UNREACHABLE", "store.url",
                             "Redis does not answer there (%s): start it, or correct store.url",
                             fault_quote(quote, said));
        }
        sleep_ms(50);
    }
}

/* The value of "name:value\r\n" in the text of INFO. */
static struct span info_value(struct span info, const char *name)
{
    while (info.ptr) {
        struct span line = span_cut(&info, '\n'), value = line;

        if (span_is(span_cut(&value, ':'), name) && value.ptr) {
            value.len -= value.len > 0 && value.ptr[value.len - 1] == '\r';
            return value;
        }
    }
    return SPAN("");
}

static int check_kind(struct store_sync *sync, struct fault *why)
{
    static const char *const words[] = {"INFO"};
    const struct redisReply *reply = NULL;
    enum store_outcome outcome = exchange_words(sync, words, 1, &reply);
    struct span info = text_of(reply), version = info_value(info, "redis_version");
    unsigned long long major = 0;
    char quote[FAULT_QUOTE_MAX];

    if (outcome != STORE_OK || version.len == 0) {
        return fault_set(why, "STORE_CHECK_DENIED", "store.url",
                         "INFO was not answered: allow the user +info, +config|get and +function");
    }
    if (!span_to_u64(span_cut(&version, '.'), &major) || major < 7) {
        return fault_set(why, "STORE_VERSION", "store.url",
                         "Redis 7 or later is needed for functions, this is %s",
                         fault_quote(quote, info_value(info, "redis_version")));
    }
    if (!span_is(info_value(info, "role"), "master")) {
        return fault_set(why, "STORE_REPLICA", "store.url",
                         "this Redis is a replica: give the address of its primary");
    }
    return 0;
}

static int check_setting(struct store_sync *sync, size_t i, struct fault *why)
{
    const char *words[] = {"CONFIG", "GET", checks[i].setting};
    const struct redisReply *reply = NULL;
    enum store_outcome outcome = exchange_words(sync, words, COUNT_OF(words), &reply);
    struct reply_row row = reply_row(reply, 0);
    char quote[FAULT_QUOTE_MAX];
    struct span value;

    if (outcome != STORE_OK || reply_left(&row) != 2) {
        return fault_set(why, "STORE_CHECK_DENIED", "store.url",
                         "CONFIG GET %s was not answered: allow the user +config|get",
                         checks[i].setting);
    }
    (void)reply_span(&row);
    value = reply_span(&row);
    if (!span_is(value, checks[i].wanted)) {
        return fault_set(why, checks[i].code, "store.url", "Redis has %s %s: %s", checks[i].setting,
                         fault_quote(quote, value), checks[i].remedy);
    }
    return 0;
}

static int load_functions(struct store_sync *sync, struct fault *why)
{
    const struct redisReply *reply = NULL;
    enum store_outcome outcome = exchange_load(sync, &reply);
    char quote[FAULT_QUOTE_MAX];

    if (outcome != STORE_OK || !reply || reply->type == REDIS_REPLY_ERROR) {
        return fault_set(
            why, "STORE_CHECK_DENIED", "store.url",
            "the function library was not loaded (%s): allow the user +function and +fcall",
            fault_quote(quote, text_of(reply)));
    }
    return 0;
}

/* One call of a function that takes numbers; OK leaves what it answered in `row`. */
static enum store_outcome ask(struct store_sync *sync, const char *function, unsigned shard, const int64_t *numbers,
                              size_t count, int64_t now_ms, struct reply_row *row)
{
    struct command_common common = *exchange_common(sync);
    const struct redisReply *reply = NULL;
    enum store_outcome outcome;
    struct command command;

    common.now_ms = now_ms;
    common.shards = common.shards > 0 ? common.shards : 1;
    command_init(&command, 4096);
    command_function(&command, function, shard, &common);
    for (size_t i = 0; i < count; i++) {
        command_int(&command, numbers[i]);
    }
    outcome = exchange(sync, &command, &reply);
    command_done(&command);
    outcome = outcome == STORE_OK ? reply_outcome(reply) : outcome;
    *row = reply_row(reply, 1);
    return outcome;
}

/* Cases are moved by thousands: one call stops everybody else for some milliseconds. */
static int upgrade_queues(struct store_sync *sync, int64_t now_ms, struct fault *why)
{
    static const int64_t most = 1000;

    for (unsigned i = 0; i < store_sync_shards(sync); i++) {
        int64_t moved = most;

        while (moved >= most) {
            struct reply_row row;
            enum store_outcome outcome = ask(sync, "queues_upgrade", i, &most, 1, now_ms, &row);

            moved = outcome == STORE_OK ? reply_int(&row) : -1;
            if (moved < 0 || row.bad) {
                return fault_set(why, "STORE_UNREACHABLE", "store.url",
                                 "the queues of an earlier version could not all be brought to this one's form "
                                 "(%s): start again, what was done stays done",
                                 store_outcome_words[outcome]);
            }
        }
    }
    return 0;
}

static int fix_shards(struct store_sync *sync, unsigned wanted, int64_t now_ms, struct fault *why)
{
    int64_t numbers[] = {wanted > 0 ? wanted : 1, STORE_FORMAT, 0};
    struct reply_row row;
    enum store_outcome outcome = ask(sync, "prepare", 0, numbers, COUNT_OF(numbers), now_ms, &row);
    int64_t shards, format;
    int r;

    if (outcome == STORE_STATE) {
        return fault_set(why, "STORE_FORMAT", "store.url",
                         "a later version of this program wrote the store: start that version, this one knows "
                         "format %d",
                         STORE_FORMAT);
    }
    shards = outcome == STORE_OK ? reply_int(&row) : 0;
    if (row.bad || shards < 1 || shards > STORE_SHARDS_MAX) {
        return fault_set(why, "STORE_SHARDS", "store.url",
                         "the number of shards could not be fixed (%s): it is 1 to %d",
                         store_outcome_words[outcome], STORE_SHARDS_MAX);
    }
    format = reply_int(&row);
    exchange_set_shards(sync, (unsigned)shards);
    if (row.bad || format == STORE_FORMAT) {
        return row.bad ? fault_set(why, "STORE_FORMAT", "store.url", "the store does not say its format") : 0;
    }
    r = upgrade_queues(sync, now_ms, why);
    numbers[2] = 1;
    if (r == 0 && ask(sync, "prepare", 0, numbers, COUNT_OF(numbers), now_ms, &row) != STORE_OK) {
        r = fault_set(why, "STORE_UNREACHABLE", "store.url", "the store's format was not recorded: start again");
    }
    return r;
}

/* A counter behind its stream would make the next append fail after its writes. */
static int raise_counters(struct store_sync *sync, struct fault *why)
{
    for (unsigned i = 0; i < store_sync_shards(sync); i++) {
        uint64_t size, counter;
        int r = store_log_last(sync, i, &size, &counter);

        r = r == 0 && counter < size ? store_log_raise(sync, i, size) : r;
        if (r != 0) {
            return r == -ENOMEM ? r
                                : fault_set(why, "STORE_UNREACHABLE", "store.url",
                                            "the log's state could not be read: try again");
        }
    }
    return 0;
}

/* A change is answered only when so many replicas have it: without them nothing would be accepted. */
static int check_replicas(struct store_sync *sync, int64_t wait_ms, struct fault *why)
{
    int wanted = exchange_where(sync)->replicas;
    int64_t end = link_now_ms() + wait_ms;
    char count[16];
    const char *words[] = {"WAIT", count, "100"};
    long long found = 0;

    (void)snprintf(count, sizeof(count), "%d", wanted);
    while (wanted > 0) {
        const struct redisReply *reply = NULL;
        enum store_outcome outcome = exchange_words(sync, words, COUNT_OF(words), &reply);

        found = outcome == STORE_OK && reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
        if (found >= wanted) {
            return 0;
        }
        if (link_now_ms() >= end) {
            return fault_set(why, "STORE_REPLICAS", "store.url",
                             "%lld of %d replicas answered: start them, or ask for fewer with "
                             "?replicas= (0: a failover may lose accepted reports)",
                             found, wanted);
        }
        sleep_ms(50);
    }
    return 0;
}

static int check_server(struct store_sync *sync, int64_t wait_ms, struct fault *why)
{
    int r = check_kind(sync, why);

    for (size_t i = 0; r == 0 && i < COUNT_OF(checks); i++) {
        r = check_setting(sync, i, why);
    }
    r = r == 0 ? check_replicas(sync, wait_ms, why) : r;
    return r == 0 ? load_functions(sync, why) : r;
}

int store_sync_prepare(struct store_sync *sync, unsigned shards_wanted, int64_t now_ms,
                       int64_t wait_ms, unsigned *ret_shards, struct fault *why)
{
    size_t servers = 1;
    int r;

    exchange_choose(sync, 0);
    r = wait_until_up(sync, wait_ms, why);
    if (r == 0) {
        servers = exchange_servers(sync);
    }
    for (size_t i = 0; r == 0 && i < servers; i++) {
        exchange_choose(sync, i);
        r = check_server(sync, wait_ms, why);
    }
    exchange_choose(sync, 0);
    r = r == 0 ? fix_shards(sync, shards_wanted, now_ms, why) : r;
    r = r == 0 ? raise_counters(sync, why) : r;
    if (r == 0 && ret_shards) {
        *ret_shards = store_sync_shards(sync);
    }
    return r;
}
