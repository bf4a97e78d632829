/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/rights/record.h"

#include "lib/base/attr.h"

#define HEAD                                                                                       \
    "policy: {version: '1', effective: 2026-11-01, publisher: p, url: 'https://p.example', "       \
    "language: en, consultation: none}\n"
#define CLAUSE                                                                                     \
    "{id: policy/1, title: t, text: one two three, ground: terms, harms: [recruitment], "          \
    "outcomes: [remove], elements: [one two]}"

static void the_sample_is_whole(void **state)
{
    struct policy *policy = sample_policy();
    bool harms[HARM_COUNT] = {false};

    (void)state;
    for (size_t i = 0; i < policy_clause_count(policy); i++) {
        const struct policy_clause *clause = policy_clause_at(policy, i);

        assert_ptr_equal(policy_find(policy, clause->id), clause);
        for (int h = 0; h < HARM_COUNT; h++) {
            harms[h] = harms[h] || (clause->harms[h] && !clause->law);
        }
    }
    for (int h = 0; h < HARM_CSAE; h++) {
        assert_true(harms[h]); /* every harm has a clause of the terms */
    }
    assert_true(span_is(policy_version(policy), "2026-11"));
    assert_int_equal(strlen(policy_digest(policy)), 64);
    assert_string_equal(json_string_value(json_object_get(policy_json(policy), "digest")),
                        policy_digest(policy));
    assert_int_equal(policy_effective_ms(policy), at_time("2026-11-01T00:00:00Z"));
    assert_string_equal(policy_find(policy, SPAN("law/de/stgb-130"))->country, "DE");
    assert_null(policy_find(policy, SPAN("policy/9.9")));
    assert_null(policy_find(policy, SPAN("policy/4")));
    (void)policy_free(policy);
}

static void a_quote_is_word_for_word(void **state)
{
    static const struct {
        const char *text;
        bool quoted;
    } cases[] = {
        {"asks others to join a group that uses terrorist violence", true},
        {"The post Asks others  to\njoin a group that uses terrorist violence.", true},
        {"asks others to join a group", false},
        {"tasks others to join a group that uses terrorist violence", false},
        {"asks others to join a group that uses terrorist violences", false},
        {"", false},
    };
    struct policy *policy = sample_policy();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(
            policy_clause_quoted(policy_find(policy, SPAN("policy/4.2")), span_of(cases[i].text)),
            cases[i].quoted);
    }
    (void)policy_free(policy);
}

struct row {
    const char *name, *yaml, *code, *place;
};

/* clang-format off */
static const struct row rows[] = {
    {"one clause is enough", HEAD "clauses: [" CLAUSE "]\nlaw: []\n", NULL, NULL},
    {"an id twice", HEAD "clauses:\n- " CLAUSE "\n- " CLAUSE "\nlaw: []\n", "POLICY_DUPLICATE", "p.yaml:4:8"},
    {"a clause among the law", HEAD "clauses: []\nlaw: [{id: policy/1, title: t, text: one, ground: law, harms: [any], outcomes: [any], elements: [one]}]\n", "POLICY_ID", NULL},
    {"law with the ground terms", HEAD "clauses: []\nlaw: [{id: law/1, title: t, text: one, ground: terms, harms: [any], outcomes: [any], elements: [one]}]\n", "FIELD_VALUE", NULL},
    {"an element that is not in the text", HEAD "clauses: [{id: policy/1, title: t, text: one, ground: terms, harms: [any], outcomes: [any], elements: [two]}]\nlaw: []\n", "POLICY_ELEMENT", NULL},
    {"no element", HEAD "clauses: [{id: policy/1, title: t, text: one, ground: terms, harms: [any], outcomes: [any], elements: []}]\nlaw: []\n", "POLICY_ELEMENT", NULL},
    {"a harm that is none", HEAD "clauses: [{id: policy/1, title: t, text: one, ground: terms, harms: [recruting], outcomes: [any], elements: [one]}]\nlaw: []\n", "FIELD_VALUE", NULL},
    {"a country that is none", HEAD "clauses: []\nlaw: [{id: law/1, title: t, text: one, ground: law, country: EL, harms: [any], outcomes: [any], elements: [one]}]\n", "POLICY_COUNTRY", NULL},
    {"a country of a clause of the terms", HEAD "clauses: [{id: policy/1, title: t, text: one, ground: terms, country: DE, harms: [any], outcomes: [any], elements: [one]}]\nlaw: []\n", "FIELD_UNKNOWN", NULL},
    {"a blank consultation", "policy: {version: '1', effective: 2026-11-01, publisher: p, url: u, language: en, consultation: ' - '}\nclauses: []\nlaw: []\n", "POLICY_CONSULTATION", NULL},
    {"a version that begins at a time", "policy: {version: '1', effective: '2026-11-01T09:00:00Z', publisher: p, url: u, language: en, consultation: none}\nclauses: []\nlaw: []\n", NULL, NULL},
    {"no consultation", "policy: {version: '1', effective: 2026-11-01, publisher: p, url: u, language: en}\nclauses: []\nlaw: []\n", "FIELD_MISSING", NULL},
    {"no law section", HEAD "clauses: []\n", "FIELD_MISSING", NULL},
    {"a day that is none", "policy: {version: '1', effective: 2026-13-01, publisher: p, url: u, language: en, consultation: none}\nclauses: []\nlaw: []\n", "FIELD_TIME", NULL},
    {"no YAML", "policy: [", "YAML_SYNTAX", NULL},
    {"an empty file", "", "FIELD_TYPE", NULL},
};
/* clang-format on */

static void reads(void **state)
{
    const struct row *row = *state;
    struct faults faults = {0};
    struct policy *policy = NULL;
    int r = policy_read(&policy, span_of(row->yaml), "p.yaml", &faults);

    if (row->code && !test_has_fault(&faults, row->code, row->place)) {
        print_faults(&faults);
    }
    assert_int_equal(r, row->code ? FAULT : 0);
    if (row->code) {
        assert_true(test_has_fault(&faults, row->code, row->place));
        assert_memory_equal(faults.list[0].place, "p.yaml", 6);
    }
    (void)policy_free(policy);
}

static void the_digest_is_of_the_content(void **state)
{
    struct faults faults = {0};
    struct policy *a = NULL, *b = NULL, *c = NULL;

    (void)state;
    assert_int_equal(policy_read(&a, span_of(rows[0].yaml), "a", &faults), 0);
    assert_int_equal(
        policy_read(&b, SPAN("law: [] # a remark\n" HEAD "clauses: [" CLAUSE "]\n"), "b", &faults),
        0);
    assert_int_equal(policy_read(&c, SPAN(HEAD "clauses: []\nlaw: []\n"), "c", &faults), 0);
    assert_string_equal(policy_digest(a), policy_digest(b));
    assert_string_not_equal(policy_digest(a), policy_digest(c));
    (void)policy_free(a);
    (void)policy_free(b);
    (void)policy_free(c);
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows) + 3] = {
        cmocka_unit_test(the_sample_is_whole),
        cmocka_unit_test(a_quote_is_word_for_word),
        cmocka_unit_test(the_digest_is_of_the_content),
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tests[i + 3] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = reads, .initial_state = (void *)(uintptr_t)&rows[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
