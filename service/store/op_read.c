/* SPDX-License-Identifier: Apache-2.0 */
/* report_get, case_get, decision_get: one of them, whole. */
#include "service/store/operation.h"

#include <hiredis/hiredis.h>

static void encode_report_get(struct command *c, const void *args,
                              const struct command_common *common)
{
    const struct store_id_args *a = args;

    encode_begin(c, "report_get", encode_shard(c, a->id, "rpt"), 0, common);
    command_span(c, a->id);
}

static enum store_outcome decode_report_get(const struct redisReply *reply, struct arena *arena,
                                            void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct reply_row row, fields;

    (void)arena;
    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    fields = reply_nested(&row);
    return decode_report(&fields, result) ? STORE_OK : STORE_BROKEN;
}

static void encode_case_get(struct command *c, const void *args,
                            const struct command_common *common)
{
    const struct store_id_args *a = args;

    encode_begin(c, "case_get", encode_shard(c, a->id, "cas"), 0, common);
    command_span(c, a->id);
    command_int(c, STORE_CASE_REPORTS_MAX);
    command_int(c, STORE_CASE_EVENTS_MAX);
}

static void decode_fields(struct reply_row *row, struct store_case *ret)
{
    ret->id = reply_span(row);
    ret->partner = reply_span(row);
    ret->content_id = reply_span(row);
    ret->queue = reply_span(row);
    ret->language = reply_span(row);
    ret->state = (enum case_state)reply_small(row, CASE_STATE_COUNT - 1);
    ret->severity = reply_small(row, 4);
    ret->needs_second = reply_bool(row);
    ret->created_ms = reply_int(row);
    ret->deadline_ms = reply_int(row);
    ret->closed_ms = reply_int(row);
    ret->version = reply_int(row);
    ret->report_count = reply_int(row);
    ret->reporter_count = reply_int(row);
    ret->lead_report = reply_span(row);
    ret->lease_token = reply_span(row);
    ret->lease_reviewer = reply_span(row);
    ret->lease_expires_ms = reply_int(row);
    ret->lease_fence = reply_int(row);
    ret->appealed = reply_span(row).len > 0;
    ret->refused_lease = reply_span(row);
    ret->deferred = reply_span(row);
    ret->order_paused_ms = reply_int(row);
    ret->order_resumed_ms = reply_int(row);
    ret->suggested_lease = reply_span(row);
    ret->suggestions = reply_span(row);
    ret->verdict = reply_span(row);
}

static bool decode_one_decision(struct reply_row row, struct store_decision *ret)
{
    ret->id = reply_span(&row);
    ret->case_id = reply_span(&row);
    ret->partner = reply_span(&row);
    ret->reviewer = reply_span(&row);
    ret->pseudonym = reply_span(&row);
    ret->record = reply_span(&row);
    ret->state = (enum decision_state)reply_small(&row, DECISION_STATE_COUNT - 1);
    ret->decided_ms = reply_int(&row);
    ret->index = reply_int(&row);
    ret->effective_ms = reply_int(&row);
    ret->appeal_until_ms = reply_int(&row);
    ret->second_reviewer = reply_span(&row);
    ret->second_pseudonym = reply_span(&row);
    ret->second_record = reply_span(&row);
    ret->second_agreed = reply_bool(&row);
    ret->second_ms = reply_int(&row);
    ret->second_index = reply_int_or(&row, -1);
    ret->done_ms = reply_int(&row);
    ret->done_index = reply_int_or(&row, -1);
    ret->measure = reply_span(&row);
    ret->full_due_ms = reply_int(&row);
    ret->completed_by = reply_span(&row);
    return !row.bad;
}

/* "<ms> <index> <what> <actor> <detail>" */
static bool decode_event(struct span line, struct store_event *ret)
{
    unsigned long long at, index = 0;
    struct span number = span_cut(&line, ' ');

    if (!line.ptr || !span_to_u64(number, &at)) {
        return false;
    }
    number = span_cut(&line, ' ');
    if (!line.ptr || (!span_is(number, "-1") && !span_to_u64(number, &index))) {
        return false;
    }
    ret->at_ms = (int64_t)at;
    ret->index = span_is(number, "-1") ? -1 : (int64_t)index;
    ret->what = span_cut(&line, ' ');
    if (!line.ptr) {
        return false;
    }
    ret->actor = span_cut(&line, ' ');
    ret->detail = line.ptr ? line : SPAN("");
    return true;
}

static bool decode_lists(struct reply_row *row, struct arena *arena, struct store_case *ret)
{
    struct reply_row reports = reply_nested(row), decisions = reply_nested(row),
                     events = reply_nested(row);
    struct store_report *r = arena_array(arena, reply_left(&reports) + 1, sizeof(*r));
    struct store_decision *d = arena_array(arena, reply_left(&decisions) + 1, sizeof(*d));
    struct store_event *e = arena_array(arena, reply_left(&events) + 1, sizeof(*e));

    if (row->bad || !r || !d || !e) {
        return false;
    }
    ret->reports = r;
    ret->decisions = d;
    ret->events = e;
    while (reply_left(&reports) > 0) {
        struct reply_row one = reply_nested(&reports);

        if (!decode_report(&one, &r[ret->reports_len++])) {
            return false;
        }
    }
    while (reply_left(&decisions) > 0) {
        if (!decode_one_decision(reply_nested(&decisions), &d[ret->decision_count++])) {
            return false;
        }
    }
    while (reply_left(&events) > 0) {
        if (!decode_event(reply_span(&events), &e[ret->event_count++])) {
            return false;
        }
    }
    return !reports.bad && !decisions.bad && !events.bad;
}

static bool decode_order_events(struct reply_row *row, struct arena *arena, struct store_case *ret)
{
    struct reply_row events = reply_nested(row);
    struct span *list = arena_array(arena, reply_left(&events) + 1, sizeof(*list));

    if (row->bad || !list) {
        return false;
    }
    ret->order_events = list;
    while (reply_left(&events) > 0) {
        list[ret->order_event_count++] = reply_span(&events);
    }
    return !events.bad;
}

static enum store_outcome decode_case_get(const struct redisReply *reply, struct arena *arena,
                                          void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct store_case *ret = result;
    struct reply_row row, fields;

    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    fields = reply_nested(&row);
    decode_fields(&fields, ret);
    if (fields.bad || !decode_lists(&row, arena, ret)) {
        return STORE_BROKEN;
    }
    ret->appeal = reply_span(&row);
    return decode_order_events(&row, arena, ret) && !row.bad ? STORE_OK : STORE_BROKEN;
}

static void encode_decision_get(struct command *c, const void *args,
                                const struct command_common *common)
{
    const struct store_id_args *a = args;

    encode_begin(c, "decision_get", encode_shard(c, a->id, "dec"), 0, common);
    command_span(c, a->id);
}

static enum store_outcome decode_decision_get(const struct redisReply *reply, struct arena *arena,
                                              void *result)
{
    enum store_outcome outcome = reply_outcome(reply);
    struct reply_row row;

    (void)arena;
    if (outcome != STORE_OK) {
        return outcome;
    }
    row = reply_row(reply, 1);
    return decode_one_decision(reply_nested(&row), result) ? STORE_OK : STORE_BROKEN;
}

const struct operation operation_report_get = {"report_get", sizeof(struct store_report),
                                               encode_report_get, decode_report_get};
const struct operation operation_case_get = {"case_get", sizeof(struct store_case), encode_case_get,
                                             decode_case_get};
const struct operation operation_decision_get = {"decision_get", sizeof(struct store_decision),
                                                 encode_decision_get, decode_decision_get};
