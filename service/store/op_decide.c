/* SPDX-License-Identifier: Apache-2.0 */
/* decide, suggest, attempt, second, held_release, effect: a decision from its making to its being carried out. */
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

enum { MEASURE_MAX = 256 };

void encode_held(struct command *c, const struct store_held held[STORE_HELD_MAX])
{
    for (size_t i = 0; i < STORE_HELD_MAX; i++) {
        encode_time(c, held[i].due_ms);
        encode_limited(c, held[i].notice, STORE_NOTICE_MAX);
        command_check(c, (held[i].due_ms > 0) == (held[i].notice.len > 0));
    }
}

static void encode_decide(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_decide_args *a = args;
    unsigned shard = encode_shard(c, a->case_id, "cas");

    encode_begin(c, "decide", shard, a->now_ms, common);
    encode_retry(c, &a->retry, "decide", a->reviewer);
    command_span(c, a->case_id);
    encode_limited(c, a->token, STORE_NAME_MAX);
    encode_name(c, a->reviewer);
    encode_name(c, a->pseudonym);
    encode_time(c, a->fence);
    encode_time(c, a->version);
    command_check(c,
                  c->unknown || (encode_shard(c, a->decision_id, "dec") == shard && !c->unknown));
    command_span(c, a->decision_id);
    encode_limited(c, a->record, STORE_RECORD_MAX);
    command_bool(c, a->needs_second);
    encode_time(c, a->appeal_until_ms);
    encode_limited(c, a->notice, STORE_NOTICE_MAX);
    command_check(c, a->entry.len > 0);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
    encode_limited(c, a->entry_notice, STORE_ENTRY_MAX);
    encode_held(c, a->held);
    encode_time(c, a->full_due_ms);
    command_bool(c, a->pauses_order);
}

static void encode_attempt(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_attempt_args *a = args;

    encode_begin(c, "attempt", encode_shard(c, a->token, "lse"), a->now_ms, common);
    command_span(c, a->token);
    encode_name(c, a->reviewer);
}

static void encode_suggest(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_suggest_args *a = args;

    encode_begin(c, "suggest", encode_shard(c, a->token, "lse"), a->now_ms, common);
    command_span(c, a->token);
    encode_name(c, a->reviewer);
    command_check(c, a->suggestions.len > 0);
    encode_limited(c, a->suggestions, STORE_SUGGESTIONS_MAX);
}

enum store_outcome decode_decided(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_decided *ret = result;
    struct reply_row row;

    (void)arena;
    if (!outcome_has_result(outcome)) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->decision_id = reply_span(&row);
    ret->case_id = reply_span(&row);
    ret->state = (enum decision_state)reply_small(&row, DECISION_STATE_COUNT - 1);
    ret->index = reply_int(&row);
    ret->version = reply_int(&row);
    return row.bad ? STORE_BROKEN : outcome;
}

static void encode_second(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_second_args *a = args;

    encode_begin(c, "second", encode_shard(c, a->case_id, "cas"), a->now_ms, common);
    encode_retry(c, &a->retry, "second", a->reviewer);
    command_span(c, a->case_id);
    encode_id(c, a->decision_id, "dec");
    encode_name(c, a->reviewer);
    encode_name(c, a->pseudonym);
    encode_limited(c, a->token, STORE_NAME_MAX);
    command_bool(c, a->agree);
    encode_limited(c, a->record, STORE_RECORD_MAX);
    encode_limited(c, a->notice, STORE_NOTICE_MAX);
    command_check(c, a->entry.len > 0);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
    encode_limited(c, a->entry_notice, STORE_ENTRY_MAX);
    encode_held(c, a->held);
    encode_clearance(c, a->may.clearance);
    command_check(c, a->may.conflict_count <= STORE_CONFLICTS_MAX);
    for (size_t i = 0; !c->refused && i < a->may.conflict_count; i++) {
        encode_name(c, a->may.conflicts[i]);
    }
}

static void encode_effect(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_effect_args *a = args;

    encode_begin(c, "effect", encode_shard(c, a->decision_id, "dec"), a->now_ms, common);
    command_span(c, a->decision_id);
    encode_name(c, a->partner);
    encode_time(c, a->effective_at_ms);
    encode_limited(c, a->measure, MEASURE_MAX);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static void encode_release(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_held_release_args *a = args;

    encode_begin(c, "held_release", a->shard, a->now_ms, common);
    command_check(c, a->limit >= 1 && a->limit <= 1000);
    command_int(c, (int64_t)a->limit);
    command_check(c, a->entry.len > 0);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static enum store_outcome decode_released(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_held_released *ret = result;
    struct reply_row row;

    (void)arena;
    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->count = reply_int(&row);
    ret->left = reply_int(&row);
    return row.bad ? STORE_BROKEN : STORE_OK;
}

const struct operation operation_decide = {"decide", sizeof(struct store_decided), encode_decide,
                                           decode_decided};
const struct operation operation_second = {"second", sizeof(struct store_decided), encode_second,
                                           decode_decided};
const struct operation operation_attempt = {"attempt", sizeof(struct store_changed), encode_attempt,
                                            decode_changed};
const struct operation operation_suggest = {"suggest", sizeof(struct store_changed), encode_suggest,
                                            decode_changed};
const struct operation operation_effect = {"effect", sizeof(struct store_changed), encode_effect,
                                           decode_changed};
const struct operation operation_held_release = {"held_release", sizeof(struct store_held_released), encode_release,
                                                 decode_released};
