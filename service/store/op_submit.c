/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/digest.h"
#include "lib/base/id.h"
#include "service/store/keys.h"
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

#include <inttypes.h>
#include <stdio.h>

enum { BODY_MAX = 1 << 20, SALT_LEN = 32 };

static void encode_report(struct command *c, const struct store_submit_report *r, unsigned shard,
                          unsigned shards)
{
    char content[SHORT_DIGEST_LEN + 1], retry[SHORT_DIGEST_LEN + 1] = "", history[48] = "";
    uint8_t digest[SHA256_LEN];

    command_check(c, encode_shard(c, r->report_id, "rpt") == shard &&
                         encode_shard(c, r->case_id, "cas") == shard &&
                         key_shard(r->partner, r->content_id, shards) == shard && !c->unknown);
    command_check(c, r->content_id.len >= 1 && r->content_id.len <= STORE_CONTENT_ID_MAX &&
                         r->salt.len == SALT_LEN && r->severity >= 0 && r->severity <= 4 &&
                         r->retry_key.len <= 256 && key_language_ok(r->language));
    key_short(content, "content", r->partner, r->content_id);
    if (r->retry_key.len > 0) {
        key_short(retry, "submit", r->partner, r->retry_key);
    }
    sha256_of(r->body.ptr, r->body.len, digest);
    command_span(c, r->report_id);
    command_span(c, r->case_id);
    encode_name(c, r->partner);
    command_span(c, r->content_id);
    command_text(c, content);
    command_text(c, retry);
    command_span(c, (struct span){(const char *)digest, sizeof(digest)});
    encode_limited(c, r->body, BODY_MAX);
    command_span(c, r->salt);
    encode_limited(c, r->verdict, STORE_RECORD_MAX);
    encode_queue(c, r->queue);
    command_span(c, r->language);
    command_int(c, r->severity);
    encode_time(c, r->deadline_ms);
    command_bool(c, r->needs_second);
    encode_limited(c, r->reporter, STORE_NAME_MAX);
    if (r->history_used) {
        (void)snprintf(history, sizeof(history), "%" PRId64 " %" PRId64, r->history_reports, r->history_reporters);
    }
    command_text(c, history);
    encode_limited(c, r->entry_report, STORE_ENTRY_MAX);
    encode_limited(c, r->entry_verdict, STORE_ENTRY_MAX);
    encode_limited(c, r->harm, STORE_QUEUE_NAME_MAX);
    encode_limited(c, r->author, STORE_NAME_MAX);
    command_check(c, r->features.len % STORE_FEATURE_LEN == 0 && r->pictures.len % STORE_PICTURE_HASH_LEN == 0);
    encode_limited(c, r->features, STORE_FEATURES_MAX * STORE_FEATURE_LEN);
    encode_limited(c, r->pictures, STORE_PICTURES_MAX * STORE_PICTURE_HASH_LEN);
    encode_limited(c, r->cited, STORE_CITED_MAX * (STORE_CITED_NAME_MAX + 1));
}

static void encode(struct command *c, const void *args, const struct command_common *common)
{
    const struct store_submit_args *a = args;
    unsigned shard;

    if (!command_check(c, a->count >= 1 && a->count <= STORE_SUBMIT_MAX)) {
        return;
    }
    shard = encode_shard(c, a->reports[0].report_id, "rpt");
    encode_begin(c, "submit", shard, a->now_ms, common);
    for (size_t i = 0; i < a->count; i++) {
        encode_report(c, &a->reports[i], shard, common->shards);
    }
}

static bool decode_one(struct reply_row row, struct store_submitted_report *ret)
{
    ret->outcome = outcome_of(reply_span(&row));
    if (row.bad || ret->outcome == STORE_BROKEN) {
        return false;
    }
    if (ret->outcome == STORE_STALE) {
        ret->reports = reply_int(&row);
        ret->reporters = reply_int(&row);
        ret->since_ms = reply_int(&row);
        ret->known = reply_bool(&row);
        return !row.bad;
    }
    if (!outcome_has_result(ret->outcome)) {
        return true;
    }
    ret->report_id = reply_span(&row);
    ret->case_id = reply_span(&row);
    ret->joined = reply_bool(&row);
    ret->report_index = reply_int(&row);
    ret->verdict_index = reply_int(&row);
    ret->reports = reply_int(&row);
    ret->reporters = reply_int(&row);
    ret->deadline_ms = reply_int(&row);
    ret->severity = reply_small(&row, 4);
    ret->queue = reply_span(&row);
    return !row.bad;
}

static enum store_outcome decode(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_submitted *ret = result;
    struct store_submitted_report *reports;
    struct reply_row row;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    ret->count = reply_left(&row);
    reports = ret->count <= STORE_SUBMIT_MAX ? arena_array(arena, ret->count + 1, sizeof(*reports))
                                             : NULL;
    if (!reports || ret->count == 0) {
        return STORE_BROKEN;
    }
    for (size_t i = 0; i < ret->count; i++) {
        if (!decode_one(reply_nested(&row), &reports[i])) {
            return STORE_BROKEN;
        }
    }
    ret->reports = reports;
    return STORE_OK;
}

const struct operation operation_submit = {"submit", sizeof(struct store_submitted), encode,
                                           decode};
