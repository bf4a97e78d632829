/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/notices?cursor=&limit=&wait=: a partner's decisions in order; long poll with `wait`. */
#include "service/api/api.h"

#include "service/sync/webhook_message.h"

#include <stdio.h>

enum { NOTICE_WAIT_MAX_S = 30 };

struct poll {
    int64_t after, limit, until_ms;
    bool last;
};

static void look(struct exchange *ex, bool last);

static void answer(struct exchange *ex, const struct store_notices *result, const struct poll *poll)
{
    json_t *list = json_array();
    int64_t position = poll->after;
    char cursor[NOTICE_CURSOR_MAX], link[128];

    for (size_t i = 0; i < result->count; i++) {
        const struct store_notice *from = &result->notices[i];
        json_t *one = json_object(), *bytes = api_stored_json(from->bytes);

        notice_cursor_text(from->cursor, cursor);
        (void)json_object_set_new(one, "cursor", json_string(cursor));
        api_set_span(one, "kind", from->kind);
        api_set_time(one, "at", from->at_ms);
        (void)json_object_set_new(one, "notice", bytes ? bytes : json_null());
        (void)json_array_append_new(list, one);
        position = from->cursor;
    }
    notice_cursor_text(position, cursor);
    (void)snprintf(link, sizeof(link), "</v1/notices?cursor=%s>; rel=\"next\"", cursor);
    (void)exchange_header_text(ex, "Link", link);
    api_answer_json(ex, 200, json_pack("{s:o, s:s}", "notices", list, "cursor", cursor));
}

static void got(void *arg, enum store_outcome outcome, const struct store_notices *result)
{
    struct exchange *ex = arg;
    struct poll *poll = exchange_state(ex);
    int64_t left = poll->until_ms - loop_steady_ms();

    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
    } else if (result->count || poll->last || left <= 0) {
        answer(ex, result, poll);
    } else {
        api_wait(ex, left, look);
    }
}

static void look(struct exchange *ex, bool last)
{
    struct poll *poll = exchange_state(ex);
    /* A partner lives on one shard's stream per shard number; with one shard that is shard 0. */
    struct store_notices_args args = {.partner = span_of(caller_of(ex)->name), .after = poll->after,
                                      .limit = (size_t)poll->limit};

    poll->last = last;
    if (!store_notices(api_of(ex)->store, &args, got, ex)) {
        api_answer_no_memory(ex);
    }
}

void notices_read(struct exchange *ex)
{
    struct poll *poll = arena_alloc(exchange_arena(ex), sizeof(*poll));
    struct span cursor = http_request_query(exchange_request(ex), "cursor");
    int64_t wait_s;

    if (!poll) {
        api_answer_no_memory(ex);
        return;
    }
    if (cursor.len && !notice_cursor_read(cursor, &poll->after)) {
        exchange_problem(ex, 400, "CURSOR_FORM", "this cursor was not given out by /v1/notices", NULL);
        return;
    }
    if (!api_query_number(ex, "limit", 1, STORE_PAGE_MAX, 50, &poll->limit) ||
        !api_query_number(ex, "wait", 0, NOTICE_WAIT_MAX_S, 0, &wait_s)) {
        return;
    }
    poll->until_ms = loop_steady_ms() + wait_s * 1000;
    exchange_set_deadline(ex, wait_s * 1000 + 10000);
    exchange_set_state(ex, poll);
    look(ex, false);
}
