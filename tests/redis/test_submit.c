/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/redis/bed.h"

#include <hiredis/hiredis.h>

#include <stdio.h>
#include <string.h>

static struct bed bed;

static void test_a_report_opens_a_case_and_two_entries(void **state)
{
    struct store_submitted_report r;
    struct store_case found;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){.body = "{\"text\":\"h\xc3\xa9llo\"}"});
    assert_int_equal(r.outcome, STORE_OK);
    assert_false(r.joined);
    assert_int_equal(r.report_index, 0);
    assert_int_equal(r.verdict_index, 1);
    assert_int_equal(r.reports, 1);
    assert_int_equal(bed_log(&bed, NULL), 2);
    assert_int_equal(bed_log_count(&bed, r.report_id.ptr), 1);
    found = bed_case(&bed, r.case_id);
    assert_int_equal(found.state, CASE_OPEN);
    assert_true(span_is(found.partner, "acme"));
    assert_true(span_is(found.queue, "terrorism"));
    assert_true(span_is(found.language, "ar"));
    assert_int_equal(found.severity, 2);
    assert_int_equal(found.created_ms, BED_NOW);
    assert_int_equal(found.reports_len, 1);
    assert_true(span_is(found.reports[0].body, "{\"text\":\"h\xc3\xa9llo\"}"));
    assert_true(span_is(found.verdict, "{\"queue\":\"terrorism\"}"));
    bed_check_places(&bed, &r.case_id, 1);
}

static void test_a_report_is_read_back_byte_for_byte(void **state)
{
    static const char bytes[] = "{\"a\":\"\\u0000\r\n$5\r\n\"}\0tail";
    struct store_submit_report one;
    struct store_submitted done;
    struct store_report found;
    struct id report_id, case_id;

    (void)state;
    bed_clear(&bed);
    bed_fill(&bed, &(struct bed_report){0}, &one, &report_id, &case_id);
    one.body = (struct span){bytes, sizeof(bytes)};
    assert_int_equal(
        store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, &one, 1}, &done),
        STORE_OK);
    assert_int_equal(
        store_sync_report_get(bed.sync, &(struct store_id_args){one.report_id}, &found), STORE_OK);
    assert_true(span_equal(found.body, one.body));
    assert_true(span_equal(found.salt, one.salt));
    assert_true(span_equal(found.verdict, one.verdict));
    assert_true(span_equal(found.content_id, one.content_id));
    assert_int_equal(found.received_ms, BED_NOW);
}

static void test_a_changed_body_is_noticed_when_read(void **state)
{
    static const char body[] = "{\"n\":123456789}";
    struct store_submitted_report r;
    const struct redisReply *reply;
    struct store_report found;
    char key[80], offset[8];
    const char *get[] = {"GET", key}, *change[] = {"SETRANGE", key, offset, "~"};
    const char *at;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){.body = body});
    (void)snprintf(key, sizeof(key), "{s00}:r:%s", r.report_id.ptr);
    assert_int_equal(exchange_words(bed.sync, get, 2, &reply), STORE_OK);
    at = memmem(reply->str, (size_t)reply->len, body, strlen(body));
    assert_non_null(at);
    (void)snprintf(offset, sizeof(offset), "%td", at + 7 - reply->str);
    assert_int_equal(exchange_words(bed.sync, change, 4, &reply), STORE_OK);
    assert_int_equal(store_sync_report_get(bed.sync, &(struct store_id_args){r.report_id}, &found),
                     STORE_BROKEN);
}

static void test_a_second_report_joins_and_only_tightens(void **state)
{
    struct store_submitted_report a, b, c;
    struct store_case found;

    (void)state;
    bed_clear(&bed);
    a = bed_submit(&bed, &(struct bed_report){.reporter = "u1"});
    b = bed_submit(&bed,
                   &(struct bed_report){.reporter = "u2", .due_ms = 9 * HOUR_MS, .severity = 1});
    assert_true(b.joined);
    assert_true(span_equal(a.case_id, b.case_id));
    assert_int_equal(b.reports, 2);
    assert_int_equal(b.reporters, 2);
    assert_int_equal(b.deadline_ms, BED_NOW + 4 * HOUR_MS);
    assert_int_equal(b.severity, 2);
    c = bed_submit(&bed, &(struct bed_report){.reporter = "u2",
                                              .due_ms = HOUR_MS,
                                              .severity = 4,
                                              .queue = "threat-to-life",
                                              .needs_second = true});
    assert_true(c.joined);
    assert_int_equal(c.reports, 3);
    assert_int_equal(c.reporters, 2);
    assert_int_equal(c.deadline_ms, BED_NOW + HOUR_MS);
    assert_int_equal(c.severity, 4);
    found = bed_case(&bed, a.case_id);
    assert_true(span_is(found.queue, "threat-to-life"));
    assert_true(found.needs_second);
    assert_true(span_equal(found.lead_report, c.report_id));
    assert_int_equal(found.reports_len, 3);
    bed_check_places(&bed, &a.case_id, 1);
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:q:terrorism:ar:2"), 0);
    assert_int_equal(bed_log_count(&bed, "\"joined\":true"), 2);
}

static void test_other_content_or_partner_is_another_case(void **state)
{
    struct store_submitted_report a, b, c;

    (void)state;
    bed_clear(&bed);
    a = bed_submit(&bed, &(struct bed_report){0});
    b = bed_submit(&bed, &(struct bed_report){.content = "post-2"});
    c = bed_submit(&bed, &(struct bed_report){.partner = "other"});
    assert_false(b.joined || c.joined);
    assert_false(span_equal(a.case_id, b.case_id));
    assert_false(span_equal(a.case_id, c.case_id));
}

static void test_the_same_retry_key_and_body_answers_the_same(void **state)
{
    struct store_submitted_report a, b, c, d;

    (void)state;
    bed_clear(&bed);
    a = bed_submit(&bed, &(struct bed_report){.retry = "k1"});
    b = bed_submit(&bed, &(struct bed_report){.retry = "k1"});
    assert_int_equal(b.outcome, STORE_AGAIN);
    assert_true(span_equal(a.report_id, b.report_id));
    assert_true(span_equal(a.case_id, b.case_id));
    assert_false(b.joined);
    assert_int_equal(b.report_index, a.report_index);
    assert_int_equal(b.deadline_ms, a.deadline_ms);
    c = bed_submit(&bed, &(struct bed_report){.retry = "k1", .body = "{\"n\":2}"});
    assert_int_equal(c.outcome, STORE_MISMATCH);
    d = bed_submit(&bed, &(struct bed_report){.retry = "k1", .partner = "other"});
    assert_int_equal(d.outcome, STORE_OK);
    assert_int_equal(bed_log(&bed, NULL), 4);
}

static void test_a_batch_gives_each_report_its_own_result(void **state)
{
    struct store_submit_report list[5];
    struct id ids[10];
    struct store_submitted done;

    (void)state;
    bed_clear(&bed);
    bed_fill(&bed, &(struct bed_report){.retry = "a"}, &list[0], &ids[0], &ids[1]);
    bed_fill(&bed, &(struct bed_report){.content = "post-2"}, &list[1], &ids[2], &ids[3]);
    bed_fill(&bed, &(struct bed_report){.retry = "a", .body = "{}"}, &list[2], &ids[4], &ids[5]);
    bed_fill(&bed, &(struct bed_report){.retry = "a"}, &list[3], &ids[6], &ids[7]);
    bed_fill(&bed, &(struct bed_report){.content = "post-2"}, &list[4], &ids[8], &ids[9]);
    assert_int_equal(
        store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, list, 5}, &done),
        STORE_OK);
    assert_int_equal(done.count, 5);
    assert_int_equal(done.reports[0].outcome, STORE_OK);
    assert_int_equal(done.reports[1].outcome, STORE_OK);
    assert_int_equal(done.reports[2].outcome, STORE_MISMATCH);
    assert_int_equal(done.reports[3].outcome, STORE_AGAIN);
    assert_true(span_equal(done.reports[3].report_id, done.reports[0].report_id));
    assert_int_equal(done.reports[4].outcome, STORE_OK);
    assert_true(done.reports[4].joined);
    assert_true(span_equal(done.reports[4].case_id, done.reports[1].case_id));
    assert_int_equal(bed_log(&bed, NULL), 6);
}

static void test_an_unknown_hole_writes_nothing(void **state)
{
    struct store_submit_report list[2];
    struct id ids[4];
    struct store_submitted done;

    (void)state;
    bed_clear(&bed);
    bed_fill(&bed, &(struct bed_report){0}, &list[0], &ids[0], &ids[1]);
    bed_fill(&bed, &(struct bed_report){.entry = "{\"x\":\1nothing\2}"}, &list[1], &ids[2],
             &ids[3]);
    assert_int_equal(
        store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, list, 2}, &done),
        STORE_BROKEN);
    assert_int_equal(bed_log(&bed, NULL), 0);
    assert_int_equal(bed_redis(&bed, "KEYS {s00}:[rcoq]*"), 0);
}

static void test_arguments_outside_the_contract_are_not_sent(void **state)
{
    struct store_submit_report one, good;
    struct id ids[2];
    struct store_submitted done;
    static char long_id[STORE_CONTENT_ID_MAX + 2];

    (void)state;
    bed_clear(&bed);
    memset(long_id, 'x', STORE_CONTENT_ID_MAX + 1);
    bed_fill(&bed, &(struct bed_report){0}, &good, &ids[0], &ids[1]);
#define REFUSED(change)                                                                            \
    one = good;                                                                                    \
    change;                                                                                        \
    assert_int_equal(                                                                              \
        store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, &one, 1}, &done),         \
        STORE_BROKEN)
    REFUSED(one.partner = SPAN("a b"));
    REFUSED(one.partner = SPAN(""));
    REFUSED(one.queue = SPAN("Terror"));
    REFUSED(one.language = SPAN("x"));
    REFUSED(one.severity = 5);
    REFUSED(one.severity = -1);
    REFUSED(one.salt = SPAN("short"));
    REFUSED(one.content_id = span_of(long_id));
    REFUSED(one.report_id = SPAN("rpt_x"));
    REFUSED(one.case_id = one.report_id);
    REFUSED(one.deadline_ms = -1);
    one = good;
    one.content_id = (struct span){long_id, STORE_CONTENT_ID_MAX};
    assert_int_equal(
        store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, &one, 1}, &done),
        STORE_OK);
    assert_int_equal(done.reports[0].outcome, STORE_OK);
    assert_int_equal(
        store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, &one, 0}, &done),
        STORE_BROKEN);
    assert_int_equal(
        store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, &one, 1}, &done),
        STORE_BROKEN); /* its ids are not fresh any more */
}

static void test_a_full_log_refuses_before_it_writes(void **state)
{
    struct store_sync *small = NULL;
    struct store_options options = {.url = bed_url(&bed), .max_log_entries = 2};
    struct store_submit_report one;
    struct store_submitted done;
    struct id ids[2];
    struct fault why;

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){0});
    assert_int_equal(store_sync_new(&small, &options, &why), 0);
    bed_fill(&bed, &(struct bed_report){.content = "post-2"}, &one, &ids[0], &ids[1]);
    assert_int_equal(store_sync_submit(small, &(struct store_submit_args){bed.now, &one, 1}, &done),
                     STORE_OK);
    assert_int_equal(done.reports[0].outcome, STORE_BUSY);
    assert_int_equal(store_log_trim(bed.sync, 0, 2), 0);
    assert_int_equal(store_sync_submit(small, &(struct store_submit_args){bed.now, &one, 1}, &done),
                     STORE_OK);
    assert_int_equal(done.reports[0].outcome, STORE_OK);
    assert_int_equal(done.reports[0].report_index, 2);
    small = store_sync_free(small);
}

static void test_unknown_ids_are_not_found(void **state)
{
    struct id id = bed_id(&bed, "rpt");
    struct store_report report;
    struct store_case found;

    (void)state;
    bed_clear(&bed);
    assert_int_equal(
        store_sync_report_get(bed.sync, &(struct store_id_args){bed_span(&id)}, &report),
        STORE_NOT_FOUND);
    assert_int_equal(
        store_sync_report_get(bed.sync, &(struct store_id_args){SPAN("nonsense")}, &report),
        STORE_NOT_FOUND);
    assert_int_equal(store_sync_case_get(bed.sync, &(struct store_id_args){bed_span(&id)}, &found),
                     STORE_NOT_FOUND);
    id = id_make("rpt", BED_NOW, 7, (const uint8_t *)"12345678");
    assert_int_equal(
        store_sync_report_get(bed.sync, &(struct store_id_args){bed_span(&id)}, &report),
        STORE_NOT_FOUND);
}

static struct store_submitted_report submit_judged_on(int64_t reports, int64_t reporters)
{
    struct id report, content;
    struct store_submit_report one;
    struct store_submitted result;

    bed_fill(&bed, &(struct bed_report){.reporter = "u3"}, &one, &report, &content);
    one.history_used = true;
    one.history_reports = reports;
    one.history_reporters = reporters;
    assert_int_equal(store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, &one, 1}, &result), STORE_OK);
    return result.reports[0];
}

static void test_a_verdict_on_counts_that_are_not_so_is_stale(void **state)
{
    struct store_submitted_report r;
    uint64_t before;

    (void)state;
    bed_clear(&bed);
    r = submit_judged_on(1, 1);
    assert_int_equal(r.outcome, STORE_STALE);
    assert_int_equal(r.since_ms, 0);
    assert_false(r.known);
    assert_int_equal(bed_log(&bed, NULL), 0);
    bed.now += MINUTE_MS;
    assert_int_equal(submit_judged_on(0, 0).outcome, STORE_OK);
    (void)bed_submit(&bed, &(struct bed_report){.reporter = "u2", .body = "{\"n\":2}"});
    before = bed_log(&bed, NULL);
    r = submit_judged_on(1, 1);
    assert_int_equal(r.outcome, STORE_STALE);
    assert_int_equal(r.reports, 2);
    assert_int_equal(r.reporters, 2);
    assert_int_equal(r.since_ms, BED_NOW + MINUTE_MS);
    assert_true(r.known);               /* the first reporter, whose name is in the case itself */
    assert_int_equal(submit_judged_on(2, 1).outcome, STORE_STALE);
    assert_int_equal(submit_judged_on(0, 0).outcome, STORE_STALE);
    assert_int_equal(bed_log(&bed, NULL), before);
    r = submit_judged_on(2, 2);
    assert_int_equal(r.outcome, STORE_OK);
    assert_int_equal(r.reports, 3);
}

static void test_recent(void **state)
{
    struct store_reports page;

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){.reporter = "u1", .body = "{\"n\":1}"});
    (void)bed_submit(&bed, &(struct bed_report){.reporter = "u2", .body = "{\"n\":2}"});
    (void)bed_submit(&bed, &(struct bed_report){.content = "post-2", .body = "{\"n\":3}"});
    assert_int_equal(store_sync_recent(bed.sync, &(struct store_recent_args){0, 0, 2}, &page),
                     STORE_OK);
    assert_int_equal(page.count, 2);
    assert_true(span_is(page.reports[0].body, "{\"n\":3}"));
    assert_int_equal(page.next, 2);
    assert_int_equal(store_sync_recent(bed.sync, &(struct store_recent_args){0, 2, 2}, &page),
                     STORE_OK);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.next, -1);
    assert_int_equal(store_sync_recent(bed.sync, &(struct store_recent_args){0, 0, 201}, &page),
                     STORE_BROKEN);
}

static void test_a_batch_of_a_hundred_is_one_step(void **state)
{
    static struct store_submit_report list[STORE_SUBMIT_MAX];
    static struct id ids[2 * STORE_SUBMIT_MAX];
    static char names[STORE_SUBMIT_MAX][16];
    struct store_submitted done;

    (void)state;
    bed_clear(&bed);
    for (int i = 0; i < STORE_SUBMIT_MAX; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "post-%d", i);
        bed_fill(&bed, &(struct bed_report){.content = names[i]}, &list[i], &ids[2 * i],
                 &ids[2 * i + 1]);
    }
    assert_int_equal(
        store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, list, 100}, &done),
        STORE_OK);
    assert_int_equal(done.count, 100);
    assert_int_equal(done.reports[99].verdict_index, 199);
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:q:terrorism:ar:2"), 100);
    assert_int_equal(
        store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, list, 101}, &done),
        STORE_BROKEN);
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
        cmocka_unit_test(test_a_report_opens_a_case_and_two_entries),
        cmocka_unit_test(test_a_report_is_read_back_byte_for_byte),
        cmocka_unit_test(test_a_changed_body_is_noticed_when_read),
        cmocka_unit_test(test_a_second_report_joins_and_only_tightens),
        cmocka_unit_test(test_other_content_or_partner_is_another_case),
        cmocka_unit_test(test_the_same_retry_key_and_body_answers_the_same),
        cmocka_unit_test(test_a_batch_gives_each_report_its_own_result),
        cmocka_unit_test(test_an_unknown_hole_writes_nothing),
        cmocka_unit_test(test_arguments_outside_the_contract_are_not_sent),
        cmocka_unit_test(test_a_full_log_refuses_before_it_writes),
        cmocka_unit_test(test_unknown_ids_are_not_found),
        cmocka_unit_test(test_a_verdict_on_counts_that_are_not_so_is_stale),
        cmocka_unit_test(test_recent),
        cmocka_unit_test(test_a_batch_of_a_hundred_is_one_step),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
