/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/operation.h"

#include "lib/base/clock.h"
#include "lib/base/digest.h"
#include "lib/base/id.h"
#include "service/store/keys.h"

#include <hiredis/hiredis.h>

bool operation_reads(const struct operation *operation)
{
    static const struct operation *const reads[] = {
        &operation_keys_generation, &operation_keys_list,    &operation_report_get,
        &operation_case_get,        &operation_decision_get, &operation_queues,
        &operation_recent,          &operation_holds,        &operation_features,
        &operation_related,         &operation_pictures,
    };

    for (size_t i = 0; i < COUNT_OF(reads); i++) {
        if (reads[i] == operation) {
            return true;
        }
    }
    return false;
}

void encode_begin(struct command *command, const char *name, unsigned shard, int64_t now_ms,
                  const struct command_common *common)
{
    struct command_common own = *common;

    own.now_ms = now_ms;
    command_check(command, now_ms >= 0 && now_ms <= CLOCK_MAX_MS);
    command_function(command, name, shard, &own);
}

unsigned encode_shard(struct command *command, struct span id, const char kind[4])
{
    unsigned shard = 0;

    command->unknown |= !id_read(id, kind, &shard, NULL);
    return shard;
}

void encode_id(struct command *command, struct span id, const char kind[4])
{
    command->unknown |= !id_read(id, kind, NULL, NULL);
    command_span(command, id);
}

void encode_name(struct command *command, struct span name)
{
    command_check(command, key_name_ok(name));
    command_span(command, name);
}

void encode_queue(struct command *command, struct span queue)
{
    command_check(command, key_queue_ok(queue));
    command_span(command, queue);
}

void encode_queue_or_none(struct command *command, struct span queue)
{
    command_check(command, queue.len == 0 || key_queue_ok(queue));
    command_span(command, queue);
}

void encode_limited(struct command *command, struct span bytes, size_t max)
{
    command_check(command, bytes.len <= max);
    command_span(command, bytes);
}

void encode_time(struct command *command, int64_t ms)
{
    command_check(command, ms >= 0 && ms <= CLOCK_MAX_MS);
    command_int(command, ms);
}

void encode_clearance(struct command *command, int clearance)
{
    command_check(command, clearance >= 0 && clearance <= STORE_CLEARANCE_MAX);
    command_int(command, clearance);
}

void encode_retry(struct command *command, const struct store_retry *retry, const char *kind,
                  struct span owner)
{
    char name[SHORT_DIGEST_LEN + 1] = "";

    if (retry->key.len > 0) {
        command_check(command, retry->key.len <= 256 && retry->digest.len == SHA256_LEN);
        key_short(name, kind, owner, retry->key);
    }
    command_text(command, name);
    command_span(command, retry->key.len > 0 ? retry->digest : SPAN(""));
}

enum store_outcome decode_changed(const struct redisReply *reply, struct arena *arena, void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_changed *changed = result;
    struct reply_row row;

    (void)arena;
    if (!outcome_has_result(outcome)) {
        return outcome;
    }
    row = reply_row(reply, 1);
    changed->id = reply_span(&row);
    changed->index = reply_int(&row);
    changed->version = reply_int(&row);
    return row.bad ? STORE_BROKEN : outcome;
}

bool decode_report(struct reply_row *row, struct store_report *ret)
{
    uint8_t digest[SHA256_LEN];

    ret->id = reply_span(row);
    ret->case_id = reply_span(row);
    ret->partner = reply_span(row);
    ret->content_id = reply_span(row);
    ret->body = reply_span(row);
    ret->salt = reply_span(row);
    ret->verdict = reply_span(row);
    ret->received_ms = reply_int(row);
    ret->index = reply_int(row);
    ret->verdict_index = reply_int(row);
    ret->joined = reply_bool(row);
    ret->digest = reply_span(row);
    ret->erased = reply_bool(row);
    if (row->bad || ret->digest.len != SHA256_LEN) {
        return false;
    }
    if (ret->erased) {
        return ret->body.len == 0;
    }
    sha256_of(ret->body.ptr, ret->body.len, digest);
    return memcmp(digest, ret->digest.ptr, SHA256_LEN) == 0;
}
