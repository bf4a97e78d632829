/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/queues: depth, oldest, at risk and overdue per queue and language. */
#include "service/api/api.h"

static void got(void *arg, enum store_outcome outcome, const struct store_queues *result)
{
    struct exchange *ex = arg;
    json_t *list = json_array();

    if (outcome != STORE_OK) {
        json_decref(list);
        api_answer_store(ex, outcome);
        return;
    }
    for (size_t i = 0; i < result->count; i++) {
        const struct store_queue *q = &result->queues[i];
        json_t *one = json_object();

        api_set_span(one, "queue", q->queue);
        api_set_span(one, "language", q->language);
        (void)json_object_set_new(one, "waiting", json_integer(q->waiting));
        (void)json_object_set_new(one, "awaiting_second", json_integer(q->awaiting_second));
        (void)json_object_set_new(one, "leased", json_integer(q->leased));
        (void)json_object_set_new(one, "at_risk", json_integer(q->at_risk));
        (void)json_object_set_new(one, "overdue", json_integer(q->overdue));
        api_set_time(one, "oldest", q->oldest_ms);
        api_set_time(one, "next_deadline", q->first_deadline_ms);
        (void)json_array_append_new(list, one);
    }
    api_answer_json(ex, 200, json_pack("{s:o, s:I, s:I}", "queues", list, "leases", (json_int_t)result->leases,
                                       "log_backlog", (json_int_t)result->log_entries));
}

void queues_read(struct exchange *ex)
{
    /* At risk: due within the next half hour. */
    struct store_queues_args args = {.now_ms = loop_now_ms(), .risk_ms = 30LL * 60 * 1000};

    if (!store_queues(api_of(ex)->store, &args, got, ex)) {
        api_answer_no_memory(ex);
    }
}
