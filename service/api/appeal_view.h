/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_APPEAL_VIEW_H
#define RAPPORTEUR_SERVICE_API_APPEAL_VIEW_H

/*
 * Where the appeal against one decision is, for the person who filed it (UN Guiding Principle 31(c),
 * (e)): known steps, each with its time and what is due when, and nothing of people or content.
 *     {"status": "in_review", "appeal_until", "filed_at", "due_at", "overdue": false,
 *      "history": [{"status": "decided", "at"}, {"status": "received", "at", "due_at"}, ...]}
 * status: open (an appeal can be filed) closed (the window is over) received in_review awaiting_second
 * answered; answered has `decided_at` and `result` (upheld, partially_reversed, reversed).
 */

#include "service/api/api.h"

/* New reference; NULL without memory, or when the case has no such decision. */
json_t *appeal_view(const struct store_case *from, struct span decision_id, int64_t now_ms);

#endif
