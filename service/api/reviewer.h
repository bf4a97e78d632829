/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_REVIEWER_H
#define RAPPORTEUR_SERVICE_API_REVIEWER_H

/*
 * What a reviewer may take, and how much of it.
 *     {"languages": ["ar"], "opt_out": ["child_abuse"], "conflicts": ["acme"], "clearance": 2}
 * Said with a key (`may` of POST /v1/keys), kept with it, for all keys of its role and name. It is shown to
 * admins only and never enters the log: what a person cannot bear to see is theirs.
 *     languages  up to 16 that the person reads; none: all. A case in `und` is for everybody
 *     opt_out    harm classes (rights.md 2.1, 2.2) that are never handed to the person
 *     conflicts  up to 32 partners whose cases are not theirs, as first or as second
 *     clearance  0 to 3; an escalated case takes 1. Not said: a reviewer has 1, a senior 2
 */

#include "lib/json/field.h"
#include "service/api/api.h"

#include <stdbool.h>
#include <stdint.h>

/* Reads field `may` of `at`, if it is there; faults go to `at`: FIELD_TYPE, FIELD_UNKNOWN, FIELD_VALUE,
 * FIELD_RANGE, FIELD_LENGTH. Only a reviewer or a senior may have it. *ret is what to store, to be freed; NULL: not
 * said, or faults, or without memory. */
char *reviewer_read(struct fields *at, enum role role);
/* As stored, back into what the store asks for; arrays are in the exchange's arena. False without memory. */
bool reviewer_may(struct exchange *ex, struct store_may *ret);
/* The limits of care that are set; 0 everywhere: none. `exempt_queue` is in the exchange's arena. */
struct store_care reviewer_care(struct exchange *ex);

#endif
