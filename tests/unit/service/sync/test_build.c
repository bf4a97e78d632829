/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/service/sync/house.h"

#include "service/sync/build.h"

#define ONE_LIST "lists: [{file: a.txt, id: a, kind: domain, format: lines}]\n"

static int start(void **state)
{
    struct house *house = calloc(1, sizeof(*house));

    house_start(house);
    *state = house;
    return 0;
}

static int stop(void **state)
{
    house_stop(*state);
    free(*state);
    return 0;
}

/* Builds with the list that ran before (NULL: none). */
static int run(struct house *house, const char *yaml, struct list *before, struct build **ret)
{
    CLEANUP(settings_unrefp) struct settings *settings = house_settings(house, yaml);
    struct list *lists[] = {before, NULL};

    assert_int_equal(build_new(ret, settings, lists), 0);
    build_read_files(*ret);
    return build_run(*ret);
}

static void test_a_good_house_becomes_a_snapshot(void **state)
{
    CLEANUP(build_freep) struct build *build = NULL;

    house_write(*state, "a.txt", TEN);
    if (run(*state, ONE_LIST, NULL, &build) != 0) {
        fail_msg("%s: %s", build->faults.list[0].place, build->faults.list[0].text);
    }
    assert_non_null(build->snapshot);
    assert_non_null(build->policies);
    assert_true(build->sources[0].changed && !build->sources[0].refused);
    assert_int_equal(list_count(build->sources[0].current), 10);
    assert_int_equal(match_set_list_count(snapshot_matches(build->snapshot)), 1);
}

#define EXPIRED                                                                                    \
    "head: {id: a, name: n, owner: o, kind: domains, harm: glorification, legal_basis: l, tlp: clear, "            \
    "version: 2020-01-01, mode: live, expires: 2020-11-01}\n"                                      \
    "entries: [{id: x, kind: domain, value: a.example, severity: 2}]\n"

static void test_a_bad_list_keeps_the_old_one(void **state)
{
    static const struct {
        const char *name, *body, *settings, *code;      /* code NULL: taken */
    } cases[] = {
        {"the same", TEN, ONE_LIST, NULL},
        {"a fifth less", EIGHT, ONE_LIST, NULL},
        {"more than a fifth less", SEVEN, ONE_LIST, "LIST_SHRUNK"},
        {"the same, allowed", SEVEN, "lists: [{file: a.txt, id: a, kind: domain, format: lines, allow_shrink: true}]\n", NULL},
        {"empty", "", "lists: [{file: a.txt, id: a, kind: domain, format: lines, allow_shrink: true}]\n", "LIST_EMPTY"},
        {"expired", EXPIRED, "lists: [{file: a.txt}]\n", "LIST_EXPIRED"},
        {"gone", NULL, ONE_LIST, "FILE_READ"},
        {"not of its format", "a: [", "lists: [{file: a.txt, id: a, kind: domain, format: yaml}]\n", NULL},
        {"an unknown format", TEN, "lists: [{file: a.txt, id: a, kind: domain, format: morse}]\n", "FORMAT_UNKNOWN"},
        {"a key that is none", TEN, "lists: [{file: a.txt, id: a, kind: domain, format: lines, public_key: x}]\n", "SETTING_VALUE"},
    };
    struct house *house = *state;
    CLEANUP(build_freep) struct build *first = NULL;

    house_write(house, "a.txt", TEN);
    assert_int_equal(run(house, ONE_LIST, NULL, &first), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(build_freep) struct build *build = NULL;
        char path[200];

        (void)snprintf(path, sizeof(path), "%s/a.txt", house->folder);
        (void)unlink(path);
        if (cases[i].body) {
            house_write(house, "a.txt", cases[i].body);
        }
        assert_int_equal(run(house, cases[i].settings, first->sources[0].current, &build), 0);
        assert_non_null(build->snapshot);
        if (strcmp(cases[i].name, "not of its format") == 0) {
            assert_true(build->sources[0].refused && build->sources[0].why.code[0]);
        } else if (build->sources[0].refused != (cases[i].code != NULL) ||
                   (cases[i].code && strcmp(build->sources[0].why.code, cases[i].code) != 0)) {
            fail_msg("%s: %s %s", cases[i].name, build->sources[0].why.code, build->sources[0].why.text);
        }
        if (build->sources[0].refused) {
            assert_ptr_equal(build->sources[0].current, first->sources[0].current);
            assert_false(build->sources[0].changed);
        }
        assert_int_equal(build->sources[0].changed, !build->sources[0].refused && strcmp(cases[i].body, TEN) != 0);
    }
}

#define NO_CLAUSES(version, effective)                                                             \
    "policy: {version: '" version "', effective: " effective ", publisher: p, url: 'https://p.example', "          \
    "language: en, consultation: none}\nclauses: []\nlaw: []\n"
#define SAME_VERSION NO_CLAUSES("2026-11", "2026-10-01")
#define LATER_VERSION NO_CLAUSES("later", "2126-01-01")

static void test_a_bad_rule_or_policy_refuses_the_whole(void **state)
{
    static const struct {
        const char *name, *file, *text, *place;
    } cases[] = {
        {"a condition of the wrong type", "rules/a.yaml",
         RULE("policy/4.3", "1 + 1"), "rules/a.yaml:4:"},
        {"not YAML", "rules/a.yaml", "- id: [\n", "rules/a.yaml:2:1"},
        {"a clause that the policy lacks", "rules/a.yaml",
         RULE("policy/99.99", "hits.size() > 0"), "rules/a.yaml:3:11"},
        {"one bad file beside a good one", "rules/b.yaml", "- id: b\n  when: nothing\n", "rules/b.yaml:"},
        {"a policy that is none", "policy/policy.yaml", "a: [", "policy/policy.yaml:"},
        {"a second version that is none", "policy/second.yaml", "{}", "policy/second.yaml"},
        {"the same version in two files", "policy/second.yaml", SAME_VERSION, "policy/second.yaml"},
        {"no version in force yet", "policy/policy.yaml", LATER_VERSION, "policy"},
        {"a rule on a clause that an announced version takes away", "policy/second.yaml", LATER_VERSION,
         "rules/a.yaml:3:11"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(build_freep) struct build *build = NULL;
        struct house house;
        bool named = false;
        char place[300];

        house_start(&house);
        house_write(&house, "a.txt", TEN);
        house_write(&house, cases[i].file, cases[i].text);
        if (run(&house, ONE_LIST, NULL, &build) != FAULT) {
            fail_msg("built: %s", cases[i].name);
        }
        assert_null(build->snapshot);
        (void)snprintf(place, sizeof(place), "%s/%s", house.folder, cases[i].place);
        for (size_t f = 0; f < build->faults.count; f++) {
            named = named || strncmp(build->faults.list[f].place, place, strlen(place)) == 0;
        }
        if (!named) {
            fail_msg("%s: %s, not %s", cases[i].name, build->faults.list[0].place, place);
        }
        house_stop(&house);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_good_house_becomes_a_snapshot, start, stop),
        cmocka_unit_test_setup_teardown(test_a_bad_list_keeps_the_old_one, start, stop),
        cmocka_unit_test(test_a_bad_rule_or_policy_refuses_the_whole),
    };

    return cmocka_run_group_tests_name("service/sync/build", tests, NULL, NULL);
}
