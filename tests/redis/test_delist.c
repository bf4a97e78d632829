/* SPDX-License-Identifier: Apache-2.0 */
/* Entries that cases cite, and what comes of their withdrawal. */
#include "tests/redis/bed.h"

#define NAME "designations/QDe.901"

static struct bed bed;

static struct store_cited cited(const char *after, size_t limit)
{
    struct store_cited found;

    assert_int_equal(
        store_sync_cited(bed.sync, &(struct store_cited_args){0, span_of(after), limit}, &found),
        STORE_OK);
    return found;
}

static struct store_delisted delist(size_t limit, const char *restrictions)
{
    struct store_delisted result;

    assert_int_equal(
        store_sync_delist(
            bed.sync,
            &(struct store_delist_args){.now_ms = bed.now,
                                        .deadline_ms = bed.now + HOUR_MS,
                                        .name = SPAN(NAME),
                                        .limit = limit,
                                        .restrictions = span_of(restrictions),
                                        .entry = SPAN("{\"case\":\"\1case\2\",\"to\":\"\1queue\2\","
                                                      "\"type\":\"escalation\"}")},
            &result),
        STORE_OK);
    return result;
}

static struct store_submitted_report closed(const char *content, const char *names)
{
    struct store_submitted_report r =
        bed_submit(&bed, &(struct bed_report){.content = content, .cited = names});
    struct store_lease lease = bed_claim(&bed, "r1", false);
    struct id decision;

    assert_true(span_equal(lease.case_id, r.case_id));
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    return r;
}

static void test_names_come_page_by_page_in_their_order(void **state)
{
    (void)state;
    bed_clear(&bed);
    assert_int_equal(cited("", 200).count, 0);
    (void)bed_submit(&bed, &(struct bed_report){.content = "1", .cited = "b/2\na/1"});
    (void)bed_submit(&bed, &(struct bed_report){.content = "2", .cited = "b/2\nc/3"});
    assert_int_equal(cited("", 200).count, 3);
    assert_true(span_is(cited("", 1).names[0], "a/1"));
    assert_true(span_is(cited("a/1", 2).names[1], "c/3"));
    assert_int_equal(cited("c/3", 2).count, 0);
}

static void test_a_restriction_opens_again_and_an_open_case_notes_it(void **state)
{
    struct store_submitted_report restricted, waiting;
    struct store_delisted result;
    struct store_case found;

    (void)state;
    bed_clear(&bed);
    restricted = closed("post-1", NAME);
    waiting = bed_submit(&bed, &(struct bed_report){.content = "post-2", .cited = NAME});
    result = delist(10, ",remove,disable,");
    assert_int_equal(result.opened, 1);
    assert_int_equal(result.noted, 1);
    assert_false(result.left);
    found = bed_case(&bed, restricted.case_id);
    assert_int_equal(found.state, CASE_OPEN);
    assert_int_equal(found.deadline_ms, bed.now + HOUR_MS);
    assert_int_equal(found.closed_ms, 0);
    assert_true(span_is(found.events[found.event_count - 1].what, "delisted"));
    assert_true(span_is(found.events[found.event_count - 1].detail, NAME));
    assert_int_equal(found.decisions[0].state, DECISION_EFFECTIVE);
    found = bed_case(&bed, waiting.case_id);
    assert_int_equal(found.deadline_ms, BED_NOW + 4 * HOUR_MS);
    assert_true(span_is(found.events[found.event_count - 1].what, "delisted"));
    assert_int_equal(bed_log_count(&bed, "\"type\":\"escalation\""), 2);
    assert_int_equal(cited("", 200).count, 0);
    assert_int_equal(delist(10, ",disable,").opened, 0);
    bed_check_places(&bed, (struct span[]){restricted.case_id, waiting.case_id}, 2);
}

static void test_what_stayed_up_stays_closed(void **state)
{
    struct store_submitted_report r;

    (void)state;
    bed_clear(&bed);
    r = closed("post-1", NAME);
    assert_int_equal(delist(10, ",label,").opened, 0);
    assert_int_equal(bed_case(&bed, r.case_id).state, CASE_CLOSED);
    assert_int_equal(cited("", 200).count, 0);
    assert_int_equal(bed_log_count(&bed, "\"type\":\"escalation\""), 0);
}

static void test_many_cases_take_several_calls(void **state)
{
    struct store_delisted result;

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){.content = "1", .cited = NAME});
    (void)bed_submit(&bed, &(struct bed_report){.content = "2", .cited = NAME});
    (void)bed_submit(&bed, &(struct bed_report){.content = "2", .cited = NAME}); /* joins */
    (void)bed_submit(&bed, &(struct bed_report){.content = "3", .cited = NAME});
    result = delist(2, ",disable,");
    assert_int_equal(result.noted, 2);
    assert_true(result.left);
    assert_int_equal(cited("", 200).count, 1);
    result = delist(2, ",disable,");
    assert_int_equal(result.noted, 1);
    assert_false(result.left);
    assert_int_equal(cited("", 200).count, 0);
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
        cmocka_unit_test(test_names_come_page_by_page_in_their_order),
        cmocka_unit_test(test_a_restriction_opens_again_and_an_open_case_notes_it),
        cmocka_unit_test(test_what_stayed_up_stays_closed),
        cmocka_unit_test(test_many_cases_take_several_calls),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
