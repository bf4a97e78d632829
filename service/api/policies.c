/* SPDX-License-Identifier: Apache-2.0 */
/* What decisions rest on, for those who make and check them: GET /v1/policies?version=|at=,
 * /v1/policies/versions, /v1/lists, /v1/justification/schema?harm=&outcome=&ground=. */
#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "lib/rights/justification.h"
#include "service/api/api.h"

/* The version in force, or that of the query; NULL: there is none. False when 400 was answered. */
static bool policy_asked(struct exchange *ex, const struct policy_held *policy,
                         const struct policy **ret)
{
    struct span version = http_request_query(exchange_request(ex), "version");
    struct span at = http_request_query(exchange_request(ex), "at");
    int64_t at_ms;
    int i;

    *ret = policy_held_get(policy);
    if (version.ptr && at.ptr) {
        exchange_problem(ex, 400, "QUERY_VALUE", "version or at, not both", NULL);
        return false;
    }
    if (at.ptr && !clock_read(at, &at_ms)) {
        exchange_problem(ex, 400, "QUERY_VALUE", "at: a time such as 2026-11-24T12:00:00Z", NULL);
        return false;
    }
    if (version.ptr) {
        *ret = policy_held_version(policy, version);
    } else if (at.ptr) {
        i = policy_set_in_force(policy_held_set(policy), at_ms);
        *ret = i < 0 ? NULL : policy_set_at(policy_held_set(policy), (size_t)i);
    }
    return true;
}

void policies_read(struct exchange *ex)
{
    struct policy_held *policy = slot_take(&api_of(ex)->app->policy);
    const struct policy *asked = NULL;

    if (policy_asked(ex, policy, &asked)) {
        if (asked) {
            exchange_reply_json(ex, 200, policy_json(asked));
        } else {
            exchange_problem(ex, 404, "NOT_FOUND",
                             "no such version of the policy; see /v1/policies/versions", NULL);
        }
    }
    policy_held_unref(policy);
}

/* Oldest first, each with the time it ruled. */
static json_t *version_json(const struct policy_set *set, size_t i, size_t running)
{
    static const char *const states[] = {"superseded", "in_force", "announced"};
    const struct policy *policy = policy_set_at(set, i);
    json_t *one = json_object();

    api_set_span(one, "version", policy_version(policy));
    (void)json_object_set_new(one, "state",
                              json_string(states[i < running    ? 0
                                                 : i == running ? 1
                                                                : 2]));
    api_set_time(one, "effective", policy_effective_ms(policy));
    if (i <= running) {
        api_set_time(one, "in_force_since", policy_set_since_ms(set, i));
    }
    if (i < running) {
        api_set_time(one, "in_force_until", policy_set_since_ms(set, i + 1));
    }
    api_set_span(one, "consultation", policy_consultation(policy));
    (void)json_object_set_new(one, "digest", json_string(policy_digest(policy)));
    return one;
}

void policies_versions(struct exchange *ex)
{
    struct policy_held *policy = slot_take(&api_of(ex)->app->policy);
    const struct policy_set *set = policy_held_set(policy);
    size_t running = (size_t)policy_held_running(policy);
    json_t *all = json_array();

    for (size_t i = 0; i < policy_set_count(set); i++) {
        (void)json_array_append_new(all, version_json(set, i, running));
    }
    policy_held_unref(policy);
    api_answer_json(ex, 200, json_pack("{s:o}", "versions", all));
}

void lists_read(struct exchange *ex)
{
    struct api *api = api_of(ex);
    const struct match_set *matches;
    json_t *all = json_array();

    if (!api_refresh(api)) {
        json_decref(all);
        api_answer_no_memory(ex);
        return;
    }
    matches = snapshot_matches(api->snapshot);
    for (size_t i = 0; i < match_set_list_count(matches); i++) {
        const struct list *list = match_set_list(matches, i);
        const struct list_head *head = list_head(list);
        json_t *one = json_object();

        api_set_span(one, "list", head->id);
        api_set_span(one, "name", head->name);
        api_set_span(one, "owner", head->owner);
        api_set_span(one, "harm", head->harm);
        api_set_span(one, "legal_basis", head->legal_basis);
        api_set_span(one, "tlp", head->tlp);
        api_set_span(one, "version", head->version);
        (void)json_object_set_new(one, "mode", json_string(list_mode_words[head->mode]));
        (void)json_object_set_new(one, "digest", json_string(list_digest(list)));
        (void)json_object_set_new(one, "entries", json_integer((json_int_t)list_count(list)));
        api_set_time(one, "review_by", head->review_by_ms);
        api_set_time(one, "expires", head->expires_ms);
        (void)json_array_append_new(all, one);
    }
    api_answer_json(ex, 200, json_pack("{s:o}", "lists", all));
}

/* A word of the query; `initial` when absent; false when 400 was answered. */
static bool query_word(struct exchange *ex, const char *name, const char *const words[], size_t count,
                       int initial, int *ret)
{
    struct span text = http_request_query(exchange_request(ex), name);

    *ret = text.ptr ? word_index(words, count, text) : initial;
    if (*ret < 0) {
        exchange_problem(ex, 400, "QUERY_VALUE", name, NULL);
        return false;
    }
    return true;
}

void justification_form(struct exchange *ex)
{
    struct policy_held *policy = slot_take(&api_of(ex)->app->policy);
    struct justification_context context = {.policy = policy_held_get(policy),
                                            .reviewer_pid = caller_of(ex)->pseudonym,
                                            .opened_ms = loop_now_ms(), .decided_ms = loop_now_ms()};
    int harm, outcome, ground;
    json_t *needs = NULL;

    if (query_word(ex, "harm", harm_words, HARM_COUNT, HARM_NONE, &harm) &&
        query_word(ex, "outcome", outcome_words, OUTCOME_COUNT, OUTCOME_NO_ACTION, &outcome) &&
        query_word(ex, "ground", ground_kind_words, GROUND_KIND_COUNT, GROUND_TERMS, &ground)) {
        context.category = (enum harm)harm;
        if (justification_needs(&needs, (enum harm)harm, (enum outcome)outcome, (enum ground_kind)ground,
                                &context) != 0) {
            needs = NULL;
        }
        api_answer_json(ex, 200, needs);
    }
    policy_held_unref(policy);
}

static json_t *faults_view(const struct faults *faults)
{
    json_t *all = json_array();

    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *one = &faults->list[i];

        (void)json_array_append_new(all, json_pack("{s:s, s:s, s:s}", "pointer", one->place, "code", one->code, "detail",
                                                   one->text));
    }
    return all;
}

void justification_try(struct exchange *ex)
{
    static const char *const names[] = {"justification"};
    struct policy_held *policy = slot_take(&api_of(ex)->app->policy);
    struct justification_context context = {.policy = policy_held_get(policy), .draft = true,
                                            .reviewer_pid = caller_of(ex)->pseudonym,
                                            .opened_ms = loop_now_ms(), .decided_ms = loop_now_ms()};
    struct justification_check_result result = {0};
    struct faults faults = {0};
    struct fields at, record;
    json_t *body = api_body(ex);
    bool there = false;
    int r = 0, harm;

    if (body && fields_open(&at, body, "", &faults)) {
        fields_known(&at, names, COUNT_OF(names));
        there = field_object(&at, "justification", REQUIRED, &record);
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
    } else if (there) {
        harm = word_index(harm_words, HARM_COUNT, json_span(json_object_get(record.object, "harm")));
        context.category = harm < 0 ? HARM_NONE : (enum harm)harm;
        r = justification_check(&result, record.object, &context, &faults);
        api_answer_json(ex, 200, r < 0 ? NULL
                                       : json_pack("{s:b, s:s, s:b, s:b, s:I, s:o}", "acceptable", r == 0, "tier",
                                                   tier_words[result.tier], "restriction", result.restriction,
                                                   "needs_second", result.needs_second != 0, "missing",
                                                   (json_int_t)result.missing, "errors", faults_view(&faults)));
    }
    policy_held_unref(policy);
}
