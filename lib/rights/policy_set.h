/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RIGHTS_POLICY_SET_H
#define RAPPORTEUR_LIB_RIGHTS_POLICY_SET_H

/*
 * All versions of the published policy: those that were in force, the one that is, and those that are
 * announced. So a decision can be read beside the clause that it rested on, years later.
 *
 *     set = policy_set_new();
 *     r = policy_set_keep(set, policy, since_ms);              what has been in force here before, oldest first
 *     r = policy_set_add(set, policy, name, now_ms, faults);   each version that is published now
 *     r = policy_set_check(set, place, now_ms, faults);
 *
 * A version is in force from `effective` on, but never before it was published here: rules do not reach back
 * in time. Once in force it never changes, and it stays in the set whatever happens to its file.
 *
 * Codes: POLICY_CHANGED (the text of a version that was in force is another now), POLICY_VERSION (two files
 * with one version), POLICY_ORDER (`effective` of a new version is not later than that of what is in force, or
 * two take effect at once), POLICY_WITHDRAWN (what is in force is not published any more), POLICY_NONE
 * (nothing is in force yet), POLICY_MANY.
 * Sources: General Comment 34 para 25; Regulation (EU) 2022/2065 art. 14(1), (2); UN Guiding Principles 31(h).
 */

#include "lib/rights/policy.h"

enum { POLICY_SET_MAX = 256 };

struct policy_set;

struct policy_set *policy_set_new(void);
struct policy_set *policy_set_free(struct policy_set *set);
DEFINE_CLEANUP(struct policy_set *, policy_set_free);

/* All take the policy, also on failure. `name` is the place of faults. 0, FAULT or -ENOMEM. */
int policy_set_keep(struct policy_set *set, struct policy *policy, int64_t since_ms) NODISCARD;
int policy_set_add(struct policy_set *set, struct policy *policy, const char *name, int64_t now_ms,
                   struct faults *faults) NODISCARD;
int policy_set_check(const struct policy_set *set, const char *place, int64_t now_ms,
                     struct faults *faults) NODISCARD;

/* Oldest first. */
size_t policy_set_count(const struct policy_set *set);
const struct policy *policy_set_at(const struct policy_set *set, size_t i);
/* From when on version i is or was in force. */
int64_t policy_set_since_ms(const struct policy_set *set, size_t i);
/* The one in force at a time, by index; -1: none was. */
int policy_set_in_force(const struct policy_set *set, int64_t at_ms);
/* By the word of `version`; -1: there is none. */
int policy_set_version(const struct policy_set *set, struct span version);
/* True when the clause stands in the version in force and in every one announced after it: what rules may
 * rest on, for they must not lose their ground on the day a new version begins. */
bool policy_set_has(const struct policy_set *set, int64_t now_ms, struct span ref);

#endif
