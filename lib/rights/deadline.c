/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/deadline.h"

#include "lib/base/clock.h"

#include <string.h>

const char *const retention_words[RETAIN_COUNT] = {"snapshot_unrestricted", "snapshot_restricted",
                                                   "reporter_contact", "justification"};

/* Floors towards the past for times before 1970 too. */
static int64_t day_start(int64_t ms)
{
    int64_t rest = ms % DAY_MS;

    return ms - (rest < 0 ? rest + DAY_MS : rest);
}

int64_t appeal_window_end(int64_t notice_ms)
{
    return day_start(clock_add_months(notice_ms, APPEAL_WINDOW_MONTHS)) + DAY_MS - 1;
}

int appeal_check(int64_t notice_ms, int64_t filed_ms, struct fault *why)
{
    char end[CLOCK_TEXT_LEN + 1];

    if (filed_ms > appeal_window_end(notice_ms)) {
        clock_text(appeal_window_end(notice_ms), end);
        return fault_set(why, "APPEAL_CLOSED", "",
                         "the window of six months ended at %s (DSA 20(1))", end);
    }
    return 0;
}

int appeal_reviewer_check(const char *reviewer_pid, const char *first_pid, const char *second_pid,
                          struct fault *why)
{
    if (reviewer_pid && ((first_pid && strcmp(reviewer_pid, first_pid) == 0) ||
                         (second_pid && strcmp(reviewer_pid, second_pid) == 0))) {
        return fault_set(why, "APPEAL_SAME_REVIEWER", "",
                         "who took part in the decision does not judge its appeal (UNGP 31(a))");
    }
    return 0;
}

int64_t retention_end(enum retention class, int64_t from_ms, const struct retention_hold *hold)
{
    int64_t end = from_ms;

    switch (class) {
    case RETAIN_SNAPSHOT_UNRESTRICTED:
        end = from_ms + 30 * DAY_MS;
        break;
    case RETAIN_SNAPSHOT_RESTRICTED:
        end = clock_add_months(from_ms, EVIDENCE_MONTHS);
        break;
    case RETAIN_REPORTER_CONTACT:
        return appeal_window_end(from_ms);
    case RETAIN_JUSTIFICATION:
        return clock_add_months(from_ms, 60);
    case RETAIN_COUNT:
        break;
    }
    if (hold && hold->authority && hold->authority[0] && hold->reference && hold->reference[0] &&
        hold->until_ms > end) {
        end = hold->until_ms;
    }
    return end;
}
