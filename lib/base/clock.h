/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_BASE_CLOCK_H
#define RAPPORTEUR_LIB_BASE_CLOCK_H

/*
 * Points in time as milliseconds since 1970-01-01T00:00:00Z, and their RFC 3339 text. Pure
 * arithmetic over the proleptic Gregorian calendar: no clock is read, no time zone but UTC written.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_TEXT_LEN = 24 };               /* 2026-11-23T20:53:28.123Z */
#define CLOCK_MIN_MS (-62135596800000LL)    /* 0001-01-01T00:00:00Z */
#define CLOCK_MAX_MS 253402300799999LL      /* 9999-12-31T23:59:59.999Z */

/* RFC 3339 UTC with milliseconds, NUL-terminated. ms within CLOCK_MIN_MS..CLOCK_MAX_MS. */
void clock_text(int64_t ms, char into[CLOCK_TEXT_LEN + 1]);

/* RFC 3339 date-time, with `Z` or an offset, 0 to 9 decimals (cut to ms), second 60 refused. */
bool clock_read(struct span text, int64_t *ret_ms);

/* A date "YYYY-MM-DD" as its midnight UTC. */
bool clock_read_date(struct span text, int64_t *ret_ms);

struct clock_date {
    int year, month, day;             /* month 1-12, day 1-31 */
    int hour, minute, second, ms;
    int weekday;                      /* 0 Sunday */
    int yearday;                      /* 0-365 */
};

struct clock_date clock_split(int64_t ms);
/* The day number since 1970-01-01 of a calendar date. */
int64_t clock_days(int year, int month, int day);

/* The same moment n calendar months later; a day that the month lacks becomes its last day. */
int64_t clock_add_months(int64_t ms, int months);

/* A length of time as people write it in settings: 250ms, 30s, 5m, 4h, 2d. True and *ret_ms. */
bool clock_read_duration(struct span text, int64_t *ret_ms);

#endif
