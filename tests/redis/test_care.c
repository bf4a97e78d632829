/* SPDX-License-Identifier: Apache-2.0 */
/* Who may take what, and how much of it: languages, harm classes, clearance, conflicts, exposure. */
#include "tests/redis/bed.h"

#include <stdio.h>
#include <string.h>

static struct bed bed;

static enum store_outcome claim(const char *reviewer, size_t limit, const struct store_may *may,
                                const struct store_care *care, struct store_claimed *ret)
{
    static struct id ids[STORE_CLAIM_MAX];
    struct span tokens[STORE_CLAIM_MAX];

    for (size_t i = 0; i < limit; i++) {
        ids[i] = bed_id(&bed, "lse");
        tokens[i] = bed_span(&ids[i]);
    }
    return store_sync_claim(bed.sync,
                            &(struct store_claim_args){.now_ms = bed.now, .lease_ms = HOUR_MS,
                                                       .reviewer = span_of(reviewer), .pseudonym = SPAN("pid"),
                                                       .tokens = tokens, .limit = limit,
                                                       .entry = SPAN("{\"type\":\"claim\"}"), .may = *may,
                                                       .care = *care},
                            ret);
}

/* How many cases of the waiting ones a person gets. */
static size_t given(const char *reviewer, const struct store_may *may)
{
    struct store_claimed got;

    assert_int_equal(claim(reviewer, STORE_CLAIM_MAX, may, &(struct store_care){0}, &got), STORE_OK);
    return got.count;
}

static void fill(int severity, int count, const char *queue)
{
    for (int i = 0; i < count; i++) {
        static char content[32];

        (void)snprintf(content, sizeof(content), "%s-%d-%d", queue, severity, i);
        (void)bed_submit(&bed, &(struct bed_report){.content = content, .queue = queue, .severity = severity,
                                                    .due_ms = (10 + i) * MINUTE_MS});
    }
}

static void test_a_language_that_a_person_does_not_read_is_passed_over(void **state)
{
    static const struct span arabic[] = {{"ar", 2}};
    struct store_may may = {.languages = arabic, .language_count = 1};

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){.content = "a", .language = "fr"});
    assert_int_equal(given("r1", &may), 0);
    (void)bed_submit(&bed, &(struct bed_report){.content = "b", .language = "ar"});
    (void)bed_submit(&bed, &(struct bed_report){.content = "c", .language = "und"});
    assert_int_equal(given("r1", &may), 2);
    assert_int_equal(given("r2", &(struct store_may){0}), 1);
}

static void test_a_harm_class_opted_out_of_is_passed_over(void **state)
{
    static const struct span out[] = {{"csam", 4}, {"gore", 4}};
    struct store_may may = {.opt_out = out, .opt_out_count = 2};

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){.content = "a", .harm = "gore"});
    (void)bed_submit(&bed, &(struct bed_report){.content = "b", .harm = "recruitment"});
    (void)bed_submit(&bed, &(struct bed_report){.content = "c"});
    assert_int_equal(given("r1", &may), 2);
    assert_int_equal(given("r2", &(struct store_may){0}), 1);
}

static void test_the_harm_class_of_a_graver_report_counts(void **state)
{
    static const struct span out[] = {{"gore", 4}};
    struct store_may may = {.opt_out = out, .opt_out_count = 1};

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){.harm = "recruitment", .severity = 2});
    (void)bed_submit(&bed, &(struct bed_report){.harm = "gore", .severity = 3});
    (void)bed_submit(&bed, &(struct bed_report){.harm = "recruitment", .severity = 1});
    assert_int_equal(given("r1", &may), 0);
    assert_int_equal(given("r2", &(struct store_may){0}), 1);
}

static void test_a_partner_in_conflict_is_passed_over(void **state)
{
    static const struct span away[] = {{"acme", 4}};
    struct store_may may = {.conflicts = away, .conflict_count = 1};

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){.content = "a"});
    assert_int_equal(given("r1", &may), 0);
    (void)bed_submit(&bed, &(struct bed_report){.content = "b", .partner = "other"});
    assert_int_equal(given("r1", &may), 1);
}

static void test_an_escalated_case_takes_clearance_and_keeps_it(void **state)
{
    struct store_may low = {.clearance = 1}, high = {.clearance = 2};
    struct store_changed changed;
    struct store_claimed got;

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){0});
    for (int asked = 2; asked >= 1; asked--) {
        assert_int_equal(claim("r1", 1, &high, &(struct store_care){0}, &got), STORE_OK);
        assert_int_equal(got.count, 1);
        assert_int_equal(store_sync_escalate(bed.sync,
                                             &(struct store_escalate_args){
                                                 .now_ms = bed.now, .case_id = got.leases[0].case_id,
                                                 .token = got.leases[0].token, .reviewer = SPAN("r1"),
                                                 .queue = SPAN("terrorism"), .reason = SPAN("{}"),
                                                 .entry = SPAN("{\"type\":\"escalation\"}"), .clearance = asked},
                                             &changed),
                         STORE_OK);
        assert_int_equal(given("r2", &low), 0);
    }
    assert_int_equal(given("r2", &high), 1);
}

static enum store_outcome second(struct span case_id, const struct id *decision, const struct store_may *may)
{
    struct store_decided done;

    return store_sync_second(bed.sync,
                             &(struct store_second_args){.now_ms = bed.now, .case_id = case_id,
                                                         .decision_id = bed_span(decision), .reviewer = SPAN("s1"),
                                                         .pseudonym = SPAN("pid2"), .agree = true,
                                                         .record = SPAN("{}"), .notice = SPAN("{}"),
                                                         .entry = SPAN("{\"type\":\"second\"}"),
                                                         .entry_notice = SPAN("{\"type\":\"notice\"}"), .may = *may},
                             &done);
}

static void test_a_second_person_in_conflict_or_without_clearance_is_barred(void **state)
{
    static const struct span away[] = {{"elsewhere", 9}, {"acme", 4}};
    struct store_submitted_report r;
    struct store_lease lease;
    struct id decision;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){.needs_second = true});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    assert_int_equal(second(r.case_id, &decision, &(struct store_may){.conflicts = away, .conflict_count = 2}),
                     STORE_BARRED);
    assert_int_equal(bed_case(&bed, r.case_id).state, CASE_AWAITING_SECOND);
    assert_int_equal(second(r.case_id, &decision, &(struct store_may){.conflicts = away, .conflict_count = 1}),
                     STORE_OK);
}

static void test_a_severity_is_withheld_past_its_hour_and_lighter_cases_are_not(void **state)
{
    struct store_care care = {.worst_severity = 4, .severity_hour = {0, 0, 0, 2, 0}};
    struct store_may may = {0};
    struct store_claimed got;

    (void)state;
    bed_clear(&bed);
    fill(3, 4, "terrorism");
    assert_int_equal(claim("r1", 5, &may, &care, &got), STORE_OK);
    assert_int_equal(got.count, 2);
    assert_int_equal(claim("r1", 5, &may, &care, &got), STORE_EXPOSED);
    assert_true(got.exposed_until_ms > bed.now + 55 * MINUTE_MS && got.exposed_until_ms <= bed.now + 65 * MINUTE_MS);
    fill(1, 1, "terrorism");
    assert_int_equal(claim("r1", 5, &may, &care, &got), STORE_OK);
    assert_int_equal(got.count, 1);
    assert_int_equal(got.leases[0].severity, 1);
    assert_int_equal(claim("r2", 1, &may, &care, &got), STORE_OK);
    assert_int_equal(got.count, 1);
    assert_int_equal(claim("r1", 5, &may, &care, &got), STORE_EXPOSED);
    bed.now = got.exposed_until_ms - 1;
    assert_int_equal(claim("r1", 5, &may, &care, &got), STORE_EXPOSED);
    bed.now = got.exposed_until_ms;
    assert_int_equal(claim("r1", 5, &may, &care, &got), STORE_OK);
    assert_int_equal(got.count, 1);
}

static void test_the_pace_of_a_day_holds_over_all_severities(void **state)
{
    struct store_care care = {.worst_severity = 4, .day = 3};
    struct store_claimed got;

    (void)state;
    bed_clear(&bed);
    fill(1, 2, "terrorism");
    fill(2, 2, "violence");
    assert_int_equal(claim("r1", 20, &(struct store_may){0}, &care, &got), STORE_OK);
    assert_int_equal(got.count, 3);
    assert_int_equal(claim("r1", 20, &(struct store_may){0}, &care, &got), STORE_EXPOSED);
    assert_true(got.exposed_until_ms > bed.now + 23 * HOUR_MS);
}

static void test_after_the_worst_cases_comes_a_pause_from_them(void **state)
{
    struct store_care care = {.worst_severity = 4, .worst_in_a_row = 2, .pause_ms = 20 * MINUTE_MS,
                              .exempt_queue = SPAN("threat-to-life")};
    struct store_claimed got;

    (void)state;
    bed_clear(&bed);
    fill(4, 3, "terrorism");
    assert_int_equal(claim("r1", 20, &(struct store_may){0}, &care, &got), STORE_OK);
    assert_int_equal(got.count, 2);
    assert_int_equal(claim("r1", 20, &(struct store_may){0}, &care, &got), STORE_EXPOSED);
    assert_int_equal(got.exposed_until_ms, bed.now + 20 * MINUTE_MS);
    fill(4, 1, "threat-to-life");
    assert_int_equal(claim("r1", 20, &(struct store_may){0}, &care, &got), STORE_OK);
    assert_int_equal(got.count, 1);
    assert_true(span_is(got.leases[0].queue, "threat-to-life"));
    bed.now += 20 * MINUTE_MS;
    assert_int_equal(claim("r1", 20, &(struct store_may){0}, &care, &got), STORE_OK);
    assert_int_equal(got.count, 1);
}

static void test_after_some_of_one_queue_another_has_its_turn(void **state)
{
    struct store_care care = {.worst_severity = 4, .rotation = 2};
    static const char *const wanted[] = {"terrorism", "terrorism", "violence", "terrorism", "terrorism"};
    struct store_claimed got;

    (void)state;
    bed_clear(&bed);
    fill(1, 4, "terrorism");
    (void)bed_submit(&bed, &(struct bed_report){.content = "late", .queue = "violence", .due_ms = 9 * HOUR_MS});
    assert_int_equal(claim("r1", 20, &(struct store_may){0}, &care, &got), STORE_OK);
    assert_int_equal(got.count, COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        assert_true(span_is(got.leases[i].queue, wanted[i]));
    }
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
        cmocka_unit_test(test_a_language_that_a_person_does_not_read_is_passed_over),
        cmocka_unit_test(test_a_harm_class_opted_out_of_is_passed_over),
        cmocka_unit_test(test_the_harm_class_of_a_graver_report_counts),
        cmocka_unit_test(test_a_partner_in_conflict_is_passed_over),
        cmocka_unit_test(test_an_escalated_case_takes_clearance_and_keeps_it),
        cmocka_unit_test(test_a_second_person_in_conflict_or_without_clearance_is_barred),
        cmocka_unit_test(test_a_severity_is_withheld_past_its_hour_and_lighter_cases_are_not),
        cmocka_unit_test(test_the_pace_of_a_day_holds_over_all_severities),
        cmocka_unit_test(test_after_the_worst_cases_comes_a_pause_from_them),
        cmocka_unit_test(test_after_some_of_one_queue_another_has_its_turn),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
