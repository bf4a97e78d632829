/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/json/read.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_all(struct span bytes, const struct json_read_limits *limits, struct fault *why)
{
    CLEANUP(json_freep) json_t *value = NULL;

    return json_read(&value, bytes, limits, why);
}

static void test_what_is_read(void **state)
{
    static const char *const good[] = {
        "{}", "[]", " {\"a\" : [1,-2.5e3,true,false,null,\"\\u00e9\\ud83d\\ude00\"]}\n", "[-0]",
        "[9223372036854775807,-9223372036854775808]", "{\"\":1}", "[\"\x7f\"]",
    };
    static const struct {
        const char *name;
        struct span bytes;
        const char *code;
    } bad[] = {
        {"empty", {"", 0}, "JSON_SYNTAX"},
        {"nothing at all", {NULL, 0}, "JSON_SYNTAX"},
        {"a bare value", SPAN("1"), "JSON_SYNTAX"},
        {"a bare string", SPAN("\"a\""), "JSON_SYNTAX"},
        {"a name twice", SPAN("{\"a\":1,\"a\":2}"), "JSON_SYNTAX"},
        {"a name twice, once escaped", SPAN("{\"a\":1,\"\\u0061\":2}"), "JSON_SYNTAX"},
        {"a byte order mark", SPAN("\xEF\xBB\xBF{}"), "JSON_SYNTAX"},
        {"a lone surrogate", SPAN("[\"\\ud800\"]"), "JSON_SYNTAX"},
        {"a low surrogate first", SPAN("[\"\\ude00\\ud83d\"]"), "JSON_SYNTAX"},
        {"U+0000 as an escape", SPAN("[\"a\\u0000b\"]"), "JSON_SYNTAX"},
        {"U+0000 in a name", SPAN("{\"a\\u0000b\":1}"), "JSON_SYNTAX"},
        {"a NUL byte", {"[1]\0", 4}, "JSON_SYNTAX"},
        {"half a character", SPAN("[\"\xE2\x82\"]"), "JSON_SYNTAX"},
        {"an overlong character", SPAN("[\"\xC0\xAF\"]"), "JSON_SYNTAX"},
        {"an integer past int64", SPAN("[9223372036854775808]"), "JSON_SYNTAX"},
        {"a real past double", SPAN("[1e400]"), "JSON_SYNTAX"},
        {"more behind the end", SPAN("{}{}"), "JSON_SYNTAX"},
        {"a raw line feed in a string", SPAN("[\"a\nb\"]"), "JSON_SYNTAX"},
    };
    struct fault why;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(read_all(span_of(good[i]), &json_read_limits_default, &why), 0);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (read_all(bad[i].bytes, &json_read_limits_default, &why) != FAULT) {
            fail_msg("read: %s", bad[i].name);
        }
        assert_string_equal(why.code, bad[i].code);
        assert_true(why.text[0] != '\0');
    }
}

static void test_limits_on_both_sides(void **state)
{
    static const struct json_read_limits small = {.max_bytes = 40, .max_depth = 3, .max_values = 4};
    static const struct {
        const char *text, *code, *place;
    } cases[] = {
        {"[[[]]]", NULL, NULL},
        {"[[[[]]]]", "JSON_DEPTH", "line 1, column 4"},
        {"[{\"a\":\n{\"b\":[]}}]", "JSON_DEPTH", "line 2, column 6"},
        {"[\"[[[[[[\"]", NULL, NULL},
        {"[\"\\\"[[[[[[\"]", NULL, NULL},
        {"[1,2,3,4]", NULL, NULL},
        {"[1,2,3,4,5]", "JSON_TOO_MANY", "line 1, column 9"},
        {"{\"a\":1,\"b\":2,\"c\":3,\"d\":4}", NULL, NULL},
        {"{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}", "JSON_TOO_MANY", NULL},
        {"[[1,2],[ ],3]", "JSON_TOO_MANY", NULL},
        {"[[1],[ ],{\n}]", NULL, NULL},
        {"[\"0123456789012345678901234567890123456\"]", "JSON_TOO_LARGE", ""},
        {"[\"012345678901234567890123456789012345\"]", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fault why = {0};
        int r = read_all(span_of(cases[i].text), &small, &why);

        if (r != (cases[i].code ? FAULT : 0)) {
            fail_msg("%s: %d %s", cases[i].text, r, why.text);
        }
        assert_string_equal(why.code, cases[i].code ? cases[i].code : "");
        if (cases[i].place) {
            assert_string_equal(why.place, cases[i].place);
        }
    }
}

/* JSONTestSuite (RFC 8259): y_ must be read (a bare value is our own refusal), n_ must not, i_ may. */
static void test_json_test_suite(void **state)
{
    char *folder = test_data("json/test_parsing");
    DIR *open_folder = folder ? opendir(folder) : NULL;
    const struct dirent *entry;
    int count = 0;

    (void)state;
    if (!open_folder) {
        free(folder);
        return;
    }
    while ((entry = readdir(open_folder)) != NULL) {
        char path[4096];
        struct fault why;
        struct span bytes;
        char *held;
        int r;

        if (!strstr(entry->d_name, ".json")) {
            continue;
        }
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        held = test_read_file(path, &bytes.len);
        bytes.ptr = held;
        r = read_all(bytes, &(struct json_read_limits){1 << 20, 600, 200000}, &why);
        bytes = span_trim(bytes);
        if (entry->d_name[0] == 'y' && r != 0 && (bytes.ptr[0] == '{' || bytes.ptr[0] == '[') &&
            !strstr(entry->d_name, "duplicated") && !strstr(entry->d_name, "null_escape") &&
            !strstr(entry->d_name, "escaped_null")) {
            fail_msg("refused: %s: %s", entry->d_name, why.text);
        }
        if (entry->d_name[0] == 'n' && r == 0) {
            fail_msg("read: %s", entry->d_name);
        }
        free(held);
        count++;
    }
    (void)closedir(open_folder);
    free(folder);
    assert_true(count > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_read),
        cmocka_unit_test(test_limits_on_both_sides),
        cmocka_unit_test(test_json_test_suite),
    };

    return cmocka_run_group_tests_name("lib/json/read", tests, NULL, NULL);
}
