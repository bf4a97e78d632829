/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_BACKTEST_H
#define RAPPORTEUR_SERVICE_API_BACKTEST_H

/*
 * What other rules would change: both sets judge the same facts of each report, and the differences are
 * counted. Nothing is stored and no content stands in the result. For the API and the command line.
 *     backtest_new(&test, running, candidate, trial, SPAN("general"));
 *     backtest_add(test, &one)...                      one report a call
 *     json_t *result = backtest_result(test);
 *
 * The running rules judge anew, so that a difference is one of rules: the verdict that was stored may
 * come from older rules or lists. Hits are those of the time, out of the stored verdict.
 *
 * Result: {"running":{digest,rules}, "candidate":{digest,rules}, "reports", "skipped":{erased,
 * unreadable,...}?, "history_unknown"?, "changed", "changes":{word: n}, "by_rule":{id: {"before","after",
 * "before_mode"?,"after_mode"?,"changed","changes"?}}, "by_language", "by_origin":{key: {"reports",
 * "changed","changes"?}}, "examples":[...], "shadow"?:{"changed","changes","by_rule":{id: fired}}}
 * Words of changes: newly_queued (out of the default queue), moved, back_to_default, deadline_earlier,
 * deadline_later, severity_raised, severity_lowered, second_added, second_dropped, labels,
 * newly_undecided, decided. A changed report counts for each rule that fired and is not the same in both
 * sets. `shadow`: what the candidate's shadow rules would change if they were live; they never are here.
 */

#include "lib/report/report.h"
#include "lib/rules/rule_set.h"

enum { BACKTEST_EXAMPLES = 20, BACKTEST_LANGUAGES = 64 };

struct backtest;

/* Borrows all, which must outlive it. `trial`: the candidate built with shadow_as_live; NULL
 * where it has no shadow rule. 0 or -ENOMEM. */
int backtest_new(struct backtest **ret, const struct rule_set *running, const struct rule_set *candidate,
                 const struct rule_set *trial, struct span default_queue);
struct backtest *backtest_free(struct backtest *test);
DEFINE_CLEANUP(struct backtest *, backtest_free);

struct backtest_report {
    struct span report_id, case_id;     /* for the examples; may be empty */
    const struct report *report;
    const struct hits *hits;
    int64_t history_reports, history_reporters, history_since_ms, now_ms;
    bool history_unknown;               /* and taken as none */
};
/* 0 or -ENOMEM. */
int backtest_add(struct backtest *test, const struct backtest_report *one);
/* A report that could not be judged: why, in a word. */
void backtest_skip(struct backtest *test, const char *why);
/* How many of either. */
size_t backtest_seen(const struct backtest *test);

/* The hits of a stored verdict; borrows from it. What is no hit is left out. */
void backtest_hits(struct hits *ret, const json_t *verdict);

/* New reference; NULL without memory. */
json_t *backtest_result(const struct backtest *test);

/* Whether any rule is in shadow. */
bool backtest_has_shadow(const struct rule_set *rules);

#endif
