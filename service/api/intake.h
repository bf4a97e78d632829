/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_INTAKE_H
#define RAPPORTEUR_SERVICE_API_INTAKE_H

/* One report on its way into the store, shared by the single form and the NDJSON form. */

#include "lib/report/report.h"
#include "service/api/api.h"

/* What the store needs of one report; everything lives in the arena given but `verdict`. */
struct intake {
    struct store_submit_report row;
    json_t *verdict;                    /* owned */
};

/* Evaluates and fills the row. `retry_key` may be empty. 0 or -ENOMEM (also: entry too large). */
int intake_prepare(struct exchange *ex, struct arena *arena, const struct report *report,
                   struct span body, const struct flag_history *history, struct span retry_key,
                   int64_t now_ms, struct intake *ret);
void intake_done(struct intake *intake);

/* The 202 body: ids, state, deadline, log index, verdict. New reference. */
json_t *intake_answer(const struct store_submitted_report *stored, json_t *verdict);

#endif
