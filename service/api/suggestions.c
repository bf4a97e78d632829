/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/claims/{token}/suggestions: what a form may be filled in with. The lease remembers what was suggested, so
 * that a judgement which nobody touched is refused (JUST_UNTOUCHED); who asks for nothing is held to nothing. */
#include "lib/json/field.h"
#include "service/api/case_facts.h"

#include <stdlib.h>

struct suggesting {
    struct exchange *ex;
    struct span lease;
    enum outcome outcome;
    json_t *suggestions;                /* owned until it is answered */
};

static void stored(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct suggesting *s = arg;
    json_t *answer;

    if (outcome != STORE_OK) {
        json_decref(s->suggestions);
        api_answer_store(s->ex, outcome);
        return;
    }
    answer = json_pack("{s:o}", "suggestions", s->suggestions);
    api_set_span(answer, "case", result->id);
    api_answer_json(s->ex, 200, answer);
}

static void case_got(void *arg, enum store_outcome outcome, const struct store_case *result)
{
    struct suggesting *s = arg;
    struct store_suggest_args args = {.now_ms = loop_now_ms(), .token = s->lease,
                                      .reviewer = span_of(caller_of(s->ex)->name)};
    struct policy_held *policy;
    struct case_facts facts;
    char *text = NULL;

    if (outcome != STORE_OK) {
        api_answer_store(s->ex, outcome);
        return;
    }
    policy = slot_take(&api_of(s->ex)->app->policy);
    if (case_facts_read(&facts, result) == 0) {
        if (justification_suggest(&s->suggestions, facts.category, s->outcome, policy_held_get(policy)) == 0) {
            text = json_dumps(s->suggestions, JSON_COMPACT);
        }
        case_facts_done(&facts);
    }
    policy_held_unref(policy);
    args.suggestions = text ? span_of(text) : (struct span){NULL, 0};
    if (!text || !store_suggest(api_of(s->ex)->store, &args, stored, s)) {
        json_decref(s->suggestions);
        api_answer_no_memory(s->ex);
    }
    free(text);
}

void suggestions_create(struct exchange *ex)
{
    static const char *const names[] = {"case", "outcome"};
    struct suggesting *s = arena_alloc(exchange_arena(ex), sizeof(*s));
    struct span id = {NULL, 0};
    struct faults faults = {0};
    struct fields at;
    json_t *body;
    int outcome;

    if (!s) {
        api_answer_no_memory(ex);
        return;
    }
    *s = (struct suggesting){.ex = ex};
    if (!api_id_param(ex, "token", "lse", &s->lease) || !(body = api_body(ex))) {
        return;
    }
    if (fields_open(&at, body, "", &faults)) {
        fields_known(&at, names, COUNT_OF(names));
        if (field_string(&at, "case", REQUIRED, 1, 64, &id) && !id_read(id, "cas", NULL, NULL)) {
            (void)field_fault(&at, "case", "FIELD_VALUE", "this is no case");
        }
        if (field_word(&at, "outcome", REQUIRED, outcome_words, OUTCOME_COUNT, &outcome)) {
            s->outcome = (enum outcome)outcome;
        }
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
    } else if (!store_case_get(api_of(ex)->store, &(struct store_id_args){.id = id}, case_got, s)) {
        api_answer_no_memory(ex);
    }
}
