/* SPDX-License-Identifier: Apache-2.0 */
/* queues, notices, recent: what there is, in pages. */
#include "service/store/keys.h"
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

enum { QUEUE_ROWS_MAX = 4096 };

static void encode_limit(struct command *c, size_t limit)
{
    command_check(c, limit >= 1 && limit <= STORE_PAGE_MAX);
    command_int(c, (int64_t)limit);
}

static void encode_queues(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_queues_args *a = args;

    encode_begin(c, "queues", a->shard, a->now_ms, common);
    encode_time(c, a->risk_ms);
}

static bool decode_queue(struct reply_row row, struct store_queue *ret)
{
    ret->queue = reply_span(&row);
    ret->language = reply_span(&row);
    ret->waiting = reply_int(&row);
    ret->awaiting_second = reply_int(&row);
    ret->leased = reply_int(&row);
    ret->oldest_ms = reply_int(&row);
    ret->first_deadline_ms = reply_int(&row);
    ret->at_risk = reply_int(&row);
    ret->overdue = reply_int(&row);
    return !row.bad;
}

static enum store_outcome decode_queues(const struct redisReply *reply, struct arena *arena,
                                        void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_queues *ret = result;
    struct store_queue *queues;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->leases = reply_int(&row);
    ret->log_entries = reply_int(&row);
    ret->count = reply_left(&row);
    queues =
        ret->count <= QUEUE_ROWS_MAX ? arena_array(arena, ret->count + 1, sizeof(*queues)) : NULL;
    if (row.bad || !queues) {
        return STORE_BROKEN;
    }
    for (size_t i = 0; i < ret->count; i++) {
        if (!decode_queue(reply_nested(&row), &queues[i])) {
            return STORE_BROKEN;
        }
    }
    ret->queues = queues;
    return STORE_OK;
}

static void encode_notices(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_notices_args *a = args;

    encode_begin(c, "notices", a->shard, 0, common);
    encode_name(c, a->partner);
    command_check(c, a->after >= 0);
    command_int(c, a->after);
    encode_limit(c, a->limit);
}

static bool decode_notice(struct reply_row row, struct store_notice *ret)
{
    ret->cursor = reply_int(&row);
    ret->at_ms = reply_int(&row);
    ret->kind = reply_span(&row);
    ret->bytes = reply_span(&row);
    return !row.bad;
}

static enum store_outcome decode_notices(const struct redisReply *reply, struct arena *arena,
                                         void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_notices *ret = result;
    struct store_notice *notices;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->count = reply_left(&row);
    notices =
        ret->count <= STORE_PAGE_MAX ? arena_array(arena, ret->count + 1, sizeof(*notices)) : NULL;
    if (!notices) {
        return STORE_BROKEN;
    }
    for (size_t i = 0; i < ret->count; i++) {
        if (!decode_notice(reply_nested(&row), &notices[i])) {
            return STORE_BROKEN;
        }
    }
    ret->notices = notices;
    return STORE_OK;
}

static void encode_recent(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_recent_args *a = args;

    encode_begin(c, "recent", a->shard, 0, common);
    command_check(c, a->from >= 0);
    command_int(c, a->from);
    encode_limit(c, a->limit);
}

static enum store_outcome decode_recent(const struct redisReply *reply, struct arena *arena,
                                        void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_reports *ret = result;
    struct store_report *reports;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->next = reply_int(&row);
    ret->count = reply_left(&row);
    reports =
        ret->count <= STORE_PAGE_MAX ? arena_array(arena, ret->count + 1, sizeof(*reports)) : NULL;
    if (row.bad || !reports) {
        return STORE_BROKEN;
    }
    for (size_t i = 0; i < ret->count; i++) {
        struct reply_row one = reply_nested(&row);

        if (!decode_report(&one, &reports[i])) {
            return STORE_BROKEN;
        }
    }
    ret->reports = reports;
    return STORE_OK;
}

const struct operation operation_queues = {"queues", sizeof(struct store_queues), encode_queues,
                                           decode_queues};
const struct operation operation_notices = {"notices", sizeof(struct store_notices), encode_notices,
                                            decode_notices};
const struct operation operation_recent = {"recent", sizeof(struct store_reports), encode_recent,
                                           decode_recent};
