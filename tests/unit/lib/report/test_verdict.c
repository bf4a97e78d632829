/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/verdict.h"
#include "tests/support/support.h"

#include <stdlib.h>

static const char digest[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

static struct hits *one_hit(void)
{
    struct hits *hits = calloc(1, sizeof(*hits));

    assert_non_null(hits);
    hits->count = 1;
    hits->list[0] = (struct hit){.list = SPAN("l"),
                                 .list_version = SPAN("v"),
                                 .entry = SPAN("e"),
                                 .kind = SIGNAL_MD5,
                                 .severity = 3,
                                 .field = HIT_HASHES};
    return hits;
}

static void expect_json(const struct verdict *verdict, const struct hits *hits,
                        const char *want_text)
{
    json_t *got = verdict_json(verdict, hits), *want = test_json(want_text);

    if (!json_equal(got, want)) {
        fail_msg("got %s", json_dumps(got, 0));
    }
    json_decref(got);
    json_decref(want);
}

static void a_plain_verdict(void **state)
{
    struct verdict verdict = {
        .queue = SPAN("general"), .severity = 1, .due_ms = 1795000000123LL, .snapshot = digest, .rules_digest = "ab",
        .rules = {{.id = SPAN("r"), .policy = SPAN("policy/4.2"), .hits = {3, 0}, .hit_count = 2}}, .rule_count = 1};
    struct hits *hits = calloc(1, sizeof(*hits));

    (void)state;
    expect_json(&verdict, hits,
                "{'queue':'general','severity':1,'due':'2026-11-18T11:06:40.123Z',"
                "'needs_second':false,'labels':[],'notes':[],'rules':[{'id':'r','policy':'policy/4.2','hits':[3,0]}],'hits':[],"
                "'rules_digest':'ab','snapshot':'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'}");
    free(hits);
}

static void a_full_verdict(void **state)
{
    struct verdict verdict = {
        .queue = SPAN("terrorism"),
        .severity = 4,
        .due_ms = 0,
        .needs_second = true,
        .undecided = true,
        .labels = {SPAN("contact"), SPAN("ar")},
        .label_count = 2,
        .notes = {SPAN("Look at the link")},
        .note_count = 1,
        .dropped = 2,
        .rule_count = 3,
        .rules = {{.id = SPAN("r1"), .policy = SPAN("policy/4.2")},
                  {.id = SPAN("r2"), .policy = SPAN("policy/4.3"), .shadow = true},
                  {.id = SPAN("r3"),
                   .policy = SPAN("policy/1"),
                   .failed = true,
                   .error = SPAN("no key")}},
    };
    struct hits *hits = one_hit();

    (void)state;
    hits->dropped = 9;
    hits->undecided_why = "the text took too long";
    expect_json(
        &verdict, hits,
        "{'queue':'terrorism','severity':4,'due':'1970-01-01T00:00:00.000Z','needs_second':true,"
        "'undecided':true,'undecided_why':'the text took too long','labels':['contact','ar'],"
        "'notes':['Look at the link'],'dropped':2,"
        "'rules':[{'id':'r1','policy':'policy/4.2'},"
        "{'id':'r2','policy':'policy/4.3','shadow':true},"
        "{'id':'r3','policy':'policy/1','error':'no key'}],"
        "'hits':[{'list':'l','version':'v','entry':'e','kind':'md5','severity':3,"
        "'field':'hashes','index':0}],'hits_dropped':9}");
    free(hits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_verdict),
        cmocka_unit_test(a_full_verdict),
    };

    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
