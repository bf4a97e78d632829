/* SPDX-License-Identifier: Apache-2.0 */
#include "service/cli/keeping.h"
#include "tests/support/support.h"

#define DAY 86400000LL
#define CLOSED 1790769600000LL          /* 2026-09-30T12:00:00Z */
#define SIX_MONTHS 1806408000000LL      /* 2027-03-30T12:00:00Z */

static const struct {
    const char *name, *outcome;
    bool asked;
    int64_t held, until, preserved;
} cases[] = {
    {"stayed up", "no_action", false, 0, CLOSED + 30 * DAY, 0},
    {"stayed up with other words", "insufficient_notice", false, 0, CLOSED + 30 * DAY, 0},
    {"given back", "reinstate", false, 0, CLOSED + 30 * DAY, 0},
    {"stayed up, asked for", "no_action", true, 0, CLOSED, 0},
    {"stayed up, held longer", "no_action", false, CLOSED + 40 * DAY, CLOSED + 40 * DAY, 0},
    {"stayed up, held shorter", "no_action", false, CLOSED + 20 * DAY, CLOSED + 30 * DAY, 0},
    {"stayed up, asked for and held", "no_action", true, CLOSED + 20 * DAY, CLOSED + 20 * DAY, 0},
    {"taken down", "remove", false, 0, SIX_MONTHS, SIX_MONTHS},
    {"labelled", "label", false, 0, SIX_MONTHS, SIX_MONTHS},
    {"taken down, asked for", "disable", true, 0, SIX_MONTHS, SIX_MONTHS},
    {"taken down, held longer", "disable", true, SIX_MONTHS + 1, SIX_MONTHS + 1, SIX_MONTHS},
    {"evidence", "preserve_evidence", false, 0, SIX_MONTHS, SIX_MONTHS},
    {"a threat to life", "escalate_threat_to_life", false, 0, SIX_MONTHS, SIX_MONTHS},
    {"an order carried out", "order_executed", false, 0, SIX_MONTHS, SIX_MONTHS},
    {"an order asked back", "order_queried", false, 0, CLOSED + 30 * DAY, 0},
    {"a decision that does not say", "", false, 0, SIX_MONTHS, SIX_MONTHS},
    {"a word of another version", "shred", true, 0, SIX_MONTHS, SIX_MONTHS},
};

static void content_is_kept_by_what_was_decided(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct store_keep_case found = {.outcome = span_of(cases[i].outcome), .closed_ms = CLOSED,
                                        .asked = cases[i].asked, .held_until_ms = cases[i].held};
        int64_t preserved = -1, until = keeping_until(&found, 30 * DAY, &preserved);

        if (until != cases[i].until || preserved != cases[i].preserved) {
            fail_msg("%s: until %lld, preserved %lld", cases[i].name, (long long)until, (long long)preserved);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(content_is_kept_by_what_was_decided)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
