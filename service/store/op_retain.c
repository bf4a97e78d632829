/* SPDX-License-Identifier: Apache-2.0 */
/* keep_due, keep, erase, hold, hold_release, holds, forget. */
#include "service/store/keys.h"
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

static void encode_keep_due(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_keep_due_args *a = args;

    encode_begin(c, "keep_due", a->shard, a->now_ms, common);
    command_check(c, a->limit >= 1 && a->limit <= STORE_KEEP_DUE_MAX);
    command_int(c, (int64_t)a->limit);
}

/* Room for the rows left, STORE_BROKEN's NULL when there are more than `max`. */
static void *rows_alloc(struct arena *arena, const struct reply_row *row, size_t max, size_t size, size_t *ret_count)
{
    *ret_count = reply_left(row);
    return *ret_count <= max ? arena_array(arena, *ret_count + 1, size) : NULL;
}

static enum store_outcome decode_keep_due(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_keep_due *ret = result;
    struct store_keep_case *cases;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    cases = rows_alloc(arena, &row, STORE_KEEP_DUE_MAX, sizeof(*cases), &ret->count);
    for (size_t i = 0; cases && i < ret->count; i++) {
        struct reply_row one = reply_nested(&row);

        cases[i].case_id = reply_span(&one);
        cases[i].version = reply_int(&one);
        cases[i].closed_ms = reply_int(&one);
        cases[i].outcome = reply_span(&one);
        cases[i].asked = reply_bool(&one);
        cases[i].held_until_ms = reply_int(&one);
        row.bad |= one.bad;
    }
    ret->cases = cases;
    return cases && !row.bad ? STORE_OK : STORE_BROKEN;
}

static void encode_keep(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_keep_args *a = args;

    encode_begin(c, "keep", encode_shard(c, a->case_id, "cas"), a->now_ms, common);
    command_span(c, a->case_id);
    command_int(c, a->version);
    encode_time(c, a->look_ms);
    encode_time(c, a->preserved_ms);
}

static void encode_erase(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_erase_args *a = args;

    encode_begin(c, "erase", encode_shard(c, a->case_id, "cas"), a->now_ms, common);
    command_span(c, a->case_id);
    encode_name(c, a->actor);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static enum store_outcome decode_erase(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_erased *ret = result;
    struct reply_row row;

    (void)arena;
    if (!outcome_has_result(outcome)) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->case_id = reply_span(&row);
    ret->index = reply_int(&row);
    ret->version = reply_int(&row);
    ret->left = reply_int(&row);
    return row.bad ? STORE_BROKEN : outcome;
}

static void encode_hold(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_hold_args *a = args;
    unsigned shard = encode_shard(c, a->case_id, "cas");

    encode_begin(c, "hold", shard, a->now_ms, common);
    command_check(c, encode_shard(c, a->hold_id, "hld") == shard && a->until_ms > a->now_ms && a->authority.len > 0 &&
                         a->reference.len > 0);
    command_span(c, a->case_id);
    command_span(c, a->hold_id);
    encode_limited(c, a->authority, STORE_HOLD_TEXT_MAX);
    encode_limited(c, a->reference, STORE_HOLD_TEXT_MAX);
    encode_time(c, a->until_ms);
    encode_name(c, a->pseudonym);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static void encode_hold_release(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_hold_release_args *a = args;

    encode_begin(c, "hold_release", encode_shard(c, a->case_id, "cas"), a->now_ms, common);
    command_span(c, a->case_id);
    encode_id(c, a->hold_id, "hld");
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static void encode_holds(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_id_args *a = args;

    encode_begin(c, "holds", encode_shard(c, a->id, "cas"), 0, common);
    command_span(c, a->id);
}

static enum store_outcome decode_holds(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_holds *ret = result;
    struct store_hold *holds;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->closed = reply_small(&row, CASE_STATE_COUNT - 1) == CASE_CLOSED;
    ret->erased = reply_bool(&row);
    ret->asked = reply_bool(&row);
    ret->look_ms = reply_int(&row);
    ret->preserved_ms = reply_int(&row);
    holds = rows_alloc(arena, &row, STORE_HOLDS_MAX, sizeof(*holds), &ret->count);
    for (size_t i = 0; holds && i < ret->count; i++) {
        struct reply_row one = reply_nested(&row);

        holds[i].id = reply_span(&one);
        holds[i].authority = reply_span(&one);
        holds[i].reference = reply_span(&one);
        holds[i].until_ms = reply_int(&one);
        holds[i].pseudonym = reply_span(&one);
        holds[i].placed_ms = reply_int(&one);
        row.bad |= one.bad;
    }
    ret->holds = holds;
    return holds && !row.bad ? STORE_OK : STORE_BROKEN;
}

static void encode_forget(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_forget_args *a = args;

    encode_begin(c, "forget", a->shard, a->now_ms, common);
    encode_name(c, a->person);
    command_text(c, a->kind == STORE_REPORTER ? "reporter" : "author");
    if (a->after.len) {
        encode_id(c, a->after, "rpt");
    } else {
        command_text(c, "");
    }
    command_check(c, a->limit >= 1 && a->limit <= STORE_FORGET_MAX && a->entry.len > 0);
    command_int(c, (int64_t)a->limit);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static enum store_outcome decode_forget(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_forgotten *ret = result;
    struct store_kept *kept;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->next = reply_span(&row);
    ret->index = reply_int(&row);
    ret->cases = reply_int(&row);
    ret->reports = reply_int(&row);
    kept = rows_alloc(arena, &row, STORE_FORGET_MAX, sizeof(*kept), &ret->kept_count);
    for (size_t i = 0; kept && i < ret->kept_count; i++) {
        struct reply_row one = reply_nested(&row);

        kept[i].case_id = reply_span(&one);
        kept[i].open = span_is(reply_span(&one), "open");
        kept[i].until_ms = reply_int(&one);
        row.bad |= one.bad;
    }
    ret->kept = kept;
    return kept && !row.bad ? STORE_OK : STORE_BROKEN;
}

const struct operation operation_keep_due = {"keep_due", sizeof(struct store_keep_due), encode_keep_due,
                                             decode_keep_due};
const struct operation operation_keep = {"keep", sizeof(struct store_changed), encode_keep, decode_changed};
const struct operation operation_erase = {"erase", sizeof(struct store_erased), encode_erase, decode_erase};
const struct operation operation_hold = {"hold", sizeof(struct store_changed), encode_hold, decode_changed};
const struct operation operation_hold_release = {"hold_release", sizeof(struct store_changed), encode_hold_release,
                                                 decode_changed};
const struct operation operation_holds = {"holds", sizeof(struct store_holds), encode_holds, decode_holds};
const struct operation operation_forget = {"forget", sizeof(struct store_forgotten), encode_forget, decode_forget};
