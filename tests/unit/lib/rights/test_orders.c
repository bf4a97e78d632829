/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/rights/record.h"

#include "lib/base/attr.h"
#include "lib/json/read.h"
#include "lib/rights/orders.h"

#define TCO                                                                                        \
    "{'reference':'TCO-7','country':'DE','authority':'Bundeskriminalamt','legal_basis':'TCO "      \
    "3(1)',"                                                                                       \
    "'reasons':'solicits to join','type':['c'],'urls':['https://lindenplatz.example/p/1'],"        \
    "'issued_at':'2026-11-23T09:58:00Z','addressee':'Lindenplatz e.G.','contact':'duty desk',"     \
    "'signature':'eIDAS seal','redress':'administrative court, one month'}"
#define DSA                                                                                        \
    "{'authority':'Arcom','legal_basis':'LCEN art. 6','reasons':'article 421-2-5 of the "          \
    "code','urls':"                                                                                \
    "['https://lindenplatz.example/p/1'],'redress':'tribunal "                                     \
    "administratif','territory':['FR'],'language':'fr'}"

struct row {
    const char *name;
    enum origin_kind kind;
    const char *order;
    const char *pointer, *value;     /* a change; NULL: none */
    const char *code, *place, *text; /* NULL code: complete */
};

/* clang-format off */
static const struct row rows[] = {
    {"a removal order with all its parts", ORIGIN_TCO_REMOVAL_ORDER, TCO, NULL, NULL, NULL, NULL, NULL},
    {"an article 9 order with all its parts", ORIGIN_GOV_ORDER, DSA, NULL, NULL, NULL, NULL, NULL},
    {"a court order asks for the same", ORIGIN_COURT_ORDER, DSA, "/redress", "", "ORDER_INCOMPLETE", "/order", "redress"},
    {"check 13 a removal order without its signature", ORIGIN_TCO_REMOVAL_ORDER, TCO, "/signature", "", "ORDER_INCOMPLETE", "/order", "missing: signature"},
    {"check 13 an order without legal basis", ORIGIN_GOV_ORDER, DSA, "/legal_basis", "", "ORDER_INCOMPLETE", "/order", "missing: legal_basis"},
    {"check 13 a blank authority is missing", ORIGIN_GOV_ORDER, DSA, "/authority", "' '", "ORDER_INCOMPLETE", "/order", "missing: authority"},
    {"check 13 no address", ORIGIN_GOV_ORDER, DSA, "/urls", "[]", "ORDER_INCOMPLETE", "/order", "missing: urls"},
    {"check 13 all that is missing in one list", ORIGIN_TCO_REMOVAL_ORDER, "{}", NULL, NULL, "ORDER_INCOMPLETE", "/order", "missing: reference, country, authority, legal_basis, reasons, type, urls, issued_at, addressee, contact, signature, redress"},
    {"an address that is none", ORIGIN_GOV_ORDER, DSA, "/urls", "['the third post from above']", "URL_FORM", "/order/urls", NULL},
    {"a type that is none", ORIGIN_TCO_REMOVAL_ORDER, TCO, "/type", "['f']", "FIELD_VALUE", NULL, NULL},
    {"a time that is none", ORIGIN_TCO_REMOVAL_ORDER, TCO, "/issued_at", "'today'", "FIELD_TIME", "/order/issued_at", NULL},
    {"Greece is GR", ORIGIN_TCO_REMOVAL_ORDER, TCO, "/country", "'EL'", "COUNTRY_FORM", "/order/country", NULL},
    {"a territory that is none", ORIGIN_GOV_ORDER, DSA, "/territory", "['EUROPE']", "COUNTRY_FORM", "/order/territory", NULL},
    {"an unknown member", ORIGIN_GOV_ORDER, DSA, "/deadline", "'now'", "FIELD_UNKNOWN", "/order/deadline", NULL},
};
/* clang-format on */

static void completeness(void **state)
{
    const struct row *row = *state;
    CLEANUP(json_freep) json_t *order = test_json(row->order);
    struct faults faults = {0};
    int r;

    if (row->pointer) {
        record_set(order, row->pointer, row->value);
    }
    r = order_check(order, row->kind, "/order", &faults);
    if (r && (!row->code || !test_has_fault(&faults, row->code, row->place))) {
        print_faults(&faults);
    }
    assert_int_equal(r, row->code ? FAULT : 0);
    if (row->code) {
        assert_true(test_has_fault(&faults, row->code, row->place));
    }
    if (row->text) {
        assert_non_null(strstr(faults.list[0].text, row->text));
    }
}

static void check_13_state_actor(void **state)
{
    static const struct {
        const char *block;
        enum origin_kind kind;
        bool police;
        const char *code, *place;
    } cases[] = {
        {NULL, ORIGIN_USER_NOTICE, false, NULL, NULL},
        {NULL, ORIGIN_TRUSTED_FLAGGER, false, NULL, NULL},
        {NULL, ORIGIN_TRUSTED_FLAGGER, true, "ORIGIN_STATE_REQUIRED", "/s"},
        {NULL, ORIGIN_GOV_REFERRAL_UNIT, false, "ORIGIN_STATE_REQUIRED", "/s"},
        {NULL, ORIGIN_GOV_ORDER, false, "ORIGIN_STATE_REQUIRED", "/s"},
        {NULL, ORIGIN_TCO_REMOVAL_ORDER, false, "ORIGIN_STATE_REQUIRED", "/s"},
        {NULL, ORIGIN_COURT_ORDER, false, "ORIGIN_STATE_REQUIRED", "/s"},
        {"{'country':'DE','authority':'BKA','power':'referral'}", ORIGIN_GOV_REFERRAL_UNIT, false,
         NULL, NULL},
        {"{'country':'EU','authority':'Europol','unit':'IRU','power':'referral'}",
         ORIGIN_GOV_REFERRAL_UNIT, false, NULL, NULL},
        {"{'country':'DE','power':'referral'}", ORIGIN_GOV_REFERRAL_UNIT, false,
         "ORIGIN_STATE_REQUIRED", "/s/authority"},
        {"{'country':'DE','authority':'BKA','power':'order'}", ORIGIN_GOV_REFERRAL_UNIT, false,
         "ORDER_INCOMPLETE", "/s/legal_basis"},
        {"{'country':'DE','authority':'BKA','power':'order','legal_basis':'TCO 3'}",
         ORIGIN_TCO_REMOVAL_ORDER, false, NULL, NULL},
        {"{'country':'DE','authority':'BKA','power':'referral'}", ORIGIN_TCO_REMOVAL_ORDER, false,
         "ORDER_INCOMPLETE", "/s/power"},
        {"{'country':'XX','authority':'BKA','power':'referral'}", ORIGIN_GOV_REFERRAL_UNIT, false,
         "COUNTRY_FORM", "/s/country"},
        {"{'country':'DE','authority':'BKA','power':'hint'}", ORIGIN_GOV_REFERRAL_UNIT, false,
         "FIELD_VALUE", "/s/power"},
        {"{'country':'DE','authority':'BKA','power':'referral','disclosure':{'prohibited_until':'"
         "2026-12-01T00:00:00Z'}}",
         ORIGIN_GOV_REFERRAL_UNIT, false, "FIELD_MISSING", "/s/disclosure/legal_ref"},
        {"{'country':'DE','authority':'BKA','power':'referral','disclosure':'allowed'}",
         ORIGIN_GOV_REFERRAL_UNIT, false, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(json_freep) json_t *block = cases[i].block ? test_json(cases[i].block) : NULL;
        struct faults faults = {0};
        int r = state_actor_check(block, cases[i].kind, cases[i].police, "/s", &faults);

        assert_int_equal(r, cases[i].code ? FAULT : 0);
        assert_true(!cases[i].code || test_has_fault(&faults, cases[i].code, cases[i].place));
    }
}

static void check_14_the_clock_of_an_order(void **state)
{
    struct order_times times = {.received_ms = at_time("2026-11-23T10:00:00Z")};

    (void)state;
    assert_int_equal(order_due(&times), at_time("2026-11-23T11:00:00Z"));
    assert_int_equal(order_state(&times, at_time("2026-11-23T11:00:00Z")), ORDER_RUNNING);
    assert_int_equal(order_state(&times, at_time("2026-11-23T11:00:00.001Z")), ORDER_OVERDUE);
    times.effect_ms = at_time("2026-11-23T10:59:00Z");
    assert_int_equal(order_state(&times, at_time("2026-11-24T00:00:00Z")), ORDER_DONE_IN_TIME);
    times.effect_ms = at_time("2026-11-23T11:00:00Z");
    assert_int_equal(order_state(&times, at_time("2026-11-24T00:00:00Z")), ORDER_DONE_IN_TIME);
    times.effect_ms = at_time("2026-11-23T11:01:00Z");
    assert_int_equal(order_state(&times, at_time("2026-11-24T00:00:00Z")), ORDER_DONE_LATE);
    times.effect_ms = 0;
    times.paused_ms = at_time("2026-11-23T10:20:00Z");
    assert_int_equal(order_due(&times), 0);
    assert_int_equal(order_state(&times, at_time("2026-11-23T13:00:00Z")), ORDER_PAUSED);
    times.resumed_ms = at_time("2026-11-23T14:00:00Z");
    assert_int_equal(order_due(&times), at_time("2026-11-23T15:00:00Z"));
    times.effect_ms = at_time("2026-11-23T14:59:00Z");
    assert_int_equal(order_state(&times, at_time("2026-11-24T00:00:00Z")), ORDER_DONE_IN_TIME);
}

static void other_clocks_of_orders(void **state)
{
    int64_t informed = at_time("2026-11-22T22:00:00Z");

    (void)state;
    assert_true(order_first_contact_kept(informed, at_time("2026-11-23T10:00:00Z"), false));
    assert_false(order_first_contact_kept(informed, at_time("2026-11-23T09:59:59Z"), false));
    assert_false(order_first_contact_kept(0, at_time("2026-11-23T10:00:00Z"), false));
    assert_true(order_first_contact_kept(0, at_time("2026-11-23T10:00:00Z"), true));
    assert_int_equal(order_scrutiny_until(informed), at_time("2026-11-24T22:00:00Z"));
    assert_int_equal(order_scrutiny_answer_until(informed), at_time("2026-11-25T22:00:00Z"));
}

static void feedback_documents(void **state)
{
    CLEANUP(json_freep) json_t *order = test_json(TCO);
    CLEANUP(json_freep) json_t *done = NULL;
    CLEANUP(json_freep) json_t *refused = NULL;
    CLEANUP(json_freep) json_t *other = NULL;
    struct order_feedback feedback = {.order = order,
                                      .removal_order = true,
                                      .host = "Lindenplatz e.G.",
                                      .measure = "removed",
                                      .ground = "insufficient_information",
                                      .explanation = "which of the two posts?"};

    (void)state;
    feedback.times = (struct order_times){.received_ms = 1, .effect_ms = 2};
    assert_int_equal(order_feedback_json(&done, &feedback), 0);
    assert_string_equal(json_string_value(json_object_get(done, "form")), "tco/annex-ii");
    assert_string_equal(json_string_value(json_object_get(done, "reference")), "TCO-7");
    assert_string_equal(json_string_value(json_object_get(done, "measure")), "removed");
    assert_null(json_object_get(done, "ground"));
    feedback.times = (struct order_times){.received_ms = 1, .paused_ms = 2};
    assert_int_equal(order_feedback_json(&refused, &feedback), 0);
    assert_string_equal(json_string_value(json_object_get(refused, "form")), "tco/annex-iii");
    assert_string_equal(json_string_value(json_object_get(refused, "ground")),
                        "insufficient_information");
    assert_null(json_object_get(refused, "measure"));
    feedback.removal_order = false;
    assert_int_equal(order_feedback_json(&other, &feedback), 0);
    assert_string_equal(json_string_value(json_object_get(other, "form")), "dsa/article-9");
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows) + 4] = {
        cmocka_unit_test(check_13_state_actor), cmocka_unit_test(check_14_the_clock_of_an_order),
        cmocka_unit_test(other_clocks_of_orders), cmocka_unit_test(feedback_documents)};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tests[i + 4] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = completeness,
                                           .initial_state = (void *)(uintptr_t)&rows[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
