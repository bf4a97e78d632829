/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RULES_RULE_SET_H
#define RAPPORTEUR_LIB_RULES_RULE_SET_H

/*
 * A rule set: what people wrote in rule files, checked, compiled and tried on its own examples; and
 * the way from facts to a verdict. Immutable once built, so any number of threads may evaluate.
 *
 *     r = rule_set_build(&set, files, count, &options, &faults);    0, FAULT or -ENOMEM
 *     r = rule_scratch_new(&scratch, set);
 *     r = rule_set_evaluate(set, scratch, &facts, &verdict);        0 or -ENOMEM
 *
 * A file is a YAML list of rules:
 *     - id: recruitment-contact              [a-z0-9][a-z0-9-]{0,63}, once in the whole set
 *       policy: policy/4.2                   a clause of the published policy
 *       mode: live                           live (default), shadow (counted only), off
 *       when: report.category == "recruitment" && hits.exists(h, h.list == "contact-channels")
 *       then: {queue: terrorism, severity: 3, due: 4h, labels: [contact], needs_second: true, note: "..."}
 *       examples:                            at least one that matches, unless mode is off
 *         - {matches: true, report: {category: recruitment}, hits: [{list: contact-channels}]}
 * The effects under `then` are a closed list: there is no word for an action on the content.
 *
 * Merging, over the live rules that fired, in file order: highest severity; earliest deadline; labels
 * and notes united in order; needs_second if any asks for it; the queue of the rule with the highest
 * severity among those that name one (a tie goes to the earlier rule). Without a queue the default
 * one, without a deadline that of the severity. Then urgency and order clocks: they pull the deadline
 * forward, never back, and set the queue the options name for them. A rule that ends in an error
 * (or at its cost limit) has no effect, is named as failed, and makes the verdict undecided.
 *
 * Codes beside those of lib/json/field.h and yaml.h (place: file:line:column): RULE_ID, RULE_DUPLICATE,
 * RULE_POLICY (no such clause), RULE_WHEN (the condition does not parse or check), RULE_EFFECT (no
 * such effect, or none), RULE_QUEUE, RULE_LABEL, RULE_DUE, RULE_EXAMPLE (an example came out
 * otherwise, or none matches), RULE_COST (the estimate is over the limit), RULES_TOO_MANY.
 */

#include "lib/base/fault.h"
#include "lib/report/report.h"
#include "lib/report/verdict.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    RULES_MAX = 5000, RULE_MAX_ID = 64, RULE_MAX_WHEN = 8 << 10, RULE_MAX_NOTE = 500, RULE_MAX_LABEL = 48,
    RULE_MAX_EXAMPLES = 64
};

enum rule_mode { RULE_LIVE, RULE_SHADOW, RULE_OFF, RULE_MODE_COUNT };
extern const char *const rule_mode_words[RULE_MODE_COUNT];

struct rule_file {
    const char *name;               /* what places start with, for example rules/recruitment.yaml */
    struct span bytes;
};

/* One example that was run when its rule was read. */
struct rule_example {
    struct span rule, about;        /* about: empty where the example has none */
    size_t index;                   /* from 0 */
    bool matches, good;             /* what it asks for; whether it came out so */
    const char *file;
    int line;                       /* of the rule */
};

/* Spans are copied. Durations count from the moment of evaluation; 0 means none. */
struct rule_options {
    struct span default_queue;      /* where nothing matched: "general" */
    struct span life_queue;         /* urgency threat_to_life: "threat-to-life"; empty leaves the rules' */
    struct span order_queue;        /* legal orders: "orders"; empty leaves the rules' */
    int64_t severity_due_ms[SEVERITY_MAX + 1];  /* when no rule set a deadline */
    int64_t urgency_due_ms[URGENCY_COUNT];      /* a deadline at the latest */
    int64_t order_due_ms;           /* orders whose law names no hour; a removal order has its own: 1 h */
    /* Notices of trusted flaggers (DSA art. 22: with priority): a deadline at the latest. They change nothing
     * else: queue, severity and what a decision takes are as for anybody. */
    int64_t trusted_due_ms;
    uint64_t cost_max;              /* CEL steps of one rule on one case; default 250,000 */
    /* Whether the published policy has that clause; NULL accepts any reference of good form. */
    bool (*policy_has)(void *arg, struct span ref);
    void *policy_arg;
    /* For trials only: shadow rules act as live ones, and the digest says so. */
    bool shadow_as_live;
    /* Told of each example when it was run, while the set is built; NULL: nobody. */
    void (*example_ran)(void *arg, const struct rule_example *example);
    void *example_arg;
};
extern const struct rule_options rule_options_default;

/* What rules may know of a case. Shadow hits are left out of `hits` as rules see it. */
struct rule_facts {
    const struct report *report;
    const struct hits *hits;
    int64_t history_reports;        /* earlier reports on this content */
    int64_t history_reporters;      /* different reporters among them */
    int64_t history_since_ms;       /* when the first of them came; 0: there is none */
    int64_t now_ms;
};

struct rule_set;
struct rule_scratch;

/* Reads all files in the order given; every mistake of every file is in `faults`. */
int rule_set_build(struct rule_set **ret, const struct rule_file files[], size_t count,
                   const struct rule_options *options, struct faults *faults);
struct rule_set *rule_set_free(struct rule_set *set);
DEFINE_CLEANUP(struct rule_set *, rule_set_free);

/* 64 hex digits: SHA-256 over the canonical JSON of rules and options. The same digest means the
 * same verdicts. */
const char *rule_set_digest(const struct rule_set *set);

/* One rule as people see it; spans borrow from the set. */
struct rule_info {
    struct span id, policy, when, note, queue;
    enum rule_mode mode;
    int severity;                   /* -1: not set */
    int64_t due_ms;                 /* 0: not set */
    bool needs_second;
    uint64_t cost;                  /* estimated at load */
    size_t examples;
    const char *file;
    int line, column;               /* of the rule's id */
};
size_t rule_set_count(const struct rule_set *set);
struct rule_info rule_set_rule(const struct rule_set *set, size_t i);
/* [{"id","policy","mode","when","then","examples","file","line"}]; new reference, NULL without memory. */
json_t *rule_set_json(const struct rule_set *set);

/* The rules as they were written, in order: JSON that rule_set_build reads as a rule file (YAML takes
 * JSON) and that gives the same digest under the same options. New reference, NULL without memory. */
json_t *rule_set_written(const struct rule_set *set);

/* What one thread needs to evaluate one set; the set must outlive it. */
int rule_scratch_new(struct rule_scratch **ret, const struct rule_set *set);
struct rule_scratch *rule_scratch_free(struct rule_scratch *scratch);
DEFINE_CLEANUP(struct rule_scratch *, rule_scratch_free);

/* Writes all of *ret but `snapshot`. Error texts borrow from the scratch until its next use. No heap
 * is touched once the scratch is warm. */
int rule_set_evaluate(const struct rule_set *set, struct rule_scratch *scratch,
                      const struct rule_facts *facts, struct verdict *ret);

/* Every rule with what became of it: [{"rule","policy"?,"mode","fired","hits"?,"why","parts"?,"error"?,"effects"?}].
 * `parts` are the pieces between the && of the condition with their values, or their errors; `why` names
 * the first that does not hold. For people, not for the hot path: parts are compiled. New reference in
 * *ret. 0 or -ENOMEM. */
int rule_explain(const struct rule_set *set, struct rule_scratch *scratch, const struct rule_facts *facts,
                 json_t **ret);

/* The names, types and meanings that conditions may use, for `rapporteur rules facts`:
 * {"facts":[{"name","type","about","members"?}], "effects":[...], "functions":...}. New reference. */
json_t *rule_facts_describe(void);

#endif
