/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_CLI_DELISTING_H
#define RAPPORTEUR_SERVICE_CLI_DELISTING_H

/*
 * Entries withdrawn from lists that say `on_withdrawal: reopen` (lists of designations, for example). Each new snapshot,
 * the first one too, is held against the names that cases cite (service/store/ops_delist.h): a name whose list is there
 * and has no such entry any more was withdrawn. Restrictions that cite it come back to their queue, due after
 * DELISTING_LOOK_MS; open cases have it in their history; each is an escalation by "system" in the audit log, reason
 * "signal_withdrawn". Rules that name the entry cannot match any more; that they rest on it is said in our own log.
 * A list that is gone as a whole withdraws nothing: that is a change of settings, not a delisting.
 */

#include "service/cli/serving.h"

#define DELISTING_LOOK_MS (24 * 3600 * 1000LL)

struct delisting;

/* NULL without memory. */
struct delisting *delisting_new(struct serving *serving);
/* The store must be freed first, so that no answer comes after. NULL is fine. */
void delisting_free(struct delisting *delisting);
/* Goes on while something is to be done, after a failure from the beginning; cheap to call often. */
void delisting_tick(struct delisting *delisting);

#endif
