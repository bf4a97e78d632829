/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RIGHTS_NOTICE_H
#define RAPPORTEUR_LIB_RIGHTS_NOTICE_H

/*
 * The two letters that follow a decision, as JSON for a partner to put into its own words and
 * layout.
 *
 * The user notice has the six parts of DSA 17(3), each an object that is never empty:
 *   a {restriction, territory, until}            b {facts, source, notifier?}
 *   c {automated_detection, automated_decision}  d {law, title, url, explanation}, when on law or
 * order e {clause, title, url, explanation}, on terms    f {redress[], appeal_until} and, after the
 * Santa Clara Principles: item, detected_by, state_actor, language, decision. A state actor is
 * named unless the law forbids it, then `state_actor_withheld_until` says when it will be. A part
 * that would be empty makes it fail with SOR_PART_MISSING:<a-f>: nothing half is sent.
 *
 * The reporter notice says the outcome, the ground, and the ways to contest it (DSA 16(5)).
 *
 * The reversal notice tells the user what is put right (UNGP 25).
 *
 * `record` is a sealed record (justification_seal). Parties and addresses are not in here.
 */

#include "lib/base/fault.h"
#include "lib/rights/policy.h"

#include <jansson.h>
#include <stdint.h>

struct notice_input {
    const json_t *record;        /* sealed */
    const struct policy *policy; /* of the record's version */
    const char *item;            /* URL or excerpt by which the user knows the item */
    const json_t *state_actor;   /* the block, NULL when there is none */
    int64_t now_ms;              /* a prohibition of disclosure that has lapsed binds no more */
};

/* New reference in *ret; 0, FAULT (one fault for each missing part) or -ENOMEM. */
int notice_user(json_t **ret, const struct notice_input *input, struct faults *faults) NODISCARD;

/* To the user whose restriction is undone or softened: outcome, item, remedy. 0 or -ENOMEM. */
int notice_reversal(json_t **ret, const struct notice_input *input) NODISCARD;

int notice_reporter(json_t **ret, const struct notice_input *input,
                    struct faults *faults) NODISCARD;

/* The letters of the parts of a rendered user notice that are empty or missing, such as "bf"; the
 * check that notice_user itself ends with, for tests and for receivers. d and e count as one:
 * either will do. */
void notice_missing_parts(const json_t *notice, char into[8]);

#endif
