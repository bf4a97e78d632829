/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RIGHTS_DEADLINE_H
#define RAPPORTEUR_LIB_RIGHTS_DEADLINE_H

/*
 * How long things last: the appeal window, what a notice may be withheld, and how long each class
 * of data is kept. Pure functions of times in ms since 1970 (lib/base/clock.h); months are calendar
 * months. Sources: Regulation (EU) 2022/2065 art. 20(1); Regulation (EU) 2021/784 arts 6, 11(3).
 * The 30 days and 5 years of the table are our own.
 */

#include "lib/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    APPEAL_WINDOW_MONTHS = 6,
    EVIDENCE_MONTHS = 6,
    NOTICE_WITHHELD_DAYS = 42,
    DEFERRED_FULL_HOURS = 24
};
#define HOUR_MS 3600000LL
#define DAY_MS 86400000LL

/* The end of the window that opened when the party was told: the last ms of that day in UTC, so
 * that the whole last day is open. */
int64_t appeal_window_end(int64_t notice_ms);

/* APPEAL_CLOSED (410) after the window; APPEAL_SAME_REVIEWER (409) when the one who is to decide
 * took part before. Each pid may be NULL. 0 or FAULT. */
int appeal_check(int64_t notice_ms, int64_t filed_ms, struct fault *why) NODISCARD;
int appeal_reviewer_check(const char *reviewer_pid, const char *first_pid, const char *second_pid,
                          struct fault *why) NODISCARD;

enum retention {
    RETAIN_SNAPSHOT_UNRESTRICTED, /* content that stayed up: 30 days from the decision */
    RETAIN_SNAPSHOT_RESTRICTED,   /* 6 months from the removal */
    RETAIN_REPORTER_CONTACT,      /* until the appeal window closes */
    RETAIN_JUSTIFICATION,         /* 5 years */
    RETAIN_COUNT
};
extern const char *const retention_words[RETAIN_COUNT];

/* A hold for a named proceeding; complete when all three are there. */
struct retention_hold {
    const char *authority, *reference;
    int64_t until_ms;
};

/* When the data must be gone: counted from `from_ms` (decision, removal or notice). A complete hold
 * that ends later prolongs the two snapshots; an incomplete one does nothing. NULL: no hold. */
int64_t retention_end(enum retention class, int64_t from_ms, const struct retention_hold *hold);

#endif
