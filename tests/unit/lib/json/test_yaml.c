/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/base/buf.h"
#include "lib/json/canon.h"
#include "lib/json/yaml.h"

#include <string.h>

static void test_scalars(void **state)
{
    static const struct {
        const char *yaml, *json;
    } cases[] = {
        {"", "null"}, {"# only a comment\n", "null"}, {"~", "null"}, {"null", "null"}, {"Null", "\"Null\""},
        {"true", "true"}, {"True", "\"True\""}, {"yes", "\"yes\""}, {"no", "\"no\""}, {"on", "\"on\""},
        {"'true'", "\"true\""}, {"\"1\"", "\"1\""}, {"0", "0"}, {"-0", "0"}, {"-12", "-12"}, {"007", "\"007\""},
        {"0x10", "\"0x10\""}, {"1_000", "\"1_000\""}, {"+1", "\"+1\""}, {"1.50", "1.5"}, {"-0.5", "-0.5"},
        {".5", "\".5\""}, {"1.", "\"1.\""}, {"1e3", "\"1e3\""}, {".inf", "\".inf\""}, {"12:30", "\"12:30\""},
        {"2026-11-23", "\"2026-11-23\""}, {"99999999999999999999", "\"99999999999999999999\""}, {"-", "[null]"},
        {"a: >\n  b\n  c\n", "{\"a\":\"b c\\n\"}"}, {"a: |\n  b\n  c\n", "{\"a\":\"b\\nc\\n\"}"},
        {"{a: [1, {b: c}], d: }", "{\"a\":[1,{\"b\":\"c\"}],\"d\":null}"}, {"---\na\n...\n", "\"a\""},
        {"\"\\u00fc\\U0001F600\"", "\"\xC3\xBC\xF0\x9F\x98\x80\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(yaml_file_freep) struct yaml *file = NULL;
        CLEANUP(buf_freep) struct buf *out = buf_new(1000);
        struct fault why;

        assert_int_equal(yaml_read(&file, span_of(cases[i].yaml), "t.yaml", &why), 0);
        assert_int_equal(json_canon(out, yaml_root(file)), 0);
        assert_string_equal(out->data, cases[i].json);
    }
}

static void test_refusals_name_the_place(void **state)
{
    static const struct {
        const char *name;
        struct span yaml;
        const char *code, *place;
    } cases[] = {
        {"an anchor", SPAN("a: &x 1\n"), "YAML_FEATURE", "t.yaml:1:4"},
        {"an alias", SPAN("a: *x\n"), "YAML_FEATURE", "t.yaml:1:4"},
        {"a tag", SPAN("a:\n  - !!int 1\n"), "YAML_FEATURE", "t.yaml:2:5"},
        {"a tag on a mapping", SPAN("a: !x {}\n"), "YAML_FEATURE", "t.yaml:1:4"},
        {"an anchor on a list", SPAN("a: &l [1]\n"), "YAML_FEATURE", "t.yaml:1:4"},
        {"a merge key", SPAN("<<: {}\n"), "YAML_FEATURE", "t.yaml:1:1"},
        {"a key that is a list", SPAN("? [a]\n: b\n"), "YAML_FEATURE", "t.yaml:1:3"},
        {"a key twice", SPAN("a: 1\nb: 2\na: 3\n"), "YAML_DUPLICATE", "t.yaml:3:1"},
        {"a key twice, once quoted", SPAN("a: 1\n\"a\": 3\n"), "YAML_DUPLICATE", "t.yaml:2:1"},
        {"a second document", SPAN("a\n---\nb\n"), "YAML_FEATURE", "t.yaml:2:1"},
        {"a tab as indent", SPAN("a:\n\tb: 1\n"), "YAML_SYNTAX", "t.yaml:2:1"},
        {"an open bracket", SPAN("a: [1, 2\n"), "YAML_SYNTAX", "t.yaml:2:1"},
        {"bytes that are not UTF-8", SPAN("a: \xff\n"), "YAML_SYNTAX", NULL},
        {"a raw control", SPAN("a: \x01\n"), "YAML_SYNTAX", NULL},
        {"U+0000 in a value", SPAN("a: \"b\\0c\"\n"), "YAML_SYNTAX", "t.yaml:1:4"},
        {"U+0000 in a key", SPAN("\"b\\0c\": 1\n"), "YAML_SYNTAX", "t.yaml:1:1"},
        {"a surrogate", SPAN("\"\\ud800\"\n"), "YAML_SYNTAX", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(yaml_file_freep) struct yaml *file = NULL;
        struct fault why = {0};

        if (yaml_read(&file, cases[i].yaml, "t.yaml", &why) != FAULT) {
            fail_msg("read: %s", cases[i].name);
        }
        if (strcmp(why.code, cases[i].code) != 0 || (cases[i].place && strcmp(why.place, cases[i].place) != 0)) {
            fail_msg("%s: %s at %s (%s)", cases[i].name, why.code, why.place, why.text);
        }
        assert_null(file);
    }
}

static int read_repeated(const char *head, const char *piece, int count, struct fault *why)
{
    CLEANUP(buf_freep) struct buf *text = buf_new(16 << 20);
    CLEANUP(yaml_file_freep) struct yaml *file = NULL;

    (void)buf_add_text(text, head);
    for (int i = 0; i < count; i++) {
        (void)buf_add_text(text, piece);
    }
    assert_int_equal(buf_status(text), 0);
    return yaml_read(&file, buf_span(text), "t.yaml", why);
}

static void test_growth_has_ceilings(void **state)
{
    char key[YAML_MAX_POINTER + 20];
    struct fault why;

    (void)state;
    assert_int_equal(read_repeated("", "[", 33, &why), FAULT);
    assert_string_equal(why.code, "YAML_TOO_LARGE");
    assert_int_equal(read_repeated("", "- ", 32, &why), 0);
    assert_int_equal(read_repeated("", "- ", 33, &why), FAULT);
    assert_int_equal(read_repeated("", "-\n", YAML_MAX_VALUES - 1, &why), 0);
    assert_int_equal(read_repeated("", "-\n", YAML_MAX_VALUES, &why), FAULT);
    assert_string_equal(why.code, "YAML_TOO_LARGE");
    assert_int_equal(read_repeated("", "# 456789", YAML_MAX_BYTES / 8, &why), 0);
    assert_int_equal(read_repeated("#", "# 456789", YAML_MAX_BYTES / 8, &why), FAULT);
    assert_string_equal(why.code, "YAML_TOO_LARGE");
    /* A long key above many values must not cost its length for each. */
    memset(key, 'k', sizeof(key));
    memcpy(key, "? ", 2);
    memcpy(key + YAML_MAX_POINTER - 100, "\n:\n", 4);
    assert_int_equal(read_repeated(key, " - 1\n", 1000, &why), 0);
    assert_int_equal(read_repeated(key, " - 1\n", 100000, &why), FAULT);
    assert_string_equal(why.code, "YAML_TOO_LARGE");
    memset(key, 'k', sizeof(key));
    memcpy(key, "? ", 2);
    memcpy(key + YAML_MAX_POINTER + 10, "\n:\n", 4);
    assert_int_equal(read_repeated(key, " - 1\n", 1, &why), FAULT);
    assert_string_equal(why.code, "YAML_TOO_LARGE");
}

static void test_places_by_pointer(void **state)
{
    static const char text[] = "rules:\n  - id: a\n    when: x\n  - id: b\n    'odd/~key': 1\n";
    static const struct {
        const char *pointer, *place;
    } cases[] = {
        {"", "r.yaml:1:1"}, {"/rules", "r.yaml:2:3"}, {"/rules/0/when", "r.yaml:3:11"}, {"/rules/1", "r.yaml:4:5"},
        {"/rules/1/odd~1~0key", "r.yaml:5:17"}, {"/rules/1/absent", "r.yaml:4:5"}, {"/rules/7/id", "r.yaml:2:3"},
        {"/other", "r.yaml:1:1"}, {"no pointer", "r.yaml:1:1"},
    };
    CLEANUP(yaml_file_freep) struct yaml *file = NULL;
    struct faults faults = {0};
    struct fault why;

    (void)state;
    assert_int_equal(yaml_read(&file, span_of(text), "r.yaml", &why), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char place[FAULT_PLACE_MAX];

        yaml_place(file, cases[i].pointer, place);
        assert_string_equal(place, cases[i].place);
        (void)faults_add(&faults, "X", cases[i].pointer, "x");
    }
    yaml_place_faults(file, &faults, 2);
    assert_string_equal(faults.list[1].place, "/rules");
    assert_string_equal(faults.list[2].place, "r.yaml:3:11");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_refusals_name_the_place),
        cmocka_unit_test(test_growth_has_ceilings),
        cmocka_unit_test(test_places_by_pointer),
    };

    return cmocka_run_group_tests_name("lib/json/yaml", tests, NULL, NULL);
}
