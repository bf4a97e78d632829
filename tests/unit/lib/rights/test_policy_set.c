/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/policy_set.h"

#include "tests/unit/lib/rights/record.h"

#include <errno.h>
#include <stdio.h>

enum { DAY = 86400000 };
#define NOW at_time("2026-11-24T12:00:00Z")

static struct policy *version_of(const char *version, const char *effective, const char *clause)
{
    struct policy *policy = NULL;
    struct faults faults = {0};
    char yaml[600];

    (void)snprintf(
        yaml, sizeof(yaml),
        "policy: {version: '%s', effective: %s, publisher: p, url: u, language: en, consultation: "
        "none}\n"
        "clauses: [{id: %s, title: t, text: one two, ground: terms, harms: [any], outcomes: [any], "
        "elements: [one two]}]\nlaw: []\n",
        version, effective, clause);
    if (policy_read(&policy, span_of(yaml), "p.yaml", &faults) != 0) {
        fail_msg("%s %s", faults.list[0].code, faults.list[0].text);
    }
    return policy;
}

/* "" when it was taken, else the code of the first fault. */
static const char *add(struct policy_set *set, const char *version, const char *effective,
                       const char *clause)
{
    static char code[FAULT_CODE_MAX];
    struct faults faults = {0};

    code[0] = '\0';
    if (policy_set_add(set, version_of(version, effective, clause), "new.yaml", NOW, &faults) !=
        0) {
        assert_string_equal(faults.list[0].place, "new.yaml");
        (void)snprintf(code, sizeof(code), "%s", faults.list[0].code);
    }
    return code;
}

static const char *check(const struct policy_set *set, int64_t now_ms)
{
    static char code[FAULT_CODE_MAX];
    struct faults faults = {0};

    code[0] = '\0';
    if (policy_set_check(set, "policy", now_ms, &faults) != 0) {
        (void)snprintf(code, sizeof(code), "%s", faults.list[0].code);
    }
    return code;
}

static void versions_follow_each_other(void **state)
{
    CLEANUP(policy_set_freep) struct policy_set *set = policy_set_new();
    int64_t begins = at_time("2026-12-01T00:00:00Z");

    (void)state;
    assert_int_equal(policy_set_in_force(set, NOW), -1);
    assert_string_equal(check(set, NOW), "POLICY_NONE");
    assert_false(policy_set_has(set, NOW, SPAN("policy/1")));
    assert_string_equal(add(set, "b", "2026-12-01", "policy/2"), "");
    assert_string_equal(check(set, NOW), "POLICY_NONE");
    assert_string_equal(add(set, "a", "2026-11-01", "policy/1"), "");
    assert_string_equal(check(set, NOW), "");
    assert_int_equal(policy_set_version(set, SPAN("a")), 0);
    assert_int_equal(policy_set_version(set, SPAN("b")), 1);
    assert_int_equal(policy_set_version(set, SPAN("c")), -1);
    assert_int_equal(policy_set_in_force(set, at_time("2026-11-01T00:00:00Z") - 1), -1);
    assert_int_equal(policy_set_in_force(set, NOW), 0);
    assert_int_equal(policy_set_in_force(set, begins - 1), 0);
    assert_int_equal(policy_set_in_force(set, begins), 1);
    /* What a rule rests on must stand now and later. */
    assert_false(policy_set_has(set, NOW, SPAN("policy/1")));
    assert_false(policy_set_has(set, NOW, SPAN("policy/2")));
    assert_true(policy_set_has(set, begins, SPAN("policy/2")));
}

static void what_was_in_force_never_changes(void **state)
{
    CLEANUP(policy_set_freep) struct policy_set *set = policy_set_new();

    (void)state;
    assert_int_equal(policy_set_keep(set, version_of("a", "2026-11-01", "policy/1"), NOW - 9 * DAY),
                     0);
    assert_string_equal(check(set, NOW), "POLICY_WITHDRAWN");
    assert_string_equal(add(set, "a", "2026-11-01", "policy/2"), "POLICY_CHANGED");
    assert_string_equal(check(set, NOW), "POLICY_WITHDRAWN");
    assert_string_equal(add(set, "a", "2026-11-01", "policy/1"), "");
    assert_string_equal(check(set, NOW), "");
    assert_string_equal(add(set, "a", "2026-11-01", "policy/1"), "POLICY_VERSION");
    assert_int_equal(policy_set_since_ms(set, 0), NOW - 9 * DAY);
    assert_string_equal(add(set, "b", "2026-11-01", "policy/1"), "POLICY_ORDER");
    assert_string_equal(add(set, "b", "2026-10-31", "policy/1"), "POLICY_ORDER");
    /* Published today with a date that is past: it rules from today. */
    assert_string_equal(add(set, "b", "2026-11-02", "policy/1"), "");
    assert_int_equal(policy_set_since_ms(set, 1), NOW);
    assert_int_equal(policy_set_in_force(set, NOW - 1), 0);
    assert_int_equal(policy_set_in_force(set, NOW), 1);
    assert_string_equal(add(set, "c", "2026-11-02", "policy/1"), "POLICY_ORDER");
    assert_int_equal(policy_set_count(set), 2);
}

static void a_set_has_an_end(void **state)
{
    CLEANUP(policy_set_freep) struct policy_set *set = policy_set_new();
    char version[32], effective[64];

    (void)state;
    for (int i = 0; i < POLICY_SET_MAX; i++) {
        (void)snprintf(version, sizeof(version), "v%d", i);
        (void)snprintf(effective, sizeof(effective), "%d-01-01", 2000 + i);
        assert_string_equal(add(set, version, effective, "policy/1"), "");
    }
    assert_string_equal(add(set, "more", "2500-01-01", "policy/1"), "POLICY_MANY");
    assert_int_equal(policy_set_keep(set, version_of("more", "2500-01-01", "policy/1"), 0),
                     -ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_follow_each_other),
        cmocka_unit_test(what_was_in_force_never_changes),
        cmocka_unit_test(a_set_has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
