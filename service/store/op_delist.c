/* SPDX-License-Identifier: Apache-2.0 */
/* cited, delist. */
#include "service/store/keys.h"
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

enum { RESTRICTIONS_MAX = 1024 };

static void encode_cited(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_cited_args *a = args;

    encode_begin(c, "cited", a->shard, 0, common);
    command_check(c, a->limit >= 1 && a->limit <= STORE_CITED_PAGE_MAX);
    encode_limited(c, a->after, STORE_CITED_NAME_MAX);
    command_int(c, (int64_t)a->limit);
}

static enum store_outcome decode_cited(const struct redisReply *reply, struct arena *arena,
                                       void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_cited *ret = result;
    struct span *names;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->count = reply_left(&row);
    names = ret->count <= STORE_CITED_PAGE_MAX ? arena_array(arena, ret->count + 1, sizeof(*names))
                                               : NULL;
    for (size_t i = 0; names && i < ret->count; i++) {
        names[i] = reply_span(&row);
    }
    ret->names = names;
    return names && !row.bad ? STORE_OK : STORE_BROKEN;
}

static void encode_delist(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_delist_args *a = args;

    encode_begin(c, "delist", a->shard, a->now_ms, common);
    command_check(c, a->limit >= 1 && a->limit <= STORE_DELIST_MAX && a->name.len > 0);
    encode_limited(c, a->name, STORE_CITED_NAME_MAX);
    command_int(c, (int64_t)a->limit);
    encode_time(c, a->deadline_ms);
    encode_limited(c, a->restrictions, RESTRICTIONS_MAX);
    encode_limited(c, a->entry, STORE_ENTRY_MAX);
}

static enum store_outcome decode_delist(const struct redisReply *reply, struct arena *arena,
                                        void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_delisted *ret = result;
    struct reply_row row;

    (void)arena;
    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->opened = reply_int(&row);
    ret->noted = reply_int(&row);
    ret->left = reply_bool(&row);
    return row.bad ? STORE_BROKEN : STORE_OK;
}

const struct operation operation_cited = {"cited", sizeof(struct store_cited), encode_cited,
                                          decode_cited};
const struct operation operation_delist = {"delist", sizeof(struct store_delisted), encode_delist,
                                           decode_delist};
