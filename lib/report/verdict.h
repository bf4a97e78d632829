/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_REPORT_VERDICT_H
#define RAPPORTEUR_LIB_REPORT_VERDICT_H

/*
 * A verdict: what the rules say of a case. Where it waits, how grave, until when, and why. There is
 * no field for an action on the content: software sorts, people decide.
 * Strings borrow from the rule set and match set of the snapshot it came from.
 */

#include "lib/report/hit.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    VERDICT_MAX_RULES = 64, VERDICT_MAX_LABELS = 32, VERDICT_MAX_NOTES = 16, VERDICT_MAX_QUEUE = 48,
    VERDICT_MAX_RULE_HITS = 16,
    SEVERITY_MAX = 4
};

struct verdict_rule {
    struct span id, policy;         /* rule id, clause it serves */
    bool shadow;                    /* counted, its effects not applied */
    bool failed;                    /* ended in an error or at its limit: no effect, a person must look */
    struct span error;              /* what it said then; else empty */
    /* The hits it used: places in the verdict's hits that its exists(), exists_one() and filter() chose,
     * in that order, the first ones. None where the condition looks at no hit, or at all of them. */
    uint16_t hits[VERDICT_MAX_RULE_HITS];
    size_t hit_count;
};

struct verdict {
    struct span queue;              /* [a-z0-9-]{1,48} */
    int severity;                   /* 0-4 */
    int64_t due_ms;                 /* the deadline, absolute */
    bool needs_second;
    bool undecided;                 /* a limit ended matching or a rule; a person must look */
    struct span labels[VERDICT_MAX_LABELS];
    size_t label_count;
    struct span notes[VERDICT_MAX_NOTES];
    size_t note_count;
    struct verdict_rule rules[VERDICT_MAX_RULES];   /* those that fired or failed, in file order */
    size_t rule_count;
    size_t dropped;                 /* rules, labels and notes past their limits; effects still merged */
    const char *snapshot;           /* hex digest of match set + rule set */
    const char *rules_digest;       /* of the rule set alone, as /readyz shows it */
};

/* {"queue","severity","due","needs_second","undecided"?,"undecided_why"?,"labels","notes",
 * "rules":[{id,policy,shadow?,error?,hits?:[places in "hits"]}],"dropped"?,"hits":[...],"hits_dropped"?,
 * "rules_digest"?,"snapshot"?}. New reference, NULL without memory. `error` stands with a rule that failed; shadow hits carry
 * "mode":"shadow". Members with ? are left out when false, zero or unknown. */
json_t *verdict_json(const struct verdict *verdict, const struct hits *hits);

#endif
