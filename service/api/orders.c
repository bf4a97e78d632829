/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/cases/{id}/order: the clock of an order and the document its authority is due.
 * POST /v1/cases/{id}/order/events: what the partner and the authority said about it. */
#include "lib/json/field.h"
#include "service/api/case_view.h"
#include "service/api/entries.h"
#include "service/api/order_view.h"

#include <stdlib.h>

enum { AHEAD_MS = 300000, EXPLANATION_MAX = 2000 };

/* What an event does. An order is paused by what its Annex III says, and runs again by clarification or when it
 * has become possible; a scrutiny that finds an infringement brings the case back at once (TCO 4(7)). */
enum event_kind { EVENT_INFORMED, EVENT_PAUSED, EVENT_CLARIFIED, EVENT_POSSIBLE, EVENT_REQUESTED, EVENT_RESULT, EVENT_COUNT };
static const char *const event_words[EVENT_COUNT] = {"informed", "paused", "clarified", "possible",
                                                     "scrutiny_requested", "scrutiny_result"};
static const char *const store_words[EVENT_COUNT] = {"order_informed", "order_paused", "order_clarified",
                                                     "order_possible", "order_scrutiny", "order_scrutinised"};
static const char *const grounds[] = {"force_majeure", "de_facto_impossibility", "manifest_errors",
                                      "insufficient_information"};
static const char *const askers[] = {"host", "user"};

struct order_call {
    struct exchange *ex;
    struct span case_id;
    json_t *body;                       /* borrowed; NULL: only read */
    struct store_retry retry;
    int64_t now_ms, at_ms;
    enum event_kind event;
    bool infringement;
};

/* ---- reading ---- */

static void answer_view(struct order_call *c, const struct order_facts *facts, const struct store_case *from)
{
    json_t *view = order_view(facts, from, c->now_ms);

    if (view) {
        api_answer_json(c->ex, 200, view);
    } else {
        api_answer_no_memory(c->ex);
    }
}

/* ---- events ---- */

static void stored(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct order_call *c = arg;
    json_t *answer;

    if (outcome != STORE_OK && outcome != STORE_AGAIN) {
        api_answer_store(c->ex, outcome);
        return;
    }
    answer = json_object();
    api_set_span(answer, "case", result->id);
    (void)json_object_set_new(answer, "event", json_string(event_words[c->event]));
    (void)json_object_set_new(answer, "log_index", json_integer(result->index));
    app_wake(api_of(c->ex)->app);
    api_answer_json(c->ex, 201, answer);
}

/* What the event does to the case, and by when it has to be looked at again. */
static void set_effect(struct order_call *c, const struct order_facts *facts, struct store_order_event_args *args)
{
    struct settings *settings = slot_take(&api_of(c->ex)->app->settings);
    struct order_times again = {.received_ms = facts->times.received_ms, .paused_ms = c->now_ms, .resumed_ms = c->now_ms};
    bool hour = facts->kind == ORIGIN_TCO_REMOVAL_ORDER;

    switch (c->event) {
    case EVENT_PAUSED:
        args->effect = ORDER_EFFECT_PAUSE;
        args->deadline_ms = c->now_ms + settings->due_routine_ms;
        break;
    case EVENT_CLARIFIED:
    case EVENT_POSSIBLE:
        args->effect = ORDER_EFFECT_RESUME;
        args->deadline_ms = hour ? order_due(&again) : c->now_ms + settings->due_order_ms;
        break;
    case EVENT_RESULT:
        args->effect = c->infringement ? ORDER_EFFECT_REOPEN : ORDER_EFFECT_NONE;
        args->deadline_ms = c->infringement ? c->now_ms : 0;
        break;
    default:
        break;
    }
    (void)settings_unref(settings);
}

/* False when it was answered: the scrutiny of a cross-border removal order has its window. */
static bool in_window(struct order_call *c, const struct order_facts *facts)
{
    if (c->event != EVENT_REQUESTED && c->event != EVENT_RESULT && c->event != EVENT_INFORMED) {
        return true;
    }
    if (facts->kind != ORIGIN_TCO_REMOVAL_ORDER) {
        exchange_problem(c->ex, 422, "ORDER_KIND", "only a removal order under Regulation (EU) 2021/784 has this", NULL);
        return false;
    }
    if (c->event == EVENT_REQUESTED && c->at_ms > order_scrutiny_until(facts->times.received_ms)) {
        exchange_problem(c->ex, 410, "ORDER_SCRUTINY_CLOSED",
                         "scrutiny is asked for within 48 hours of the order's receipt", NULL);
        return false;
    }
    return true;
}

static void store_event(struct order_call *c, const struct order_facts *facts)
{
    struct store_order_event_args args = {.now_ms = c->now_ms, .retry = c->retry, .case_id = c->case_id,
                                          .partner = span_of(caller_of(c->ex)->name),
                                          .word = span_of(store_words[c->event])};
    char *text;

    set_effect(c, facts, &args);
    api_set_time(c->body, "at", c->at_ms);
    api_set_time(c->body, "due_at", args.effect == ORDER_EFFECT_RESUME ? args.deadline_ms : 0);
    text = json_dumps(c->body, JSON_COMPACT);
    args.event = text ? span_of(text) : (struct span){NULL, 0};
    args.entry = entries_order(c->ex, c->case_id, c->body, c->now_ms);
    if (!text || !args.entry.ptr || !store_order_event(api_of(c->ex)->store, &args, stored, c)) {
        api_answer_no_memory(c->ex);
    }
    free(text);
}

static void case_got(void *arg, enum store_outcome outcome, const struct store_case *result)
{
    struct order_call *c = arg;
    struct order_facts facts;

    if (outcome == STORE_OK && !case_visible(caller_of(c->ex), result->partner)) {
        outcome = STORE_NOT_FOUND;
    }
    if (outcome != STORE_OK) {
        api_answer_store(c->ex, outcome);
        return;
    }
    if (order_facts_read(&facts, result) != 1) {
        exchange_problem(c->ex, 404, "ORDER_NONE", "this case comes of no order", NULL);
        return;
    }
    if (!c->body) {
        answer_view(c, &facts, result);
    } else if (in_window(c, &facts)) {
        store_event(c, &facts);
    }
    order_facts_done(&facts);
}

static void read_event(struct order_call *c, struct fields *at)
{
    struct span text;
    bool yes;
    int word;

    switch (c->event) {
    case EVENT_PAUSED:
        (void)field_word(at, "ground", REQUIRED, grounds, COUNT_OF(grounds), &word);
        (void)field_string(at, "explanation", REQUIRED, 1, EXPLANATION_MAX, &text);
        break;
    case EVENT_INFORMED:
        (void)field_bool(at, "emergency", OPTIONAL, &yes);
        break;
    case EVENT_REQUESTED:
        (void)field_word(at, "by", REQUIRED, askers, COUNT_OF(askers), &word);
        break;
    case EVENT_RESULT:
        (void)field_bool(at, "infringement", REQUIRED, &c->infringement);
        break;
    default:
        (void)field_string(at, "explanation", OPTIONAL, 1, EXPLANATION_MAX, &text);
        break;
    }
}

/* False when it was answered. */
static bool read_body(struct order_call *c)
{
    static const char *const names[EVENT_COUNT][4] = {
        [EVENT_INFORMED] = {"event", "at", "emergency"},      [EVENT_PAUSED] = {"event", "at", "ground", "explanation"},
        [EVENT_CLARIFIED] = {"event", "at", "explanation"},   [EVENT_POSSIBLE] = {"event", "at", "explanation"},
        [EVENT_REQUESTED] = {"event", "at", "by"},            [EVENT_RESULT] = {"event", "at", "infringement"}};
    struct faults faults = {0};
    struct fields at;
    int event;

    c->at_ms = c->now_ms;
    if (fields_open(&at, c->body, "", &faults) &&
        field_word(&at, "event", REQUIRED, event_words, EVENT_COUNT, &event)) {
        c->event = (enum event_kind)event;
        fields_known(&at, names[event], names[event][3] ? 4 : 3);
        if (field_time(&at, "at", OPTIONAL, &c->at_ms) && c->at_ms > c->now_ms + AHEAD_MS) {
            (void)field_fault(&at, "at", "TIME_FUTURE", "what has not happened yet is not reported");
        }
        read_event(c, &at);
    }
    if (faults.count) {
        api_answer_faults(c->ex, &faults);
        return false;
    }
    return true;
}

static struct order_call *begin(struct exchange *ex)
{
    struct order_call *c = arena_alloc(exchange_arena(ex), sizeof(*c));

    if (!c) {
        api_answer_no_memory(ex);
        return NULL;
    }
    c->ex = ex;
    c->now_ms = loop_now_ms();
    return api_id_param(ex, "id", "cas", &c->case_id) ? c : NULL;
}

static void look_up(struct order_call *c)
{
    if (!store_case_get(api_of(c->ex)->store, &(struct store_id_args){.id = c->case_id}, case_got, c)) {
        api_answer_no_memory(c->ex);
    }
}

void order_read(struct exchange *ex)
{
    struct order_call *c = begin(ex);

    if (c) {
        look_up(c);
    }
}

void order_events_create(struct exchange *ex)
{
    struct order_call *c = begin(ex);

    if (c && (c->body = api_body(ex)) && read_body(c) && api_retry(ex, false, &c->retry)) {
        look_up(c);
    }
}
