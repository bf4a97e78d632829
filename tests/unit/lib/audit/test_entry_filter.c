/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/entry_filter.h"

#include "tests/support/support.h"

#define CASE "cas_01a20ab5-0a10-7000-bfa7-9ecaa9e40476"

static const char verdict[] =
    "{\"at\":\"2026-11-23T20:53:28.123Z\",\"case\":\"" CASE "\",\"hits\":[{\"entry\":\"a\",\"list\":\"one\"},"
    "{\"entry\":\"b\",\"list\":\"two\"}],\"partner\":\"acme\",\"rules\":[{\"id\":\"contact\",\"policy\":\"policy/1\"}],"
    "\"snapshot\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"type\":\"verdict\",\"v\":1}";
static const char list[] = "{\"action\":\"version\",\"at\":\"2026-11-23T20:53:28.123Z\",\"list\":\"one\","
                           "\"type\":\"list\",\"v\":1,\"version\":\"7\"}";

static const struct {
    const char *name, *entry;
    struct entry_filter filter;
    bool takes;
} cases[] = {
    {"nothing asked takes all", verdict, {.rule = {NULL, 0}}, true},
    {"its case", verdict, {.case_id = SPAN(CASE)}, true},
    {"the beginning of its case is another", verdict, {.case_id = SPAN("cas_01a20ab5")}, false},
    {"a member that is not there", list, {.case_id = SPAN(CASE)}, false},
    {"partner and case", verdict, {.case_id = SPAN(CASE), .partner = SPAN("acme")}, true},
    {"all must hold", verdict, {.case_id = SPAN(CASE), .partner = SPAN("other")}, false},
    {"its rule", verdict, {.rule = SPAN("contact")}, true},
    {"a part of its rule's id", verdict, {.rule = SPAN("conta")}, false},
    {"the rule's clause is no rule", verdict, {.rule = SPAN("policy/1")}, false},
    {"a list that hit", verdict, {.list = SPAN("two")}, true},
    {"a signal that hit", verdict, {.signal = SPAN("b")}, true},
    {"list and signal of one hit", verdict, {.list = SPAN("two"), .signal = SPAN("b")}, true},
    {"list and signal of two hits", verdict, {.list = SPAN("one"), .signal = SPAN("b")}, false},
    {"the list's own entry", list, {.list = SPAN("one")}, true},
    {"another list's own entry", list, {.list = SPAN("two")}, false},
    {"a list's entry has no signals", list, {.list = SPAN("one"), .signal = SPAN("a")}, false},
};

static void filters_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct entry_view view;
        struct fault why;

        assert_int_equal(entry_read(&view, span_of(cases[i].entry), &why), 0);
        if (entry_filter_takes(&cases[i].filter, &view) != cases[i].takes) {
            fail_msg("%s", cases[i].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(filters_are_exact)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
