/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/json/field.h"
#include "service/runtime/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one call writes, as the JSON it must be; NULL when nothing was written. */
static json_t *written(int pipe_end)
{
    char line[16384];
    ssize_t len = read(pipe_end, line, sizeof(line));
    json_t *value;

    if (len <= 0) {
        return NULL;
    }
    assert_int_equal(line[len - 1], '\n');
    assert_null(memchr(line, '\n', (size_t)len - 1));
    for (ssize_t i = 0; i < len - 1; i++) {
        assert_true((unsigned char)line[i] >= 0x20 && line[i] != 0x7F);
    }
    value = json_loadb(line, (size_t)len, JSON_REJECT_DUPLICATES, NULL);
    if (!value) {
        fail_msg("not JSON: %.*s", (int)len, line);
    }
    return value;
}

static int ends[2];

static int catch(void **state)
{
    (void)state;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    log_set_fd(ends[1]);
    return 0;
}

static int let_go(void **state)
{
    (void)state;
    log_set_fd(2);
    log_set_level(LOG_INFO);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return 0;
}

static void check_text(struct span text)
{
    json_t *line;

    log_error("m", LOG_SPAN("detail", text));
    line = written(ends[0]);
    assert_true(json_is_string(json_object_get(line, "detail")));
    json_decref(line);
}

static void test_every_line_is_json(void **state)
{
    char bytes[256], big[3000];
    char *path = test_data("hostile/blns.json"), *text;
    json_t *all, *one;
    size_t i, len;

    (void)state;
    for (int c = 0; c < 256; c++) {
        bytes[c] = (char)c;
        check_text((struct span){bytes + c, 1});
    }
    check_text((struct span){bytes, sizeof(bytes)});
    check_text((struct span){NULL, 0});
    for (size_t fill = 0; fill < 256; fill += 5) {
        memset(big, (int)fill, sizeof(big));
        check_text((struct span){big, sizeof(big)});
    }
    for (size_t at = 0; at < 20; at++) {                /* a character across each cut */
        memset(big, 'a', sizeof(big));
        memcpy(big + at, "\xF0\x9F\x98\x80", 4);
        memcpy(big + 500 + at, "\xE2\x82\xAC", 3);
        check_text((struct span){big, sizeof(big)});
    }
    if (!path) {
        return;
    }
    text = test_read_file(path, &len);
    all = json_loadb(text, len, 0, NULL);
    assert_true(json_array_size(all) > 400);
    json_array_foreach(all, i, one) {
        check_text(json_span(one));
    }
    json_decref(all);
    free(text);
    free(path);
}

static void test_fields_and_faults(void **state)
{
    struct fault why;
    json_t *line;

    (void)state;
    (void)fault_set(&why, "CODE", "/a", "it is \"so\"");
    log_error("said", LOG_STR("list", "a\"b\\c\n"), LOG_INT("count", -5), LOG_FAULT(&why));
    line = written(ends[0]);
    assert_string_equal(json_string_value(json_object_get(line, "level")), "error");
    assert_string_equal(json_string_value(json_object_get(line, "message")), "said");
    assert_string_equal(json_string_value(json_object_get(line, "list")), "a\"b\\c\\x0a");
    assert_int_equal(json_integer_value(json_object_get(line, "count")), -5);
    assert_string_equal(json_string_value(json_object_get(line, "code")), "CODE");
    assert_string_equal(json_string_value(json_object_get(line, "place")), "/a");
    assert_string_equal(json_string_value(json_object_get(line, "detail")), "it is \"so\"");
    assert_int_equal(strlen(json_string_value(json_object_get(line, "time"))), 24);
    json_decref(line);
}

static void test_a_line_too_long_loses_whole_fields(void **state)
{
    char big[600];
    json_t *line;

    (void)state;
    memset(big, 1, sizeof(big));
    log_error("m", LOG_SPAN("code", ((struct span){big, 600})), LOG_SPAN("place", ((struct span){big, 600})),
              LOG_SPAN("detail", ((struct span){big, 600})), LOG_SPAN("path", ((struct span){big, 600})));
    line = written(ends[0]);
    assert_non_null(json_object_get(line, "place"));
    assert_null(json_object_get(line, "path"));
    json_decref(line);
}

static void test_levels_and_the_ceiling(void **state)
{
    int seen = 0;
    json_t *line;

    (void)state;
    log_debug("quiet");
    log_set_level(LOG_ERROR);
    log_warn("quiet");
    log_error("loud");
    line = written(ends[0]);
    assert_string_equal(json_string_value(json_object_get(line, "message")), "loud");
    json_decref(line);
    log_set_level(LOG_INFO);
    for (int i = 0; i < 4 * LOG_LINES_PER_SECOND; i++) {
        if (i == 3) {
            log_set_fd(-1);                             /* counted as any other, kept out of the pipe */
        }
        log_info("m");
        if (i < 3) {
            line = written(ends[0]);
            seen += line != NULL;
            json_decref(line);
        }
    }
    log_set_fd(ends[1]);
    log_error("errors pass");
    line = written(ends[0]);
    assert_true(json_integer_value(json_object_get(line, "dropped")) > 0);
    assert_true(seen <= 3);
    json_decref(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_line_is_json, catch, let_go),
        cmocka_unit_test_setup_teardown(test_fields_and_faults, catch, let_go),
        cmocka_unit_test_setup_teardown(test_a_line_too_long_loses_whole_fields, catch, let_go),
        cmocka_unit_test_setup_teardown(test_levels_and_the_ceiling, catch, let_go),
    };

    return cmocka_run_group_tests_name("service/runtime/log", tests, NULL, NULL);
}
