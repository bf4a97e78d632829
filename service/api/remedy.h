/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_REMEDY_H
#define RAPPORTEUR_SERVICE_API_REMEDY_H

/*
 * What a reversal puts right (UN Guiding Principles 22, 25, 31; DSA 20(4)): the content comes back,
 * the signals that were shared because of it are withdrawn, both parties are told, and what is learnt
 * stays with the rule. It stands in the sealed record of the reversing decision, so the log, the
 * notice and the decision's own page say the same.
 */

#include "lib/rights/justification.h"

/* upheld, partially_reversed or reversed: the first decision stands, is softened, or is undone.
 * `before`: its sealed record. */
const char *appeal_result_of(const json_t *before, enum outcome now);

/* Adds `remedy` {reverses, restore, withdraw, notify} to the sealed record of a decision after `before`
 * (id and sealed record), when it undoes or softens a restriction; and what rules and lists led
 * there to `lesson`, so that a lesson without a rule is still theirs. 0 or -ENOMEM. */
int remedy_add(json_t *record, const char *before_id, const json_t *before);

#endif
