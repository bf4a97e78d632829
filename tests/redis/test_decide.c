/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/redis/bed.h"

#include <stdio.h>
#include <string.h>

static struct bed bed;

static void test_a_decision_closes_the_case_and_queues_the_notice(void **state)
{
    struct store_submitted_report r;
    struct store_lease lease;
    struct store_notices notices;
    struct store_case found;
    struct id decision;
    char last[1024];

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    assert_int_equal(bed_log(&bed, last), 5);
    assert_non_null(strstr(last, "\"type\":\"notice\""));
    assert_int_equal(bed_log_count(&bed, "\"state\":\"effective\""), 1);
    found = bed_case(&bed, r.case_id);
    assert_int_equal(found.state, CASE_CLOSED);
    assert_int_equal(found.closed_ms, BED_NOW);
    assert_int_equal(found.lease_token.len, 0);
    assert_int_equal(found.decision_count, 1);
    assert_true(span_is(found.decisions[0].id, decision.text));
    assert_true(span_is(found.decisions[0].record, "{\"outcome\":\"disable\"}"));
    assert_int_equal(found.decisions[0].state, DECISION_EFFECTIVE);
    assert_int_equal(found.decisions[0].effective_ms, BED_NOW);
    assert_int_equal(found.decisions[0].done_index, -1);
    assert_int_equal(found.event_count, 2);
    assert_true(span_is(found.events[0].what, "claimed"));
    assert_true(span_is(found.events[1].what, "decided"));
    assert_true(span_is(found.events[1].actor, "r1"));
    assert_true(span_is(found.events[1].detail, decision.text));
    bed_check_places(&bed, &r.case_id, 1);
    assert_int_equal(store_sync_notices(
                         bed.sync, &(struct store_notices_args){0, SPAN("acme"), 0, 10}, &notices),
                     STORE_OK);
    assert_int_equal(notices.count, 1);
    assert_non_null(
        memmem(notices.notices[0].bytes.ptr, notices.notices[0].bytes.len, decision.text, ID_LEN));
    assert_int_equal(store_sync_notices(bed.sync,
                                        &(struct store_notices_args){0, SPAN("acme"),
                                                                     notices.notices[0].cursor, 10},
                                        &notices),
                     STORE_OK);
    assert_int_equal(notices.count, 0);
    assert_int_equal(store_sync_notices(
                         bed.sync, &(struct store_notices_args){0, SPAN("other"), 0, 10}, &notices),
                     STORE_OK);
    assert_int_equal(notices.count, 0);
}

static void test_after_a_decision_new_reports_open_a_new_case(void **state)
{
    struct store_submitted_report a, b;
    struct store_lease lease;
    struct id decision;

    (void)state;
    bed_clear(&bed);
    a = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    b = bed_submit(&bed, &(struct bed_report){0});
    assert_false(b.joined);
    assert_false(span_equal(a.case_id, b.case_id));
}

static void test_a_decision_is_the_holders_only(void **state)
{
    struct store_submitted_report r;
    struct store_lease lease, other;
    struct id decision;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    (void)bed_submit(&bed, &(struct bed_report){.content = "post-2"});
    lease = bed_claim(&bed, "r1", false);
    other = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r2", false, &decision), STORE_LEASE);
    lease.fence++;
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_LEASE);
    lease.fence--;
    other.case_id = lease.case_id; /* a good token, for another case */
    assert_int_equal(bed_decide(&bed, &other, "r1", false, &decision), STORE_LEASE);
    bed.now += 10 * MINUTE_MS;
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_LEASE);
    bed.now -= 1;
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_LEASE);
    assert_int_equal(bed_case(&bed, r.case_id).decision_count, 1);
    lease.case_id = bed_span(&decision);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_NOT_FOUND);
}

static enum store_outcome decide_retry(const struct store_lease *lease, const char *key,
                                       const char *digest, int64_t version,
                                       struct store_decided *ret)
{
    static struct id decision;

    decision = bed_id(&bed, "dec");
    return store_sync_decide(bed.sync,
                             &(struct store_decide_args){.now_ms = bed.now,
                                                         .retry = {span_of(key), span_of(digest)},
                                                         .case_id = lease->case_id,
                                                         .token = lease->token,
                                                         .reviewer = SPAN("r1"),
                                                         .pseudonym = SPAN("pid"),
                                                         .version = version,
                                                         .decision_id = bed_span(&decision),
                                                         .record = SPAN("{}"),
                                                         .entry = SPAN("{}")},
                             ret);
}

static void test_a_decision_sent_again_is_answered_again(void **state)
{
    static const char one[] = "11111111111111111111111111111111",
                      two[] = "22222222222222222222222222222222";
    struct store_decided a, b;
    struct store_lease lease;
    char first[ID_LEN + 1];

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(decide_retry(&lease, "k", one, 0, &a), STORE_OK);
    (void)snprintf(first, sizeof(first), "%.*s", (int)a.decision_id.len, a.decision_id.ptr);
    assert_int_equal(decide_retry(&lease, "k", one, 0, &b), STORE_AGAIN);
    assert_true(span_is(b.decision_id, first));
    assert_int_equal(b.state, DECISION_EFFECTIVE);
    assert_int_equal(b.index, 3);
    assert_int_equal(decide_retry(&lease, "k", two, 0, &b), STORE_MISMATCH);
    assert_int_equal(decide_retry(&lease, "k", "short", 0, &b), STORE_BROKEN);
}

static void test_an_expected_version_is_checked(void **state)
{
    struct store_decided done;
    struct store_lease lease;

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    (void)bed_submit(&bed, &(struct bed_report){.severity = 4});
    assert_int_equal(decide_retry(&lease, "", "", lease.version, &done), STORE_STALE);
    assert_int_equal(decide_retry(&lease, "", "", lease.version + 1, &done), STORE_OK);
    assert_int_equal(done.version, lease.version + 2);
}

static enum store_outcome effect(const struct id *decision, const char *partner, int64_t at,
                                 const char *measure)
{
    struct store_changed changed;

    return store_sync_effect(
        bed.sync,
        &(struct store_effect_args){bed.now, bed_span(decision), span_of(partner), at,
                                    span_of(measure),
                                    SPAN("{\"decision\":\"\1decision\2\",\"type\":\"effect\"}")},
        &changed);
}

static void test_an_effect_is_said_once_by_its_partner(void **state)
{
    struct store_submitted_report r;
    struct store_decision found;
    struct store_lease lease;
    struct id decision;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    assert_int_equal(effect(&decision, "other", BED_NOW + 5, "disabled"), STORE_NOT_FOUND);
    assert_int_equal(effect(&decision, "acme", BED_NOW + 5, "disabled"), STORE_OK);
    assert_int_equal(effect(&decision, "acme", BED_NOW + 5, "disabled"), STORE_AGAIN);
    assert_int_equal(effect(&decision, "acme", BED_NOW + 6, "disabled"), STORE_STATE);
    assert_int_equal(bed_log_count(&bed, "\"type\":\"effect\""), 1);
    assert_int_equal(
        store_sync_decision_get(bed.sync, &(struct store_id_args){bed_span(&decision)}, &found),
        STORE_OK);
    assert_int_equal(found.done_ms, BED_NOW + 5);
    assert_true(span_is(found.measure, "disabled"));
    assert_true(span_equal(found.case_id, r.case_id));
    decision = bed_id(&bed, "dec");
    assert_int_equal(effect(&decision, "acme", BED_NOW, "x"), STORE_NOT_FOUND);
}

static void test_reviewers_claim_and_decide_while_memory_is_out(void **state)
{
    struct store_submitted_report r;
    struct store_submit_report one;
    struct store_submitted done;
    struct store_lease lease;
    struct id decision, ids[2];

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    (void)bed_submit(&bed, &(struct bed_report){.content = "post-3"});
    (void)bed_redis(&bed, "CONFIG SET maxmemory 1mb");
    bed_fill(&bed, &(struct bed_report){.content = "post-2"}, &one, &ids[0], &ids[1]);
    assert_int_equal(
        store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, &one, 1}, &done),
        STORE_BUSY);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    (void)bed_redis(&bed, "CONFIG SET maxmemory 0");
    assert_int_equal(bed_case(&bed, r.case_id).state, CASE_CLOSED);
    assert_int_equal(bed_log(&bed, NULL), 10);
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
        cmocka_unit_test(test_a_decision_closes_the_case_and_queues_the_notice),
        cmocka_unit_test(test_after_a_decision_new_reports_open_a_new_case),
        cmocka_unit_test(test_a_decision_is_the_holders_only),
        cmocka_unit_test(test_a_decision_sent_again_is_answered_again),
        cmocka_unit_test(test_an_expected_version_is_checked),
        cmocka_unit_test(test_an_effect_is_said_once_by_its_partner),
        cmocka_unit_test(test_reviewers_claim_and_decide_while_memory_is_out),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
