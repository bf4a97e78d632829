/* SPDX-License-Identifier: Apache-2.0 */
/* key_put, key_revoke, keys_generation, keys_list: the API keys, all in shard 0. */
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

static void encode_put(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_key_put_args *a = args;

    encode_begin(c, "key_put", 0, a->now_ms, common);
    encode_name(c, a->id);
    encode_name(c, a->role);
    encode_name(c, a->name);
    command_check(c, a->secret_sha256.len == STORE_SECRET_LEN &&
                         a->pseudonym_key.len == STORE_PSEUDONYM_KEY_LEN);
    command_span(c, a->secret_sha256);
    command_span(c, a->pseudonym_key);
    encode_time(c, a->expires_ms);
    encode_time(c, a->max_live);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
    encode_limited(c, a->attributes, STORE_ATTRIBUTES_MAX);
}

static void encode_revoke(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_key_revoke_args *a = args;

    encode_begin(c, "key_revoke", 0, a->now_ms, common);
    encode_name(c, a->id);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static void encode_generation(struct command *c, const void *args,
                              const struct command_common *common)
{
    (void)args;
    encode_begin(c, "keys_generation", 0, 0, common);
}

static void encode_list(struct command *c, const void *args, const struct command_common *common)
{
    (void)args;
    encode_begin(c, "keys_list", 0, 0, common);
}

static enum store_outcome decode_generation(const struct redisReply *reply, struct arena *arena,
                                            void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_generation *ret = result;
    struct reply_row row;

    (void)arena;
    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->generation = reply_int(&row);
    return row.bad ? STORE_BROKEN : outcome;
}

static bool decode_key(struct reply_row row, struct store_key *ret)
{
    ret->id = reply_span(&row);
    ret->role = reply_span(&row);
    ret->name = reply_span(&row);
    ret->secret_sha256 = reply_span(&row);
    ret->pseudonym_key = reply_span(&row);
    ret->created_ms = reply_int(&row);
    ret->revoked_ms = reply_int(&row);
    ret->expires_ms = reply_int(&row);
    ret->attributes = reply_span(&row);
    return !row.bad && ret->secret_sha256.len == STORE_SECRET_LEN &&
           ret->pseudonym_key.len == STORE_PSEUDONYM_KEY_LEN;
}

static enum store_outcome decode_list(const struct redisReply *reply, struct arena *arena,
                                      void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_keys *ret = result;
    struct store_key *keys;
    struct reply_row row, list;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->generation = reply_int(&row);
    list = reply_nested(&row);
    ret->count = reply_left(&list);
    keys = ret->count <= STORE_KEYS_MAX ? arena_array(arena, ret->count + 1, sizeof(*keys)) : NULL;
    if (row.bad || !keys) {
        return STORE_BROKEN;
    }
    for (size_t i = 0; i < ret->count; i++) {
        if (!decode_key(reply_nested(&list), &keys[i])) {
            return STORE_BROKEN;
        }
    }
    ret->keys = keys;
    return STORE_OK;
}

const struct operation operation_key_put = {"key_put", sizeof(struct store_changed), encode_put,
                                            decode_changed};
const struct operation operation_key_revoke = {"key_revoke", sizeof(struct store_changed),
                                               encode_revoke, decode_changed};
const struct operation operation_keys_generation = {
    "keys_generation", sizeof(struct store_generation), encode_generation, decode_generation};
const struct operation operation_keys_list = {"keys_list", sizeof(struct store_keys), encode_list,
                                              decode_list};
