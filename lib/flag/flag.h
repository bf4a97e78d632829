/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_FLAG_FLAG_H
#define RAPPORTEUR_LIB_FLAG_FLAG_H

/*
 * The one pipeline: content -> normalise -> match -> rules -> verdict. A snapshot holds the match
 * set and the rule set together under one digest and never changes; it is shared by an atomic
 * reference count, and a reload publishes a new one while readers finish on the old.
 * No function here, or below, can remove content: a verdict has no such field.
 */

#include "lib/match/match_set.h"
#include "lib/report/report.h"
#include "lib/report/verdict.h"
#include "lib/rules/rule_set.h"

struct snapshot;

/* Takes both, also on failure. 0 or -ENOMEM. */
int snapshot_new(struct snapshot **ret, struct match_set *matches, struct rule_set *rules);
struct snapshot *snapshot_ref(struct snapshot *snapshot);
struct snapshot *snapshot_unref(struct snapshot *snapshot);
DEFINE_CLEANUP(struct snapshot *, snapshot_unref);

/* 64 hex digits: SHA-256 over both digests. */
const char *snapshot_digest(const struct snapshot *snapshot);
const struct match_set *snapshot_matches(const struct snapshot *snapshot);
const struct rule_set *snapshot_rules(const struct snapshot *snapshot);

/* What one thread needs to evaluate; belongs to one snapshot and one thread. */
struct flag_scratch;
int flag_scratch_new(struct flag_scratch **ret, struct snapshot *snapshot);   /* holds a reference */
struct flag_scratch *flag_scratch_free(struct flag_scratch *scratch);
DEFINE_CLEANUP(struct flag_scratch *, flag_scratch_free);

/* What earlier cases say, for rules (`history`). Zeros when unknown. */
struct flag_history {
    int64_t reports;                /* reports on this content before this one */
    int64_t reporters;              /* different reporters among them */
    int64_t since_ms;               /* when the first of them came; 0: there is none */
};

/* The verdict on a report at `now_ms`; `history` may be NULL. Results borrow from scratch and snapshot
 * until the next call. 0 or -ENOMEM. */
int flag_evaluate(struct flag_scratch *scratch, const struct report *report,
                  const struct flag_history *history, int64_t now_ms, const struct verdict **ret_verdict,
                  const struct hits **ret_hits);

#endif
