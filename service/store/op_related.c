/* SPDX-License-Identifier: Apache-2.0 */
/* features, related, pictures. */
#include "service/store/keys.h"
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

static void encode_features(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_id_args *a = args;

    encode_begin(c, "features", encode_shard(c, a->id, "cas"), 0, common);
    command_span(c, a->id);
}

static enum store_outcome decode_features(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_features *ret = result;
    struct reply_row row;

    (void)arena;
    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->partner = reply_span(&row);
    ret->features = reply_span(&row);
    ret->pictures = reply_span(&row);
    return row.bad || ret->features.len % STORE_FEATURE_LEN || ret->pictures.len % STORE_PICTURE_HASH_LEN
               ? STORE_BROKEN
               : STORE_OK;
}

static void encode_related(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_related_args *a = args;

    encode_begin(c, "related", a->shard, 0, common);
    encode_id(c, a->case_id, "cas");
    command_check(c, a->features.len % STORE_FEATURE_LEN == 0 && a->named_count <= STORE_RELATED_NAMED_MAX);
    encode_limited(c, a->features, STORE_RELATED_FEATURES_MAX * STORE_FEATURE_LEN);
    for (size_t i = 0; i < a->named_count; i++) {
        command_check(c, encode_shard(c, a->named[i], "cas") == a->shard);
        command_span(c, a->named[i]);
    }
}

static void decode_case(struct reply_row *row, struct store_related_case *ret)
{
    ret->id = reply_span(row);
    ret->feature = reply_span(row);
    ret->partner = reply_span(row);
    ret->state = reply_small(row, CASE_STATE_COUNT - 1);
    ret->harm = reply_span(row);
    ret->created_ms = reply_int(row);
    ret->closed_ms = reply_int(row);
    ret->outcome = reply_span(row);
}

static enum store_outcome decode_related(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_related *ret = result;
    struct store_related_case *cases;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->count = reply_left(&row);
    cases = ret->count <= STORE_RELATED_MAX ? arena_array(arena, ret->count + 1, sizeof(*cases)) : NULL;
    for (size_t i = 0; cases && i < ret->count; i++) {
        struct reply_row one = reply_nested(&row);

        decode_case(&one, &cases[i]);
        row.bad |= one.bad;
    }
    ret->cases = cases;
    return cases && !row.bad ? STORE_OK : STORE_BROKEN;
}

static void encode_pictures(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_pictures_args *a = args;

    encode_begin(c, "pictures", a->shard, 0, common);
    command_check(c, a->from >= 0);
    command_int(c, a->from);
}

static enum store_outcome decode_pictures(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_pictures *ret = result;
    struct reply_row row;

    (void)arena;
    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->first = reply_int(&row);
    ret->total = reply_int(&row);
    ret->bytes = reply_span(&row);
    return row.bad || ret->bytes.len % STORE_PICTURE_LEN ? STORE_BROKEN : STORE_OK;
}

const struct operation operation_features = {"features", sizeof(struct store_features), encode_features,
                                             decode_features};
const struct operation operation_related = {"related", sizeof(struct store_related), encode_related, decode_related};
const struct operation operation_pictures = {"pictures", sizeof(struct store_pictures), encode_pictures,
                                             decode_pictures};
