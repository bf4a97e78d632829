/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/reply.h"

#include <hiredis/hiredis.h>

const char *const store_outcome_words[STORE_OUTCOME_COUNT] = {
    "ok",   "again",  "mismatch", "none",  "lease", "state",   "stale",
    "same", "leased", "late",     "limit", "exposed", "barred", "held", "busy",  "unknown", "broken",
};
const char *const case_state_words[CASE_STATE_COUNT] = {
    "open", "leased", "awaiting_second", "second_leased", "closed",
};
const char *const decision_state_words[DECISION_STATE_COUNT] = {
    "awaiting_second",
    "effective",
    "rejected",
    "superseded",
};

enum store_outcome outcome_of(struct span word)
{
    for (int i = 0; i <= STORE_BUSY; i++) {
        if (span_is(word, store_outcome_words[i])) {
            return (enum store_outcome)i;
        }
    }
    return STORE_BROKEN;
}

bool outcome_has_result(enum store_outcome outcome)
{
    return outcome == STORE_OK || outcome == STORE_AGAIN;
}

bool reply_is_missing(const struct redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ERROR &&
           span_starts((struct span){reply->str, (size_t)reply->len}, "ERR Function not found");
}

/* Errors with which Redis refuses a command before any of it runs. */
static bool refused_before(struct span error)
{
    static const char *const kinds[] = {
        "LOADING ",    "OOM ",        "READONLY ",    "MISCONF ",  "BUSY ",
        "MASTERDOWN ", "NOREPLICAS ", "CLUSTERDOWN ", "TRYAGAIN ", "NOAUTH ",
        "MOVED ",      "ASK ",
    };

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (span_starts(error, kinds[i])) {
            return true;
        }
    }
    return false;
}

enum store_outcome reply_outcome(const struct redisReply *reply)
{
    struct reply_row row = {.array = reply};

    if (!reply) {
        return STORE_UNKNOWN;
    }
    if (reply->type == REDIS_REPLY_ERROR) {
        struct span error = {reply->str, (size_t)reply->len};

        return refused_before(error) || reply_is_missing(reply) ? STORE_BUSY : STORE_BROKEN;
    }
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0) {
        return STORE_BROKEN;
    }
    return outcome_of(reply_span(&row));
}

struct reply_row reply_row(const struct redisReply *array, size_t from)
{
    return (struct reply_row){.array = array,
                              .at = from,
                              .bad = !array || array->type != REDIS_REPLY_ARRAY ||
                                     from > array->elements};
}

size_t reply_left(const struct reply_row *row)
{
    return row->bad ? 0 : row->array->elements - row->at;
}

static const struct redisReply *next(struct reply_row *row)
{
    if (row->bad || row->at >= row->array->elements || !row->array->element[row->at]) {
        row->bad = true;
        return NULL;
    }
    return row->array->element[row->at++];
}

struct span reply_span(struct reply_row *row)
{
    const struct redisReply *one = next(row);

    if (!one || (one->type != REDIS_REPLY_STRING && one->type != REDIS_REPLY_STATUS)) {
        row->bad = true;
        return (struct span){"", 0};
    }
    return (struct span){one->str, (size_t)one->len};
}

int64_t reply_int_or(struct reply_row *row, int64_t absent)
{
    const struct redisReply *one = next(row);
    unsigned long long number;
    struct span text;

    if (one && one->type == REDIS_REPLY_INTEGER) {
        return one->integer;
    }
    if (!one || one->type != REDIS_REPLY_STRING) {
        row->bad = true;
        return 0;
    }
    text = (struct span){one->str, (size_t)one->len};
    if (text.len == 0) {
        return absent;
    }
    if (span_is(text, "-1")) {
        return -1;
    }
    if (!span_to_u64(text, &number) || number > INT64_MAX) {
        row->bad = true;
        return 0;
    }
    return (int64_t)number;
}

int64_t reply_int(struct reply_row *row)
{
    return reply_int_or(row, 0);
}

int reply_small(struct reply_row *row, int max)
{
    int64_t number = reply_int(row);

    if (number < 0 || number > max) {
        row->bad = true;
        return 0;
    }
    return (int)number;
}

bool reply_bool(struct reply_row *row)
{
    return reply_small(row, 1) == 1;
}

struct reply_row reply_nested(struct reply_row *row)
{
    const struct redisReply *one = next(row);
    struct reply_row nested = reply_row(one, 0);

    row->bad |= nested.bad;
    return nested;
}
