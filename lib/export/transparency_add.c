/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/transparency_data.h"

#include "lib/base/clock.h"
#include "lib/export/dsa.h"
#include "lib/json/field.h"

#include <errno.h>
#include <stdio.h>

static int word_of(const json_t *value, const char *const words[], size_t count)
{
    return word_index(words, count, json_span(value));
}

static int refuse(const struct entry_at *at, const char *place, const char *what)
{
    return fault_set(at->why, "TRANSPARENCY_ENTRY", place, "%s", what);
}

static int full(const struct entry_at *at, int r)
{
    return r == FAULT ? fault_set(at->why, "TRANSPARENCY_FULL", "", "more ids than can be counted")
                      : r;
}

static uint8_t country_slot(struct span code)
{
    uint8_t slot = 0;

    for (size_t i = 0; i < EEA_COUNT; i++) {
        if (territory_is_eu(span_of(eea_countries[i]))) {
            if (span_is(code, eea_countries[i])) {
                return slot;
            }
            slot++;
        }
    }
    return COUNTRY_NONE;
}

static int add_sample(struct transparency *t, enum sample_kind kind, uint8_t leaf, uint8_t country,
                      int64_t ms)
{
    struct sample *sample = pool_add(&t->sample_pool, sizeof(*sample));

    if (!sample) {
        return -ENOMEM;
    }
    *sample = (struct sample){ms, (uint8_t)kind, leaf, country};
    return 0;
}

static int note_state(struct transparency *t, struct case_data *c, const json_t *block,
                      bool counted, bool order)
{
    char name[96];
    uint32_t index;
    struct state_data *state;
    int r;

    (void)snprintf(name, sizeof(name), "%s/%s",
                   json_string_value(json_object_get(block, "country")) ?: "?",
                   json_string_value(json_object_get(block, "authority")) ?: "?");
    r = idmap_put(t->states, span_of(name), &index);
    if (r == IDMAP_FULL || r < 0) {
        return r < 0 ? r : 0;
    }
    if (r == IDMAP_NEW) {
        state = pool_add(&t->state_pool, sizeof(*state));
        if (!state) {
            return -ENOMEM;
        }
        memcpy(state->name, name, sizeof(name));
    }
    state = (struct state_data *)t->state_pool.items + index;
    state->requests += counted;
    state->orders += counted && order;
    state->court += counted && json_is_true(json_object_get(block, "court"));
    t->n.disclosure_prohibited += counted && json_is_object(json_object_get(block, "disclosure"));
    c->state = (int32_t)index;
    return 0;
}

static int add_order(struct transparency *t, struct case_data *c, const struct entry_at *at,
                     enum harm harm)
{
    const json_t *order = json_object_get(at->entry, "order");
    const json_t *items = json_object_get(order, "items");
    bool counted = in_period(t, at->ms);
    uint32_t *cells;
    int64_t confirmed = at->ms;

    c->order_ms = at->ms;
    c->order_leaf = template_leaf(ROWS_ORDERS, harm);
    c->country = country_slot(json_span(json_object_get(order, "country")));
    c->order_act = !span_is(json_span(json_object_get(order, "kind")), "information");
    c->flags |= CASE_ORDER;
    if (!counted) {
        return 0;
    }
    cells = t->orders[c->country][c->order_leaf];
    if (!c->order_act) {
        cells[ORDER_INFORMATION]++;
    } else {
        cells[ORDER_ACT]++;
        cells[ORDER_ITEMS] += json_is_integer(items) ? (uint32_t)json_integer_value(items) : 1;
    }
    (void)clock_read(json_span(json_object_get(order, "confirmed_at")), &confirmed);
    return add_sample(t, c->order_act ? SAMPLE_ORDER_RECEIPT : SAMPLE_INFO_RECEIPT, c->order_leaf,
                      c->country, confirmed - at->ms);
}

static int add_notice(struct transparency *t, struct case_data *c, const struct entry_at *at,
                      enum harm harm, bool tf)
{
    struct notice_data *notice;
    uint8_t leaf = template_leaf(ROWS_NOTICES, harm);
    uint32_t *cells = t->notices[leaf];
    const json_t *items = json_object_get(at->entry, "items");
    uint32_t count = json_is_integer(items) ? (uint32_t)json_integer_value(items) : 1;

    if (in_period(t, at->ms)) {
        cells[NOTICE_COUNT]++;
        cells[NOTICE_ITEMS] += count;
        cells[NOTICE_COUNT_TF] += tf;
        cells[NOTICE_ITEMS_TF] += tf ? count : 0;
        t->notices_processed[0]++;
        t->notices_processed[1] += tf;
    }
    if (!(c->flags & CASE_NOTICE)) {
        c->leaf = leaf;
    }
    c->flags |= (uint8_t)(CASE_NOTICE | (tf ? CASE_TF : 0));
    notice = pool_add(&t->notice_pool, sizeof(*notice));
    if (!notice) {
        return -ENOMEM;
    }
    *notice = (struct notice_data){at->ms, c->notice, leaf, tf};
    c->notice = (int32_t)(t->notice_pool.count - 1);
    return 0;
}

int add_report(struct transparency *t, const struct entry_at *at)
{
    const json_t *origin = json_object_get(at->entry, "origin");
    const json_t *block = json_object_get(origin, "state_actor");
    int kind = word_of(json_object_get(origin, "kind"), origin_words, ORIGIN_COUNT);
    int harm = word_of(json_object_get(at->entry, "category"), harm_words, HARM_COUNT);
    bool counted = in_period(t, at->ms);
    struct case_data *c;
    uint32_t partner;
    int r = 0;

    if (kind < 0) {
        return refuse(at, "/origin/kind", "a report has its origin");
    }
    if (harm < 0) {
        return refuse(at, "/category", "a report has its category");
    }
    c = case_of(t, at->entry, NULL, &r);
    if (!c) {
        return full(at, r);
    }
    if (counted) {
        t->n.reports++;
        t->n.by_origin[kind]++;
        t->n.by_harm[harm]++;
        t->n.flags_bots += json_is_true(json_object_get(at->entry, "automated"));
        r = idmap_put(t->partners, json_span(json_object_get(at->entry, "partner")), &partner);
        if (r < 0) {
            return r;
        }
    }
    if (json_is_object(block)) {
        c->flags |= CASE_STATE;
        r = note_state(t, c, block, counted, origin_is_order((enum origin_kind)kind));
        if (r < 0) {
            return r;
        }
    }
    if (origin_is_order((enum origin_kind)kind)) {
        return add_order(t, c, at, (enum harm)harm);
    }
    if (dsa_is_notice((enum origin_kind)kind,
                      json_is_true(json_object_get(origin, "good_faith")))) {
        return add_notice(t, c, at, (enum harm)harm, kind == ORIGIN_TRUSTED_FLAGGER);
    }
    return 0;
}

int add_effect(struct transparency *t, const struct entry_at *at)
{
    int64_t index = idmap_find(t->decisions, json_span(json_object_get(at->entry, "decision")));
    struct case_data *c;
    int64_t effect;

    if (index < 0) {
        return 0;
    }
    if (!clock_read(json_span(json_object_get(at->entry, "effective_at")), &effect)) {
        return refuse(at, "/effective_at", "an effect has its time");
    }
    c = (struct case_data *)t->case_pool.items +
        ((struct decision_data *)t->decision_pool.items)[index].case_index;
    if (!(c->flags & CASE_ORDER) || (c->flags & CASE_EFFECT) || !in_period(t, at->ms)) {
        return 0;
    }
    c->flags |= CASE_EFFECT;
    return add_sample(t, c->order_act ? SAMPLE_ORDER_EFFECT : SAMPLE_INFO_EFFECT, c->order_leaf,
                      c->country, effect - c->order_ms);
}

int add_appeal(struct transparency *t, const struct entry_at *at)
{
    int64_t decision = idmap_find(t->decisions, json_span(json_object_get(at->entry, "decision")));
    struct decision_data *d;
    struct appeal_data *appeal;
    uint32_t index;
    int r;

    if (decision < 0) {
        return refuse(at, "/decision", "an appeal is against a decision of the log");
    }
    r = idmap_put(t->appeals, json_span(json_object_get(at->entry, "appeal")), &index);
    if (r == IDMAP_FULL || r < 0) {
        return full(at, r < 0 ? r : FAULT);
    }
    if (r != IDMAP_NEW) {
        return refuse(at, "/appeal", "an appeal is filed once");
    }
    appeal = pool_add(&t->appeal_pool, sizeof(*appeal));
    if (!appeal) {
        return -ENOMEM;
    }
    *appeal = (struct appeal_data){at->ms, (uint32_t)decision};
    d = (struct decision_data *)t->decision_pool.items + decision;
    if (in_period(t, at->ms)) {
        t->complaints[ABOUT_ANY][COMPLAINT_TOTAL]++;
        t->complaints[d->about][COMPLAINT_TOTAL] += d->about != ABOUT_ANY;
        t->n.appeals++;
        t->n.appeals_automated += (d->flags & DECISION_AUTOMATED) != 0;
        t->n.tco_complaints += (d->flags & DECISION_TERRORISM) != 0;
    }
    return 0;
}

/* A key that was revoked for abuse: DSA 23(2). */
int add_key(struct transparency *t, const struct entry_at *at)
{
    struct span reason = json_span(json_object_get(at->entry, "reason"));

    if (in_period(t, at->ms) &&
        span_is(json_span(json_object_get(at->entry, "action")), "revoke")) {
        t->suspended_notices += span_is(reason, "unfounded_notices");
        t->suspended_complaints += span_is(reason, "unfounded_complaints");
    }
    return 0;
}
