/* SPDX-License-Identifier: Apache-2.0 */
/* webhook_put, webhook_change, webhooks, webhook_due, webhook_take, webhook_done. */
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

enum { SECRET_MIN = 24, SECRET_MAX = 64 };

const char *const webhook_state_words[WEBHOOK_STATE_COUNT] = {"active", "gone", "failing", "disabled"};
static const char *const change_words[WEBHOOK_CHANGE_COUNT] = {"rotate", "enable", "disable", "delete", "replay"};
static const char *const result_words[WEBHOOK_RESULT_COUNT] = {"delivered", "refused", "gone"};
static const char *const fate_words[WEBHOOK_FATE_COUNT] = {"delivered", "waits", "given_up", "disabled"};

static void encode_secret(struct command *c, struct span secret, bool wanted)
{
    command_check(c, wanted ? secret.len >= SECRET_MIN && secret.len <= SECRET_MAX : secret.len == 0);
    command_span(c, secret);
}

static void encode_put(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_webhook_put_args *a = args;

    encode_begin(c, "webhook_put", 0, a->now_ms, common);
    encode_name(c, a->partner);
    command_check(c, a->url.len > 0);
    encode_limited(c, a->url, STORE_WEBHOOK_URL_MAX);
    encode_secret(c, a->secret, true);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static void encode_change(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_webhook_change_args *a = args;

    encode_begin(c, "webhook_change", 0, a->now_ms, common);
    encode_name(c, a->partner);
    command_text(c, change_words[a->what]);
    encode_secret(c, a->secret, a->what == WEBHOOK_ROTATE);
    encode_time(c, a->number);
    encode_time(c, a->since_ms);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static enum store_outcome decode_number(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_webhook_number *ret = result;
    struct reply_row row;

    (void)arena;
    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->number = reply_int(&row);
    return row.bad ? STORE_BROKEN : STORE_OK;
}

static void encode_webhooks(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_webhooks_args *a = args;

    encode_begin(c, "webhooks", 0, 0, common);
    if (a->partner.len) {
        encode_name(c, a->partner);
    } else {
        command_text(c, "");
    }
}

static bool decode_one(struct reply_row row, struct store_webhook *ret)
{
    ret->partner = reply_span(&row);
    ret->url = reply_span(&row);
    ret->secret = reply_span(&row);
    ret->old_secret = reply_span(&row);
    ret->old_secret_until_ms = reply_int(&row);
    ret->state = (enum webhook_state)reply_small(&row, WEBHOOK_STATE_COUNT - 1);
    ret->disabled_ms = reply_int(&row);
    ret->created_ms = reply_int(&row);
    ret->taken = reply_int(&row);
    ret->last_success_ms = reply_int(&row);
    ret->last_failure_ms = reply_int(&row);
    ret->last_status = reply_int(&row);
    ret->last_failure = reply_span(&row);
    ret->failures_in_row = reply_int(&row);
    ret->delivered = reply_int(&row);
    ret->given_up = reply_int(&row);
    ret->waiting = reply_int(&row);
    return !row.bad && ret->secret.len >= SECRET_MIN;
}

static enum store_outcome decode_webhooks(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_webhooks *ret = result;
    struct store_webhook *all;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->count = reply_left(&row);
    all = ret->count <= STORE_WEBHOOKS_MAX ? arena_array(arena, ret->count + 1, sizeof(*all)) : NULL;
    if (!all) {
        return STORE_BROKEN;
    }
    for (size_t i = 0; i < ret->count; i++) {
        if (!decode_one(reply_nested(&row), &all[i])) {
            return STORE_BROKEN;
        }
    }
    ret->webhooks = all;
    return STORE_OK;
}

static void encode_due(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_webhook_due_args *a = args;

    encode_begin(c, "webhook_due", 0, a->now_ms, common);
    command_check(c, a->limit >= 1 && a->limit <= STORE_WEBHOOKS_MAX);
    command_int(c, (int64_t)a->limit);
    command_bool(c, a->sums);
}

static enum store_outcome decode_due(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_webhook_due *ret = result;
    struct span *partners;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->waiting = reply_int(&row);
    ret->disabled = reply_int(&row);
    ret->count = reply_left(&row);
    partners = ret->count <= STORE_WEBHOOKS_MAX ? arena_array(arena, ret->count + 1, sizeof(*partners)) : NULL;
    if (!partners) {
        return STORE_BROKEN;
    }
    for (size_t i = 0; i < ret->count; i++) {
        partners[i] = reply_span(&row);
    }
    ret->partners = partners;
    return row.bad ? STORE_BROKEN : STORE_OK;
}

static void encode_take(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_webhook_take_args *a = args;

    encode_begin(c, "webhook_take", 0, a->now_ms, common);
    encode_name(c, a->partner);
    encode_time(c, a->again_ms);
    command_check(c, a->limit >= 1 && a->limit <= STORE_WEBHOOK_TAKE_MAX);
    command_int(c, (int64_t)a->limit);
}

static bool decode_message(struct reply_row row, struct store_webhook_message *ret)
{
    ret->cursor = reply_int(&row);
    ret->at_ms = reply_int(&row);
    ret->kind = reply_span(&row);
    ret->bytes = reply_span(&row);
    ret->attempt = reply_int(&row);
    return !row.bad;
}

static enum store_outcome decode_take(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_webhook_taken *ret = result;
    struct store_webhook_message *messages;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->url = reply_span(&row);
    ret->secret = reply_span(&row);
    ret->old_secret = reply_span(&row);
    ret->old_secret_until_ms = reply_int(&row);
    ret->count = reply_left(&row);
    messages = ret->count <= STORE_WEBHOOK_TAKE_MAX ? arena_array(arena, ret->count + 1, sizeof(*messages)) : NULL;
    if (row.bad || !messages) {
        return STORE_BROKEN;
    }
    for (size_t i = 0; i < ret->count; i++) {
        if (!decode_message(reply_nested(&row), &messages[i])) {
            return STORE_BROKEN;
        }
    }
    ret->messages = messages;
    return STORE_OK;
}

static void encode_done(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_webhook_done_args *a = args;

    encode_begin(c, "webhook_done", 0, a->now_ms, common);
    encode_name(c, a->partner);
    command_check(c, a->cursor > 0);
    command_int(c, a->cursor);
    command_text(c, result_words[a->result]);
    command_int(c, a->status);
    encode_limited(c, a->failure, STORE_WEBHOOK_FAILURE_MAX);
    encode_time(c, a->next_ms);
    encode_time(c, a->patience_ms);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static enum store_outcome decode_done(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_webhook_word *ret = result;
    struct reply_row row;
    struct span word;

    (void)arena;
    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    word = reply_span(&row);
    for (int i = 0; i < WEBHOOK_FATE_COUNT && !row.bad; i++) {
        if (span_is(word, fate_words[i])) {
            ret->fate = (enum webhook_fate)i;
            return STORE_OK;
        }
    }
    return STORE_BROKEN;
}

const struct operation operation_webhook_put = {"webhook_put", sizeof(struct store_webhook_number), encode_put,
                                                decode_number};
const struct operation operation_webhook_change = {"webhook_change", sizeof(struct store_webhook_number),
                                                   encode_change, decode_number};
const struct operation operation_webhooks = {"webhooks", sizeof(struct store_webhooks), encode_webhooks,
                                             decode_webhooks};
const struct operation operation_webhook_due = {"webhook_due", sizeof(struct store_webhook_due), encode_due,
                                                decode_due};
const struct operation operation_webhook_take = {"webhook_take", sizeof(struct store_webhook_taken), encode_take,
                                                 decode_take};
const struct operation operation_webhook_done = {"webhook_done", sizeof(struct store_webhook_word), encode_done,
                                                 decode_done};
