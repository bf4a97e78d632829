/* SPDX-License-Identifier: Apache-2.0 */
/* claim, extend, release, expire: who holds which case, and for how long. */
#include "lib/base/id.h"
#include "service/store/keys.h"
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

#define LEASE_MAX_MS (24LL * 3600 * 1000)

static void encode_lease_ms(struct command *c, int64_t lease_ms)
{
    command_check(c, lease_ms > 0 && lease_ms <= LEASE_MAX_MS);
    command_int(c, lease_ms);
}

static void encode_care(struct command *c, const struct store_care *care)
{
    encode_queue_or_none(c, care->exempt_queue);
    command_int(c, care->worst_severity);
    encode_time(c, care->worst_in_a_row);
    encode_time(c, care->pause_ms);
    encode_time(c, care->rotation);
    encode_time(c, care->hour);
    encode_time(c, care->day);
    for (size_t i = 0; i < COUNT_OF(care->severity_hour); i++) {
        encode_time(c, care->severity_hour[i]);
        encode_time(c, care->severity_day[i]);
    }
}

static void encode_languages(struct command *c, const struct span *languages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        command_check(c, key_language_ok(languages[i]));
        command_span(c, languages[i]);
    }
}

static void encode_names(struct command *c, const struct span *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        encode_name(c, names[i]);
    }
}

static bool counts_good(const struct store_claim_args *a)
{
    return a->limit >= 1 && a->limit <= STORE_CLAIM_MAX && a->queue_count <= STORE_QUEUES_MAX &&
           a->language_count <= STORE_LANGUAGES_MAX && a->may.language_count <= STORE_LANGUAGES_MAX &&
           a->may.opt_out_count <= STORE_HARMS_MAX && a->may.conflict_count <= STORE_CONFLICTS_MAX;
}

static void encode_claim(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_claim_args *a = args;

    if (!command_check(c, counts_good(a))) {
        return;
    }
    encode_begin(c, "claim", a->shard, a->now_ms, common);
    encode_name(c, a->reviewer);
    encode_name(c, a->pseudonym);
    encode_lease_ms(c, a->lease_ms);
    command_bool(c, a->second);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
    encode_clearance(c, a->may.clearance);
    encode_care(c, &a->care);
    command_int(c, (int64_t)a->queue_count);
    command_int(c, (int64_t)a->language_count);
    command_int(c, (int64_t)a->may.language_count);
    command_int(c, (int64_t)a->may.opt_out_count);
    command_int(c, (int64_t)a->may.conflict_count);
    command_int(c, (int64_t)a->limit);
    for (size_t i = 0; i < a->queue_count; i++) {
        encode_queue(c, a->queues[i]);
    }
    encode_languages(c, a->languages, a->language_count);
    encode_languages(c, a->may.languages, a->may.language_count);
    encode_names(c, a->may.opt_out, a->may.opt_out_count);
    encode_names(c, a->may.conflicts, a->may.conflict_count);
    for (size_t i = 0; i < a->limit; i++) {
        command_check(c, encode_shard(c, a->tokens[i], "lse") == a->shard && !c->unknown);
        command_span(c, a->tokens[i]);
    }
}

static bool decode_lease(struct reply_row row, struct store_lease *ret)
{
    ret->token = reply_span(&row);
    ret->case_id = reply_span(&row);
    ret->queue = reply_span(&row);
    ret->language = reply_span(&row);
    ret->fence = reply_int(&row);
    ret->expires_ms = reply_int(&row);
    ret->deadline_ms = reply_int(&row);
    ret->version = reply_int(&row);
    ret->severity = reply_small(&row, 4);
    ret->second = reply_bool(&row);
    ret->index = reply_int(&row);
    return !row.bad;
}

static enum store_outcome decode_claim(const struct redisReply *reply, struct arena *arena,
                                       void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_claimed *ret = result;
    struct store_lease *leases;
    struct reply_row row;

    row = reply_row(reply, 1);
    if (outcome == STORE_EXPOSED) {
        ret->exposed_until_ms = reply_int(&row);
        return row.bad ? STORE_BROKEN : outcome;
    }
    if (outcome != STORE_OK) {
        return outcome;
    }
    ret->count = reply_left(&row);
    leases =
        ret->count <= STORE_CLAIM_MAX ? arena_array(arena, ret->count + 1, sizeof(*leases)) : NULL;
    if (!leases) {
        return STORE_BROKEN;
    }
    for (size_t i = 0; i < ret->count; i++) {
        if (!decode_lease(reply_nested(&row), &leases[i])) {
            return STORE_BROKEN;
        }
    }
    ret->leases = leases;
    return STORE_OK;
}

static void encode_extend(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_extend_args *a = args;

    encode_begin(c, "extend", encode_shard(c, a->token, "lse"), a->now_ms, common);
    command_span(c, a->token);
    encode_name(c, a->reviewer);
    encode_lease_ms(c, a->lease_ms);
}

static enum store_outcome decode_extend(const struct redisReply *reply, struct arena *arena,
                                        void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_extended *ret = result;
    struct reply_row row;

    (void)arena;
    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->case_id = reply_span(&row);
    ret->expires_ms = reply_int(&row);
    ret->fence = reply_int(&row);
    return row.bad ? STORE_BROKEN : outcome;
}

static void encode_release(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_release_args *a = args;

    encode_begin(c, "release", encode_shard(c, a->token, "lse"), a->now_ms, common);
    command_span(c, a->token);
    encode_name(c, a->reviewer);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static void encode_expire(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_expire_args *a = args;

    encode_begin(c, "expire", a->shard, a->now_ms, common);
    command_check(c, a->limit >= 1 && a->limit <= 1000);
    command_int(c, (int64_t)a->limit);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static enum store_outcome decode_expire(const struct redisReply *reply, struct arena *arena,
                                        void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_expired *ret = result;
    struct reply_row row;

    (void)arena;
    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->count = reply_int(&row);
    ret->leases = reply_int(&row);
    return row.bad ? STORE_BROKEN : outcome;
}

const struct operation operation_claim = {"claim", sizeof(struct store_claimed), encode_claim,
                                          decode_claim};
const struct operation operation_extend = {"extend", sizeof(struct store_extended), encode_extend,
                                           decode_extend};
const struct operation operation_release = {"release", sizeof(struct store_changed), encode_release,
                                            decode_changed};
const struct operation operation_expire = {"expire", sizeof(struct store_expired), encode_expire,
                                           decode_expire};
