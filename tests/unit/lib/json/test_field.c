/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/json/field.h"

#include <string.h>

static const char *const words[] = {"red", "green", "blue"};

struct opened {
    json_t *value;
    struct faults faults;
    struct fields at;
};

static void open_text(struct opened *opened, const char *text)
{
    *opened = (struct opened){.value = test_json(text)};
    assert_true(fields_open(&opened->at, opened->value, "", &opened->faults));
}

static void test_each_refusal_has_its_code_and_place(void **state)
{
    struct opened o;
    struct span text = SPAN("before");
    int64_t number = 7;
    bool flag = true;
    int word = 7;
    json_t *array = NULL;
    struct fields inner;

    (void)state;
    open_text(&o, "{'text': 'abc', 'number': 5, 'flag': 1, 'word': 'pink', 'time': 'now', 'list': [1, 2, 3], 'none': null}");
    assert_false(field_string(&o.at, "text", REQUIRED, 4, 9, &text));
    assert_false(field_string(&o.at, "text", REQUIRED, 0, 2, &text));
    assert_false(field_string(&o.at, "number", REQUIRED, 0, 9, &text));
    assert_false(field_string(&o.at, "none", REQUIRED, 0, 9, &text));
    assert_false(field_int(&o.at, "number", REQUIRED, 6, 9, &number));
    assert_false(field_int(&o.at, "number", REQUIRED, 0, 4, &number));
    assert_false(field_int(&o.at, "text", REQUIRED, 0, 4, &number));
    assert_false(field_bool(&o.at, "flag", REQUIRED, &flag));
    assert_false(field_word(&o.at, "word", REQUIRED, words, 3, &word));
    assert_false(field_time(&o.at, "time", REQUIRED, &number));
    assert_false(field_array(&o.at, "list", REQUIRED, 2, &array));
    assert_false(field_object(&o.at, "list", REQUIRED, &inner));
    assert_int_equal(o.faults.count, 12);
    assert_true(test_has_fault(&o.faults, "FIELD_LENGTH", "/text"));
    assert_true(test_has_fault(&o.faults, "FIELD_TYPE", "/number"));
    assert_true(test_has_fault(&o.faults, "FIELD_MISSING", "/none"));
    assert_true(test_has_fault(&o.faults, "FIELD_RANGE", "/number"));
    assert_true(test_has_fault(&o.faults, "FIELD_TYPE", "/flag"));
    assert_true(test_has_fault(&o.faults, "FIELD_VALUE", "/word"));
    assert_true(test_has_fault(&o.faults, "FIELD_TIME", "/time"));
    assert_true(test_has_fault(&o.faults, "FIELD_COUNT", "/list"));
    /* What was refused or absent leaves the result alone. */
    assert_false(field_string(&o.at, "absent", OPTIONAL, 0, 9, &text));
    assert_false(field_int(&o.at, "none", OPTIONAL, 0, 9, &number));
    assert_int_equal(o.faults.count, 12);
    assert_true(span_is(text, "before") && number == 7 && flag && word == 7 && !array);
    json_decref(o.value);
}

static void test_what_is_good_is_read(void **state)
{
    struct opened o;
    struct span text;
    int64_t number;
    bool flag = true;
    int word;
    json_t *array;
    struct fields inner;

    (void)state;
    open_text(&o, "{'a/b~c': {'x': ['blue', 'pink'], 'y': [{'z': 1}, 2]}, 's': 'ab', 'n': -9, 'f': false, 't': '1970-01-01T00:00:01Z'}");
    assert_true(field_string(&o.at, "s", REQUIRED, 2, 2, &text) && span_is(text, "ab"));
    assert_true(field_int(&o.at, "n", REQUIRED, -9, -9, &number) && number == -9);
    assert_true(field_bool(&o.at, "f", REQUIRED, &flag) && !flag);
    assert_true(field_time(&o.at, "t", REQUIRED, &number) && number == 1000);
    assert_true(field_object(&o.at, "a/b~c", REQUIRED, &inner));
    assert_string_equal(inner.at, "/a~1b~0c");
    assert_true(field_array(&inner, "x", REQUIRED, 2, &array));
    assert_true(field_element_word(&inner, "x", array, 0, words, 3, &word) && word == 2);
    assert_false(field_element_word(&inner, "x", array, 1, words, 3, &word));
    assert_true(field_element_string(&inner, "x", array, 1, 0, 9, &text) && span_is(text, "pink"));
    assert_true(field_array(&inner, "y", REQUIRED, 2, &array));
    assert_true(field_element(&inner, "y", array, 0, &o.at));
    assert_string_equal(o.at.at, "/a~1b~0c/y/0");
    assert_false(field_element(&inner, "y", array, 1, &o.at));
    assert_int_equal(o.faults.count, 2);
    assert_true(test_has_fault(&o.faults, "FIELD_VALUE", "/a~1b~0c/x/1"));
    assert_true(test_has_fault(&o.faults, "FIELD_TYPE", "/a~1b~0c/y/1"));
    json_decref(o.value);
}

static void test_unknown_names_get_a_suggestion(void **state)
{
    struct opened o;

    (void)state;
    open_text(&o, "{'gren': 1, 'rde': 2, 'entirely': 3, 'blue': 4}");
    fields_known(&o.at, words, 3);
    assert_int_equal(o.faults.count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct fault *fault = &o.faults.list[i];
        bool suggests = strstr(fault->text, "did you mean") != NULL;

        assert_string_equal(fault->code, "FIELD_UNKNOWN");
        assert_int_equal(suggests, strcmp(fault->place, "/entirely") != 0);
    }
    json_decref(o.value);
    assert_string_equal(word_nearest(words, 3, SPAN("rde")), "red");
    assert_null(word_nearest(words, 3, SPAN("")));
    assert_null(word_nearest(words, 3, SPAN("a word far longer than thirty-two characters")));
    assert_int_equal(word_index(words, 3, SPAN("gree")), -1);
}

static void test_long_pointers_are_cut_whole(void **state)
{
    char name[400], into[FAULT_PLACE_MAX];

    (void)state;
    memset(name, '~', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    field_pointer(into, "/a", name);
    assert_true(strlen(into) < FAULT_PLACE_MAX);
    for (size_t i = 0; i + 3 < sizeof(name); i += 3) {
        memcpy(name + i, "\xE2\x82\xAC", 4);
    }
    field_pointer(into, "", name);
    assert_int_equal((strlen(into) - 1) % 3, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_refusal_has_its_code_and_place),
        cmocka_unit_test(test_what_is_good_is_read),
        cmocka_unit_test(test_unknown_names_get_a_suggestion),
        cmocka_unit_test(test_long_pointers_are_cut_whole),
    };

    return cmocka_run_group_tests_name("lib/json/field", tests, NULL, NULL);
}
