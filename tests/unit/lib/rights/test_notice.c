/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/rights/record.h"

#include "lib/base/attr.h"
#include "lib/json/read.h"
#include "lib/rights/notice.h"

static struct policy *policy;

static json_t *sealed_record(void)
{
    json_t *record = test_json(RECORD_FULL);
    json_t *envelope =
        test_json("{'decision_id':'dec_1','origin':{'kind':'user_notice'},'detection':'report',"
                  "'automated_detection':false,'automated_decision':'none',"
                  "'appeal_until':'2027-05-23'}");

    assert_int_equal(json_object_update(record, envelope), 0);
    json_decref(envelope);
    return record;
}

static struct notice_input input_of(const json_t *record)
{
    return (struct notice_input){.record = record,
                                 .policy = policy,
                                 .item = "post of 20 November",
                                 .now_ms = at_time("2026-11-23T10:02:00Z")};
}

static void check_17_six_parts(void **state)
{
    CLEANUP(json_freep) json_t *record = sealed_record();
    CLEANUP(json_freep) json_t *notice = NULL;
    struct notice_input input = input_of(record);
    struct faults faults = {0};
    char missing[8];

    (void)state;
    assert_int_equal(notice_user(&notice, &input, &faults), 0);
    notice_missing_parts(notice, missing);
    assert_string_equal(missing, "");
    assert_string_equal(json_string_value(json_object_get(json_object_get(notice, "e"), "clause")),
                        "policy/4.2");
    assert_string_equal(json_string_value(json_object_get(json_object_get(notice, "b"), "source")),
                        "notice");
    assert_string_equal(json_string_value(json_object_get(notice, "language")), "de");
    assert_null(json_object_get(notice, "d"));
    assert_null(json_object_get(notice, "state_actor"));
}

struct row {
    const char *name, *pointer, *code;
};

static const struct row rows[] = {
    {"check 17 without territory part a fails", "/scope/territory", "SOR_PART_MISSING:a"},
    {"check 17 without duration part a fails", "/scope/until", "SOR_PART_MISSING:a"},
    {"check 17 without facts part b fails", "/facts", "SOR_PART_MISSING:b"},
    {"check 17 without origin part b fails", "/origin", "SOR_PART_MISSING:b"},
    {"check 17 without the means of detection part c fails", "/automated_detection",
     "SOR_PART_MISSING:c"},
    {"check 17 without the means of decision part c fails", "/automated_decision",
     "SOR_PART_MISSING:c"},
    {"check 17 without explanation part e fails", "/ground/explanation", "SOR_PART_MISSING:e"},
    {"check 17 without clause part e fails", "/ground/ref", "SOR_PART_MISSING:e"},
    {"check 17 without redress part f fails", "/notice/redress", "SOR_PART_MISSING:f"},
};

static void check_17_a_part_is_missing(void **state)
{
    const struct row *row = *state;
    CLEANUP(json_freep) json_t *record = sealed_record();
    struct notice_input input = input_of(record);
    struct faults faults = {0};
    json_t *notice = NULL;

    record_set(record, row->pointer, "");
    assert_int_equal(notice_user(&notice, &input, &faults), FAULT);
    assert_null(notice);
    assert_true(test_has_fault(&faults, row->code, NULL));
    assert_int_equal(justification_status(&faults), 422);
}

static void check_17_law_makes_part_d(void **state)
{
    CLEANUP(json_freep) json_t *record = sealed_record();
    CLEANUP(json_freep) json_t *notice = NULL;
    struct notice_input input = input_of(record);
    struct faults faults = {0};

    (void)state;
    record_set(record, "/ground", "{'kind':'order','ref':'law/tco/3','explanation':'x'}");
    assert_int_equal(notice_user(&notice, &input, &faults), 0);
    assert_non_null(json_object_get(notice, "d"));
    assert_null(json_object_get(notice, "e"));
    record_set(record, "/ground/explanation", "' '");
    json_decref(notice);
    notice = NULL;
    assert_int_equal(notice_user(&notice, &input, &faults), FAULT);
    assert_true(test_has_fault(&faults, "SOR_PART_MISSING:d", NULL));
}

static void a_state_is_named_unless_forbidden(void **state)
{
    CLEANUP(json_freep) json_t *record = sealed_record();
    CLEANUP(json_freep)
    json_t *block =
        test_json("{'country':'DE','authority':'BKA','power':'referral','unit':'x','disclosure':"
                  "{'prohibited_until':'2026-12-01T00:00:00Z','legal_ref':'TCO 11(3)'}}");
    CLEANUP(json_freep) json_t *hidden = NULL;
    CLEANUP(json_freep) json_t *shown = NULL;
    struct notice_input input = input_of(record);
    struct faults faults = {0};

    (void)state;
    input.state_actor = block;
    assert_int_equal(notice_user(&hidden, &input, &faults), 0);
    assert_null(json_object_get(hidden, "state_actor"));
    assert_non_null(json_object_get(hidden, "state_actor_withheld_until"));
    input.now_ms = at_time("2026-12-01T00:00:00Z");
    assert_int_equal(notice_user(&shown, &input, &faults), 0);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(shown, "state_actor"), "authority")),
        "BKA");
}

static void the_reporter_is_told_too(void **state)
{
    CLEANUP(json_freep) json_t *record = test_json(RECORD_QUICK);
    CLEANUP(json_freep) json_t *notice = NULL;
    struct notice_input input = input_of(record);
    struct faults faults = {0};

    (void)state;
    assert_int_equal(notice_reporter(&notice, &input, &faults), 0);
    assert_string_equal(json_string_value(json_object_get(notice, "outcome")), "no_action");
    assert_int_equal(json_array_size(json_object_get(notice, "redress")), 3);
    assert_null(json_object_get(notice, "facts"));
    record_set(record, "/outcome", "");
    json_decref(notice);
    notice = NULL;
    assert_int_equal(notice_reporter(&notice, &input, &faults), FAULT);
}

static int load(void **state)
{
    (void)state;
    policy = sample_policy();
    return 0;
}

static int unload(void **state)
{
    (void)state;
    policy = policy_free(policy);
    return 0;
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows) + 4] = {
        cmocka_unit_test(check_17_six_parts), cmocka_unit_test(check_17_law_makes_part_d),
        cmocka_unit_test(a_state_is_named_unless_forbidden),
        cmocka_unit_test(the_reporter_is_told_too)};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tests[i + 4] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = check_17_a_part_is_missing,
                                           .initial_state = (void *)(uintptr_t)&rows[i]};
    }
    return cmocka_run_group_tests(tests, load, unload);
}
