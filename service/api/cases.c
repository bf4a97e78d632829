/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/reports/{id}, /v1/cases/{id}, /v1/decisions/{id}. A foreign id answers like an unknown one. */
#include "service/api/case_view.h"

static void case_got(void *arg, enum store_outcome outcome, const struct store_case *result)
{
    struct exchange *ex = arg;

    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
    } else if (!case_visible(caller_of(ex), result->partner)) {
        api_answer_store(ex, STORE_NOT_FOUND);
    } else {
        api_answer_json(ex, 200, case_view(result, caller_of(ex)));
    }
}

void cases_read(struct exchange *ex)
{
    struct span id;

    if (api_id_param(ex, "id", "cas", &id) &&
        !store_case_get(api_of(ex)->store, &(struct store_id_args){.id = id}, case_got, ex)) {
        api_answer_no_memory(ex);
    }
}

/* A report's answer carries the state of its case, so that one request tells a partner where it is. */
struct report_read {
    struct exchange *ex;
    json_t *view;
};

static void report_case_got(void *arg, enum store_outcome outcome, const struct store_case *result)
{
    struct report_read *read = arg;

    if (outcome != STORE_OK) {
        json_decref(read->view);
        api_answer_store(read->ex, outcome);
        return;
    }
    (void)json_object_set_new(read->view, "state", json_string(case_state_words[result->state]));
    api_set_time(read->view, "deadline", result->deadline_ms);
    if (result->decision_count && result->decisions[result->decision_count - 1].effective_ms) {
        (void)json_object_set_new(
            read->view, "decision",
            decision_view(&result->decisions[result->decision_count - 1], caller_of(read->ex)));
    }
    api_answer_json(read->ex, 200, read->view);
}

static void report_got(void *arg, enum store_outcome outcome, const struct store_report *result)
{
    struct exchange *ex = arg;
    struct report_read *read;

    if (outcome == STORE_OK && !case_visible(caller_of(ex), result->partner)) {
        outcome = STORE_NOT_FOUND;
    }
    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
        return;
    }
    read = arena_alloc(exchange_arena(ex), sizeof(*read));
    if (!read) {
        api_answer_no_memory(ex);
        return;
    }
    *read = (struct report_read){.ex = ex, .view = report_view(result, caller_of(ex))};
    if (!store_case_get(api_of(ex)->store, &(struct store_id_args){.id = result->case_id}, report_case_got,
                        read)) {
        json_decref(read->view);
        api_answer_no_memory(ex);
    }
}

void reports_read(struct exchange *ex)
{
    struct span id;

    if (api_id_param(ex, "id", "rpt", &id) &&
        !store_report_get(api_of(ex)->store, &(struct store_id_args){.id = id}, report_got, ex)) {
        api_answer_no_memory(ex);
    }
}

static void decision_got(void *arg, enum store_outcome outcome, const struct store_decision *result)
{
    struct exchange *ex = arg;

    if (outcome == STORE_OK && (!case_visible(caller_of(ex), result->partner) ||
                                (caller_of(ex)->role == ROLE_PARTNER && !result->effective_ms))) {
        outcome = STORE_NOT_FOUND;
    }
    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
        return;
    }
    api_answer_json(ex, 200, decision_view(result, caller_of(ex)));
}

void decisions_read(struct exchange *ex)
{
    struct span id;

    if (api_id_param(ex, "id", "dec", &id) &&
        !store_decision_get(api_of(ex)->store, &(struct store_id_args){.id = id}, decision_got, ex)) {
        api_answer_no_memory(ex);
    }
}
