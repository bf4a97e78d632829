/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_CASE_VIEW_H
#define RAPPORTEUR_SERVICE_API_CASE_VIEW_H

/*
 * Stored cases as JSON for those who may see them. A partner sees neither reviewers nor leases; an
 * auditor sees no content; a reviewer sees all that bears on the case.
 */

#include "service/api/api.h"

/* New references; NULL without memory. */
json_t *case_view(const struct store_case *from, const struct caller *caller);
json_t *report_view(const struct store_report *from, const struct caller *caller);
json_t *decision_view(const struct store_decision *from, const struct caller *caller);

/* A partner's own, or anybody of the other roles. */
bool case_visible(const struct caller *caller, struct span partner);

#endif
