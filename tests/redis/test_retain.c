/* SPDX-License-Identifier: Apache-2.0 */
/* How long content stays: erasure, holds, and who asks to be forgotten. */
#include "tests/redis/bed.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS (24 * HOUR_MS)

static struct bed bed;

/* A case whose decision is effective. */
static struct store_submitted_report closed(const struct bed_report *from)
{
    struct store_submitted_report r = bed_submit(&bed, from);
    struct store_lease lease = bed_claim(&bed, "r1", false);
    struct id decision;

    assert_true(span_equal(lease.case_id, r.case_id));
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    return r;
}

static enum store_outcome erase(struct span id, struct store_erased *ret)
{
    return store_sync_erase(bed.sync,
                            &(struct store_erase_args){bed.now, id, SPAN("boss"),
                                                       SPAN("{\"reports\":\1reports\2,\"type\":\"erasure\"}")},
                            ret);
}

static size_t due(struct store_keep_case *first)
{
    struct store_keep_due found;

    assert_int_equal(store_sync_keep_due(bed.sync, &(struct store_keep_due_args){bed.now, 0, 50}, &found), STORE_OK);
    if (found.count) {
        *first = found.cases[0];
    }
    return found.count;
}

/* Until when it stays, as the caller would say after looking at it. */
static enum store_outcome keep(struct span id, int64_t version, int64_t look_ms, int64_t preserved_ms)
{
    struct store_changed changed;

    return store_sync_keep(bed.sync, &(struct store_keep_args){bed.now, id, version, look_ms, preserved_ms}, &changed);
}

static void keep_as_found(struct span id, int64_t look_ms, int64_t preserved_ms)
{
    assert_int_equal(keep(id, bed_case(&bed, id).version, look_ms, preserved_ms), STORE_OK);
}

static enum store_outcome hold(struct span id, const struct id *hold_id, int64_t until_ms)
{
    struct store_changed changed;

    return store_sync_hold(bed.sync,
                           &(struct store_hold_args){.now_ms = bed.now, .case_id = id, .hold_id = bed_span(hold_id),
                                                     .authority = SPAN("Court"), .reference = SPAN("1 K 7/26"),
                                                     .until_ms = until_ms, .pseudonym = SPAN("pid"),
                                                     .entry = SPAN("{\"case\":\"\1case\2\",\"type\":\"hold\"}")},
                           &changed);
}

static enum store_outcome release(struct span id, const struct id *hold_id)
{
    struct store_changed changed;

    return store_sync_hold_release(
        bed.sync, &(struct store_hold_release_args){bed.now, id, bed_span(hold_id), SPAN("{\"type\":\"released\"}")},
        &changed);
}

static struct store_report report_of(struct span id)
{
    struct store_report found;

    assert_int_equal(store_sync_report_get(bed.sync, &(struct store_id_args){id}, &found), STORE_OK);
    return found;
}

static void test_erasing_leaves_ids_decisions_and_entries(void **state)
{
    struct store_submitted_report a, b;
    struct store_erased gone;
    struct store_report found;
    struct store_case found_case;

    (void)state;
    bed_clear(&bed);
    a = bed_submit(&bed, &(struct bed_report){.reporter = "p1", .author = "p2"});
    b = bed_submit(&bed, &(struct bed_report){.retry = "k", .reporter = "p3"});
    assert_int_equal(erase(a.case_id, &gone), STORE_STATE);
    (void)closed(&(struct bed_report){.retry = "k", .reporter = "p3"});     /* decides the case of both */
    assert_int_equal(erase(a.case_id, &gone), STORE_OK);
    assert_int_equal(gone.left, 0);
    assert_int_equal(bed_log_count(&bed, "\"reports\":2,\"type\":\"erasure\""), 1);
    found = report_of(b.report_id);
    assert_true(found.erased);
    assert_int_equal(found.body.len, 0);
    assert_int_equal(found.salt.len, 0);
    found_case = bed_case(&bed, a.case_id);
    assert_int_equal(found_case.reports_len, 2);
    assert_int_equal(found_case.decision_count, 1);
    assert_int_equal(found_case.reporter_count, 2);
    assert_int_equal(bed_redis(&bed, "EXISTS {s00}:s:p1 {s00}:s:p2 {s00}:s:p3"), 0);
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:keep"), 0);
    assert_int_equal(erase(a.case_id, &gone), STORE_AGAIN);
    assert_int_equal(gone.index, -1);
    assert_int_equal(bed_submit(&bed, &(struct bed_report){.retry = "k", .reporter = "p3"}).outcome, STORE_AGAIN);
}

static void test_the_words_of_escalation_and_appeal_go_too(void **state)
{
    struct store_submitted_report r;
    struct store_changed changed;
    struct store_erased gone;
    struct store_lease lease;
    struct store_case found;
    struct id decision, appeal = bed_id(&bed, "apl");

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(store_sync_escalate(bed.sync,
                                         &(struct store_escalate_args){.now_ms = bed.now, .case_id = r.case_id,
                                                                       .token = lease.token, .reviewer = SPAN("r1"),
                                                                       .queue = SPAN("general"), .severity = 2,
                                                                       .reason = SPAN("names a person")},
                                         &changed),
                     STORE_OK);
    lease = bed_claim(&bed, "r1", false);
    assert_int_equal(bed_decide(&bed, &lease, "r1", false, &decision), STORE_OK);
    assert_int_equal(store_sync_appeal(bed.sync,
                                       &(struct store_appeal_args){.now_ms = bed.now, .case_id = r.case_id,
                                                                   .partner = SPAN("acme"), .record = SPAN("{\"s\":1}"),
                                                                   .deadline_ms = bed.now + HOUR_MS,
                                                                   .appeal_id = bed_span(&appeal)},
                                       &changed),
                     STORE_OK);
    assert_int_equal(erase(r.case_id, &gone), STORE_STATE);
    lease = bed_claim(&bed, "r2", false);
    assert_int_equal(bed_decide(&bed, &lease, "r2", false, &decision), STORE_OK);
    assert_int_equal(erase(r.case_id, &gone), STORE_OK);
    found = bed_case(&bed, r.case_id);
    assert_int_equal(found.appeal.len, 0);
    assert_true(span_is(found.events[1].what, "escalated"));
    assert_int_equal(found.events[1].detail.len, 0);
    assert_true(span_is(found.events[found.event_count - 1].what, "erased"));
}

static void test_many_reports_are_erased_by_thousands(void **state)
{
    struct store_submitted_report first, last = {0};
    struct store_erased gone;

    (void)state;
    bed_clear(&bed);
    (void)bed_submit(&bed, &(struct bed_report){0});
    first = bed_submit(&bed, &(struct bed_report){0});      /* its ids outlive the thousand calls */
    for (int i = 0; i < 998; i++) {
        last = bed_submit(&bed, &(struct bed_report){0});
    }
    last = closed(&(struct bed_report){.body = "{\"last\":1}"});
    assert_int_equal(last.reports, 1001);
    assert_int_equal(erase(first.case_id, &gone), STORE_OK);
    assert_int_equal(gone.left, 1);
    assert_true(report_of(first.report_id).erased);
    assert_false(report_of(last.report_id).erased);
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:keep"), 1);
    assert_int_equal(erase(first.case_id, &gone), STORE_OK);
    assert_int_equal(gone.left, 0);
    assert_true(report_of(last.report_id).erased);
    assert_int_equal(bed_log_count(&bed, "\"reports\":1000,\"type\":\"erasure\""), 1);
    assert_int_equal(bed_log_count(&bed, "\"reports\":1,\"type\":\"erasure\""), 1);
    assert_int_equal(erase(first.case_id, &gone), STORE_AGAIN);
}

static void test_a_closed_case_is_looked_at_at_once_and_when_its_time_is_over(void **state)
{
    struct store_submitted_report r;
    struct store_keep_case found = {0};
    struct id nobody;

    (void)state;
    bed_clear(&bed);
    assert_int_equal(due(&found), 0);
    r = closed(&(struct bed_report){0});
    assert_int_equal(due(&found), 1);
    assert_true(span_equal(found.case_id, r.case_id));
    assert_true(span_is(found.outcome, "disable"));
    assert_int_equal(found.closed_ms, bed.now);
    assert_false(found.asked);
    assert_int_equal(found.held_until_ms, 0);
    assert_int_equal(keep(r.case_id, found.version + 1, bed.now + DAY_MS, 0), STORE_STALE);
    assert_int_equal(due(&found), 1);
    assert_int_equal(keep(r.case_id, found.version, bed.now + DAY_MS, bed.now + DAY_MS), STORE_OK);
    assert_int_equal(due(&found), 0);
    bed.now += DAY_MS - 1;
    assert_int_equal(due(&found), 0);
    bed.now += 1;
    assert_int_equal(due(&found), 1);
    nobody = bed_id(&bed, "cas");
    assert_int_equal(keep(bed_span(&nobody), 1, bed.now, 0), STORE_NOT_FOUND);
    assert_int_equal(store_sync_keep_due(bed.sync, &(struct store_keep_due_args){bed.now, 0, 51},
                                         &(struct store_keep_due){0}),
                     STORE_BROKEN);
}

static void test_a_case_on_appeal_keeps_its_content(void **state)
{
    struct store_submitted_report r;
    struct store_keep_case found = {0};
    struct store_changed changed;
    struct store_lease lease;
    struct id decision, appeal = bed_id(&bed, "apl");

    (void)state;
    bed_clear(&bed);
    r = closed(&(struct bed_report){0});
    assert_int_equal(store_sync_appeal(bed.sync,
                                       &(struct store_appeal_args){.now_ms = bed.now, .case_id = r.case_id,
                                                                   .partner = SPAN("acme"), .record = SPAN("{}"),
                                                                   .deadline_ms = bed.now + HOUR_MS,
                                                                   .appeal_id = bed_span(&appeal)},
                                       &changed),
                     STORE_OK);
    assert_int_equal(keep(r.case_id, changed.version, bed.now, 0), STORE_STATE);
    assert_int_equal(due(&found), 0);
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:keep"), 0);
    bed.now += HOUR_MS;
    lease = bed_claim(&bed, "r2", false);
    assert_int_equal(bed_decide(&bed, &lease, "r2", false, &decision), STORE_OK);
    assert_int_equal(due(&found), 1);
    assert_int_equal(found.closed_ms, bed.now);
}

static void test_a_hold_keeps_until_it_ends(void **state)
{
    struct store_submitted_report r;
    struct id first = bed_id(&bed, "hld"), second = bed_id(&bed, "hld"), nobody = bed_id(&bed, "cas");
    struct store_keep_case found = {0};
    struct store_erased gone;
    struct store_holds holds;

    (void)state;
    bed_clear(&bed);
    r = closed(&(struct bed_report){0});
    assert_int_equal(hold(bed_span(&nobody), &first, bed.now + DAY_MS), STORE_NOT_FOUND);
    assert_int_equal(hold(r.case_id, &first, bed.now), STORE_BROKEN);
    keep_as_found(r.case_id, bed.now + 9 * DAY_MS, 0);
    assert_int_equal(hold(r.case_id, &first, bed.now + DAY_MS), STORE_OK);
    assert_int_equal(hold(r.case_id, &second, bed.now + 2 * DAY_MS), STORE_OK);
    assert_int_equal(bed_log_count(&bed, "\"type\":\"hold\""), 2);
    assert_int_equal(due(&found), 1);
    assert_int_equal(found.held_until_ms, bed.now + 2 * DAY_MS);
    assert_int_equal(erase(r.case_id, &gone), STORE_HELD);
    assert_int_equal(release(r.case_id, &second), STORE_OK);
    assert_int_equal(release(r.case_id, &second), STORE_NOT_FOUND);
    assert_int_equal(bed_log_count(&bed, "\"type\":\"released\""), 1);
    assert_int_equal(store_sync_holds(bed.sync, &(struct store_id_args){r.case_id}, &holds), STORE_OK);
    assert_int_equal(holds.count, 1);
    assert_true(holds.closed && !holds.erased && !holds.asked);
    assert_true(span_is(holds.holds[0].authority, "Court"));
    assert_true(span_is(holds.holds[0].reference, "1 K 7/26"));
    assert_int_equal(holds.holds[0].until_ms, bed.now + DAY_MS);
    bed.now += DAY_MS - 1;
    assert_int_equal(erase(r.case_id, &gone), STORE_HELD);
    bed.now += 1;
    assert_int_equal(erase(r.case_id, &gone), STORE_OK);
    assert_int_equal(hold(r.case_id, &second, bed.now + DAY_MS), STORE_STATE);
    assert_int_equal(store_sync_holds(bed.sync, &(struct store_id_args){r.case_id}, &holds), STORE_OK);
    assert_true(holds.erased);
    assert_int_equal(holds.count, 0);
    assert_int_equal(store_sync_holds(bed.sync, &(struct store_id_args){bed_span(&nobody)}, &holds), STORE_NOT_FOUND);
}

static void test_a_case_has_sixteen_holds_at_most(void **state)
{
    struct store_submitted_report r;

    (void)state;
    bed_clear(&bed);
    r = bed_submit(&bed, &(struct bed_report){0});      /* one under review may be held too */
    for (int i = 0; i < STORE_HOLDS_MAX + 1; i++) {
        struct id id = bed_id(&bed, "hld");

        assert_int_equal(hold(r.case_id, &id, bed.now + DAY_MS), i < STORE_HOLDS_MAX ? STORE_OK : STORE_LIMIT);
    }
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:keep"), 0);
}

static struct store_forgotten forget(enum store_person kind, const char *person, struct span after, size_t limit)
{
    struct store_forgotten found;

    assert_int_equal(store_sync_forget(bed.sync,
                                       &(struct store_forget_args){.now_ms = bed.now, .kind = kind,
                                                                   .person = span_of(person), .after = after,
                                                                   .limit = limit,
                                                                   .entry = SPAN("{\"subject\":\"\1subject\2\",\"type\":\"erasure\"}")},
                                       &found),
                     STORE_OK);
    return found;
}

static void test_an_author_is_forgotten_as_soon_as_nothing_keeps_the_case(void **state)
{
    struct store_submitted_report open, preserved, gone_soon, other;
    struct store_forgotten f;
    struct store_keep_case found = {0};
    struct store_holds holds;

    (void)state;
    bed_clear(&bed);
    preserved = closed(&(struct bed_report){.content = "a", .author = "p1"});
    keep_as_found(preserved.case_id, bed.now + 9 * DAY_MS, bed.now + 9 * DAY_MS);
    gone_soon = closed(&(struct bed_report){.content = "b", .author = "p1"});
    keep_as_found(gone_soon.case_id, bed.now + 9 * DAY_MS, 0);
    other = closed(&(struct bed_report){.content = "c", .author = "p2"});
    keep_as_found(other.case_id, bed.now + 9 * DAY_MS, 0);
    open = bed_submit(&bed, &(struct bed_report){.content = "d", .author = "p1"});
    (void)bed_submit(&bed, &(struct bed_report){.content = "d", .author = "p1"});
    assert_int_equal(due(&found), 0);
    f = forget(STORE_AUTHOR, "p1", SPAN(""), 10);
    assert_int_equal(f.cases, 3);
    assert_int_equal(f.reports, 0);
    assert_int_equal(f.kept_count, 2);
    assert_true(span_equal(f.kept[0].case_id, preserved.case_id) && !f.kept[0].open);
    assert_int_equal(f.kept[0].until_ms, bed.now + 9 * DAY_MS);
    assert_true(span_equal(f.kept[1].case_id, open.case_id) && f.kept[1].open);
    assert_int_equal(f.next.len, 0);
    assert_int_equal(bed_log_count(&bed, "\"type\":\"erasure\""), 3);
    assert_int_equal(due(&found), 2);
    assert_true(found.asked);
    assert_int_equal(store_sync_holds(bed.sync, &(struct store_id_args){open.case_id}, &holds), STORE_OK);
    assert_true(holds.asked && !holds.closed);
    assert_int_equal(store_sync_holds(bed.sync, &(struct store_id_args){other.case_id}, &holds), STORE_OK);
    assert_false(holds.asked);
    f = forget(STORE_AUTHOR, "p1", SPAN(""), 10);
    assert_int_equal(f.cases, 0);
    assert_int_equal(f.index, -1);
    assert_int_equal(bed_log_count(&bed, "\"type\":\"erasure\""), 3);
    assert_int_equal(forget(STORE_AUTHOR, "nobody", SPAN(""), 10).kept_count, 0);
}

static void test_a_held_case_is_named_as_preserved(void **state)
{
    struct store_submitted_report r;
    struct id id = bed_id(&bed, "hld");
    struct store_forgotten f;

    (void)state;
    bed_clear(&bed);
    r = closed(&(struct bed_report){.author = "p1"});
    keep_as_found(r.case_id, bed.now + DAY_MS, 0);
    assert_int_equal(hold(r.case_id, &id, bed.now + 5 * DAY_MS), STORE_OK);
    f = forget(STORE_AUTHOR, "p1", SPAN(""), 10);
    assert_int_equal(f.kept_count, 1);
    assert_false(f.kept[0].open);
    assert_int_equal(f.kept[0].until_ms, bed.now + 5 * DAY_MS);
}

static void test_a_reporter_takes_their_own_reports_along_and_no_others(void **state)
{
    struct store_submitted_report mine, theirs, open;
    struct store_forgotten f;

    (void)state;
    bed_clear(&bed);
    theirs = bed_submit(&bed, &(struct bed_report){.content = "a", .reporter = "p2"});
    mine = closed(&(struct bed_report){.content = "a", .reporter = "p1", .body = "{\"mine\":1}"});
    keep_as_found(mine.case_id, bed.now + 9 * DAY_MS, 0);
    open = bed_submit(&bed, &(struct bed_report){.content = "b", .reporter = "p1"});
    f = forget(STORE_REPORTER, "p1", SPAN(""), 10);
    assert_int_equal(f.reports, 1);
    assert_int_equal(f.cases, 1);
    assert_int_equal(f.kept_count, 1);
    assert_true(span_equal(f.kept[0].case_id, open.case_id));
    assert_true(report_of(mine.report_id).erased);
    assert_false(report_of(theirs.report_id).erased);
    assert_false(report_of(open.report_id).erased);
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:s:p1"), 1);
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:s:p2"), 1);
}

static void test_forgetting_goes_page_by_page(void **state)
{
    struct store_forgotten f;
    char content[16], after[ID_LEN + 1] = "";
    int64_t cases = 0;
    int calls = 0;

    (void)state;
    bed_clear(&bed);
    for (int i = 0; i < 25; i++) {
        (void)snprintf(content, sizeof(content), "c%d", i);
        (void)bed_submit(&bed, &(struct bed_report){.content = content, .author = "p1"});
    }
    do {
        f = forget(STORE_AUTHOR, "p1", span_of(after), 10);
        cases += f.cases;
        (void)snprintf(after, sizeof(after), "%.*s", (int)f.next.len, f.next.len ? f.next.ptr : "");
        calls++;
    } while (after[0]);
    assert_int_equal(cases, 25);
    assert_int_equal(calls, 3);
    assert_int_equal(store_sync_forget(bed.sync,
                                       &(struct store_forget_args){.now_ms = bed.now, .person = SPAN("p1"),
                                                                   .limit = STORE_FORGET_MAX + 1, .entry = SPAN("{}")},
                                       &f),
                     STORE_BROKEN);
}

#define HASH_A "0123456789abcdef0123456789abcdef"
#define HASH_B "0123456789abcdef0123456789abcdeg"

static struct store_related related(struct span id, const char *features, const struct span *named, size_t count)
{
    struct store_related found;

    assert_int_equal(store_sync_related(bed.sync,
                                        &(struct store_related_args){0, id, span_of(features), named, count}, &found),
                     STORE_OK);
    return found;
}

static void test_cases_with_a_feature_in_common_are_related(void **state)
{
    struct store_submitted_report a, b, c;
    struct store_features features;
    struct store_related found;

    (void)state;
    bed_clear(&bed);
    a = closed(&(struct bed_report){.content = "a", .features = "u11111111111h22222222222"});
    b = bed_submit(&bed, &(struct bed_report){.content = "b", .partner = "other", .features = "h22222222222"});
    c = bed_submit(&bed, &(struct bed_report){.content = "c", .features = "h33333333333"});
    assert_int_equal(store_sync_features(bed.sync, &(struct store_id_args){a.case_id}, &features), STORE_OK);
    assert_true(span_is(features.features, "u11111111111h22222222222"));
    assert_true(span_is(features.partner, "acme"));
    assert_int_equal(features.pictures.len, 0);
    found = related(a.case_id, "u11111111111h22222222222", NULL, 0);
    assert_int_equal(found.count, 1);
    assert_true(span_equal(found.cases[0].id, b.case_id));
    assert_true(span_is(found.cases[0].partner, "other"));
    assert_true(span_is(found.cases[0].feature, "h22222222222"));
    assert_int_equal(found.cases[0].state, CASE_OPEN);
    found = related(b.case_id, "h22222222222", NULL, 0);
    assert_int_equal(found.count, 1);
    assert_true(span_is(found.cases[0].outcome, "disable"));
    assert_int_equal(related(c.case_id, "h33333333333", NULL, 0).count, 0);
    assert_int_equal(related(c.case_id, "", &a.case_id, 1).count, 1);
    assert_int_equal(store_sync_features(bed.sync,
                                         &(struct store_id_args){SPAN("cas_00000000-0000-7000-8000-000000000000")},
                                         &features),
                     STORE_NOT_FOUND);
}

static void test_what_is_erased_is_related_to_nothing(void **state)
{
    struct store_submitted_report a, b;
    struct store_pictures pictures;
    struct store_features features;
    struct store_erased gone;

    (void)state;
    bed_clear(&bed);
    a = closed(&(struct bed_report){.content = "a", .features = "u11111111111", .pictures = HASH_A HASH_B});
    b = bed_submit(&bed, &(struct bed_report){.content = "b", .features = "u11111111111", .pictures = HASH_B});
    assert_int_equal(store_sync_features(bed.sync, &(struct store_id_args){a.case_id}, &features), STORE_OK);
    assert_true(span_is(features.pictures, HASH_A HASH_B));
    assert_int_equal(store_sync_pictures(bed.sync, &(struct store_pictures_args){0, 0}, &pictures), STORE_OK);
    assert_int_equal(pictures.first, 0);
    assert_int_equal(pictures.total, 3);
    assert_int_equal(pictures.bytes.len, 3 * STORE_PICTURE_LEN);
    assert_memory_equal(pictures.bytes.ptr + STORE_PICTURE_LEN, HASH_B, 32);
    assert_memory_equal(pictures.bytes.ptr + 2 * STORE_PICTURE_LEN + 32, b.case_id.ptr, ID_LEN);
    assert_int_equal(related(b.case_id, "u11111111111", &a.case_id, 1).count, 1);
    assert_int_equal(erase(a.case_id, &gone), STORE_OK);
    assert_int_equal(related(b.case_id, "u11111111111", &a.case_id, 1).count, 0);
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:f:u11111111111"), 1);
    assert_int_equal(store_sync_pictures(bed.sync, &(struct store_pictures_args){0, 1}, &pictures), STORE_OK);
    assert_int_equal(pictures.first, 1);
    assert_int_equal(pictures.bytes.len, 2 * STORE_PICTURE_LEN);
    for (size_t i = 0; i < STORE_PICTURE_LEN; i++) {
        assert_int_equal(pictures.bytes.ptr[i], 0);
    }
    assert_memory_equal(pictures.bytes.ptr + STORE_PICTURE_LEN, HASH_B, 32);
    assert_int_equal(store_sync_features(bed.sync, &(struct store_id_args){a.case_id}, &features), STORE_OK);
    assert_int_equal(features.features.len + features.pictures.len, 0);
}

static void test_pictures_are_kept_by_thousands(void **state)
{
    struct store_pictures pictures;
    char content[16];
    int64_t from = 0;

    (void)state;
    bed_clear(&bed);
    for (int i = 0; i < 251; i++) {
        (void)snprintf(content, sizeof(content), "c%d", i);
        (void)bed_submit(&bed, &(struct bed_report){.content = content, .pictures = HASH_A HASH_B HASH_A HASH_B});
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_sync_pictures(bed.sync, &(struct store_pictures_args){0, from}, &pictures), STORE_OK);
        assert_int_equal(pictures.first, from);
        assert_int_equal(pictures.total, 1004);
        from += (int64_t)(pictures.bytes.len / STORE_PICTURE_LEN);
        assert_int_equal(from, i ? 1004 : 1000);
    }
    assert_int_equal(store_sync_pictures(bed.sync, &(struct store_pictures_args){0, from}, &pictures), STORE_OK);
    assert_int_equal(pictures.bytes.len, 0);
    /* as if there had been a million and three thousand: what is older than the newest million is passed over */
    (void)bed_redis(&bed, "SET {s00}:pn 1003000");
    assert_int_equal(store_sync_pictures(bed.sync, &(struct store_pictures_args){0, 0}, &pictures), STORE_OK);
    assert_int_equal(pictures.first, 3000);
    (void)bed_redis(&bed, "SET {s00}:p:3 old");
    (void)bed_submit(&bed, &(struct bed_report){.content = "one more", .pictures = HASH_A});
    assert_int_equal(bed_redis(&bed, "EXISTS {s00}:p:3 {s00}:p:1 {s00}:p:0 {s00}:p:1003"), 3);
}

static void test_features_of_a_wrong_length_are_refused(void **state)
{
    struct store_submit_report one;
    struct store_submitted result;
    struct id report, content;

    (void)state;
    bed_clear(&bed);
    bed_fill(&bed, &(struct bed_report){.features = "u1111111111"}, &one, &report, &content);
    assert_int_equal(store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, &one, 1}, &result), STORE_BROKEN);
    bed_fill(&bed, &(struct bed_report){.pictures = "short"}, &one, &report, &content);
    assert_int_equal(store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, &one, 1}, &result), STORE_BROKEN);
    assert_int_equal(bed_log(&bed, NULL), 0);
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
        cmocka_unit_test(test_erasing_leaves_ids_decisions_and_entries),
        cmocka_unit_test(test_the_words_of_escalation_and_appeal_go_too),
        cmocka_unit_test(test_many_reports_are_erased_by_thousands),
        cmocka_unit_test(test_a_closed_case_is_looked_at_at_once_and_when_its_time_is_over),
        cmocka_unit_test(test_a_case_on_appeal_keeps_its_content),
        cmocka_unit_test(test_a_hold_keeps_until_it_ends),
        cmocka_unit_test(test_a_case_has_sixteen_holds_at_most),
        cmocka_unit_test(test_an_author_is_forgotten_as_soon_as_nothing_keeps_the_case),
        cmocka_unit_test(test_a_held_case_is_named_as_preserved),
        cmocka_unit_test(test_a_reporter_takes_their_own_reports_along_and_no_others),
        cmocka_unit_test(test_forgetting_goes_page_by_page),
        cmocka_unit_test(test_cases_with_a_feature_in_common_are_related),
        cmocka_unit_test(test_what_is_erased_is_related_to_nothing),
        cmocka_unit_test(test_pictures_are_kept_by_thousands),
        cmocka_unit_test(test_features_of_a_wrong_length_are_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
