/* SPDX-License-Identifier: Apache-2.0 */
/* Our own form: YAML, JSON, signed bundles. */
#include "lib/base/digest.h"
#include "lib/signal/format.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

#define HEAD "head: {id: l, name: n, owner: o, legal_basis: b, version: '1'}\n"

static int read_yaml(const char *text, const struct signal_options *options, struct list **ret,
                     struct signal_report *report)
{
    struct signal_options own = *options;

    own.name = "l.yaml";
    return signal_read(ret, signal_format_named(SPAN("yaml")), span_of(text), &own, report);
}

static void yaml_and_json_are_one_list(void **state)
{
    static const char yaml[] =
        "# a comment\n" HEAD "entries:\n"
        "  - {kind: literal, value: Some words, language: en, severity: 3, tags: [x, y], expires: "
        "2027-05-01}\n"
        "  - {id: site, kind: domain, value: Name.example, opinion: disputed}\n";
    struct list *list = NULL, *again = NULL;
    CLEANUP(buf_freep) struct buf *out = buf_new(1 << 16);
    struct signal_report report;

    (void)state;
    assert_int_equal(read_yaml(yaml, &signal_options_default, &list, &report), 0);
    assert_int_equal(report.read, 2);
    assert_int_equal(list_count(list), 2);
    assert_int_equal(list_entry(list, 0)->severity, 3);
    assert_string_equal(list_entry(list, 0)->language, "en");
    assert_true(span_is(list_entry(list, 0)->tags, "x,y"));
    assert_int_equal(list_entry(list, 0)->expires_ms, 1809129600000);
    assert_int_equal(list_entry(list, 1)->severity, 2);
    assert_int_equal(list_entry(list, 1)->opinion, OPINION_DISPUTED);
    assert_int_equal(list_json(list, out), 0);
    assert_int_equal(signal_read(&again, NULL, buf_span(out), &signal_options_default, &report), 0);
    assert_string_equal(list_digest(list), list_digest(again));
    list_unref(list);
    list_unref(again);
}

static void withdrawals_may_open_cases_again(void **state)
{
    static const char head[] = "head: {id: l, name: n, owner: o, legal_basis: b, version: '1', on_withdrawal: ";
    static const char *const words[] = {"keep", "reopen"};
    CLEANUP(buf_freep) struct buf *out = buf_new(1 << 16);
    struct signal_report report;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct list *list = NULL, *again = NULL;
        char text[200];

        (void)snprintf(text, sizeof(text), "%s%s}\nentries: []\n", head, words[i]);
        assert_int_equal(read_yaml(text, &signal_options_default, &list, &report), 0);
        assert_int_equal(list_head(list)->reopens, i == 1);
        buf_clear(out);
        assert_int_equal(list_json(list, out), 0);
        assert_int_equal(memmem(out->data, out->len, "on_withdrawal", 13) != NULL, i == 1);
        assert_int_equal(signal_read(&again, NULL, buf_span(out), &signal_options_default, &report), 0);
        assert_int_equal(list_head(again)->reopens, i == 1);
        list_unref(list);
        list_unref(again);
    }
}

static const struct {
    const char *name, *text, *code, *place;
} refusals[] = {
    {"a withdrawal that does neither",
     "head: {id: l, name: n, owner: o, legal_basis: b, version: '1', on_withdrawal: delete}\nentries: []\n",
     "FIELD_VALUE", NULL},
    {"no head", "entries: []\n", "FIELD_MISSING", NULL},
    {"no entries", HEAD, "FIELD_MISSING", NULL},
    {"a head without owner", "head: {id: l, name: n, legal_basis: b, version: '1'}\nentries: []\n",
     "FIELD_MISSING", "l.yaml:1:7"},
    {"a head with an unknown field",
     "head: {id: l, name: n, ownr: o, legal_basis: b, version: '1'}\nentries: []\n",
     "FIELD_UNKNOWN", NULL},
    {"a list id in capitals",
     "head: {id: L, name: n, owner: o, legal_basis: b, version: '1'}\nentries: []\n", "LIST_ID",
     "l.yaml:1:12"},
    {"an unknown mode",
     "head: {id: l, name: n, owner: o, legal_basis: b, version: '1', mode: on}\nentries: []\n",
     "FIELD_VALUE", "l.yaml:1:70"},
    {"a date that is none",
     "head: {id: l, name: n, owner: o, legal_basis: b, version: '1', review_by: soon}\nentries: "
     "[]\n",
     "FIELD_TIME", "l.yaml:1:75"},
    {"an unknown kind", HEAD "entries:\n  - {kind: words, value: x}\n", "FIELD_VALUE",
     "l.yaml:3:12"},
    {"no value", HEAD "entries:\n  - {kind: literal}\n", "FIELD_MISSING", "l.yaml:3:5"},
    {"a bad hash", HEAD "entries:\n  - {kind: md5, value: abc}\n", "ENTRY_LENGTH", "l.yaml:3:5"},
    {"severity five", HEAD "entries:\n  - {kind: literal, value: x, severity: 5}\n", "FIELD_RANGE",
     "l.yaml:3:41"},
    {"an entry that is a word", HEAD "entries:\n  - word\n", "FIELD_TYPE", "l.yaml:3:5"},
    {"a tag with a comma", HEAD "entries:\n  - {kind: literal, value: x, tags: ['a,b']}\n",
     "FIELD_VALUE", NULL},
    {"an alias", HEAD "entries:\n  - &a {kind: literal, value: x}\n  - *a\n", "YAML_FEATURE", NULL},
    {"a broken document", "head: {id: l\nentries: ]\n", "YAML_SYNTAX", NULL},
    {"a change without its base",
     HEAD "since: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nentries: []\n",
     "BASE_MISSING", "l.yaml:2:8"},
};

static void refusals_name_code_and_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        struct list *list = NULL;
        struct signal_report report;

        if (read_yaml(refusals[i].text, &signal_options_default, &list, &report) != FAULT ||
            !test_has_fault(&report.faults, refusals[i].code, refusals[i].place)) {
            fail_msg("%s", refusals[i].name);
        }
        assert_null(list);
    }
}

static void strict_refuses_lenient_counts(void **state)
{
    char text[4096] = HEAD "entries:\n";
    struct signal_options lenient = signal_options_default;
    struct signal_report report;
    struct list *list = NULL;

    (void)state;
    for (int i = 0; i < 40; i++) {
        size_t len = strlen(text);

        (void)snprintf(text + len, sizeof(text) - len, "  - {kind: %s, value: word%d}\n",
                       i == 20 ? "literal" : "sha1", i);
    }
    assert_int_equal(read_yaml(text, &signal_options_default, &list, &report), FAULT);
    assert_int_equal(report.faults.count, FAULTS_MAX);
    assert_string_equal(report.faults.list[0].place, "l.yaml:3:5");
    lenient.lenient = true;
    assert_int_equal(read_yaml(text, &lenient, &list, &report), 0);
    assert_int_equal(list_count(list), 1);
    assert_int_equal(report.read, 1);
    assert_int_equal(report.skipped, 39);
    assert_int_equal(report.faults.count, FAULTS_MAX);
    assert_int_equal(report.faults.dropped, 39 - FAULTS_MAX);
    list_unref(list);
}

static void limits_hold_on_both_sides(void **state)
{
    static const char text[] =
        HEAD "entries:\n  - {kind: literal, value: a}\n  - {kind: literal, value: b}\n";
    struct signal_options options = signal_options_default;
    struct signal_report report;
    struct list *list = NULL;

    (void)state;
    options.max_entries = 2;
    options.max_bytes = sizeof(text) - 1;
    assert_int_equal(read_yaml(text, &options, &list, &report), 0);
    list = list_unref(list);
    options.max_entries = 1;
    assert_int_equal(read_yaml(text, &options, &list, &report), FAULT);
    assert_true(test_has_fault(&report.faults, "FIELD_COUNT", NULL));
    options.max_entries = 2;
    options.max_bytes--;
    assert_int_equal(read_yaml(text, &options, &list, &report), FAULT);
    assert_true(test_has_fault(&report.faults, "SOURCE_TOO_LARGE", "l.yaml"));
}

static void the_expected_list_and_no_other(void **state)
{
    struct list_head expected = {.id = SPAN("l")};
    struct signal_options options = signal_options_default;
    struct signal_report report;
    struct list *list = NULL;

    (void)state;
    options.head = &expected;
    assert_int_equal(read_yaml(HEAD "entries: []\n", &options, &list, &report), 0);
    list = list_unref(list);
    expected.id = SPAN("m");
    assert_int_equal(read_yaml(HEAD "entries: []\n", &options, &list, &report), FAULT);
    assert_true(test_has_fault(&report.faults, "LIST_ID_DIFFERS", NULL));
}

/* ---- bundles ---- */

static const uint8_t seed[32] = {1, 2, 3}, other_seed[32] = {4};

static char *bundle(const uint8_t with[32], const char *key_id)
{
    struct list *list = NULL;
    struct signal_report report;
    CLEANUP(buf_freep) struct buf *payload = buf_new(1 << 16), *out = buf_new(1 << 16);

    assert_int_equal(read_yaml(HEAD "entries:\n  - {kind: literal, value: words}\n",
                               &signal_options_default, &list, &report),
                     0);
    assert_int_equal(list_json(list, payload), 0);
    assert_int_equal(signal_bundle(buf_span(payload), span_of(key_id), with, out), 0);
    list_unref(list);
    return buf_take(out);
}

static int read_bundle(char *text, bool required, struct signal_report *report)
{
    struct signal_key key = {.id = SPAN("key-1")};
    struct signal_options options = signal_options_default;
    struct list *list = NULL;
    int r;

    ed25519_public(seed, key.public_key);
    options.keys = &key;
    options.key_count = 1;
    options.require_signature = required;
    r = signal_read(&list, NULL, span_of(text), &options, report);
    list_unref(list);
    free(text);
    return r;
}

static void a_bundle_of_a_known_key_is_read(void **state)
{
    struct signal_report report;

    (void)state;
    assert_int_equal(read_bundle(bundle(seed, "key-1"), true, &report), 0);
    assert_true(report.signed_by_known_key);
    assert_string_equal(report.key_id, "key-1");
}

static void white_space_and_order_do_not_break_a_signature(void **state)
{
    char *text = bundle(seed, "key-1");
    json_t *root = json_loads(text, 0, NULL);
    struct signal_report report;

    (void)state;
    free(text);
    text = json_dumps(root, JSON_INDENT(3));
    json_decref(root);
    assert_int_equal(read_bundle(text, true, &report), 0);
}

static void a_changed_bundle_is_refused(void **state)
{
    char *text = bundle(seed, "key-1");
    struct signal_report report;

    (void)state;
    memcpy(strstr(text, "words"), "swords", 5);
    assert_int_equal(read_bundle(text, false, &report), FAULT);
    assert_true(test_has_fault(&report.faults, "SIGNATURE_WRONG", "/signatures/0"));
}

static void a_foreign_signature_under_a_known_name_is_refused(void **state)
{
    struct signal_report report;

    (void)state;
    assert_int_equal(read_bundle(bundle(other_seed, "key-1"), false, &report), FAULT);
    assert_true(test_has_fault(&report.faults, "SIGNATURE_WRONG", NULL));
}

static void an_unknown_key_counts_as_none(void **state)
{
    struct signal_report report;

    (void)state;
    assert_int_equal(read_bundle(bundle(other_seed, "key-2"), false, &report), 0);
    assert_false(report.signed_by_known_key);
    assert_int_equal(read_bundle(bundle(other_seed, "key-2"), true, &report), FAULT);
    assert_true(test_has_fault(&report.faults, "SIGNATURE_KEY", "/signatures"));
}

static void an_unsigned_list_is_refused_where_a_signature_is_required(void **state)
{
    struct signal_options options = signal_options_default;
    struct signal_report report;
    struct list *list = NULL;

    (void)state;
    options.require_signature = true;
    assert_int_equal(read_yaml(HEAD "entries: []\n", &options, &list, &report), FAULT);
    assert_true(test_has_fault(&report.faults, "SIGNATURE_MISSING", "l.yaml"));
    assert_null(list);
}

static void faults_inside_a_bundle_have_their_place(void **state)
{
    static const char text[] =
        "{\"payload\":{\"head\":{\"id\":\"l\",\"name\":\"n\",\"owner\":\"o\","
        "\"legal_basis\":\"b\",\"version\":\"1\"},\"entries\":[{\"kind\":\"md5\","
        "\"value\":\"x\"}]},\"signatures\":[]}";
    struct signal_report report;
    struct list *list = NULL;

    (void)state;
    assert_int_equal(signal_read(&list, NULL, SPAN(text), &signal_options_default, &report), FAULT);
    assert_true(test_has_fault(&report.faults, "ENTRY_LENGTH", "/payload/entries/0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml_and_json_are_one_list),
        cmocka_unit_test(withdrawals_may_open_cases_again),
        cmocka_unit_test(refusals_name_code_and_place),
        cmocka_unit_test(strict_refuses_lenient_counts),
        cmocka_unit_test(limits_hold_on_both_sides),
        cmocka_unit_test(the_expected_list_and_no_other),
        cmocka_unit_test(a_bundle_of_a_known_key_is_read),
        cmocka_unit_test(white_space_and_order_do_not_break_a_signature),
        cmocka_unit_test(a_changed_bundle_is_refused),
        cmocka_unit_test(a_foreign_signature_under_a_known_name_is_refused),
        cmocka_unit_test(an_unknown_key_counts_as_none),
        cmocka_unit_test(an_unsigned_list_is_refused_where_a_signature_is_required),
        cmocka_unit_test(faults_inside_a_bundle_have_their_place),
    };

    return cmocka_run_group_tests_name("lib/signal/own", tests, NULL, NULL);
}
