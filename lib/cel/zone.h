/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_ZONE_H
#define RAPPORTEUR_LIB_CEL_ZONE_H

/*
 * How far a time zone is from UTC at a moment.
 *     cel_zone_offset(SPAN("Europe/Paris"), seconds, &offset)     3600 in winter, 7200 in summer
 * Known: "UTC", "Z", "Etc/UTC", offsets ("+01:00", "-09:30", "02:00"), and a table of zones with the
 * rules in force in 2026 applied to every year. That is right for what a service decides today; for
 * history before a zone's last change of rules the host gives the full database
 * (cel_env_set_zones). Source of the rules: the tz database, files of the continents.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

/* Seconds east of UTC; false for an unknown zone. */
bool cel_zone_offset(struct span name, int64_t unix_seconds, int32_t *ret_offset);

#endif
