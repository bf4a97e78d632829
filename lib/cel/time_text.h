/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_TIME_TEXT_H
#define RAPPORTEUR_LIB_CEL_TIME_TEXT_H

/*
 * Timestamps (RFC 3339 with up to nine decimals) and durations (Go's notation: "1h30m", "-1.5s",
 * units h m s ms us ns) as text and back. Ranges are those of value.h.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { CEL_TIME_TEXT_MAX = 48 };

#define CEL_SECONDS_MIN (-62135596800LL)    /* 0001-01-01T00:00:00Z */
#define CEL_SECONDS_MAX 253402300799LL      /* 9999-12-31T23:59:59Z */

/* "2009-02-13T23:31:30.5Z"; decimals only where needed. Returns the length. */
size_t cel_timestamp_text(int64_t seconds, uint32_t nanos, char into[CEL_TIME_TEXT_MAX]);
/* "6347s", "-0.5s": seconds with the decimals needed. */
size_t cel_duration_text(int64_t nanoseconds, char into[CEL_TIME_TEXT_MAX]);

bool cel_timestamp_read(struct span text, int64_t *ret_seconds, uint32_t *ret_nanos);
bool cel_duration_read(struct span text, int64_t *ret_nanoseconds);

#endif
