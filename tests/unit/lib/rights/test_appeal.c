/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/rights/record.h"

#include "lib/base/attr.h"
#include "lib/json/read.h"
#include "lib/rights/deadline.h"
#include "lib/rights/justification_rules.h"

struct row {
    const char *name, *notice, *filed, *code;
};

static const struct row rows[] = {
    {"check 21 day 182 where six months end on day 184", "2026-03-23T09:00:00Z",
     "2026-09-21T09:00:00Z", NULL},
    {"check 21 the last moment of the last day", "2026-03-23T09:00:00Z", "2026-09-23T23:59:59.999Z",
     NULL},
    {"check 21 the first moment after", "2026-03-23T09:00:00Z", "2026-09-24T00:00:00Z",
     "APPEAL_CLOSED"},
    {"check 21 from the 31st of August to the last of February", "2026-08-31T09:00:00Z",
     "2027-02-28T23:00:00Z", NULL},
    {"check 21 and not into March", "2026-08-31T09:00:00Z", "2027-03-01T00:00:00Z",
     "APPEAL_CLOSED"},
};

static void window(void **state)
{
    const struct row *row = *state;
    struct fault why = {0};
    int r = appeal_check(at_time(row->notice), at_time(row->filed), &why);

    assert_int_equal(r, row->code ? FAULT : 0);
    if (row->code) {
        assert_string_equal(why.code, row->code);
        assert_int_equal(justification_code_find(why.code)->status, 410);
    }
}

static void check_21_day_182_of_184(void **state)
{
    int64_t notice = at_time("2026-03-23T09:00:00Z");

    (void)state;
    assert_int_equal((at_time("2026-09-21T09:00:00Z") - notice) / DAY_MS, 182);
    assert_int_equal((appeal_window_end(notice) - notice) / DAY_MS, 184);
}

static void check_21_another_reviewer(void **state)
{
    struct fault why = {0};

    (void)state;
    assert_int_equal(appeal_reviewer_check("c", "a", "b", &why), 0);
    assert_int_equal(appeal_reviewer_check("a", "a", "b", &why), FAULT);
    assert_string_equal(why.code, "APPEAL_SAME_REVIEWER");
    assert_int_equal(appeal_reviewer_check("b", "a", "b", &why), FAULT);
    assert_int_equal(appeal_reviewer_check("b", "a", NULL, &why), 0);
}

static void an_appeal_is_reasoned_anew(void **state)
{
    struct policy *policy = sample_policy();
    CLEANUP(json_freep) json_t *before = test_json(RECORD_FULL);
    CLEANUP(json_freep) json_t *again = test_json(RECORD_FULL);
    struct justification_context context = {.policy = policy,
                                            .previous = before,
                                            .reviewer_pid = "3",
                                            .opened_ms = 1,
                                            .decided_ms = at_time("2026-11-23T10:01:00Z")};
    struct justification_check_result result;
    struct faults faults = {0};

    (void)state;
    (void)json_object_set_new(before, "reviewer_pid", json_string("1"));
    (void)json_object_set_new(before, "second_pid", json_string("2"));
    assert_int_equal(justification_check(&result, again, &context, &faults), FAULT);
    assert_true(test_has_fault(&faults, "JUST_COPIED", "/why"));
    assert_true(test_has_fault(&faults, "JUST_COPIED", "/facts"));
    assert_true(test_has_fault(&faults, "JUST_COPIED", "/ground/explanation"));
    record_set(again, "/why", "'Read anew: the invitation stands and no report explains it.'");
    record_set(again, "/facts", "'Seen in its thread, the invitation is answered by applicants.'");
    record_set(again, "/ground/explanation",
               "'New reading: it offers a way to contact its recruiters.'");
    faults = (struct faults){0};
    assert_int_equal(justification_check(&result, again, &context, &faults), 0);
    assert_int_equal(result.tier, TIER_FULL);
    context.reviewer_pid = "2";
    assert_int_equal(justification_check(&result, again, &context, &faults), FAULT);
    assert_true(test_has_fault(&faults, "APPEAL_SAME_REVIEWER", NULL));
    assert_int_equal(justification_status(&faults), 409);
    (void)policy_free(policy);
}

static void copies(void **state)
{
    static const struct {
        const char *a, *b;
        bool copied;
    } cases[] = {
        {"abcdefghij", "abcdefghij", true},
        {"abcdefghij", "abcdefghix", true}, /* nine of ten */
        {"abcdefghij", "abcdefghxy", false},
        {"abcdefghij", "abcdefghi", true},
        {"abcdefghij", "bcdefghijk", false}, /* two edits */
        {"", "", false},
        {"x", "", false},
        {"a longer sentence that stays as it was but for one",
         "A longer sentence that stays as it was but for ONE", true},
        {"a longer sentence that stays as it was but for one",
         "quite another thing that happens to be as long now", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(text_is_copied(span_of(cases[i].a), span_of(cases[i].b)), cases[i].copied);
        assert_int_equal(text_is_copied(span_of(cases[i].b), span_of(cases[i].a)), cases[i].copied);
    }
}

static void check_25_retention(void **state)
{
    int64_t from = at_time("2026-11-23T10:00:00Z");
    struct retention_hold hold = {"Court of Linden", "7 K 12", at_time("2028-01-01T00:00:00Z")};

    (void)state;
    assert_int_equal(retention_end(RETAIN_SNAPSHOT_UNRESTRICTED, from, NULL),
                     at_time("2026-12-23T10:00:00Z"));
    assert_int_equal(retention_end(RETAIN_SNAPSHOT_RESTRICTED, from, NULL),
                     at_time("2027-05-23T10:00:00Z"));
    assert_int_equal(retention_end(RETAIN_SNAPSHOT_RESTRICTED, from, &hold), hold.until_ms);
    assert_int_equal(retention_end(RETAIN_REPORTER_CONTACT, from, &hold),
                     at_time("2027-05-23T23:59:59.999Z"));
    assert_int_equal(retention_end(RETAIN_JUSTIFICATION, from, NULL),
                     at_time("2031-11-23T10:00:00Z"));
    hold.reference = "";
    assert_int_equal(retention_end(RETAIN_SNAPSHOT_RESTRICTED, from, &hold),
                     at_time("2027-05-23T10:00:00Z"));
    hold = (struct retention_hold){"a", "b", from};
    assert_int_equal(retention_end(RETAIN_SNAPSHOT_RESTRICTED, from, &hold),
                     at_time("2027-05-23T10:00:00Z"));
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows) + 5] = {
        cmocka_unit_test(check_21_day_182_of_184), cmocka_unit_test(check_21_another_reviewer),
        cmocka_unit_test(an_appeal_is_reasoned_anew), cmocka_unit_test(copies),
        cmocka_unit_test(check_25_retention)};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tests[i + 5] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = window,
                                           .initial_state = (void *)(uintptr_t)&rows[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
