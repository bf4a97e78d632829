/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_CASE_VIEW_H
#define RAPPORTEUR_SERVICE_API_CASE_VIEW_H

/*
 * Stored cases as JSON for those who may see them. A partner sees neither reviewers nor leases; an
 * auditor sees no content; a reviewer sees all that bears on the case.
 */

#include "service/api/api.h"

/* New references; NULL without memory. `content`: whether a reviewer is shown it (case_preserved); to one it never says
 * who wrote or reported. */
json_t *case_view(const struct store_case *from, const struct caller *caller, bool content);
json_t *report_view(const struct store_report *from, const struct caller *caller, bool content);
json_t *decision_view(const struct store_decision *from, const struct caller *caller);

/* Reviewers work with the content until the case is closed; what is left then is preserved and takes a purpose (look.h). */
bool case_preserved(const struct caller *caller, enum case_state state);

/* A partner's own, or anybody of the other roles. */
bool case_visible(const struct caller *caller, struct span partner);

#endif
