/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/cases/{id}/decisions: a decision counts only with a complete rights record.
 * POST /v1/decisions/{id}/record: the full record that a deferred one owes. */
#include "lib/json/field.h"
#include "service/api/case_facts.h"
#include "service/api/duty.h"
#include "service/api/entries.h"
#include "service/api/partner_notice.h"
#include "service/api/remedy.h"
#include "service/runtime/metrics.h"
#include "service/runtime/random.h"

#include <stdio.h>
#include <stdlib.h>

/* From reading the case to the answer. */
struct deciding {
    struct exchange *ex;
    json_t *justification;                  /* borrowed from the body */
    struct span case_id, lease;
    struct span deferred_id;                /* whose full record this is; ptr NULL: a decision under a lease */
    int64_t version, now_ms;
    bool appealed;
    struct store_retry retry;
    struct faults faults;                   /* what to answer once the lease was given back */
    struct justification_check_result result;
};

static bool read_body(struct deciding *d, json_t *body)
{
    static const char *const names[] = {"justification", "lease", "version"};
    struct faults faults = {0};
    struct fields at, record;

    if (fields_open(&at, body, "", &faults)) {
        fields_known(&at, names, d->deferred_id.ptr ? 1 : COUNT_OF(names));
        if (!d->deferred_id.ptr && field_string(&at, "lease", REQUIRED, 1, 64, &d->lease) && !id_read(d->lease, "lse", NULL, NULL)) {
            (void)field_fault(&at, "lease", "FIELD_VALUE", "this is no lease; POST /v1/claims gives one");
        }
        if (field_object(&at, "justification", REQUIRED, &record)) {
            d->justification = record.object;
        }
        (void)field_int(&at, "version", OPTIONAL, 1, INT64_MAX, &d->version);
    }
    if (faults.count) {
        api_answer_faults(d->ex, &faults);
        return false;
    }
    return true;
}

static void answer_same_reviewer(struct exchange *ex)
{
    exchange_problem(ex, 409, "APPEAL_SAME_REVIEWER", "an appeal is decided by somebody who took no part in the decision", NULL);
}

static void decided(void *arg, enum store_outcome outcome, const struct store_decided *result)
{
    struct deciding *d = arg;
    struct exchange *ex = d->ex;
    bool effective = result->state == DECISION_EFFECTIVE;
    char location[64];
    json_t *answer;

    if (outcome == STORE_SAME_PERSON && d->appealed) {
        answer_same_reviewer(ex);
        return;
    }
    if (outcome == STORE_SAME_PERSON && d->deferred_id.ptr) {
        exchange_problem(ex, 403, "RECORD_OF_ANOTHER", "the full record is owed by who deferred it; a senior may write it too", NULL);
        return;
    }
    if (outcome != STORE_OK && outcome != STORE_AGAIN) {
        api_answer_store(ex, outcome);
        return;
    }
    metrics_add(METRIC_DECISIONS, effective ? 0 : 1, 1);
    (void)snprintf(location, sizeof(location), "/v1/decisions/%.*s", (int)result->decision_id.len,
                   result->decision_id.ptr);
    (void)exchange_header_text(ex, "Location", location);
    answer = json_object();
    api_set_span(answer, "decision", result->decision_id);
    api_set_span(answer, "case", result->case_id);
    (void)json_object_set_new(answer, "state", json_string(decision_state_words[result->state]));
    (void)json_object_set_new(answer, "tier", json_string(tier_words[d->result.tier]));
    api_set_time(answer, "appeal_until", d->result.appeal_until_ms);
    (void)json_object_set_new(answer, "log_index", json_integer(result->index));
    (void)json_object_set_new(answer, "version", json_integer(result->version));
    app_wake(api_of(ex)->app);
    api_answer_json(ex, 201, answer);
}

static void given_back(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct deciding *d = arg;

    (void)outcome;                          /* an expired lease is as good as given back */
    (void)result;
    app_wake(api_of(d->ex)->app);
    api_answer_faults(d->ex, &d->faults);
}

static void refused(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct deciding *d = arg;

    (void)outcome;                          /* without its lease no decision comes of it anyway */
    (void)result;
    api_answer_faults(d->ex, &d->faults);
}

/* The decision to come is not complete at the first try: the log will say so. */
static bool remember_refusal(struct deciding *d)
{
    struct store_attempt_args args = {.now_ms = d->now_ms, .token = d->lease,
                                      .reviewer = span_of(caller_of(d->ex)->name)};

    return store_attempt(api_of(d->ex)->store, &args, refused, d);
}

/* Nobody who cannot read the language restricts: the case goes back to the queue it came from. */
static bool reroute(struct deciding *d)
{
    struct store_release_args args = {.now_ms = d->now_ms, .token = d->lease,
                                      .reviewer = span_of(caller_of(d->ex)->name),
                                      .entry = entries_claim(d->ex, "release", d->now_ms)};

    for (size_t i = 0; i < d->faults.count; i++) {
        if (strcmp(d->faults.list[i].code, "JUST_REROUTE_LANGUAGE") == 0) {
            return args.entry.ptr && store_release(api_of(d->ex)->store, &args, given_back, d);
        }
    }
    return false;
}

static int64_t opened_ms(const struct store_case *from)
{
    for (size_t i = from->event_count; i-- > 0;) {
        if (span_is(from->events[i].what, "claimed")) {
            return from->events[i].at_ms;
        }
    }
    return from->created_ms;
}

/* The last decision that took effect before this one; NULL when there is none. */
static const struct store_decision *last_effective(const struct store_case *from)
{
    for (size_t i = from->decision_count; i-- > 0;) {
        if (from->decisions[i].effective_ms) {
            return &from->decisions[i];
        }
    }
    return NULL;
}

/* The entry and what it says of earlier decisions on the case. */
static struct span write_entry(struct deciding *d, const struct store_case *from, const struct case_facts *facts,
                               const struct id *decision, const json_t *record)
{
    const struct store_decision *before = last_effective(from);
    json_t *appeal = from->appealed ? api_stored_json(from->appeal) : NULL;
    json_t *old = before ? api_stored_json(before->record) : NULL;
    struct entries_decision what = {.case_id = d->case_id, .decision_id = span_of(decision->text),
                                    .partner = from->partner, .record = record, .result = &d->result,
                                    .origin = facts->origin, .reported_ms = facts->first_ms,
                                    .report_count = (size_t)from->report_count,
                                    .first_try = !span_equal(from->refused_lease, d->lease),
                                    .completes = from->deferred};
    struct span entry;

    if (before) {
        what.supersedes = before->id;
    }
    if (appeal && old) {
        what.appeal = json_span(json_object_get(appeal, "appeal"));
        what.appeal_result = span_of(appeal_result_of(old, d->result.outcome));
    }
    entry = entries_decision(d->ex, &what, d->now_ms);
    json_decref(appeal);
    json_decref(old);
    return entry;
}

/* What puts right the decision before, when this one undoes it. 0 or -ENOMEM. */
static int add_remedy(struct exchange *ex, json_t *record, const struct store_decision *before)
{
    json_t *old = before ? api_stored_json(before->record) : NULL;
    int r = old ? remedy_add(record, api_text(ex, before->id), old) : 0;

    json_decref(old);
    return r;
}

/* What was done at once and is kept began then, not with its full record. */
static void add_beginning(json_t *record, const struct store_case *from)
{
    for (size_t i = 0; from->deferred.len && i < from->decision_count; i++) {
        const struct store_decision *one = &from->decisions[i];
        json_t *old = span_equal(one->id, from->deferred) ? api_stored_json(one->record) : NULL;

        if (old && json_equal(json_object_get(old, "outcome"), json_object_get(record, "outcome"))) {
            api_set_time(record, "effective_at", one->effective_ms);
        }
        json_decref(old);
    }
}

static bool send_decision(struct deciding *d, const struct store_decide_args *args)
{
    struct store_complete_args full = {
        .now_ms = args->now_ms, .retry = args->retry, .deferred_id = d->deferred_id, .reviewer = args->reviewer,
        .pseudonym = args->pseudonym, .senior = caller_of(d->ex)->role == ROLE_SENIOR,
        .decision_id = args->decision_id, .record = args->record, .needs_second = args->needs_second,
        .appeal_until_ms = args->appeal_until_ms, .notice = args->notice, .entry = args->entry,
        .entry_notice = args->entry_notice};
    struct store *store = api_of(d->ex)->store;

    memcpy(full.held, args->held, sizeof(full.held));
    return d->deferred_id.ptr ? store_complete(store, &full, decided, d) != NULL
                              : store_decide(store, args, decided, d) != NULL;
}

/* Seals the record and sends the decision. */
static void store_it(struct deciding *d, const struct store_case *from, const struct case_facts *facts,
                     const struct justification_context *context)
{
    struct exchange *ex = d->ex;
    unsigned shard = 0;
    struct justification_envelope envelope;
    struct store_decide_args args;
    struct id decision;
    json_t *record = NULL, *origin = case_facts_origin(facts);
    char *text = NULL;

    (void)id_read(d->case_id, "cas", &shard, NULL);
    decision = random_id("dec", d->now_ms, shard);
    case_facts_envelope(facts, decision.text, api_text(ex, d->case_id), origin, &envelope);
    args = (struct store_decide_args){
        .now_ms = d->now_ms, .retry = d->retry, .case_id = d->case_id, .token = d->lease,
        .reviewer = span_of(caller_of(ex)->name), .pseudonym = span_of(caller_of(ex)->pseudonym),
        .version = d->version, .decision_id = span_of(decision.text),
        .needs_second = d->result.state == STATE_AWAITING_SECOND, .appeal_until_ms = d->result.appeal_until_ms,
        .full_due_ms = d->result.full_due_ms,
        .pauses_order = d->result.outcome == OUTCOME_ORDER_QUERIED || d->result.outcome == OUTCOME_ORDER_IMPOSSIBLE};
    if (origin && justification_seal(&record, d->justification, &d->result, context, &envelope) == 0 &&
        add_remedy(ex, record, last_effective(from)) == 0) {
        add_beginning(record, from);
        text = json_dumps(record, JSON_COMPACT);
        args.entry = write_entry(d, from, facts, &decision, record);
        args.entry_notice = entries_notice(ex, d->case_id, args.decision_id, from->partner, d->now_ms);
        args.notice = partner_notice(ex, from, decision.text, record, context->policy, args.held, &d->faults);
        args.record = text ? span_of(text) : (struct span){NULL, 0};
    }
    if (d->faults.count) {
        api_answer_faults(ex, &d->faults);
    } else if (!text || !args.entry.ptr || !args.entry_notice.ptr || !args.notice.ptr ||
               !send_decision(d, &args)) {
        api_answer_no_memory(ex);
    }
    free(text);
    json_decref(record);
    json_decref(origin);
}

static void check_and_store(struct deciding *d, const struct store_case *from)
{
    struct exchange *ex = d->ex;
    struct policy_held *policy = slot_take(&api_of(ex)->app->policy);
    struct justification_context context;
    const struct store_decision *before = from->appealed ? last_effective(from) : NULL;
    json_t *previous = before ? api_stored_json(before->record) : NULL, *suggested = NULL;
    struct case_facts facts;
    int r = case_facts_read(&facts, from);

    if (r == 0) {
        case_facts_context(&facts, from, &context);
        context.policy = policy_held_get(policy);
        context.previous = previous;
        context.reviewer_pid = caller_of(ex)->pseudonym;
        context.opened_ms = opened_ms(from);
        context.decided_ms = d->now_ms;
        duty_context(ex, from, &context);
        suggested = span_equal(from->suggested_lease, d->lease) ? api_stored_json(from->suggestions) : NULL;
        context.suggestions = suggested;
        r = justification_check(&d->result, d->justification, &context, &d->faults);
    }
    if (r == 0) {
        store_it(d, from, &facts, &context);
    } else if (r == FAULT) {
        metrics_add(METRIC_DECISIONS, 2, 1);
        faults_prefix(&d->faults, 0, "/justification");
        if (d->deferred_id.ptr || (!reroute(d) && !remember_refusal(d))) {
            api_answer_faults(ex, &d->faults);
        }
    } else {
        api_answer_no_memory(ex);
    }
    case_facts_done(&facts);
    json_decref(previous);
    json_decref(suggested);
    policy_held_unref(policy);
}

/* Whether the caller decided before, or answered as second person. */
static bool took_part(const struct exchange *ex, const struct store_case *from)
{
    const char *name = caller_of(ex)->name;

    for (size_t i = 0; i < from->decision_count; i++) {
        if (span_is(from->decisions[i].reviewer, name) || span_is(from->decisions[i].second_reviewer, name)) {
            return true;
        }
    }
    return false;
}

static void case_got(void *arg, enum store_outcome outcome, const struct store_case *result)
{
    struct deciding *d = arg;

    d->appealed = outcome == STORE_OK && result->appealed;
    if (d->appealed && !d->retry.key.len && took_part(d->ex, result)) {
        answer_same_reviewer(d->ex);
        return;
    }

    if (outcome == STORE_OK && (!span_equal(result->lease_token, d->lease) ||
                                !span_is(result->lease_reviewer, caller_of(d->ex)->name) ||
                                result->lease_expires_ms <= d->now_ms)) {
        /* A repeated request finds its case closed and its lease gone: the store knows its key. */
        outcome = d->retry.key.len ? STORE_OK : STORE_LEASE;
    }
    if (outcome != STORE_OK) {
        api_answer_store(d->ex, outcome);
    } else {
        check_and_store(d, result);
    }
}

void decisions_create(struct exchange *ex)
{
    struct deciding *d = arena_alloc(exchange_arena(ex), sizeof(*d));
    json_t *body;

    if (!d) {
        api_answer_no_memory(ex);
        return;
    }
    d->ex = ex;
    d->now_ms = loop_now_ms();
    if (!api_id_param(ex, "id", "cas", &d->case_id) || !(body = api_body(ex)) || !read_body(d, body) ||
        !api_retry(ex, false, &d->retry)) {
        return;
    }
    if (!store_case_get(api_of(ex)->store, &(struct store_id_args){.id = d->case_id}, case_got, d)) {
        api_answer_no_memory(ex);
    }
}

/* ---- the full record of a deferred decision ---- */

static void owing_case_got(void *arg, enum store_outcome outcome, const struct store_case *result)
{
    struct deciding *d = arg;

    if (outcome == STORE_OK && !span_equal(result->deferred, d->deferred_id)) {
        outcome = d->retry.key.len ? STORE_OK : STORE_STATE;    /* a repeated request: the store knows its key */
    }
    if (outcome != STORE_OK) {
        api_answer_store(d->ex, outcome);
    } else {
        check_and_store(d, result);
    }
}

static void deferred_got(void *arg, enum store_outcome outcome, const struct store_decision *result)
{
    struct deciding *d = arg;

    if (outcome != STORE_OK) {
        api_answer_store(d->ex, outcome);
        return;
    }
    d->case_id = span_of(api_text(d->ex, result->case_id));
    if (!store_case_get(api_of(d->ex)->store, &(struct store_id_args){.id = d->case_id}, owing_case_got, d)) {
        api_answer_no_memory(d->ex);
    }
}

void decisions_complete(struct exchange *ex)
{
    struct deciding *d = arena_alloc(exchange_arena(ex), sizeof(*d));
    json_t *body;

    if (!d) {
        api_answer_no_memory(ex);
        return;
    }
    d->ex = ex;
    d->now_ms = loop_now_ms();
    if (!api_id_param(ex, "id", "dec", &d->deferred_id) || !(body = api_body(ex)) || !read_body(d, body) ||
        !api_retry(ex, false, &d->retry)) {
        return;
    }
    if (!store_decision_get(api_of(ex)->store, &(struct store_id_args){.id = d->deferred_id}, deferred_got, d)) {
        api_answer_no_memory(ex);
    }
}
