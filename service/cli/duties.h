/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_CLI_DUTIES_H
#define RAPPORTEUR_SERVICE_CLI_DUTIES_H

/*
 * Deferred decisions and their full records (review.full_record). Once a second all shards are asked in turn, each
 * after the answer of the one before. A record that did not come is said once: in the audit log (an escalation by
 * "system", reason "full_record_overdue"), in our own log as an error, and its case goes to the front of its queue.
 * Who owes one stands in app->duty until it is there, how many are owed and overdue in the metrics.
 */

#include "service/cli/serving.h"

struct duties;

/* NULL without memory. */
struct duties *duties_new(struct serving *serving);
/* The store must be freed first, so that no answer comes after. NULL is fine. */
void duties_free(struct duties *duties);
/* Starts a round when the last one is over and a second old; cheap to call more often. */
void duties_tick(struct duties *duties);

#endif
