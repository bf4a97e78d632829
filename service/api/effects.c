/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/decisions/{id}/effect by the partner, /v1/cases/{id}/escalations by the reviewer who holds
 * the case. */
#include "lib/json/field.h"
#include "service/api/entries.h"

/* Common to both: read a decision or case first, then change it. */
struct change {
    struct exchange *ex;
    struct span id, measure, lease, queue, reason;
    json_t *body;                       /* borrowed */
    struct store_retry retry;
    int64_t at_ms, now_ms;
};

static void changed(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct change *c = arg;
    json_t *answer;

    if (outcome != STORE_OK && outcome != STORE_AGAIN) {
        api_answer_store(c->ex, outcome);
        return;
    }
    answer = json_object();
    api_set_span(answer, "id", result->id);
    if (result->index >= 0) {
        (void)json_object_set_new(answer, "log_index", json_integer(result->index));
    }
    app_wake(api_of(c->ex)->app);
    api_answer_json(c->ex, 201, answer);
}

static struct change *begin(struct exchange *ex, const char kind[4])
{
    struct change *c = arena_alloc(exchange_arena(ex), sizeof(*c));

    if (!c) {
        api_answer_no_memory(ex);
        return NULL;
    }
    c->ex = ex;
    c->now_ms = loop_now_ms();
    if (!api_id_param(ex, "id", kind, &c->id) || !(c->body = api_body(ex)) || !api_retry(ex, false, &c->retry)) {
        return NULL;
    }
    return c;
}

/* ---- effect ---- */

static void effect_decision_got(void *arg, enum store_outcome outcome, const struct store_decision *result)
{
    struct change *c = arg;
    struct store_effect_args args;

    if (outcome == STORE_OK && !span_is(result->partner, caller_of(c->ex)->name)) {
        outcome = STORE_NOT_FOUND;
    }
    if (outcome == STORE_OK && result->state == DECISION_AWAITING_SECOND) {
        exchange_problem(c->ex, 409, "JUST_SECOND_REQUIRED",
                         "this decision waits for a second person and must not be carried out yet", NULL);
        return;
    }
    if (outcome != STORE_OK) {
        api_answer_store(c->ex, outcome);
        return;
    }
    args = (struct store_effect_args){.now_ms = c->now_ms, .decision_id = c->id,
                                      .partner = span_of(caller_of(c->ex)->name),
                                      .effective_at_ms = c->at_ms, .measure = c->measure,
                                      .entry = entries_effect(c->ex, c->id, c->at_ms, c->measure, c->now_ms)};
    if (!args.entry.ptr || !store_effect(api_of(c->ex)->store, &args, changed, c)) {
        api_answer_no_memory(c->ex);
    }
}

void effect_create(struct exchange *ex)
{
    static const char *const names[] = {"effective_at", "measure"};
    struct change *c = begin(ex, "dec");
    struct faults faults = {0};
    struct fields at;

    if (!c) {
        return;
    }
    if (fields_open(&at, c->body, "", &faults)) {
        fields_known(&at, names, COUNT_OF(names));
        if (field_time(&at, "effective_at", REQUIRED, &c->at_ms) && c->at_ms > c->now_ms + 300000) {
            (void)field_fault(&at, "effective_at", "TIME_FUTURE", "an effect is reported once it is there");
        }
        (void)field_string(&at, "measure", REQUIRED, 1, 200, &c->measure);
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
    } else if (!store_decision_get(api_of(ex)->store, &(struct store_id_args){.id = c->id},
                                   effect_decision_got, c)) {
        api_answer_no_memory(ex);
    }
}

/* ---- escalation ---- */

/* What an escalated case takes: a reviewer has it unless their key says less. */
enum { ESCALATED_CLEARANCE = 1 };

static bool queue_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return name.len >= 1 && name.len <= STORE_QUEUE_NAME_MAX;
}

static void escalate(struct change *c)
{
    struct settings *settings = slot_take(&api_of(c->ex)->app->settings);
    bool threat = span_is(c->queue, settings->threat_queue);
    struct store_escalate_args args = {
        .now_ms = c->now_ms, .retry = c->retry, .case_id = c->id, .token = c->lease,
        .reviewer = span_of(caller_of(c->ex)->name), .queue = c->queue, .severity = threat ? SEVERITY_MAX : 0,
        .deadline_ms = threat ? c->now_ms + settings->due_threat_ms : 0, .reason = c->reason,
        .entry = entries_escalation(c->ex, c->id, c->queue, c->now_ms), .clearance = ESCALATED_CLEARANCE};

    (void)settings_unref(settings);
    if (!args.entry.ptr || !store_escalate(api_of(c->ex)->store, &args, changed, c)) {
        api_answer_no_memory(c->ex);
    }
}

void escalations_create(struct exchange *ex)
{
    static const char *const names[] = {"lease", "queue", "reason"};
    struct change *c = begin(ex, "cas");
    struct faults faults = {0};
    struct fields at;

    if (!c) {
        return;
    }
    if (fields_open(&at, c->body, "", &faults)) {
        fields_known(&at, names, COUNT_OF(names));
        if (field_string(&at, "lease", REQUIRED, 1, 64, &c->lease) && !id_read(c->lease, "lse", NULL, NULL)) {
            (void)field_fault(&at, "lease", "FIELD_VALUE", "this is no lease; POST /v1/claims gives one");
        }
        if (field_string(&at, "queue", REQUIRED, 1, STORE_QUEUE_NAME_MAX, &c->queue) && !queue_name(c->queue)) {
            (void)field_fault(&at, "queue", "FIELD_VALUE", "a queue name has a-z, 0-9 and '-'");
        }
        (void)field_string(&at, "reason", REQUIRED, 1, 2000, &c->reason);
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
    } else {
        escalate(c);
    }
}
