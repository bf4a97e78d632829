/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_DUTY_H
#define RAPPORTEUR_SERVICE_API_DUTY_H

/*
 * Who owes an overdue full record, as those who decide have to know it: nobody defers a second one before the
 * first is there. The main loop asks all shards once a second (service/cli/duties.h) and puts a new state into
 * app->duty, so a debt is known everywhere a second after it fell due.
 */

#include "lib/rights/justification.h"
#include "service/api/api.h"

enum { DUTY_NAMES_MAX = 1000 };         /* beyond them a debt is logged and counted, and not held against anybody */

struct duty_state;
struct duty_name {
    char text[STORE_NAME_MAX + 1];
};

/* Copies at most DUTY_NAMES_MAX names. NULL without memory. */
struct duty_state *duty_state_new(const struct duty_name *reviewers, size_t count);
void *duty_state_ref(void *state);
void duty_state_unref(void *state);

/* Adds to the context what is owed: by this reviewer, and by the case. */
void duty_context(struct exchange *ex, const struct store_case *from, struct justification_context *ret);

#endif
