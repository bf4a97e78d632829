/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/cases/{id}/second: another person agrees or disagrees with a decision that waits for it. */
#include "lib/json/field.h"
#include "service/api/case_facts.h"
#include "service/api/entries.h"
#include "service/api/partner_notice.h"
#include "service/api/reviewer.h"

#include <stdlib.h>

struct second {
    struct exchange *ex;
    json_t *body;                       /* borrowed */
    struct span case_id, lease;
    struct store_retry retry;
    int64_t now_ms;
    bool agree;
};

static void answered(void *arg, enum store_outcome outcome, const struct store_decided *result)
{
    struct second *s = arg;
    json_t *answer;

    if (outcome != STORE_OK && outcome != STORE_AGAIN) {
        api_answer_store(s->ex, outcome);
        return;
    }
    answer = json_object();
    api_set_span(answer, "decision", result->decision_id);
    api_set_span(answer, "case", result->case_id);
    (void)json_object_set_new(answer, "state", json_string(decision_state_words[result->state]));
    (void)json_object_set_new(answer, "agree", json_boolean(s->agree));
    (void)json_object_set_new(answer, "log_index", json_integer(result->index));
    (void)json_object_set_new(answer, "version", json_integer(result->version));
    app_wake(api_of(s->ex)->app);
    api_answer_json(s->ex, 201, answer);
}

/* The newest decision of the case: the one that waits, or the one answered when a request repeats. */
static const struct store_decision *newest(const struct store_case *from)
{
    return from->decision_count ? &from->decisions[from->decision_count - 1] : NULL;
}

static bool check(struct second *s, const struct store_decision *decision)
{
    struct justification_context context = {.reviewer_pid = api_text(s->ex, decision->pseudonym),
                                            .second_pid = caller_of(s->ex)->pseudonym,
                                            .decided_ms = s->now_ms};
    struct faults faults = {0};
    json_t *said = json_copy(s->body);
    int r;

    (void)json_object_del(said, "lease");
    r = justification_second_check(&s->agree, said, &context, &faults);
    json_decref(said);
    if (r == FAULT) {
        api_answer_faults(s->ex, &faults);
    } else if (r < 0) {
        api_answer_no_memory(s->ex);
    }
    return r == 0;
}

static void store_it(struct second *s, const struct store_case *from, const struct store_decision *decision)
{
    struct exchange *ex = s->ex;
    struct policy_held *policy = slot_take(&api_of(ex)->app->policy);
    json_t *record = api_stored_json(decision->record);
    char *said = json_dumps(s->body, JSON_COMPACT);
    struct faults faults = {0};
    struct store_second_args args = {
        .now_ms = s->now_ms, .retry = s->retry, .case_id = s->case_id,
        .decision_id = span_of(api_text(ex, decision->id)), .reviewer = span_of(caller_of(ex)->name),
        .pseudonym = span_of(caller_of(ex)->pseudonym), .token = s->lease, .agree = s->agree,
        .record = said ? span_of(said) : (struct span){NULL, 0}};

    args.entry = entries_second(ex, s->case_id, args.decision_id, s->agree, s->now_ms);
    if (record) { /* its clauses stand in the version under which it was decided */
        args.entry_notice = entries_notice(ex, s->case_id, args.decision_id, from->partner, s->now_ms);
        const struct policy *version =
            policy_held_version(policy, json_span(json_object_get(record, "policy_version")));

        args.notice =
            partner_notice(ex, from, args.decision_id.ptr, record,
                           version ? version : policy_held_get(policy), args.held, &faults);
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
    } else if (!said || !reviewer_may(ex, &args.may) || !args.entry.ptr || !args.entry_notice.ptr || !args.notice.ptr ||
               !store_second(api_of(ex)->store, &args, answered, s)) {
        api_answer_no_memory(ex);
    }
    free(said);
    json_decref(record);
    policy_held_unref(policy);
}

static void case_got(void *arg, enum store_outcome outcome, const struct store_case *result)
{
    struct second *s = arg;
    const struct store_decision *decision = outcome == STORE_OK ? newest(result) : NULL;

    if (outcome == STORE_OK && (!decision || (decision->state != DECISION_AWAITING_SECOND && !s->retry.key.len))) {
        outcome = STORE_STATE;
    }
    if (outcome != STORE_OK) {
        api_answer_store(s->ex, outcome);
    } else if (span_is(decision->reviewer, caller_of(s->ex)->name)) {
        answered(s, STORE_SAME_PERSON, NULL);
    } else if (check(s, decision)) {
        store_it(s, result, decision);
    }
}

void second_create(struct exchange *ex)
{
    struct second *s = arena_alloc(exchange_arena(ex), sizeof(*s));
    struct span lease;

    if (!s) {
        api_answer_no_memory(ex);
        return;
    }
    s->ex = ex;
    s->now_ms = loop_now_ms();
    if (!api_id_param(ex, "id", "cas", &s->case_id) || !(s->body = api_body(ex)) ||
        !api_retry(ex, false, &s->retry)) {
        return;
    }
    lease = json_span(json_object_get(s->body, "lease"));
    if (lease.len) {
        s->lease = lease;
    }
    if (!store_case_get(api_of(ex)->store, &(struct store_id_args){.id = s->case_id}, case_got, s)) {
        api_answer_no_memory(ex);
    }
}
