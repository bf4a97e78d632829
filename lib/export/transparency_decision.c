/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/transparency_data.h"

#include "lib/base/clock.h"
#include "lib/export/dsa.h"
#include "lib/json/field.h"
#include "lib/rights/deadline.h"

#include <errno.h>
#include <stdio.h>

static const json_t *in_record(const json_t *entry, const char *object, const char *name)
{
    const json_t *record = json_object_get(entry, "justification");

    return json_object_get(object ? json_object_get(record, object) : record, name);
}

static int word_of(const json_t *value, const char *const words[], size_t count)
{
    return word_index(words, count, json_span(value));
}

static int add_sample(struct transparency *t, int kind, uint8_t leaf, uint8_t country, int64_t ms)
{
    struct sample *sample = pool_add(&t->sample_pool, sizeof(*sample));

    if (!sample) {
        return -ENOMEM;
    }
    *sample = (struct sample){ms, (uint8_t)kind, leaf, country};
    return 0;
}

static enum measure_column column_of(const struct decision_data *d)
{
    switch ((enum outcome)d->outcome) {
    case OUTCOME_LABEL:
        return COLUMN_LABELLED;
    case OUTCOME_AGE_GATE:
        return COLUMN_AGE;
    case OUTCOME_INTERACTION_LIMIT:
        return COLUMN_INTERACTION;
    case OUTCOME_DEMOTE:
        return COLUMN_DEMOTED;
    case OUTCOME_REMOVE:
        return COLUMN_REMOVED;
    case OUTCOME_DISABLE:
        return COLUMN_DISABLED;
    case OUTCOME_DEMONETISE:
        return d->monetary_end ? COLUMN_MONEY_SUSPENDED : COLUMN_MONEY_TERMINATED;
    case OUTCOME_SERVICE_SUSPEND_PART:
    case OUTCOME_SERVICE_SUSPEND_TOTAL:
        return COLUMN_SERVICE_SUSPENDED;
    case OUTCOME_SERVICE_TERMINATE_PART:
    case OUTCOME_SERVICE_TERMINATE_TOTAL:
        return COLUMN_SERVICE_TERMINATED;
    case OUTCOME_ACCOUNT_SUSPEND:
        return COLUMN_ACCOUNT_SUSPENDED;
    case OUTCOME_ACCOUNT_TERMINATE:
        return COLUMN_ACCOUNT_TERMINATED;
    default:
        return COLUMN_VISIBILITY_OTHER;
    }
}

static enum complaint_about about_of(enum outcome outcome, const struct case_data *c)
{
    if (outcome >= OUTCOME_LABEL && outcome <= OUTCOME_DISABLE) {
        return ABOUT_VISIBILITY;
    }
    if (outcome == OUTCOME_DEMONETISE) {
        return ABOUT_MONEY;
    }
    if (outcome >= OUTCOME_SERVICE_SUSPEND_PART && outcome <= OUTCOME_SERVICE_TERMINATE_TOTAL) {
        return ABOUT_SERVICE;
    }
    if (outcome == OUTCOME_ACCOUNT_SUSPEND || outcome == OUTCOME_ACCOUNT_TERMINATE) {
        return ABOUT_ACCOUNT;
    }
    if (outcome == OUTCOME_ORDER_EXECUTED) {
        return ABOUT_VISIBILITY;
    }
    return c->flags & CASE_TF       ? ABOUT_NO_ACTION_TF
           : c->flags & CASE_NOTICE ? ABOUT_NO_ACTION
                                    : ABOUT_ANY;
}

/* "kind:name" to its counters. Past the limit a tag is not counted; nothing else is lost. */
static int add_tag(struct transparency *t, struct decision_data *d, enum tag_kind kind,
                   struct span name)
{
    static const char *const prefixes[TAG_KINDS] = {"r:", "l:", "g:", "o:"};
    struct tag_data *tag;
    uint32_t index, *link;
    char key[sizeof(tag->name) + 2];
    int r;

    if (name.len == 0 || d->tag_count == UINT16_MAX) {
        return 0;
    }
    (void)snprintf(key, sizeof(key), "%s%.*s", prefixes[kind], (int)(name.len < 79 ? name.len : 79),
                   name.ptr);
    r = idmap_put(t->tags, span_of(key), &index);
    if (r == IDMAP_FULL || r < 0) {
        return r < 0 ? r : 0;
    }
    if (r == IDMAP_NEW) {
        tag = pool_add(&t->tag_pool, sizeof(*tag));
        if (!tag) {
            return -ENOMEM;
        }
        memcpy(tag->name, key + 2, sizeof(tag->name));
        tag->kind = kind;
    }
    link = pool_add(&t->link_pool, sizeof(*link));
    if (!link) {
        return -ENOMEM;
    }
    *link = index;
    d->tag_count++;
    return 0;
}

static int add_tags(struct transparency *t, struct decision_data *d, const json_t *entry)
{
    const json_t *rules = in_record(entry, NULL, "rule_ids");
    const json_t *lists = in_record(entry, NULL, "list_ids");
    int r = 0;

    d->tags = (uint32_t)t->link_pool.count;
    for (size_t i = 0; i < json_array_size(rules) && r == 0; i++) {
        r = add_tag(t, d, TAG_RULE, json_span(json_array_get(rules, i)));
    }
    for (size_t i = 0; i < json_array_size(lists) && r == 0; i++) {
        r = add_tag(t, d, TAG_LIST, json_span(json_array_get(lists, i)));
    }
    r = r ? r : add_tag(t, d, TAG_LANGUAGE, json_span(in_record(entry, NULL, "content_lang")));
    return r ? r : add_tag(t, d, TAG_ORIGIN, json_span(in_record(entry, "origin", "kind")));
}

/* A rule, list, language or origin of a restriction that took effect. No measure is taken by
 * automated means alone, so a language counts with the others. */
static void count_tag(struct transparency *t, struct tag_data *tag)
{
    int language =
        tag->kind == TAG_LANGUAGE
            ? word_index(official_languages, COUNT_OF(official_languages), span_of(tag->name))
            : -1;

    tag->restrictions++;
    if (language >= 0) {
        t->by_language[1][language]++;
    }
}

/* A restriction that took effect, in the period. */
static void count_measure(struct transparency *t, struct decision_data *d,
                          const struct case_data *c)
{
    bool own = !(c->flags & (CASE_NOTICE | CASE_ORDER));
    bool terms = d->ground == GROUND_TERMS;
    bool terrorism = harm_is_terrorism((enum harm)d->harm);

    t->n.restrictions++;
    t->n.by_outcome[d->outcome]++;
    t->n.automated += (d->flags & DECISION_AUTOMATED) != 0;
    t->n.accounts +=
        d->outcome == OUTCOME_ACCOUNT_SUSPEND || d->outcome == OUTCOME_ACCOUNT_TERMINATE;
    t->n.lesser +=
        !outcome_is_removal((enum outcome)d->outcome) && d->outcome != OUTCOME_ORDER_EXECUTED;
    t->n.removals += outcome_is_removal((enum outcome)d->outcome);
    t->n.translated_removals += outcome_is_removal((enum outcome)d->outcome) && d->translated;
    t->n.orders_executed += d->outcome == OUTCOME_ORDER_EXECUTED;
    t->n.tco_ordered += d->outcome == OUTCOME_ORDER_EXECUTED && terrorism;
    t->n.tco_measures +=
        own && terrorism && (d->outcome == OUTCOME_REMOVE || d->outcome == OUTCOME_DISABLE);
    t->suspended_content += d->about == ABOUT_SERVICE && d->ground == GROUND_LAW;
    t->measures_automated[0][1]++;
    t->measures_automated[1][1] += own;
    if (own) {
        uint32_t *cells =
            t->measures[terms][template_leaf(terms ? ROWS_TERMS : ROWS_LAW, (enum harm)d->harm)];

        cells[COLUMN_MEASURES]++;
        cells[COLUMN_AUTOMATED] += (d->flags & DECISION_AUTOMATED) != 0;
        cells[column_of(d)]++;
    }
    if ((c->flags & CASE_NOTICE) && !(c->flags & CASE_ORDER)) {
        uint32_t *cells = t->notices[c->leaf];
        bool tf = c->flags & CASE_TF;

        cells[terms ? NOTICE_TERMS : NOTICE_LAW]++;
        cells[terms ? NOTICE_TERMS_TF : NOTICE_LAW_TF] += tf;
    }
}

static void count_state(struct transparency *t, const struct decision_data *d,
                        const struct case_data *c)
{
    struct state_data *state =
        c->state < 0 ? NULL : (struct state_data *)t->state_pool.items + c->state;
    bool restriction = d->flags & DECISION_RESTRICTION;

    if (!state) {
        return;
    }
    state->actioned += restriction;
    state->not_actioned += !restriction;
    state->on_law += restriction && d->ground != GROUND_TERMS;
    state->on_terms += restriction && d->ground == GROUND_TERMS;
    if (!(c->flags & CASE_ORDER)) {
        t->n.state_decided++;
        t->n.state_rejected += !restriction;
    }
}

/* The notices that waited for this decision are answered now. */
static int answer_notices(struct transparency *t, struct case_data *c, int64_t ms)
{
    int r = 0;

    for (int32_t i = c->notice; i >= 0 && r == 0;) {
        const struct notice_data notice = ((const struct notice_data *)t->notice_pool.items)[i];

        if (in_period(t, ms)) {
            r = add_sample(t, SAMPLE_NOTICE, notice.leaf, COUNTRY_NONE, ms - notice.ms);
            r = r || !notice.tf
                    ? r
                    : add_sample(t, SAMPLE_NOTICE_TF, notice.leaf, COUNTRY_NONE, ms - notice.ms);
        }
        i = notice.next;
    }
    c->notice = -1;
    return r;
}

/* What a decision sets in motion once it is effective: at once, or when the second person agreed.
 */
static int make_effective(struct transparency *t, struct decision_data *d, int64_t ms)
{
    struct case_data *c = (struct case_data *)t->case_pool.items + d->case_index;
    uint32_t *links = t->link_pool.items;
    struct tag_data *tags = t->tag_pool.items;

    if (d->flags & DECISION_EFFECTIVE) {
        return 0;
    }
    d->flags |= DECISION_EFFECTIVE;
    c->flags |= CASE_DECIDED;
    if (in_period(t, ms)) {
        count_state(t, d, c);
        if (d->lesson < LESSON_COUNT) {
            t->lessons[d->lesson]++;
        }
        if (d->flags & DECISION_RESTRICTION) {
            d->flags |= DECISION_COUNTED;
            count_measure(t, d, c);
            for (uint32_t i = 0; i < d->tag_count; i++) {
                count_tag(t, &tags[links[d->tags + i]]);
            }
        }
    }
    return answer_notices(t, c, ms);
}

static void reverse(struct transparency *t, struct decision_data *d, int64_t ms)
{
    uint32_t *links = t->link_pool.items;
    struct tag_data *tags = t->tag_pool.items;

    if ((d->flags & DECISION_REVERSED) || !in_period(t, ms)) {
        return;
    }
    d->flags |= DECISION_REVERSED;
    t->n.reversed++;
    t->n.reversed_automated += (d->flags & DECISION_AUTOMATED) != 0;
    t->n.tco_reinstated += (d->flags & DECISION_TERRORISM) != 0;
    for (uint32_t i = 0; i < d->tag_count; i++) {
        tags[links[d->tags + i]].reversed += (d->flags & DECISION_COUNTED) != 0;
    }
}

static int decide_appeal(struct transparency *t, const struct entry_at *at, bool restriction)
{
    static const char *const results[COMPLAINT_RESULTS] = {"", "upheld", "partially_reversed",
                                                           "reversed", "omitted"};
    int64_t index = idmap_find(t->appeals, json_span(json_object_get(at->entry, "appeal")));
    int result = word_of(json_object_get(at->entry, "appeal_result"), results, COMPLAINT_RESULTS);
    struct appeal_data *appeal;
    struct decision_data *before;
    int r = 0;

    if (index < 0 || result <= 0) {
        return fault_set(at->why, "TRANSPARENCY_ENTRY", index < 0 ? "/appeal" : "/appeal_result",
                         "a decision on an appeal names the appeal and its result");
    }
    appeal = (struct appeal_data *)t->appeal_pool.items + index;
    before = (struct decision_data *)t->decision_pool.items + appeal->decision;
    if (in_period(t, at->ms)) {
        t->complaints[ABOUT_ANY][result]++;
        t->complaints[before->about][result] += before->about != ABOUT_ANY;
        t->new_from_complaint += restriction && !(before->flags & DECISION_RESTRICTION);
        if (result != COMPLAINT_OMITTED) {
            r = add_sample(t, SAMPLE_COMPLAINT, 0, COUNTRY_NONE, at->ms - appeal->at_ms);
            r = r || before->about == ABOUT_ANY ? r
                                                : add_sample(t, SAMPLE_COMPLAINT + before->about, 0,
                                                             COUNTRY_NONE, at->ms - appeal->at_ms);
        }
    }
    if (result == COMPLAINT_REVERSED || result == COMPLAINT_PARTIAL) {
        reverse(t, before, at->ms);
    }
    return r;
}

static int read_decision(struct decision_data *d, const struct entry_at *at,
                         const struct case_data *c)
{
    const json_t *entry = at->entry;
    int outcome = word_of(json_object_get(entry, "outcome"), outcome_words, OUTCOME_COUNT);
    int harm = word_of(in_record(entry, NULL, "harm"), harm_words, HARM_COUNT);
    int ground = word_of(in_record(entry, "ground", "kind"), ground_kind_words, GROUND_KIND_COUNT);
    int lesson = word_of(in_record(entry, "lesson", "action"), lesson_words, LESSON_COUNT);
    struct span tier = json_span(in_record(entry, NULL, "tier"));
    struct span until = json_span(in_record(entry, "scope", "until"));

    if (outcome < 0 || harm < 0 || ground < 0) {
        return fault_set(at->why, "TRANSPARENCY_ENTRY",
                         outcome < 0 ? "/outcome"
                         : harm < 0  ? "/justification/harm"
                                     : "/justification/ground/kind",
                         "a decision has outcome, harm and ground");
    }
    d->at_ms = at->ms;
    d->outcome = (uint8_t)outcome;
    d->harm = (uint8_t)harm;
    d->ground = (uint8_t)ground;
    d->about = (uint8_t)about_of((enum outcome)outcome, c);
    d->full = span_is(tier, "full");
    d->lesson = (uint8_t)(lesson < 0 ? LESSON_COUNT : lesson);
    d->first_try = json_is_true(json_object_get(entry, "first_try"));
    d->translated =
        span_is(json_span(in_record(entry, NULL, "lang_competence")), "assisted_translation");
    d->monetary_end = until.len >= 10 && !span_is(until, "indefinite");
    d->flags |= outcome_is_restriction((enum outcome)outcome) ? DECISION_RESTRICTION : 0;
    d->flags |=
        json_is_true(in_record(entry, NULL, "automated_detection")) ? DECISION_AUTOMATED : 0;
    d->flags |= harm_is_terrorism((enum harm)harm) ? DECISION_TERRORISM : 0;
    d->flags |= span_is(tier, "deferred") ? DECISION_DEFERRED : 0;
    return 0;
}

static void count_exemptions(struct transparency *t, const json_t *entry)
{
    const json_t *map = in_record(entry, NULL, "exemptions");

    for (int i = 0; i < EXEMPTION_COUNT; i++) {
        struct span state = json_span(json_object_get(map, exemption_words[i]));

        t->exemptions[i].checked += state.len > 0;
        t->exemptions[i].met += span_is(state, "met");
    }
}

/* Whatever its effect, a decision says something of how we work. */
static int count_decision(struct transparency *t, const struct decision_data *d,
                          const struct entry_at *at)
{
    static const char *const refusals[] = {"force_majeure", "de_facto_impossibility",
                                           "manifest_errors", "insufficient_information"};
    int refusal =
        word_of(in_record(at->entry, "order_feedback", "ground"), refusals, COUNT_OF(refusals));
    bool quick = span_is(json_span(in_record(at->entry, NULL, "tier")), "quick");
    int64_t opened, decided;

    t->n.decisions++;
    t->n.full += d->full;
    t->n.full_first_try += d->full && d->first_try;
    t->n.deferred += (d->flags & DECISION_DEFERRED) != 0;
    t->n.counter_messages += d->outcome == OUTCOME_REFER_COUNTER_MESSAGE;
    t->n.counter_state_funded +=
        d->outcome == OUTCOME_REFER_COUNTER_MESSAGE &&
        json_is_true(in_record(at->entry, "counter_message", "state_funded"));
    if (refusal >= 0) {
        t->n.orders_refused[refusal]++;
    }
    count_exemptions(t, at->entry);
    if (quick && clock_read(json_span(in_record(at->entry, NULL, "opened_at")), &opened) &&
        clock_read(json_span(in_record(at->entry, NULL, "decided_at")), &decided)) {
        return add_sample(t, SAMPLE_QUICK_FORM, 0, COUNTRY_NONE, decided - opened);
    }
    return 0;
}

static struct decision_data *decision_at(struct transparency *t, const json_t *id)
{
    int64_t index = idmap_find(t->decisions, json_span(id));

    return index < 0 ? NULL : (struct decision_data *)t->decision_pool.items + index;
}

/* The full record of a deferred decision: the measure was counted with the deferred one. */
static bool completes(struct transparency *t, const struct entry_at *at)
{
    struct decision_data *before = decision_at(t, json_object_get(at->entry, "completes"));

    if (!before) {
        return false;
    }
    before->flags |= DECISION_COMPLETED;
    t->n.deferred_overdue +=
        at->ms > before->at_ms + DEFERRED_FULL_HOURS * HOUR_MS && in_period(t, at->ms);
    return true;
}

int add_decision(struct transparency *t, const struct entry_at *at)
{
    struct decision_data *d, *reversed;
    struct case_data *c;
    uint32_t case_index = 0, index;
    int r = 0;

    c = case_of(t, at->entry, &case_index, &r);
    if (!c) {
        return r == FAULT
                   ? fault_set(at->why, "TRANSPARENCY_FULL", "", "more cases than can be counted")
                   : r;
    }
    r = idmap_put(t->decisions, json_span(json_object_get(at->entry, "decision")), &index);
    if (r != IDMAP_NEW) {
        return r < 0 ? r
                     : fault_set(at->why, r ? "TRANSPARENCY_FULL" : "TRANSPARENCY_ENTRY",
                                 "/decision", "a decision stands in the log once");
    }
    d = pool_add(&t->decision_pool, sizeof(*d));
    if (!d) {
        return -ENOMEM;
    }
    d->case_index = case_index;
    r = read_decision(d, at, c);
    r = r ? r : add_tags(t, d, at->entry);
    if (r) {
        return r;
    }
    if (completes(t, at)) {
        return 0;
    }
    if (in_period(t, at->ms)) {
        r = count_decision(t, d, at);
    }
    if (r == 0 && json_object_get(at->entry, "appeal")) {
        r = decide_appeal(t, at, d->flags & DECISION_RESTRICTION);
    }
    reversed = decision_at(t, in_record(at->entry, NULL, "reverses"));
    if (reversed && d->outcome == OUTCOME_REINSTATE) {
        t->n.reinstated_unasked += !json_object_get(at->entry, "appeal") && in_period(t, at->ms) &&
                                   !(reversed->flags & DECISION_REVERSED);
        reverse(t, reversed, at->ms);
    }
    if (r == 0 && !span_is(json_span(json_object_get(at->entry, "state")), "awaiting_second") &&
        !span_is(json_span(json_object_get(at->entry, "appeal_result")), "upheld")) {
        r = make_effective(t, d, at->ms);
    }
    return r;
}

int add_second(struct transparency *t, const struct entry_at *at)
{
    struct decision_data *d = decision_at(t, json_object_get(at->entry, "decision"));
    bool agree = json_is_true(json_object_get(at->entry, "agree"));

    if (!d) {
        return fault_set(at->why, "TRANSPARENCY_ENTRY", "/decision",
                         "a second opinion is on a decision of the log");
    }
    if (in_period(t, at->ms)) {
        t->n.seconds++;
        t->n.seconds_disagree += !agree;
    }
    return agree ? make_effective(t, d, at->ms) : 0;
}
