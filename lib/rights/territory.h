/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RIGHTS_TERRITORY_H
#define RAPPORTEUR_LIB_RIGHTS_TERRITORY_H

/*
 * Where a restriction holds: ISO 3166-1 alpha-2 codes, upper case, and the thirty countries of the
 * European Economic Area that the DSA database takes. Greece is GR, never EL.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum { EEA_COUNT = 30, EU_COUNT = 27 };
/* In the order of their codes. */
extern const char *const eea_countries[EEA_COUNT];

bool territory_is_country(struct span code);
bool territory_is_eea(struct span code);
/* A Member State of the Union. */
bool territory_is_eu(struct span code);

#endif
