/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_POLICIES_KEPT_H
#define RAPPORTEUR_SERVICE_SYNC_POLICIES_KEPT_H

/*
 * The versions of the policy that have been in force here, in <state>/policies: one file each, byte for byte
 * as it was published, named <since in ms, 15 digits>-<digest>.yaml. Nothing takes one away: what a decision
 * rests on can be read for as long as the decision. Codes: those of service/runtime/file.h; POLICY_KEPT (a
 * kept file is not the one that was written). Blocking.
 */

#include "lib/rights/policy_set.h"

/* Adds them to an empty set. No folder: none were. 0, FAULT or -ENOMEM. */
int policies_kept_read(struct policy_set *set, const char *state_dir,
                       struct faults *faults) NODISCARD;
/* Unless it is kept already. 0 or FAULT. */
int policies_kept_write(const char *state_dir, const struct policy *policy, int64_t since_ms,
                        struct fault *why) NODISCARD;

#endif
