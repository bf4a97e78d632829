/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_INTAKE_H
#define RAPPORTEUR_SERVICE_API_INTAKE_H

/* One report on its way into the store, shared by the single form and the NDJSON form. */

#include "lib/report/report.h"
#include "service/api/api.h"

struct buf;

/* How often a report is judged again because others came in between; past it, 503 STORE_BUSY. */
enum { INTAKE_TRIES_MAX = 16 };

/* Evaluates and fills the row that the store needs; all of it lives in the arena given. `retry_key` may
 * be empty. `history`: what there is on this content, counted by the caller; the store refuses the row
 * as STORE_STALE when that is not so and a rule in force asks for it, and says what is, for another
 * call with that. 0 or -ENOMEM (also: entry too large). */
int intake_prepare(struct exchange *ex, struct arena *arena, const struct report *report,
                   struct span body, const struct flag_history *history, struct span retry_key,
                   int64_t now_ms, struct store_submit_report *ret);

/* What the store and the log know a person by whom a partner named, `role` author or reporter: nobody without the
 * partner's key finds the name again, and no two partners' names meet. Empty for an empty name; NULL without memory. */
struct span intake_person(struct arena *arena, const uint8_t key[PSEUDONYM_KEY_LEN], const char *role, struct span name);

/* Appends what was stored as members of a JSON object, without its braces: ids, queue, severity, deadline,
 * log index. Written as text, since it is the answer of the busiest route and nothing in it needs escapes:
 * ids and queue names have an alphabet. 0 or as buf_add. */
int intake_answer(struct buf *out, const struct store_submitted_report *stored);

#endif
