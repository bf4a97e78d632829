/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/reports/{id}, /v1/cases/{id}, /v1/decisions/{id}. A foreign id answers like an unknown one. */
#include "service/api/case_view.h"
#include "service/api/look.h"

struct reading {
    struct exchange *ex;
    struct span purpose;
    json_t *report;                     /* a report that waits for the state of its case */
};

static void reading_free(void *arg)
{
    struct reading *reading = arg;

    json_decref(reading->report);
}

/* NULL when the request was answered: its purpose is none. */
static struct reading *reading_new(struct exchange *ex)
{
    struct reading *reading = arena_alloc(exchange_arena(ex), sizeof(*reading));
    struct span purpose;

    if (!look_purpose(ex, &purpose)) {
        return NULL;
    }
    if (!reading) {
        api_answer_no_memory(ex);
        return NULL;
    }
    *reading = (struct reading){.ex = ex, .purpose = purpose};
    exchange_defer(ex, reading_free, reading);
    return reading;
}

static bool has_content(const struct store_report *reports, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (reports[i].body.len) {
            return true;
        }
    }
    return false;
}

static void case_got(void *arg, enum store_outcome outcome, const struct store_case *result)
{
    struct reading *reading = arg;
    struct exchange *ex = reading->ex;
    const struct caller *caller = caller_of(ex);

    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
    } else if (!case_visible(caller, result->partner)) {
        api_answer_store(ex, STORE_NOT_FOUND);
    } else if (!case_preserved(caller, result->state)) {
        api_answer_json(ex, 200, case_view(result, caller, true));
    } else if (!reading->purpose.len || !has_content(result->reports, result->reports_len)) {
        api_answer_json(ex, 200, case_view(result, caller, false));
    } else {
        look_answer(ex, LOOK_CONTENT, result->id, reading->purpose, case_view(result, caller, true));
    }
}

void cases_read(struct exchange *ex)
{
    struct reading *reading;
    struct span id;

    if (api_id_param(ex, "id", "cas", &id) && (reading = reading_new(ex)) &&
        !store_case_get(api_of(ex)->store, &(struct store_id_args){.id = id}, case_got, reading)) {
        api_answer_no_memory(ex);
    }
}

/* A report's answer carries the state of its case, so that one request tells a partner where it is. */
static void report_case_got(void *arg, enum store_outcome outcome, const struct store_case *result)
{
    struct reading *reading = arg;
    struct exchange *ex = reading->ex;
    json_t *view = reading->report;

    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
        return;
    }
    (void)json_object_set_new(view, "state", json_string(case_state_words[result->state]));
    api_set_time(view, "deadline", result->deadline_ms);
    if (result->decision_count && result->decisions[result->decision_count - 1].effective_ms) {
        (void)json_object_set_new(view, "decision",
                                  decision_view(&result->decisions[result->decision_count - 1], caller_of(ex)));
    }
    if (!case_preserved(caller_of(ex), result->state) || !json_object_get(view, "body")) {
        api_answer_json(ex, 200, json_incref(view));
    } else if (reading->purpose.len) {
        look_answer(ex, LOOK_CONTENT, result->id, reading->purpose, json_incref(view));
    } else {
        (void)json_object_del(view, "body");
        (void)json_object_set_new(view, "preserved", json_true());
        api_answer_json(ex, 200, json_incref(view));
    }
}

static void report_got(void *arg, enum store_outcome outcome, const struct store_report *result)
{
    struct reading *reading = arg;
    struct exchange *ex = reading->ex;

    if (outcome == STORE_OK && !case_visible(caller_of(ex), result->partner)) {
        outcome = STORE_NOT_FOUND;
    }
    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
        return;
    }
    reading->report = report_view(result, caller_of(ex), true);
    if (!reading->report || !store_case_get(api_of(ex)->store, &(struct store_id_args){.id = result->case_id},
                                            report_case_got, reading)) {
        api_answer_no_memory(ex);
    }
}

void reports_read(struct exchange *ex)
{
    struct reading *reading;
    struct span id;

    if (api_id_param(ex, "id", "rpt", &id) && (reading = reading_new(ex)) &&
        !store_report_get(api_of(ex)->store, &(struct store_id_args){.id = id}, report_got, reading)) {
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
