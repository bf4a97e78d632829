/* SPDX-License-Identifier: Apache-2.0 */
/* What a deferred decision owes, the clock of an order, and what was suggested to a lease. */
#include "tests/redis/bed.h"

#include <string.h>

static struct bed bed;

/* A case that r1 decided at once; its full record is due in an hour. */
static struct store_submitted_report deferred(struct id *ret_decision, bool needs_second)
{
    struct store_submitted_report r;
    struct store_decided decided;
    struct store_lease lease;

    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){.needs_second = needs_second});
    lease = bed_claim(&bed, "r1", false);
    *ret_decision = bed_id(&bed, "dec");
    assert_int_equal(store_sync_decide(bed.sync,
                                       &(struct store_decide_args){.now_ms = bed.now, .case_id = lease.case_id,
                                                                   .token = lease.token, .reviewer = SPAN("r1"),
                                                                   .pseudonym = SPAN("pid"),
                                                                   .decision_id = bed_span(ret_decision),
                                                                   .record = SPAN("{\"outcome\":\"disable\"}"),
                                                                   .entry = SPAN("{\"type\":\"decision\"}"),
                                                                   .full_due_ms = bed.now + HOUR_MS},
                                       &decided),
                     STORE_OK);
    assert_int_equal(decided.state, DECISION_EFFECTIVE);
    return r;
}

static enum store_outcome complete(const struct id *decision, const char *reviewer, bool senior, bool needs_second)
{
    struct id full = bed_id(&bed, "dec");
    struct store_decided done;

    return store_sync_complete(bed.sync,
                               &(struct store_complete_args){.now_ms = bed.now, .deferred_id = bed_span(decision),
                                                             .reviewer = span_of(reviewer), .pseudonym = SPAN("pid"),
                                                             .senior = senior, .decision_id = bed_span(&full),
                                                             .record = SPAN("{\"tier\":\"full\"}"),
                                                             .needs_second = needs_second,
                                                             .notice = SPAN("{\"decision\":\"\1decision\2\"}"),
                                                             .entry = SPAN("{\"type\":\"decision\",\"full\":1}"),
                                                             .entry_notice = SPAN("{\"type\":\"notice\"}")},
                               &done);
}

static struct store_due due(void)
{
    struct store_due ret;

    assert_int_equal(store_sync_due(bed.sync, &(struct store_due_args){bed.now, 0, 10}, &ret), STORE_OK);
    return ret;
}

static enum store_outcome overdue(const struct id *decision)
{
    struct store_changed changed;

    return store_sync_overdue(bed.sync,
                              &(struct store_overdue_args){bed.now, bed_span(decision),
                                                           SPAN("{\"case\":\"\1case\2\",\"to\":\"\1queue\2\","
                                                                "\"decision\":\"\1decision\2\",\"type\":\"escalation\"}")},
                              &changed);
}

static void test_a_deferred_decision_owes_its_record_by_its_hour(void **state)
{
    struct id decision;

    (void)state;
    (void)deferred(&decision, true);        /* acting first waits for nobody that only a rule asked for */
    assert_int_equal(due().owed, 1);
    bed.now += HOUR_MS;
    assert_int_equal(due().overdue, 0);     /* the last moment is in time */
    assert_int_equal(due().decision_count, 0);
    bed.now++;
    assert_int_equal(due().overdue, 1);
    assert_int_equal(due().decision_count, 1);
    assert_true(span_is(due().reviewers[0], "r1"));
    assert_true(span_equal(due().decisions[0], bed_span(&decision)));
}

static void test_what_is_overdue_is_said_once_and_comes_to_the_front(void **state)
{
    struct id decision;
    struct store_submitted_report r = deferred(&decision, false);
    struct store_submitted_report other = bed_submit(&bed, &(struct bed_report){.content = "post-2", .due_ms = MINUTE_MS});
    struct store_lease lease;

    (void)state;
    bed.now += HOUR_MS + 1;
    assert_int_equal(overdue(&decision), STORE_OK);
    assert_int_equal(overdue(&decision), STORE_AGAIN);
    assert_int_equal(bed_log_count(&bed, "escalation"), 1);
    assert_int_equal(due().decision_count, 0);
    assert_int_equal(due().overdue, 1);     /* the debt stays */
    bed_check_places(&bed, (struct span[]){r.case_id, other.case_id}, 2);
    lease = bed_claim(&bed, "r1", false);   /* also for who deferred it, and before what was due sooner */
    assert_true(span_equal(lease.case_id, r.case_id));
    assert_int_equal(complete(&decision, "r1", false, false), STORE_STATE);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    assert_int_equal(due().owed, 0);
    assert_int_equal(due().overdue, 0);
}

static void test_the_record_comes_from_who_owes_it_or_a_senior(void **state)
{
    struct id decision, unknown;
    struct store_submitted_report r = deferred(&decision, false);
    struct store_case found;

    (void)state;
    assert_int_equal(complete(&decision, "r2", false, false), STORE_SAME_PERSON);
    assert_int_equal(complete(&decision, "r1", false, false), STORE_OK);
    assert_int_equal(complete(&decision, "r1", false, false), STORE_STATE);
    found = bed_case(&bed, r.case_id);
    assert_int_equal(found.state, CASE_CLOSED);
    assert_int_equal(found.deferred.len, 0);
    assert_int_equal(found.decision_count, 2);
    assert_int_equal(found.decisions[0].state, DECISION_SUPERSEDED);
    assert_true(span_equal(found.decisions[0].completed_by, found.decisions[1].id));
    assert_int_equal(due().owed, 0);
    unknown = bed_id(&bed, "dec");
    assert_int_equal(complete(&unknown, "r1", false, false), STORE_NOT_FOUND);
    assert_int_equal(overdue(&unknown), STORE_NOT_FOUND);

    (void)deferred(&decision, false);
    assert_int_equal(complete(&decision, "s1", true, false), STORE_OK);
}

static void test_a_late_record_may_still_come_without_a_lease(void **state)
{
    struct id decision;
    struct store_submitted_report r = deferred(&decision, false);

    (void)state;
    bed.now += HOUR_MS + 1;
    assert_int_equal(overdue(&decision), STORE_OK);
    assert_int_equal(complete(&decision, "r1", false, true), STORE_OK);     /* and a second person looks at it */
    assert_int_equal(bed_case(&bed, r.case_id).state, CASE_AWAITING_SECOND);
    assert_int_equal(due().owed, 1);        /* until that person has agreed */
    bed_check_places(&bed, &r.case_id, 1);
}

static enum store_outcome order(struct span id, const char *partner, enum store_order_effect effect)
{
    struct store_changed changed;

    return store_sync_order_event(
        bed.sync,
        &(struct store_order_event_args){.now_ms = bed.now, .case_id = id, .partner = span_of(partner), .effect = effect,
                                         .event = SPAN("{\"event\":\"x\"}"),
                                         .deadline_ms = effect == ORDER_EFFECT_NONE ? 0 : bed.now + HOUR_MS,
                                         .word = SPAN("order_x"), .entry = SPAN("{\"case\":\"\1case\2\",\"type\":\"order\"}")},
        &changed);
}

static void test_a_clock_is_paused_and_resumed_in_turn(void **state)
{
    struct store_submitted_report r;
    struct store_case found;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    assert_int_equal(order(r.case_id, "other", ORDER_EFFECT_PAUSE), STORE_NOT_FOUND);
    assert_int_equal(order(r.case_id, "acme", ORDER_EFFECT_RESUME), STORE_STATE);
    assert_int_equal(order(r.case_id, "acme", ORDER_EFFECT_PAUSE), STORE_OK);
    assert_int_equal(order(r.case_id, "acme", ORDER_EFFECT_PAUSE), STORE_STATE);
    bed.now += MINUTE_MS;
    assert_int_equal(order(r.case_id, "acme", ORDER_EFFECT_RESUME), STORE_OK);
    found = bed_case(&bed, r.case_id);
    assert_int_equal(found.order_paused_ms, bed.now - MINUTE_MS);
    assert_int_equal(found.order_resumed_ms, bed.now);
    assert_int_equal(found.deadline_ms, bed.now + HOUR_MS);
    assert_int_equal(found.order_event_count, 2);
    assert_int_equal(bed_log_count(&bed, "\"type\":\"order\""), 2);
    bed_check_places(&bed, &r.case_id, 1);
}

static void test_a_closed_case_comes_back_and_events_are_bounded(void **state)
{
    struct store_submitted_report r;
    struct store_lease lease;
    struct id decision;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    assert_int_equal(order(r.case_id, "acme", ORDER_EFFECT_REOPEN), STORE_OK);
    assert_int_equal(bed_case(&bed, r.case_id).state, CASE_OPEN);
    assert_true(span_equal(bed_claim(&bed, "r1", false).case_id, r.case_id));
    for (int i = 1; i < 64; i++) {
        assert_int_equal(order(r.case_id, "acme", ORDER_EFFECT_NONE), STORE_OK);
    }
    assert_int_equal(order(r.case_id, "acme", ORDER_EFFECT_NONE), STORE_LIMIT);
}

static enum store_outcome appeal(struct span id)
{
    struct id appeal_id = bed_id(&bed, "apl");
    struct store_changed changed;

    return store_sync_appeal(bed.sync,
                             &(struct store_appeal_args){.now_ms = bed.now, .case_id = id, .partner = SPAN("acme"),
                                                         .record = SPAN("{\"statement\":\"no\"}"),
                                                         .deadline_ms = bed.now + HOUR_MS, .appeal_id = bed_span(&appeal_id),
                                                         .entry = SPAN("{\"type\":\"appeal\"}")},
                             &changed);
}

static void test_who_judged_judges_no_appeal_whatever_is_late(void **state)
{
    struct store_submitted_report r;
    struct store_lease lease;
    struct id decision;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    assert_int_equal(appeal(r.case_id), STORE_OK);
    assert_int_equal(order(r.case_id, "acme", ORDER_EFFECT_REOPEN), STORE_OK);
    assert_int_equal(bed_claim(&bed, "r1", false).token.len, 0);
    assert_true(span_equal(bed_claim(&bed, "r2", false).case_id, r.case_id));

    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){.needs_second = true});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", true, &decision), STORE_OK);
    assert_int_equal(order(r.case_id, "acme", ORDER_EFFECT_REOPEN), STORE_OK);
    assert_int_equal(bed_claim(&bed, "r1", true).token.len, 0);
    assert_int_equal(bed_case(&bed, r.case_id).state, CASE_AWAITING_SECOND);
}

static void test_a_suggestion_is_its_leases(void **state)
{
    struct store_submitted_report r;
    struct store_changed changed;
    struct store_lease lease;
    struct store_case found;
    struct store_suggest_args args;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    args = (struct store_suggest_args){bed.now, lease.token, SPAN("r2"), SPAN("{}")};
    assert_int_equal(store_sync_suggest(bed.sync, &args, &changed), STORE_LEASE);
    args.reviewer = SPAN("r1");
    assert_int_equal(store_sync_suggest(bed.sync, &args, &changed), STORE_OK);
    found = bed_case(&bed, r.case_id);
    assert_true(span_equal(found.suggested_lease, lease.token));
    assert_true(span_is(found.suggestions, "{}"));
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
        cmocka_unit_test(test_a_deferred_decision_owes_its_record_by_its_hour),
        cmocka_unit_test(test_what_is_overdue_is_said_once_and_comes_to_the_front),
        cmocka_unit_test(test_the_record_comes_from_who_owes_it_or_a_senior),
        cmocka_unit_test(test_a_late_record_may_still_come_without_a_lease),
        cmocka_unit_test(test_a_clock_is_paused_and_resumed_in_turn),
        cmocka_unit_test(test_a_closed_case_comes_back_and_events_are_bounded),
        cmocka_unit_test(test_who_judged_judges_no_appeal_whatever_is_late),
        cmocka_unit_test(test_a_suggestion_is_its_leases),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
