/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/redis/bed.h"

#include <stdio.h>
#include <string.h>

static struct bed bed;

static enum store_outcome escalate(const struct store_lease *lease, const char *reviewer)
{
    struct store_changed changed;

    return store_sync_escalate(
        bed.sync,
        &(struct store_escalate_args){
            .now_ms = bed.now,
            .case_id = lease->case_id,
            .token = lease->token,
            .reviewer = span_of(reviewer),
            .queue = SPAN("threat-to-life"),
            .severity = 4,
            .deadline_ms = bed.now + HOUR_MS,
            .reason = SPAN("{\"why\": \"a threat\"}"),
            .entry = SPAN("{\"queue\":\"\1queue\2\",\"type\":\"escalation\"}")},
        &changed);
}

static void test_escalation_moves_the_case_and_gives_the_lease_back(void **state)
{
    struct store_submitted_report r;
    struct store_lease lease;
    struct store_case found;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(escalate(&lease, "r2"), STORE_LEASE);
    assert_int_equal(escalate(&lease, "r1"), STORE_OK);
    assert_int_equal(escalate(&lease, "r1"), STORE_LEASE);
    found = bed_case(&bed, r.case_id);
    assert_int_equal(found.state, CASE_OPEN);
    assert_true(span_is(found.queue, "threat-to-life"));
    assert_int_equal(found.severity, 4);
    assert_int_equal(found.deadline_ms, BED_NOW + HOUR_MS);
    assert_true(span_is(found.events[1].what, "escalated"));
    assert_true(span_is(found.events[1].detail, "{\"why\": \"a threat\"}"));
    assert_int_equal(bed_log_count(&bed, "\"queue\":\"threat-to-life\",\"type\":\"escalation\""),
                     1);
    bed_check_places(&bed, &r.case_id, 1);
}

static enum store_outcome requeue(struct span id, const char *queue)
{
    struct store_changed changed;

    return store_sync_requeue(bed.sync,
                              &(struct store_requeue_args){bed.now, id, SPAN("boss"),
                                                           span_of(queue),
                                                           SPAN("{\"type\":\"claim\"}")},
                              &changed);
}

static void test_requeue_takes_a_case_out_of_any_open_state(void **state)
{
    struct store_submitted_report r;
    struct store_lease lease;
    struct id decision;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){.needs_second = true});
    assert_int_equal(requeue(r.case_id, "other"), STORE_OK);
    bed_check_places(&bed, &r.case_id, 1);
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(requeue(r.case_id, ""), STORE_OK);
    bed_check_places(&bed, &r.case_id, 1);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_LEASE);
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    assert_int_equal(requeue(r.case_id, "third"), STORE_OK);
    assert_int_equal(bed_case(&bed, r.case_id).state, CASE_AWAITING_SECOND);
    bed_check_places(&bed, &r.case_id, 1);
    (void)bed_claim(&bed, "r2", true);
    assert_int_equal(requeue(r.case_id, ""), STORE_OK);
    bed_check_places(&bed, &r.case_id, 1);
    decision = bed_id(&bed, "cas");
    assert_int_equal(requeue(bed_span(&decision), ""), STORE_NOT_FOUND);
}

static struct store_submitted_report closed(struct id *ret_decision)
{
    struct store_submitted_report r;
    struct store_lease lease;

    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, ret_decision), STORE_OK);
    return r;
}

static enum store_outcome appeal(struct span id, const char *partner)
{
    struct id appeal_id = bed_id(&bed, "apl");
    struct store_changed changed;

    return store_sync_appeal(
        bed.sync,
        &(struct store_appeal_args){.now_ms = bed.now,
                                    .case_id = id,
                                    .partner = span_of(partner),
                                    .record = SPAN("{\"statement\":\"new facts\"}"),
                                    .queue = SPAN("appeals"),
                                    .deadline_ms = bed.now + 24 * HOUR_MS,
                                    .entry = SPAN("{\"type\":\"appeal\"}"),
                                    .appeal_id = bed_span(&appeal_id)},
        &changed);
}

static void test_an_appeal_goes_to_somebody_else_and_supersedes(void **state)
{
    struct id decision, newer;
    struct store_submitted_report r = closed(&decision);
    struct store_lease lease;
    struct store_case found;

    (void)state;
    assert_int_equal(requeue(r.case_id, ""), STORE_STATE);
    assert_int_equal(appeal(r.case_id, "other"), STORE_NOT_FOUND);
    assert_int_equal(appeal(r.case_id, "acme"), STORE_OK);
    assert_int_equal(appeal(r.case_id, "acme"), STORE_STATE);
    found = bed_case(&bed, r.case_id);
    assert_int_equal(found.state, CASE_OPEN);
    assert_true(found.appealed);
    assert_true(span_is(found.appeal, "{\"statement\":\"new facts\"}"));
    bed_check_places(&bed, &r.case_id, 1);
    assert_true(bed_submit(&bed, &(struct bed_report){0}).joined);
    assert_int_equal(bed_claim(&bed, "r1", true).token.len, 0);
    lease = bed_claim(&bed, "r2", false);
    assert_int_equal(bed_decide(&bed, &lease, "r2", false, &newer), STORE_OK);
    found = bed_case(&bed, r.case_id);
    assert_int_equal(found.decisions[0].state, DECISION_SUPERSEDED);
    assert_int_equal(found.decisions[1].state, DECISION_EFFECTIVE);
    assert_int_equal(appeal(r.case_id, "acme"), STORE_OK);
}

static void test_an_appeal_after_its_window_is_late(void **state)
{
    struct id decision;
    struct store_submitted_report r = closed(&decision);

    (void)state;
    bed.now += 24 * HOUR_MS + 1;
    assert_int_equal(appeal(r.case_id, "acme"), STORE_LATE);
    bed.now -= 1;
    assert_int_equal(appeal(r.case_id, "acme"), STORE_OK);
}

static void test_many_reports_show_the_first_and_the_newest(void **state)
{
    struct store_submitted_report first, last = {0};
    struct store_case found;

    (void)state;
    bed_clear(&bed);
    first = bed_submit(&bed, &(struct bed_report){0});
    for (int i = 0; i < 60; i++) {
        last = bed_submit(&bed, &(struct bed_report){0});
    }
    found = bed_case(&bed, first.case_id);
    assert_int_equal(found.report_count, 61);
    assert_int_equal(found.reports_len, STORE_CASE_REPORTS_MAX);
    assert_true(span_equal(found.reports[0].id, first.report_id));
    assert_true(span_equal(found.reports[STORE_CASE_REPORTS_MAX - 1].id, last.report_id));
}

static void test_an_entry_outside_any_case_is_appended(void **state)
{
    struct store_changed changed;
    static char large[STORE_ENTRY_MAX + 1];

    (void)state;
    bed_clear(&bed);
    assert_int_equal(
        store_sync_append(
            bed.sync, &(struct store_append_args){BED_NOW, 0, SPAN("{\"seq\":\1seq\2}")}, &changed),
        STORE_OK);
    assert_int_equal(changed.index, 0);
    assert_int_equal(bed_log_count(&bed, "{\"seq\":0}"), 1);
    memset(large, 'x', sizeof(large));
    assert_int_equal(
        store_sync_append(
            bed.sync, &(struct store_append_args){BED_NOW, 0, {large, STORE_ENTRY_MAX}}, &changed),
        STORE_OK);
    assert_int_equal(
        store_sync_append(bed.sync,
                          &(struct store_append_args){BED_NOW, 0, {large, STORE_ENTRY_MAX + 1}},
                          &changed),
        STORE_BROKEN);
    assert_int_equal(store_sync_append(bed.sync,
                                       &(struct store_append_args){BED_NOW, 0, SPAN("\1case\2")},
                                       &changed),
                     STORE_BROKEN);
    assert_int_equal(bed_log(&bed, NULL), 2);
}

static int setup(void **state)
{
    (void)state;
    bed_start(&bed);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bed_stop(&bed);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escalation_moves_the_case_and_gives_the_lease_back),
        cmocka_unit_test(test_requeue_takes_a_case_out_of_any_open_state),
        cmocka_unit_test(test_an_appeal_goes_to_somebody_else_and_supersedes),
        cmocka_unit_test(test_an_appeal_after_its_window_is_late),
        cmocka_unit_test(test_many_reports_show_the_first_and_the_newest),
        cmocka_unit_test(test_an_entry_outside_any_case_is_appended),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
