/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/redis/bed.h"

#include <stdio.h>
#include <string.h>

static struct bed bed;

static enum store_outcome claim(const char *reviewer, const char *const *queues, size_t queue_count,
                                const char *const *languages, size_t language_count, size_t limit,
                                struct store_claimed *ret)
{
    static struct id ids[STORE_CLAIM_MAX];
    struct span tokens[STORE_CLAIM_MAX], q[STORE_CLAIM_MAX], l[STORE_CLAIM_MAX];

    for (size_t i = 0; i < limit && i < STORE_CLAIM_MAX; i++) {
        ids[i] = bed_id(&bed, "lse");
        tokens[i] = bed_span(&ids[i]);
    }
    for (size_t i = 0; i < queue_count; i++) {
        q[i] = span_of(queues[i]);
    }
    for (size_t i = 0; i < language_count; i++) {
        l[i] = span_of(languages[i]);
    }
    return store_sync_claim(
        bed.sync,
        &(struct store_claim_args){
            .now_ms = bed.now,
            .lease_ms = 10 * MINUTE_MS,
            .reviewer = span_of(reviewer),
            .pseudonym = SPAN("pid"),
            .queues = q,
            .queue_count = queue_count,
            .languages = l,
            .language_count = language_count,
            .tokens = tokens,
            .limit = limit,
            .entry = SPAN("{\"case\":\"\1case\2\",\"fence\":\1fence\2,\"type\":\"claim\"}")},
        ret);
}

static void test_the_earliest_deadline_comes_first_over_queues_and_languages(void **state)
{
    static const struct {
        const char *content, *queue, *language;
        int due_h;
    } reports[] = {
        {"p5", "terrorism", "ar", 5}, {"p1", "terrorism", "en", 1}, {"p3", "violence", "ar", 3},
        {"p2", "violence", "fr", 2},  {"p4", "terrorism", "ar", 4},
    };
    struct store_claimed got;

    (void)state;
    bed_clear(&bed);
    for (size_t i = 0; i < COUNT_OF(reports); i++) {
        (void)bed_submit(&bed, &(struct bed_report){.content = reports[i].content,
                                                    .queue = reports[i].queue,
                                                    .language = reports[i].language,
                                                    .due_ms = reports[i].due_h * HOUR_MS});
    }
    assert_int_equal(claim("r1", NULL, 0, NULL, 0, 3, &got), STORE_OK);
    assert_int_equal(got.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(got.leases[i].deadline_ms, BED_NOW + (int64_t)(i + 1) * HOUR_MS);
        assert_int_equal(got.leases[i].fence, i + 1);
        assert_int_equal(got.leases[i].index, 10 + i);
        assert_int_equal(got.leases[i].expires_ms, BED_NOW + 10 * MINUTE_MS);
    }
    assert_int_equal(claim("r1", NULL, 0, NULL, 0, 20, &got), STORE_OK);
    assert_int_equal(got.count, 2);
    assert_int_equal(got.leases[0].deadline_ms, BED_NOW + 4 * HOUR_MS);
    assert_int_equal(claim("r1", NULL, 0, NULL, 0, 20, &got), STORE_OK);
    assert_int_equal(got.count, 0);
    assert_int_equal(bed_log_count(&bed, "\"type\":\"claim\""), 5);
}

static void test_only_the_asked_queues_and_languages_are_given(void **state)
{
    struct store_claimed got;

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){.content = "a", .queue = "q1", .language = "ar"});
    (void)bed_submit(&bed, &(struct bed_report){.content = "b", .queue = "q1", .language = "en"});
    (void)bed_submit(&bed, &(struct bed_report){.content = "c", .queue = "q2", .language = "ar"});
    assert_int_equal(claim("r1", (const char *[]){"q1"}, 1, (const char *[]){"ar"}, 1, 20, &got),
                     STORE_OK);
    assert_int_equal(got.count, 1);
    assert_int_equal(claim("r1", (const char *[]){"q9"}, 1, NULL, 0, 20, &got), STORE_OK);
    assert_int_equal(got.count, 0);
    assert_int_equal(claim("r1", NULL, 0, (const char *[]){"ar", "en"}, 2, 20, &got), STORE_OK);
    assert_int_equal(got.count, 2);
}

static void test_the_same_deadline_is_older_case_first(void **state)
{
    struct store_submitted_report a, b;

    (void)state;
    bed_clear(&bed);
    a = bed_submit(&bed, &(struct bed_report){.content = "a", .due_ms = 2 * HOUR_MS});
    bed.now += HOUR_MS;
    b = bed_submit(&bed, &(struct bed_report){.content = "b", .due_ms = HOUR_MS, .language = "en"});
    assert_true(span_equal(bed_claim(&bed, "r1", false).case_id, a.case_id));
    assert_true(span_equal(bed_claim(&bed, "r1", false).case_id, b.case_id));
}

static void test_limits_of_a_claim(void **state)
{
    struct store_claimed got;

    (void)state;
    bed_clear(&bed);
    assert_int_equal(claim("r1", NULL, 0, NULL, 0, 20, &got), STORE_OK);
    assert_int_equal(claim("r1", NULL, 0, NULL, 0, 21, &got), STORE_BROKEN);
    assert_int_equal(claim("r1", NULL, 0, NULL, 0, 0, &got), STORE_BROKEN);
    assert_int_equal(claim("r 1", NULL, 0, NULL, 0, 1, &got), STORE_BROKEN);
    assert_int_equal(claim("r1", (const char *[]){"Q"}, 1, NULL, 0, 1, &got), STORE_BROKEN);
}

static enum store_outcome release(const struct store_lease *lease, const char *reviewer)
{
    struct store_changed changed;

    return store_sync_release(
        bed.sync,
        &(struct store_release_args){bed.now, lease->token, span_of(reviewer),
                                     SPAN("{\"case\":\"\1case\2\",\"type\":\"release\"}")},
        &changed);
}

static void test_release_puts_the_case_back_with_its_deadline(void **state)
{
    struct store_submitted_report r;
    struct store_lease lease, next;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    bed_check_places(&bed, &r.case_id, 1);
    assert_int_equal(release(&lease, "r2"), STORE_LEASE);
    assert_int_equal(release(&lease, "r1"), STORE_OK);
    bed_check_places(&bed, &r.case_id, 1);
    assert_int_equal(release(&lease, "r1"), STORE_LEASE);
    next = bed_claim(&bed, "r2", false);
    assert_int_equal(next.deadline_ms, lease.deadline_ms);
    assert_true(next.fence > lease.fence);
    assert_int_equal(bed_log_count(&bed, "\"type\":\"release\""), 1);
}

static void test_a_report_that_joins_a_leased_case_waits_with_it(void **state)
{
    struct store_submitted_report r;
    struct store_lease lease;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    assert_true(
        bed_submit(&bed, &(struct bed_report){.due_ms = HOUR_MS, .severity = 4, .queue = "urgent"})
            .joined);
    bed_check_places(&bed, &r.case_id, 1);
    assert_int_equal(release(&lease, "r1"), STORE_OK);
    bed_check_places(&bed, &r.case_id, 1);
    assert_int_equal(bed_claim(&bed, "r1", false).deadline_ms, BED_NOW + HOUR_MS);
}

static enum store_outcome extend(const struct store_lease *lease, const char *reviewer, int64_t ms,
                                 struct store_extended *ret)
{
    return store_sync_extend(
        bed.sync, &(struct store_extend_args){bed.now, ms, lease->token, span_of(reviewer)}, ret);
}

static void test_extend_is_the_holders_and_only_in_time(void **state)
{
    struct store_extended got;
    struct store_lease lease;

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(extend(&lease, "r2", HOUR_MS, &got), STORE_LEASE);
    assert_int_equal(extend(&lease, "r1", HOUR_MS, &got), STORE_OK);
    assert_int_equal(got.expires_ms, BED_NOW + HOUR_MS);
    assert_int_equal(extend(&lease, "r1", MINUTE_MS, &got), STORE_OK);
    assert_int_equal(got.expires_ms, BED_NOW + HOUR_MS);
    bed.now += HOUR_MS - 1;
    assert_int_equal(extend(&lease, "r1", 1, &got), STORE_OK);
    bed.now += 1;
    assert_int_equal(extend(&lease, "r1", HOUR_MS, &got), STORE_LEASE);
    lease.token = SPAN("lse_nonsense");
    assert_int_equal(extend(&lease, "r1", HOUR_MS, &got), STORE_NOT_FOUND);
}

static struct store_expired expire(size_t limit)
{
    struct store_expired got;

    assert_int_equal(
        store_sync_expire(
            bed.sync,
            &(struct store_expire_args){bed.now, 0, limit,
                                        SPAN("{\"case\":\"\1case\2\",\"reviewer\":\"\1reviewer\2\","
                                             "\"type\":\"expire\"}")},
            &got),
        STORE_OK);
    return got;
}

static void test_ended_leases_come_back(void **state)
{
    struct store_submitted_report r[3];
    struct store_lease lease, next;
    struct id decision;

    (void)state;
    bed_clear(&bed);
    for (int i = 0; i < 3; i++) {
        r[i] =
            bed_submit(&bed, &(struct bed_report){.content = (const char *[]){"a", "b", "c"}[i]});
    }
    lease = bed_claim(&bed, "r1", false);
    (void)bed_claim(&bed, "r1", false);
    bed.now += 10 * MINUTE_MS - 1;
    assert_int_equal(expire(10).count, 0);
    bed.now += 1;
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_LEASE);
    assert_int_equal(expire(1).count, 1);
    assert_int_equal(expire(10).count, 1);
    assert_int_equal(expire(10).leases, 0);
    bed_check_places(&bed, &r[0].case_id, 1);
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:q:terrorism:ar:2"), 3);
    assert_int_equal(bed_redis(&bed, "HLEN {s00}:leased"), 0);
    next = bed_claim(&bed, "r2", false);
    assert_true(span_equal(next.case_id, lease.case_id));
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_LEASE);
    assert_int_equal(bed_decide(&bed, &next, "r2", false, &decision), STORE_OK);
    assert_int_equal(bed_log_count(&bed, "\"reviewer\":\"pid\",\"type\":\"expire\""), 2);
}

static void test_queues_say_what_waits(void **state)
{
    struct store_queues got;

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){.content = "a", .due_ms = HOUR_MS});
    bed.now += 30 * MINUTE_MS;
    (void)bed_submit(&bed, &(struct bed_report){.content = "b", .due_ms = 10 * MINUTE_MS});
    (void)bed_submit(&bed, &(struct bed_report){.content = "c", .due_ms = 9 * HOUR_MS});
    (void)bed_submit(&bed, &(struct bed_report){.content = "d", .language = "en"});
    bed.now += 15 * MINUTE_MS;
    (void)bed_claim(&bed, "r1", false); /* takes b, overdue */
    assert_int_equal(
        store_sync_queues(bed.sync, &(struct store_queues_args){bed.now, HOUR_MS, 0}, &got),
        STORE_OK);
    assert_int_equal(got.count, 2);
    assert_int_equal(got.leases, 1);
    assert_true(span_is(got.queues[0].language, "ar"));
    assert_int_equal(got.queues[0].waiting, 2);
    assert_int_equal(got.queues[0].leased, 1);
    assert_int_equal(got.queues[0].at_risk, 1);
    assert_int_equal(got.queues[0].overdue, 0);
    assert_int_equal(got.queues[0].oldest_ms, BED_NOW);
    assert_int_equal(got.queues[0].first_deadline_ms, BED_NOW + HOUR_MS);
    assert_int_equal(got.queues[1].waiting, 1);
    bed.now += 16 * MINUTE_MS;
    assert_int_equal(store_sync_queues(bed.sync, &(struct store_queues_args){bed.now, 0, 0}, &got),
                     STORE_OK);
    assert_int_equal(got.queues[0].overdue, 1);
    assert_int_equal(got.queues[0].at_risk, 0);
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
        cmocka_unit_test(test_the_earliest_deadline_comes_first_over_queues_and_languages),
        cmocka_unit_test(test_only_the_asked_queues_and_languages_are_given),
        cmocka_unit_test(test_the_same_deadline_is_older_case_first),
        cmocka_unit_test(test_limits_of_a_claim),
        cmocka_unit_test(test_release_puts_the_case_back_with_its_deadline),
        cmocka_unit_test(test_a_report_that_joins_a_leased_case_waits_with_it),
        cmocka_unit_test(test_extend_is_the_holders_and_only_in_time),
        cmocka_unit_test(test_ended_leases_come_back),
        cmocka_unit_test(test_queues_say_what_waits),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
