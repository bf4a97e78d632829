/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_ENTRIES_H
#define RAPPORTEUR_SERVICE_API_ENTRIES_H

/*
 * The audit entries of this API, as templates for the store's functions (lib/audit/entry.h has the
 * members each type must have). Written into the exchange's arena. Nothing here names a person or
 * repeats reported content: people are pseudonyms, content is a commitment. Those of intake take an
 * arena of their own, since a batch makes more of them than one exchange may hold.
 * Each returns the template; ptr NULL: no memory, or too large (logged), and the caller answers 503.
 */

#include "lib/audit/entry.h"
#include "lib/report/report.h"
#include "lib/report/verdict.h"
#include "lib/rights/justification.h"
#include "service/api/api.h"

enum { ENTRIES_HITS_MAX = 100 };        /* of one verdict in the log; the rest is counted */

struct span entries_report(struct exchange *ex, struct arena *arena, const struct report *report,
                           struct span body, const char *report_id, const uint8_t salt[COMMIT_KEY_LEN],
                           int64_t now_ms);
struct span entries_verdict(struct exchange *ex, struct arena *arena, const char *report_id,
                            const struct verdict *verdict, const struct hits *hits,
                            const struct flag_history *history, int64_t now_ms);
struct span entries_claim(struct exchange *ex, const char *action, int64_t now_ms);

/* What the log says of a decision: the sealed record and what transparency numbers are counted from. */
struct entries_decision {
    struct span case_id, decision_id, partner;
    const json_t *record;               /* sealed */
    const struct justification_check_result *result;
    enum origin_kind origin;
    int64_t reported_ms;                /* of the first report, for times to decision */
    size_t report_count;
    /* Of a case decided before: its last effective decision; on appeal also the appeal's id and what
     * became of it (upheld, partially_reversed, reversed). Empty otherwise. */
    struct span supersedes, appeal, appeal_result;
    struct span completes;              /* the deferred decision whose full record this is; empty: none */
    bool first_try;                     /* no record was refused under the lease before */
};
struct span entries_decision(struct exchange *ex, const struct entries_decision *decision, int64_t now_ms);
struct span entries_second(struct exchange *ex, struct span case_id, struct span decision_id, bool agree,
                           int64_t now_ms);
struct span entries_notice(struct exchange *ex, struct span case_id, struct span decision_id,
                           struct span partner, int64_t now_ms);
struct span entries_effect(struct exchange *ex, struct span decision_id, int64_t effective_ms,
                           struct span measure, int64_t now_ms);
struct span entries_appeal(struct exchange *ex, struct span case_id, const char *appeal_id,
                           struct span decision_id, struct span partner, int64_t now_ms);
/* Something happened to the order of a case: `event` is what the store keeps of it; its texts are left out. */
struct span entries_order(struct exchange *ex, struct span case_id, const json_t *event, int64_t now_ms);
struct span entries_escalation(struct exchange *ex, struct span case_id, struct span queue, int64_t now_ms);
struct span entries_key(struct exchange *ex, const char *key_id, const char *role, const char *action,
                        int64_t now_ms);
/* Placed, with authority, reference and end; without an end: released. */
struct entries_hold {
    struct span hold_id, case_id, authority, reference;
    int64_t until_ms;
};
struct span entries_hold(struct exchange *ex, const struct entries_hold *hold, int64_t now_ms);
/* Somebody asked to be forgotten; the subject is a hole. */
struct span entries_erasure(struct exchange *ex, int64_t now_ms);
/* Somebody looked at what is kept apart, or read the log (look.h): `format` is what; case and purpose may be empty. */
struct span entries_look(struct exchange *ex, const char *format, struct span case_id, struct span purpose,
                         int64_t now_ms);
struct span entries_export(struct exchange *ex, const char *format, int64_t from_ms, int64_t to_ms,
                           int64_t now_ms);

#endif
