/* SPDX-License-Identifier: Apache-2.0 */
/* From facts to a verdict: every condition in turn, then the merge that rule_set.h describes. */
#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "lib/rights/orders.h"
#include "lib/rules/rule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { SCRATCH_MAX_BYTES = 4 << 20, RULE_MEMORY_MAX = 1 << 20 };
/* What a cost estimate takes a list and a text to hold: the longest list there is, so that no
 * number of hits can end a rule that was loaded; a usual text, since only content.text and reason
 * are longer. */
enum { ASSUMED_ITEMS = HITS_MAX, ASSUMED_BYTES = 256 };

int rule_compile(struct cel_program **ret, const struct rule_set *set, struct span when,
                 struct fault *why)
{
    const struct cel_limits limits = {.source_bytes = RULE_MAX_WHEN,
                                      .cost = set->options.cost_max,
                                      .assumed_items = ASSUMED_ITEMS,
                                      .assumed_bytes = ASSUMED_BYTES};
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    struct fault inner = {0};
    int r = cel_compile(&program, set->env, when, &limits, &inner);

    if (r == FAULT) {
        bool dear = strcmp(inner.code, "CEL_COST") == 0;

        return fault_set(why, dear ? "RULE_COST" : "RULE_WHEN", "", "%s at %s of the condition: %s",
                         inner.code, inner.place, inner.text);
    }
    if (r == 0 && cel_program_type(program)->kind != CEL_BOOL) {
        return fault_set(why, "RULE_WHEN", "",
                         "a condition must be true or false, this is something else");
    }
    if (r == 0) {
        *ret = TAKE(program);
    }
    return r;
}

int rule_scratch_new(struct rule_scratch **ret, const struct rule_set *set)
{
    CLEANUP(rule_scratch_freep) struct rule_scratch *scratch = calloc(1, sizeof(*scratch));

    (void)set;
    if (!scratch) {
        return -ENOMEM;
    }
    scratch->arena = arena_new(SCRATCH_MAX_BYTES);
    if (!scratch->arena) {
        return -ENOMEM;
    }
    *ret = TAKE(scratch);
    return 0;
}

struct rule_scratch *rule_scratch_free(struct rule_scratch *scratch)
{
    if (scratch) {
        (void)arena_free(scratch->arena);
        free(scratch);
    }
    return NULL;
}

int rule_holds(const struct rule_set *set, const struct cel_program *program,
               struct rule_scratch *scratch, bool *ret, struct fault *why)
{
    const struct cel_budget budget = {.steps = set->options.cost_max,
                                      .memory_bytes = RULE_MEMORY_MAX};
    struct cel_value value = {0};
    int r;

    arena_reset(scratch->arena);
    scratch->view.used_count = 0;
    r = cel_evaluate(program, &scratch->view.activation, scratch->arena, &budget, &value, why);
    if (r == 0) {
        *ret = value.kind == CEL_BOOL && value.as.u != 0;
    }
    return r;
}

/* --- the merge --- */

/* What is known only while the rules run. */
struct merge {
    struct verdict *verdict;
    int64_t now_ms, due_ms; /* due_ms 0: none yet */
    int queue_severity;     /* of the rule that named the queue; -1: none did */
};

static void pull_forward(struct merge *merge, int64_t due_ms)
{
    if (merge->due_ms == 0 || due_ms < merge->due_ms) {
        merge->due_ms = due_ms;
    }
}

static void add_label(struct verdict *verdict, struct span label)
{
    for (size_t i = 0; i < verdict->label_count; i++) {
        if (span_equal(verdict->labels[i], label)) {
            return;
        }
    }
    if (verdict->label_count == VERDICT_MAX_LABELS) {
        verdict->dropped++;
        return;
    }
    verdict->labels[verdict->label_count++] = label;
}

static void add_note(struct verdict *verdict, struct span note)
{
    if (note.len == 0) {
        return;
    }
    if (verdict->note_count == VERDICT_MAX_NOTES) {
        verdict->dropped++;
        return;
    }
    verdict->notes[verdict->note_count++] = note;
}

static void apply(struct merge *merge, const struct rule *rule)
{
    struct verdict *verdict = merge->verdict;
    int severity = rule->severity < 0 ? 0 : rule->severity;

    if (severity > verdict->severity) {
        verdict->severity = severity;
    }
    if (rule->queue.len && severity > merge->queue_severity) {
        verdict->queue = rule->queue;
        merge->queue_severity = severity;
    }
    if (rule->due_ms) {
        pull_forward(merge, merge->now_ms + rule->due_ms);
    }
    for (size_t i = 0; i < rule->label_count; i++) {
        add_label(verdict, rule->labels[i]);
    }
    verdict->needs_second |= rule->needs_second;
    add_note(verdict, rule->note);
}

/* Names the rule in the verdict. Where there is no room left only the count says so; a failure
 * still makes the verdict undecided. */
static void record(struct verdict *verdict, const struct rule *rule, struct rule_scratch *scratch,
                   const struct fault *failed)
{
    struct verdict_rule *into;

    if (verdict->rule_count == VERDICT_MAX_RULES) {
        verdict->dropped++;
        return;
    }
    into = &verdict->rules[verdict->rule_count];
    *into = (struct verdict_rule){.id = rule->id,
                                  .policy = rule->policy,
                                  .shadow = rule->mode == RULE_SHADOW,
                                  .failed = failed != NULL};
    if (failed) {
        char *text = scratch->errors[verdict->rule_count].text;

        (void)snprintf(text, sizeof(scratch->errors[0].text), "%.39s: %.300s", failed->code,
                       failed->text);
        into->error = span_of(text);
    }
    into->hit_count = scratch->view.used_count;
    (void)memcpy(into->hits, scratch->view.used, sizeof(into->hits[0]) * into->hit_count);
    verdict->rule_count++;
}

static int run_rule(struct merge *merge, const struct rule_set *set, const struct rule *rule,
                    struct rule_scratch *scratch)
{
    struct fault why;
    bool holds = false;
    int r = rule_holds(set, rule->program, scratch, &holds, &why);

    if (r < 0) {
        return r;
    }
    if (r == FAULT) {
        record(merge->verdict, rule, scratch, &why);
        merge->verdict->undecided |= rule->mode == RULE_LIVE;
    } else if (holds) {
        record(merge->verdict, rule, scratch, NULL);
        if (rule->mode == RULE_LIVE) {
            apply(merge, rule);
        }
    }
    return 0;
}

/* When an order must have taken effect: by the clock of its law, or of the settings where the law
 * has none. It runs from the receipt that the state block names, or from now. 0: no order. */
static int64_t order_due_at(const struct rule_options *options, const struct report *report,
                            int64_t now_ms)
{
    struct order_times times = {.received_ms = now_ms};
    int64_t ms;

    if (!origin_is_order(report->origin.kind)) {
        return 0;
    }
    if (clock_read(json_span(json_object_get(report->origin.state_actor, "received_at")), &ms) &&
        ms < now_ms) {
        times.received_ms = ms;
    }
    if (report->origin.kind == ORIGIN_TCO_REMOVAL_ORDER) {
        return order_due(&times);
    }
    return options->order_due_ms ? times.received_ms + options->order_due_ms : 0;
}

/* Defaults where the rules are silent; then what no rule may put off. */
static void finish(struct merge *merge, const struct rule_options *options,
                   const struct rule_facts *facts)
{
    struct verdict *verdict = merge->verdict;
    enum urgency urgency = facts->report->urgency;
    int64_t order_due_ms = order_due_at(options, facts->report, facts->now_ms);

    if (merge->queue_severity < 0) {
        verdict->queue = options->default_queue;
    }
    if (merge->due_ms == 0) {
        merge->due_ms = facts->now_ms + options->severity_due_ms[verdict->severity];
    }
    if (options->urgency_due_ms[urgency]) {
        pull_forward(merge, facts->now_ms + options->urgency_due_ms[urgency]);
    }
    if (options->trusted_due_ms && facts->report->origin.kind == ORIGIN_TRUSTED_FLAGGER) {
        pull_forward(merge, facts->now_ms + options->trusted_due_ms);
    }
    if (order_due_ms) {
        pull_forward(merge, order_due_ms);
    }
    if (urgency == URGENCY_THREAT_TO_LIFE && options->life_queue.len) {
        verdict->queue = options->life_queue;
    } else if (origin_is_order(facts->report->origin.kind) && options->order_queue.len) {
        verdict->queue = options->order_queue;
    }
    verdict->due_ms = merge->due_ms;
}

int rule_set_evaluate(const struct rule_set *set, struct rule_scratch *scratch,
                      const struct rule_facts *facts, struct verdict *ret)
{
    struct merge merge = {.verdict = ret, .now_ms = facts->now_ms, .queue_severity = -1};

    *ret = (struct verdict){.undecided = facts->hits->undecided_why != NULL, .rules_digest = set->digest};
    facts_view_set(&scratch->view, facts);
    for (size_t i = 0; i < set->count; i++) {
        int r = set->rules[i].mode == RULE_OFF ? 0 : run_rule(&merge, set, &set->rules[i], scratch);

        if (r != 0) {
            return r;
        }
    }
    finish(&merge, &set->options, facts);
    return 0;
}
