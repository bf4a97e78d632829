/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/transparency_data.h"

#include "lib/base/clock.h"
#include "lib/export/wilson.h"
#include "lib/json/read.h"

#include <errno.h>

enum { SUPPRESS_BELOW = 5 };

/* Counts from 1 to 4 could point at a person, so they are not said. */
static json_t *cell(uint64_t count)
{
    if (count > 0 && count < SUPPRESS_BELOW) {
        return json_pack("{s:b}", "suppressed", 1);
    }
    return json_integer((json_int_t)count);
}

/* A share with its interval; suppressed when it, or what it leaves, would give away a small count.
 */
static json_t *share(uint64_t hits, uint64_t total)
{
    struct wilson w = wilson_95(hits, total);
    uint64_t rest = total - hits;

    if ((hits > 0 && hits < SUPPRESS_BELOW) || (rest > 0 && rest < SUPPRESS_BELOW)) {
        return json_pack("{s:b}", "suppressed", 1);
    }
    if (total == 0) {
        return json_pack("{s:i, s:i, s:n}", "count", 0, "of", 0, "share");
    }
    return json_pack("{s:I, s:I, s:f, s:[f, f]}", "count", (json_int_t)hits, "of",
                     (json_int_t)total, "share", w.share, "interval_95", w.low, w.high);
}

static json_t *hours(double value)
{
    return value < 0 ? json_null() : json_real(value);
}

static json_t *words_counted(const char *const words[], const uint32_t *counts, size_t count)
{
    json_t *object = json_object();

    for (size_t i = 0; i < count; i++) {
        if (counts[i] > 0) {
            (void)json_object_set_new(object, words[i], json_integer(counts[i]));
        }
    }
    return object;
}

/* Regulation (EU) 2021/784 art. 7(3): what the log knows of it; proceedings before courts it does
 * not. */
static json_t *tco_json(const struct transparency *t)
{
    static const char *const refusals[] = {"force_majeure", "de_facto_impossibility",
                                           "manifest_errors", "insufficient_information"};

    return json_pack("{s:I, s:I, s:o, s:I, s:I, s:n, s:n, s:n, s:n}", "removed_on_orders",
                     (json_int_t)t->n.tco_ordered, "removed_by_own_measures",
                     (json_int_t)t->n.tco_measures, "orders_not_executed",
                     words_counted(refusals, t->n.orders_refused, COUNT_OF(refusals)), "complaints",
                     (json_int_t)t->n.tco_complaints, "reinstated_after_complaint",
                     (json_int_t)t->n.tco_reinstated, "proceedings", "proceedings_outcomes",
                     "reinstated_after_proceedings", "measures_text");
}

static json_t *states_json(const struct transparency *t)
{
    const struct state_data *states = t->state_pool.items;
    json_t *array = json_array();

    for (size_t i = 0; i < t->state_pool.count; i++) {
        const struct state_data *s = &states[i];

        (void)json_array_append_new(
            array, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "actor", s->name,
                             "requests", (json_int_t)s->requests, "orders", (json_int_t)s->orders,
                             "court", (json_int_t)s->court, "actioned", (json_int_t)s->actioned,
                             "not_actioned", (json_int_t)s->not_actioned, "on_law",
                             (json_int_t)s->on_law, "on_terms", (json_int_t)s->on_terms));
    }
    return array;
}

/* Restrictions that took effect, by the language of the content: any language, not the official ones
 * alone, or Arabic and Russian would not be seen. */
static json_t *languages_json(const struct transparency *t)
{
    const struct tag_data *tags = t->tag_pool.items;
    json_t *object = json_object();

    for (size_t i = 0; i < t->tag_pool.count; i++) {
        if (tags[i].kind == TAG_LANGUAGE && tags[i].restrictions > 0) {
            (void)json_object_set_new(object, tags[i].name, json_integer(tags[i].restrictions));
        }
    }
    return object;
}

static json_t *santa_clara_json(const struct transparency *t)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}",
        "restrictions", (json_int_t)t->n.restrictions, "accounts", (json_int_t)t->n.accounts,
        "found_by_automation", (json_int_t)t->n.automated, "appeals", (json_int_t)t->n.appeals,
        "appeals_won", (json_int_t)t->n.reversed, "appeals_after_automation",
        (json_int_t)t->n.appeals_automated, "appeals_won_after_automation",
        (json_int_t)t->n.reversed_automated, "reinstated_unasked",
        (json_int_t)t->n.reinstated_unasked, "flags", (json_int_t)t->n.reports, "flags_by_bots",
        (json_int_t)t->n.flags_bots, "disclosure_prohibited",
        (json_int_t)t->n.disclosure_prohibited, "flags_by_source",
        words_counted(origin_words, t->n.by_origin, ORIGIN_COUNT), "flags_by_rule",
        words_counted(harm_words, t->n.by_harm, HARM_COUNT), "restrictions_by_outcome",
        words_counted(outcome_words, t->n.by_outcome, OUTCOME_COUNT), "restrictions_by_language",
        languages_json(t), "state_actors", states_json(t));
}

/* Decided and reversed restrictions of every rule, list, language and origin. */
static json_t *rates_json(const struct transparency *t)
{
    static const char *const names[TAG_KINDS] = {"rules", "lists", "languages", "origins"};
    const struct tag_data *tags = t->tag_pool.items;
    json_t *kinds[TAG_KINDS];
    json_t *object = json_object();

    for (int k = 0; k < TAG_KINDS; k++) {
        kinds[k] = json_object();
        (void)json_object_set_new(object, names[k], kinds[k]);
    }
    for (size_t i = 0; i < t->tag_pool.count; i++) {
        if (tags[i].restrictions > 0) {
            uint32_t reversed =
                tags[i].reversed < tags[i].restrictions ? tags[i].reversed : tags[i].restrictions;

            (void)json_object_set_new(kinds[tags[i].kind], tags[i].name,
                                      share(reversed, tags[i].restrictions));
        }
    }
    return object;
}

/* Deferred decisions whose full record had not come a day later, when the period ended. */
static uint32_t still_overdue(const struct transparency *t)
{
    const struct decision_data *decisions = t->decision_pool.items;
    uint32_t count = 0;

    for (size_t i = 0; i < t->decision_pool.count; i++) {
        count += (decisions[i].flags & DECISION_DEFERRED) &&
                 !(decisions[i].flags & DECISION_COMPLETED) && in_period(t, decisions[i].at_ms) &&
                 decisions[i].at_ms + 86400000 < t->options.to_ms;
    }
    return count;
}

static json_t *exemptions_json(const struct transparency *t)
{
    json_t *object = json_object();

    for (int i = 0; i < EXEMPTION_COUNT; i++) {
        if (t->exemptions[i].checked > 0) {
            (void)json_object_set_new(object, exemption_words[i],
                                      share(t->exemptions[i].met, t->exemptions[i].checked));
        }
    }
    return object;
}

static json_t *lessons_json(const struct transparency *t)
{
    json_t *object = json_object();

    for (int i = 0; i < LESSON_COUNT; i++) {
        (void)json_object_set_new(object, lesson_words[i], cell(t->lessons[i]));
    }
    return object;
}

static json_t *indicators_json(const struct transparency *t)
{
    double quick = sample_median(t, SAMPLE_QUICK_FORM, 0, LEAF_COUNT, -1);

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "full_at_first_try", share(t->n.full_first_try, t->n.full), "exemptions_met",
                     exemptions_json(t), "lesser_measures",
                     share(t->n.lesser + t->n.counter_messages,
                           t->n.lesser + t->n.counter_messages + t->n.removals),
                     "state_referrals_rejected", share(t->n.state_rejected, t->n.state_decided),
                     "deferred", cell(t->n.deferred), "deferred_overdue",
                     cell(t->n.deferred_overdue + still_overdue(t)), "quick_form_median_hours",
                     hours(quick), "second_disagrees", share(t->n.seconds_disagree, t->n.seconds),
                     "removals_in_translation", share(t->n.translated_removals, t->n.removals),
                     "partners", cell(idmap_count(t->partners)), "counter_messages",
                     cell(t->n.counter_messages), "counter_messages_state_funded",
                     cell(t->n.counter_state_funded), "lessons", lessons_json(t), "decisions",
                     cell(t->n.decisions));
}

int transparency_json(json_t **ret, struct transparency *t)
{
    CLEANUP(json_freep) json_t *whole = NULL;
    char from[CLOCK_TEXT_LEN + 1], to[CLOCK_TEXT_LEN + 1];

    clock_text(t->options.from_ms, from);
    clock_text(t->options.to_ms, to);
    whole = json_pack("{s:{s:s, s:s}, s:o, s:o, s:o, s:o}", "period", "from", from, "to", to,
                      "tco_7_3", tco_json(t), "santa_clara", santa_clara_json(t), "indicators",
                      indicators_json(t), "rates", rates_json(t));
    if (!whole) {
        return -ENOMEM;
    }
    *ret = TAKE(whole);
    return 0;
}
