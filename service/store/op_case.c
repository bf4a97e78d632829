/* SPDX-License-Identifier: Apache-2.0 */
/* escalate, requeue, appeal, append: other changes of a case, and entries outside any. */
#include "service/store/operation.h"

enum { REASON_MAX = 4 << 10 };

static void encode_escalate(struct command *c, const void *args,
                            const struct command_common *common)
{
    const struct store_escalate_args *a = args;

    encode_begin(c, "escalate", encode_shard(c, a->case_id, "cas"), a->now_ms, common);
    encode_retry(c, &a->retry, "escalate", a->reviewer);
    command_span(c, a->case_id);
    encode_limited(c, a->token, STORE_NAME_MAX);
    encode_name(c, a->reviewer);
    encode_queue(c, a->queue);
    command_check(c, a->severity >= 0 && a->severity <= 4);
    command_int(c, a->severity);
    encode_time(c, a->deadline_ms);
    command_bool(c, a->needs_second);
    encode_limited(c, a->reason, REASON_MAX);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
    encode_clearance(c, a->clearance);
}

static void encode_requeue(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_requeue_args *a = args;

    encode_begin(c, "requeue", encode_shard(c, a->case_id, "cas"), a->now_ms, common);
    command_span(c, a->case_id);
    encode_name(c, a->actor);
    encode_queue_or_none(c, a->queue);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static void encode_appeal(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_appeal_args *a = args;

    encode_begin(c, "appeal", encode_shard(c, a->case_id, "cas"), a->now_ms, common);
    encode_retry(c, &a->retry, "appeal", a->partner);
    command_span(c, a->case_id);
    encode_name(c, a->partner);
    encode_limited(c, a->record, STORE_RECORD_MAX);
    encode_queue_or_none(c, a->queue);
    encode_time(c, a->deadline_ms);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
    encode_id(c, a->appeal_id, "apl");
}

static void encode_append(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_append_args *a = args;

    encode_begin(c, "append", a->shard, a->now_ms, common);
    command_check(c, a->entry.len > 0);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

const struct operation operation_escalate = {"escalate", sizeof(struct store_changed),
                                             encode_escalate, decode_changed};
const struct operation operation_requeue = {"requeue", sizeof(struct store_changed), encode_requeue,
                                            decode_changed};
const struct operation operation_appeal = {"appeal", sizeof(struct store_changed), encode_appeal,
                                           decode_changed};
const struct operation operation_append = {"append", sizeof(struct store_changed), encode_append,
                                           decode_changed};
