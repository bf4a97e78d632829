/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_NUMBERS_H
#define RAPPORTEUR_SERVICE_AUDIT_NUMBERS_H

/*
 * The transparency numbers of a log, or of several that follow each other: one walk over all entries. Used by the command line and by
 * GET /v1/transparency, on a thread that may take its time.
 *     r = numbers_of_log(&t, trail, &(struct transparency_options){...}, NULL, skipped, arg, &why);
 */

#include "lib/base/attr.h"
#include "lib/export/transparency.h"

#include <stdatomic.h>
#include <stdint.h>

struct audit_trail;

/* Feeds every entry of the trail. An entry that cannot be counted is named to `skipped` (may be NULL) and the
 * walk goes on. NUMBERS_CUT: the period begins before what is left of the log. `cancel` (may be NULL) ends it with -ECANCELED. 0, FAULT or -ENOMEM. */
int numbers_of_log(struct transparency **ret, struct audit_trail *trail,
                   const struct transparency_options *options, const atomic_bool *cancel,
                   void (*skipped)(void *arg, uint64_t position, const struct fault *why),
                   void *arg, struct fault *why) NODISCARD;

#endif
