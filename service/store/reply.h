/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_REPLY_H
#define RAPPORTEUR_SERVICE_STORE_REPLY_H

/*
 * Reading what Redis answered. Redis is trusted, what it holds is not: every field is checked for its
 * type, and the first wrong one makes the whole reply STORE_BROKEN.
 *     struct reply_row row = reply_row(reply, 1);      after the leading word
 *     result->case_id = reply_span(&row);
 *     result->index = reply_int(&row);
 *     return row.bad ? STORE_BROKEN : outcome;
 */

#include "lib/base/arena.h"
#include "service/store/ops.h"

#include <stdbool.h>
#include <stdint.h>

struct redisReply;

struct reply_row {
    const struct redisReply *array;
    size_t at;
    bool bad;
};

/* The outcome of a whole reply: NULL is UNKNOWN; an error BUSY where Redis refuses before it runs
 * anything (loading, out of memory, read-only, ...), else BROKEN; an array by its first word. */
enum store_outcome reply_outcome(const struct redisReply *reply);
/* The function library is not loaded. */
bool reply_is_missing(const struct redisReply *reply);
/* OK or AGAIN: the rest of the reply is filled. */
bool outcome_has_result(enum store_outcome outcome);
/* A word of functions/common.lua; BROKEN when unknown. */
enum store_outcome outcome_of(struct span word);

struct reply_row reply_row(const struct redisReply *array, size_t from);
/* Elements not read yet. */
size_t reply_left(const struct reply_row *row);
struct span reply_span(struct reply_row *row);
/* A number or a string of digits; "" counts as `absent`. */
int64_t reply_int(struct reply_row *row);
int64_t reply_int_or(struct reply_row *row, int64_t absent);
/* A number from 0 to max. */
int reply_small(struct reply_row *row, int max);
bool reply_bool(struct reply_row *row);
/* A nested array, opened; bad when there is none. */
struct reply_row reply_nested(struct reply_row *row);

#endif
