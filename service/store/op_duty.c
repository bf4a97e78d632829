/* SPDX-License-Identifier: Apache-2.0 */
/* due, overdue, complete, order_event: what a deferred decision owes, and the clock of an order. */
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

enum { EVENT_MAX = 16 << 10, EVENT_WORD_MAX = 32 };

static void encode_due(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_due_args *a = args;

    encode_begin(c, "due", a->shard, a->now_ms, common);
    command_check(c, a->limit >= 1 && a->limit <= STORE_PAGE_MAX);
    command_int(c, (int64_t)a->limit);
}

static const struct span *decode_spans(struct reply_row *row, struct arena *arena, size_t *count)
{
    struct reply_row list = reply_nested(row);
    struct span *spans = arena_array(arena, reply_left(&list) + 1, sizeof(*spans));

    while (spans && reply_left(&list) > 0) {
        spans[(*count)++] = reply_span(&list);
    }
    return list.bad ? NULL : spans;
}

static enum store_outcome decode_due(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_due *ret = result;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->owed = reply_int(&row);
    ret->overdue = reply_int(&row);
    ret->reviewers = decode_spans(&row, arena, &ret->reviewer_count);
    ret->decisions = decode_spans(&row, arena, &ret->decision_count);
    return row.bad || !ret->reviewers || !ret->decisions ? STORE_BROKEN : STORE_OK;
}

static void encode_overdue(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_overdue_args *a = args;

    encode_begin(c, "overdue", encode_shard(c, a->decision_id, "dec"), a->now_ms, common);
    command_span(c, a->decision_id);
    command_check(c, a->entry.len > 0);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static void encode_complete(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_complete_args *a = args;
    unsigned shard = encode_shard(c, a->deferred_id, "dec");

    encode_begin(c, "complete", shard, a->now_ms, common);
    encode_retry(c, &a->retry, "complete", a->reviewer);
    command_span(c, a->deferred_id);
    encode_name(c, a->reviewer);
    command_bool(c, a->senior);
    encode_name(c, a->pseudonym);
    command_check(c, c->unknown || (encode_shard(c, a->decision_id, "dec") == shard && !c->unknown));
    command_span(c, a->decision_id);
    encode_limited(c, a->record, STORE_RECORD_MAX);
    command_bool(c, a->needs_second);
    encode_time(c, a->appeal_until_ms);
    encode_limited(c, a->notice, STORE_NOTICE_MAX);
    command_check(c, a->entry.len > 0);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
    encode_limited(c, a->entry_notice, STORE_ENTRY_MAX);
    encode_held(c, a->held);
}

static void encode_order_event(struct command *c, const void *args, const struct command_common *common)
{
    static const char *const effects[] = {"none", "pause", "resume", "reopen"};
    const struct store_order_event_args *a = args;

    encode_begin(c, "order_event", encode_shard(c, a->case_id, "cas"), a->now_ms, common);
    encode_retry(c, &a->retry, "order", a->partner);
    command_span(c, a->case_id);
    encode_name(c, a->partner);
    command_text(c, effects[a->effect]);
    encode_limited(c, a->event, EVENT_MAX);
    command_check(c, (a->effect == ORDER_EFFECT_NONE) == (a->deadline_ms == 0));
    encode_time(c, a->deadline_ms);
    command_check(c, a->word.len > 0 && a->word.len <= EVENT_WORD_MAX);
    command_span(c, a->word);
    command_check(c, a->entry.len > 0);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

const struct operation operation_order_event = {"order_event", sizeof(struct store_changed), encode_order_event,
                                                decode_changed};
const struct operation operation_due = {"due", sizeof(struct store_due), encode_due, decode_due};
const struct operation operation_overdue = {"overdue", sizeof(struct store_changed), encode_overdue, decode_changed};
const struct operation operation_complete = {"complete", sizeof(struct store_decided), encode_complete,
                                             decode_decided};
