/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/redis/bed.h"

#include <stdio.h>
#include <string.h>

static struct bed bed;

static enum store_outcome second(struct span case_id, const struct id *decision,
                                 const char *reviewer, struct span token, bool agree)
{
    struct store_decided done;

    return store_sync_second(
        bed.sync,
        &(struct store_second_args){.now_ms = bed.now,
                                    .case_id = case_id,
                                    .decision_id = bed_span(decision),
                                    .reviewer = span_of(reviewer),
                                    .pseudonym = SPAN("pid2"),
                                    .token = token,
                                    .agree = agree,
                                    .record = SPAN("{\"why\":\"seen\"}"),
                                    .notice = SPAN("{\"decision\":\"\1decision\2\"}"),
                                    .entry = SPAN("{\"agree\":\1agree\2,\"type\":\"second\"}"),
                                    .entry_notice = SPAN("{\"type\":\"notice\"}")},
        &done);
}

/* A case whose decision by r1 waits for a second person. */
static struct store_submitted_report awaiting(struct id *ret_decision)
{
    struct store_submitted_report r;
    struct store_lease lease;

    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){.needs_second = true});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, ret_decision), STORE_OK);
    return r;
}

static long long notices(void)
{
    struct store_notices got;

    assert_int_equal(
        store_sync_notices(bed.sync, &(struct store_notices_args){0, SPAN("acme"), 0, 10}, &got),
        STORE_OK);
    return (long long)got.count;
}

static void test_a_decision_that_needs_a_second_person_waits(void **state)
{
    struct id decision;
    struct store_submitted_report r = awaiting(&decision);
    struct store_case found = bed_case(&bed, r.case_id);

    (void)state;
    assert_int_equal(found.state, CASE_AWAITING_SECOND);
    assert_int_equal(found.decisions[0].state, DECISION_AWAITING_SECOND);
    assert_int_equal(found.decisions[0].effective_ms, 0);
    assert_int_equal(notices(), 0);
    assert_int_equal(bed_log_count(&bed, "awaiting_second"), 1);
    assert_int_equal(bed_log_count(&bed, "\"type\":\"notice\""), 0);
    bed_check_places(&bed, &r.case_id, 1);
    assert_true(bed_submit(&bed, &(struct bed_report){.due_ms = HOUR_MS}).joined);
    bed_check_places(&bed, &r.case_id, 1);
}

static void test_only_seniors_are_handed_it_and_never_who_decided(void **state)
{
    struct id decision;
    struct store_submitted_report r = awaiting(&decision);

    (void)state;
    assert_int_equal(bed_claim(&bed, "r2", false).token.len, 0);
    assert_int_equal(bed_claim(&bed, "r1", true).token.len, 0);
    assert_true(bed_claim(&bed, "r2", true).second);
    bed_check_places(&bed, &r.case_id, 1);
}

static void test_agreement_makes_it_effective(void **state)
{
    struct id decision;
    struct store_submitted_report r = awaiting(&decision);
    struct store_case found;

    (void)state;
    assert_int_equal(second(r.case_id, &decision, "r1", SPAN(""), true), STORE_SAME_PERSON);
    assert_int_equal(second(r.case_id, &decision, "r2", SPAN("x"), true), STORE_LEASE);
    assert_int_equal(second(r.case_id, &decision, "r2", SPAN(""), true), STORE_OK);
    found = bed_case(&bed, r.case_id);
    assert_int_equal(found.state, CASE_CLOSED);
    assert_int_equal(found.decisions[0].state, DECISION_EFFECTIVE);
    assert_true(found.decisions[0].second_agreed);
    assert_true(span_is(found.decisions[0].second_reviewer, "r2"));
    assert_true(span_is(found.decisions[0].second_record, "{\"why\":\"seen\"}"));
    assert_int_equal(notices(), 1);
    bed_check_places(&bed, &r.case_id, 1);
    assert_int_equal(second(r.case_id, &decision, "r3", SPAN(""), false), STORE_STATE);
}

static void test_disagreement_sends_it_back_to_somebody_new(void **state)
{
    struct id decision, again;
    struct store_submitted_report r = awaiting(&decision);
    struct store_lease lease;

    (void)state;
    assert_int_equal(second(r.case_id, &decision, "r2", SPAN(""), false), STORE_OK);
    assert_int_equal(bed_case(&bed, r.case_id).state, CASE_OPEN);
    assert_int_equal(bed_case(&bed, r.case_id).decisions[0].state, DECISION_REJECTED);
    assert_int_equal(notices(), 0);
    bed_check_places(&bed, &r.case_id, 1);
    assert_int_equal(bed_claim(&bed, "r1", true).token.len, 0);
    assert_int_equal(bed_claim(&bed, "r2", true).token.len, 0);
    lease = bed_claim(&bed, "r3", false);
    assert_int_equal(bed_decide(&bed, &lease, "r3", false, &again), STORE_OK);
    assert_int_equal(bed_case(&bed, r.case_id).decision_count, 2);
    assert_int_equal(second(r.case_id, &decision, "r4", SPAN(""), true), STORE_STATE);
    assert_int_equal(second(r.case_id, &again, "r4", SPAN(""), true), STORE_OK);
}

static void test_a_second_lease_is_its_holders(void **state)
{
    struct id decision;
    struct store_submitted_report r = awaiting(&decision);
    struct store_lease lease = bed_claim(&bed, "r2", true);
    struct id not_this;

    (void)state;
    assert_int_equal(bed_decide(&bed, &lease, "r2", false, &not_this), STORE_STATE);
    assert_int_equal(second(r.case_id, &decision, "r3", SPAN(""), true), STORE_LEASED);
    assert_int_equal(second(r.case_id, &decision, "r2", SPAN("wrong"), true), STORE_LEASE);
    assert_int_equal(second(r.case_id, &decision, "r2", lease.token, true), STORE_OK);
    assert_int_equal(bed_redis(&bed, "HLEN {s00}:leased"), 0);
}

static void test_an_ended_second_lease_does_not_hold_others_up(void **state)
{
    struct id decision;
    struct store_submitted_report r = awaiting(&decision);

    (void)state;
    (void)bed_claim(&bed, "r2", true);
    bed.now += 10 * MINUTE_MS;
    assert_int_equal(second(r.case_id, &decision, "r3", SPAN(""), true), STORE_OK);
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:leases"), 0);
    bed_check_places(&bed, &r.case_id, 1);
}

static void test_unknown_cases_and_decisions(void **state)
{
    struct id decision, other;
    struct store_submitted_report r = awaiting(&decision);

    (void)state;
    other = bed_id(&bed, "dec");
    assert_int_equal(second(r.case_id, &other, "r2", SPAN(""), true), STORE_NOT_FOUND);
    other = bed_id(&bed, "cas");
    assert_int_equal(second(bed_span(&other), &decision, "r2", SPAN(""), true), STORE_NOT_FOUND);
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
        cmocka_unit_test(test_a_decision_that_needs_a_second_person_waits),
        cmocka_unit_test(test_only_seniors_are_handed_it_and_never_who_decided),
        cmocka_unit_test(test_agreement_makes_it_effective),
        cmocka_unit_test(test_disagreement_sends_it_back_to_somebody_new),
        cmocka_unit_test(test_a_second_lease_is_its_holders),
        cmocka_unit_test(test_an_ended_second_lease_does_not_hold_others_up),
        cmocka_unit_test(test_unknown_cases_and_decisions),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
