/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that others collected to break parsers, through json_read and report_read. */
#include "lib/json/read.h"
#include "lib/report/report.h"
#include "tests/support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t now_ms = 1795000000000LL;

/* Good by the grammar, refused by our rules: a body is an object or an array, names are not said
 * twice, and no text holds U+0000. */
static const char *const declared[] = {
    "y_structure_lonely_false.json",         "y_structure_lonely_int.json",
    "y_structure_lonely_negative_real.json", "y_structure_lonely_null.json",
    "y_structure_lonely_string.json",        "y_structure_lonely_true.json",
    "y_structure_string_empty.json",         "y_string_space.json",
    "y_object_duplicated_key.json",          "y_object_duplicated_key_and_value.json",
    "y_object_escaped_null_in_key.json",     "y_string_null_escape.json",
};

static bool is_declared(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(declared); i++) {
        if (strcmp(declared[i], name) == 0) {
            return true;
        }
    }
    return false;
}

struct tally {
    size_t accepted, refused, declared;
};

static void take_file(struct tally *tally, const char *folder, const char *name)
{
    CLEANUP(json_freep) json_t *body = NULL;
    CLEANUP(report_freep) struct report *report = NULL;
    struct faults faults = {0};
    struct fault why = {0};
    char path[4096];
    char *bytes;
    size_t len;
    int r;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    bytes = test_read_file(path, &len);
    r = json_read(&body, (struct span){bytes, len}, &json_read_limits_default, &why);
    free(bytes);
    assert_in_range(r, 0, FAULT);
    if (name[0] == 'y' && (r == 0) == is_declared(name)) {
        fail_msg("%s: got %d %s %s", name, r, why.code, why.text);
    }
    if (name[0] == 'n' && r == 0) {
        fail_msg("%s was taken", name);
    }
    tally->declared += name[0] == 'y' && r == FAULT;
    tally->accepted += r == 0;
    tally->refused += r == FAULT;
    if (r == 0) {
        assert_int_equal(report_read(&report, body, now_ms, &faults), FAULT);
        assert_int_not_equal(faults.count, 0);
    }
}

static void the_json_suite_is_taken_and_refused_as_it_says(void **state)
{
    char *folder = test_data("json/test_parsing");
    struct tally tally = {0};
    const struct dirent *entry;
    DIR *open;

    (void)state;
    if (!folder) {
        return;
    }
    open = opendir(folder);
    assert_non_null(open);
    while ((entry = readdir(open)) != NULL) {
        if (strchr("yni", entry->d_name[0]) && entry->d_name[1] == '_') {
            take_file(&tally, folder, entry->d_name);
        }
    }
    (void)closedir(open);
    free(folder);
    (void)printf("# %zu taken, %zu refused, %zu of them declared\n", tally.accepted, tally.refused,
                 tally.declared);
    assert_int_equal(tally.declared, COUNT_OF(declared));
}

static char *printed_body(const json_t *id, const json_t *text)
{
    json_t *body = json_pack("{s:{s:O,s:s,s:O,s:s},s:s,s:{s:s}}", "content", "id", id, "type",
                             "post", "text", text, "url", "https://example.org/", "category",
                             "none", "origin", "kind", "user_notice");
    char *bytes = json_dumps(body, JSON_COMPACT);

    assert_non_null(bytes);
    json_decref(body);
    return bytes;
}

/* The string as text, and, where it is short enough, as the content id: the same bytes come out. */
static void take_string(const json_t *text, bool as_id)
{
    CLEANUP(json_freep) json_t *body = NULL, *plain_id = json_string("plain");
    CLEANUP(report_freep) struct report *report = NULL;
    struct faults faults = {0};
    struct fault why = {0};
    struct span want = {json_string_value(text), json_string_length(text)};
    char *bytes = printed_body(as_id ? text : plain_id, text);

    assert_int_equal(json_read(&body, span_of(bytes), &json_read_limits_default, &why), 0);
    free(bytes);
    if (report_read(&report, body, now_ms, &faults) != 0) {
        fail_msg("%.60s: %s at %s", want.ptr, faults.list[0].code, faults.list[0].place);
    }
    assert_true(span_equal(report->content.text, want));
    assert_true(!as_id || span_equal(report->content.id, want));
}

static void naughty_strings_come_out_as_they_went_in(void **state)
{
    char *path = test_data("hostile/blns.json");
    size_t ids = 0, len;
    json_t *strings;
    char *bytes;

    (void)state;
    if (!path) {
        return;
    }
    bytes = test_read_file(path, &len);
    strings = json_loadb(bytes, len, 0, NULL);
    assert_true(json_array_size(strings) > 500);
    for (size_t i = 0; i < json_array_size(strings); i++) {
        const json_t *text = json_array_get(strings, i);
        size_t bytes_of = json_string_length(text);
        bool as_id = bytes_of >= 1 && bytes_of <= REPORT_MAX_CONTENT_ID;

        take_string(text, as_id);
        ids += as_id;
    }
    (void)printf("# %zu strings as text, %zu as id\n", json_array_size(strings), ids);
    json_decref(strings);
    free(bytes);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_json_suite_is_taken_and_refused_as_it_says),
        cmocka_unit_test(naughty_strings_come_out_as_they_went_in),
    };

    return cmocka_run_group_tests_name("foreign", tests, NULL, NULL);
}
