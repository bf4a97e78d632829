/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/log.h"

#include "service/store/exchange.h"
#include "service/store/keys.h"
#include "service/store/reply.h"

#include <hiredis/hiredis.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum { PAGE = 256, WORD_MAX = 48 };

static int errno_of(enum store_outcome outcome)
{
    switch (outcome) {
    case STORE_OK:
        return 0;
    case STORE_BUSY:
        return -EAGAIN;
    case STORE_UNKNOWN:
        return -ETIMEDOUT;
    default:
        return -EBADMSG;
    }
}

/* FCALL of one of functions/log.lua; *ret_row stands behind the leading word. */
static int call(struct store_sync *sync, const char *name, unsigned shard, const struct span *args,
                size_t count, struct reply_row *ret_row)
{
    const struct redisReply *reply = NULL;
    enum store_outcome outcome;
    struct command command;

    command_init(&command, 4096);
    command_function(&command, name, shard, exchange_common(sync));
    for (size_t i = 0; i < count; i++) {
        command_span(&command, args[i]);
    }
    outcome = exchange(sync, &command, &reply);
    command_done(&command);
    if (outcome == STORE_OK) {
        outcome = reply_outcome(reply);
    }
    if (outcome == STORE_STALE) {
        return -ESTALE;
    }
    *ret_row = reply_row(reply, 1);
    return errno_of(outcome);
}

static struct span number(char into[WORD_MAX], uint64_t value)
{
    int len = snprintf(into, WORD_MAX, "%" PRIu64, value);

    return (struct span){into, (size_t)len};
}

/* "<index + 1>-0", [e, bytes] */
static bool read_entry(struct reply_row *row, uint64_t *ret_index, struct span *ret_entry)
{
    struct reply_row one = reply_nested(row), fields;
    struct span id = reply_span(&one), first = span_cut(&id, '-');
    unsigned long long n;

    fields = reply_nested(&one);
    if (!span_is(reply_span(&fields), "e")) {
        return false;
    }
    *ret_entry = reply_span(&fields);
    if (one.bad || fields.bad || !id.ptr || !span_is(id, "0") || !span_to_u64(first, &n) ||
        n == 0) {
        return false;
    }
    *ret_index = n - 1;
    return true;
}

static int read_page(struct store_sync *sync, unsigned shard, uint64_t from, size_t count,
                     const struct redisReply **ret)
{
    char tag[TAG_MAX], key[WORD_MAX], start[WORD_MAX], limit[WORD_MAX];
    const char *words[] = {"XRANGE", key, start, "+", "COUNT", limit};
    enum store_outcome outcome;

    key_tag(tag, shard);
    (void)snprintf(key, sizeof(key), "%s:log", tag);
    (void)snprintf(start, sizeof(start), "%" PRIu64 "-0", from + 1);
    (void)snprintf(limit, sizeof(limit), "%zu", count);
    outcome = exchange_words(sync, words, COUNT_OF(words), ret);
    if (outcome == STORE_OK && (*ret)->type != REDIS_REPLY_ARRAY) {
        outcome = reply_outcome(*ret);
        outcome = outcome == STORE_OK ? STORE_BROKEN : outcome;
    }
    /* A leaf that a failover may still take back must not get into the log. */
    return errno_of(outcome == STORE_OK ? exchange_settle(sync, shard) : outcome);
}

int store_log_read(struct store_sync *sync, unsigned shard, uint64_t from, size_t max,
                   int (*each)(void *arg, uint64_t index, struct span entry), void *arg,
                   size_t *ret_count)
{
    size_t done = 0;
    bool more = true;
    int r = 0;

    max = max < STORE_LOG_READ_MAX ? max : STORE_LOG_READ_MAX;
    while (r == 0 && more && done < max) {
        size_t page = max - done < PAGE ? max - done : PAGE;
        const struct redisReply *reply = NULL;
        struct reply_row row;

        r = read_page(sync, shard, from, page, &reply);
        row = reply_row(reply, 0);
        more = r == 0 && reply_left(&row) == page;
        while (r == 0 && reply_left(&row) > 0) {
            uint64_t index;
            struct span entry;

            r = read_entry(&row, &index, &entry) ? each(arg, index, entry) : -EBADMSG;
            done += r == 0;
            from = r == 0 ? index + 1 : from;
        }
    }
    *ret_count = done;
    return r;
}

struct log_state {
    uint64_t counter, last;
    struct store_log_mirror mirror;
};

static int read_state(struct store_sync *sync, unsigned shard, struct log_state *ret)
{
    struct reply_row row;
    struct span root;
    int r = call(sync, "log_state", shard, NULL, 0, &row);

    if (r != 0) {
        return r;
    }
    *ret = (struct log_state){.counter = (uint64_t)reply_int(&row)};
    ret->last = (uint64_t)reply_int(&row);
    ret->mirror.epoch = (uint64_t)reply_int(&row);
    ret->mirror.size = (uint64_t)reply_int(&row);
    root = reply_span(&row);
    if (row.bad || (root.len != 0 && root.len != STORE_LOG_ROOT_LEN)) {
        return -EBADMSG;
    }
    memcpy(ret->mirror.root, root.ptr, root.len);
    return 0;
}

int store_log_last(struct store_sync *sync, unsigned shard, uint64_t *ret_size,
                   uint64_t *ret_counter)
{
    struct log_state state;
    int r = read_state(sync, shard, &state);

    if (r == 0) {
        *ret_size = state.last;
        *ret_counter = state.counter;
    }
    return r;
}

int store_log_trim(struct store_sync *sync, unsigned shard, uint64_t published)
{
    char tag[TAG_MAX], key[WORD_MAX], id[WORD_MAX];
    const char *words[] = {"XTRIM", key, "MINID", id};
    const struct redisReply *reply = NULL;
    enum store_outcome outcome;

    key_tag(tag, shard);
    (void)snprintf(key, sizeof(key), "%s:log", tag);
    (void)snprintf(id, sizeof(id), "%" PRIu64 "-0", published + 1);
    outcome = exchange_words(sync, words, COUNT_OF(words), &reply);
    if (outcome == STORE_OK && reply->type != REDIS_REPLY_INTEGER) {
        outcome = reply_outcome(reply);
    }
    return errno_of(outcome);
}

int store_log_raise(struct store_sync *sync, unsigned shard, uint64_t size)
{
    char text[WORD_MAX];
    struct span arg = number(text, size);
    struct reply_row row;

    return call(sync, "log_raise", shard, &arg, 1, &row);
}

int store_log_mirror_get(struct store_sync *sync, unsigned shard, struct store_log_mirror *ret)
{
    struct log_state state;
    int r = read_state(sync, shard, &state);

    if (r == 0) {
        *ret = state.mirror;
    }
    return r;
}

int store_log_mirror_put(struct store_sync *sync, unsigned shard, uint64_t expect_epoch,
                         const struct store_log_mirror *next)
{
    char expected[WORD_MAX], epoch[WORD_MAX], size[WORD_MAX];
    struct span args[] = {number(expected, expect_epoch),
                          number(epoch, next->epoch),
                          number(size, next->size),
                          {(const char *)next->root, STORE_LOG_ROOT_LEN}};
    struct reply_row row;

    return call(sync, "log_mirror", shard, args, COUNT_OF(args), &row);
}
