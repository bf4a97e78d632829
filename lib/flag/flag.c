/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flag/flag.h"

#include <errno.h>
#include <stdlib.h>

struct flag_scratch {
    struct snapshot *snapshot;
    struct match_scratch *matching;
    struct rule_scratch *rules;
    struct hits hits;
    struct verdict verdict;
};

int flag_scratch_new(struct flag_scratch **ret, struct snapshot *snapshot)
{
    CLEANUP(flag_scratch_freep) struct flag_scratch *scratch = calloc(1, sizeof(*scratch));
    int r;

    if (!scratch) {
        return -ENOMEM;
    }
    scratch->snapshot = snapshot_ref(snapshot);
    r = match_scratch_new(&scratch->matching, snapshot_matches(snapshot));
    if (r == 0) {
        r = rule_scratch_new(&scratch->rules, snapshot_rules(snapshot));
    }
    if (r == 0) {
        *ret = TAKE(scratch);
    }
    return r;
}

struct flag_scratch *flag_scratch_free(struct flag_scratch *scratch)
{
    if (scratch) {
        (void)match_scratch_free(scratch->matching);
        (void)rule_scratch_free(scratch->rules);
        (void)snapshot_unref(scratch->snapshot);
        free(scratch);
    }
    return NULL;
}

int flag_evaluate(struct flag_scratch *scratch, const struct report *report,
                  const struct flag_history *history, int64_t now_ms,
                  const struct verdict **ret_verdict, const struct hits **ret_hits)
{
    const struct snapshot *snapshot = scratch->snapshot;
    struct rule_facts facts = {.report = report, .hits = &scratch->hits, .now_ms = now_ms};
    int r = match_set_scan(snapshot_matches(snapshot), scratch->matching, &report->content, now_ms,
                           &scratch->hits);

    if (r != 0) {
        return r;
    }
    if (history) {
        facts.history_reports = history->reports;
        facts.history_reporters = history->reporters;
        facts.history_since_ms = history->since_ms;
    }
    r = rule_set_evaluate(snapshot_rules(snapshot), scratch->rules, &facts, &scratch->verdict);
    if (r != 0) {
        return r;
    }
    scratch->verdict.snapshot = snapshot_digest(snapshot);
    *ret_verdict = &scratch->verdict;
    *ret_hits = &scratch->hits;
    return 0;
}
