/* SPDX-License-Identifier: Apache-2.0 */
/* What decisions rest on, for those who make and check them: GET /v1/policies, /v1/lists,
 * /v1/justification/schema?harm=&outcome=&ground=. */
#include "lib/json/field.h"
#include "lib/rights/justification.h"
#include "service/api/api.h"

void policies_read(struct exchange *ex)
{
    struct policy_held *policy = slot_take(&api_of(ex)->app->policy);

    exchange_reply_json(ex, 200, policy_json(policy_held_get(policy)));
    policy_held_unref(policy);
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
