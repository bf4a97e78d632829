/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/export.h"

#include "tests/support/support.h"
#include "tests/unit/service/audit/memory_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *folder, *log_folder;
static struct memory_source store;

static int make_log(void **state)
{
    struct fault why = {0};

    (void)state;
    folder = memory_folder();
    log_folder = memory_path(folder, "log");
    memory_source_init(&store, NULL);
    store.formula_at = 400;
    return memory_log(&store, folder, 1000, &why);
}

static int drop_log(void **state)
{
    (void)state;
    memory_folder_done(folder);
    free(log_folder);
    return 0;
}

/* All pieces together; *ret_pieces how many there were. */
static void run(struct audit_export_options options, struct buf *out, size_t *ret_pieces)
{
    CLEANUP(audit_export_freep) struct audit_export *export = NULL;
    struct fault why = {0};
    int r;

    options.folder = log_folder;
    *ret_pieces = 0;
    assert_int_equal(audit_export_open(&export, &options, &why), 0);
    do {
        r = audit_export_next(export, out, &why);
        (*ret_pieces)++;
    } while (r == AUDIT_EXPORT_MORE);
    assert_int_equal(r, 0);
}

static size_t count_lines(const struct buf *out)
{
    size_t lines = 0;

    for (size_t i = 0; i < out->len; i++) {
        lines += out->data[i] == '\n';
    }
    return lines;
}

static void json_lines_hold_the_bytes_of_the_leaves(void **state)
{
    struct span rest, line;
    struct buf out;
    size_t pieces;
    uint64_t index = 0;

    (void)state;
    buf_init(&out, 1 << 22);
    run((struct audit_export_options){.format = AUDIT_EXPORT_JSONL}, &out, &pieces);
    assert_int_equal(pieces, 4);
    rest = buf_span(&out);
    for (line = span_cut(&rest, '\n'); rest.ptr; line = span_cut(&rest, '\n'), index++) {
        char text[512], expected[600];
        size_t len = memory_entry(index, text);

        if (index == store.formula_at) {
            memcpy(strstr(text, "acme"), "=1+1", 4);
        }
        (void)snprintf(expected, sizeof(expected), "{\"entry\":%.*s,\"index\":%llu}", (int)len,
                       text, (unsigned long long)index);
        assert_true(span_is(line, expected));
    }
    assert_int_equal(index, 1000);
    buf_done(&out);
}

static void csv_has_a_header_and_a_row_for_each_entry(void **state)
{
    static const char first[] =
        "\"index\",\"at\",\"type\",\"report\",\"case\",\"decision\",\"partner\",\"reviewer\","
        "\"outcome\",\"entry\"\r\n\"0\",\"2026-11-23T20:53:28.123Z\",\"report\",\"rpt_01936f2e-"
        "7c00-7000-8a3b-000000000000\",\"cas_01936f2e-7c00-7000-8a3b-000000000000\",\"\","
        "\"acme\",\"\",\"\",\"{\"\"at\"\":";
    struct buf out;
    size_t pieces;

    (void)state;
    buf_init(&out, 1 << 22);
    run((struct audit_export_options){.format = AUDIT_EXPORT_CSV}, &out, &pieces);
    assert_int_equal(count_lines(&out), 1001);
    assert_true(span_starts(buf_span(&out), first));
    buf_done(&out);
}

static void a_cell_is_never_a_formula(void **state)
{
    struct buf out;
    size_t pieces;

    (void)state;
    buf_init(&out, 1 << 22);
    run((struct audit_export_options){.format = AUDIT_EXPORT_CSV,
                                      .from_index = 400,
                                      .to_index = 401},
        &out, &pieces);
    assert_non_null(strstr(out.data, ",\"'=1+1\","));
    assert_null(strstr(out.data, ",\"=1+1\","));
    /* The entry itself keeps its bytes: it begins with a brace. */
    assert_non_null(strstr(out.data, "\"\"partner\"\":\"\"=1+1\"\""));
    buf_done(&out);
}

static void filters_take_types_times_and_indexes(void **state)
{
    static const int64_t first = 1795467208123;
    const struct {
        const char *name;
        struct audit_export_options options;
        size_t lines;
    } cases[] = {
        {"one type", {.types = 1U << ENTRY_DECISION}, 250},
        {"two types", {.types = 1U << ENTRY_DECISION | 1U << ENTRY_REPORT}, 500},
        {"a type that is not there", {.types = 1U << ENTRY_KEY}, 0},
        {"from a time on", {.from_ms = first + 7 * 900}, 100},
        {"before a time", {.to_ms = first + 7 * 900}, 900},
        {"between times", {.from_ms = first + 7, .to_ms = first + 8}, 1},
        {"indexes", {.from_index = 10, .to_index = 20}, 10},
        {"indexes past the end", {.from_index = 990, .to_index = 5000}, 10},
        {"from past the end", {.from_index = 5000}, 0},
        {"all of it",
         {.types = 1U << ENTRY_REPORT, .from_ms = first + 28, .from_index = 8, .to_index = 12},
         1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out;
        size_t pieces;

        buf_init(&out, 1 << 22);
        run(cases[i].options, &out, &pieces);
        if (count_lines(&out) != cases[i].lines) {
            fail_msg("%s: %zu lines", cases[i].name, count_lines(&out));
        }
        buf_done(&out);
    }
}

static void a_piece_that_does_not_fit_comes_again(void **state)
{
    CLEANUP(audit_export_freep) struct audit_export *export = NULL;
    uint64_t seen, total, written;
    struct fault why = {0};
    struct buf small, out;

    (void)state;
    buf_init(&small, 1000);
    buf_init(&out, 1 << 22);
    assert_int_equal(
        audit_export_open(&export, &(struct audit_export_options){.folder = log_folder}, &why), 0);
    assert_int_equal(audit_export_next(export, &small, &why), BUF_FULL);
    assert_int_equal(small.len, 0);
    assert_int_equal(audit_export_next(export, &out, &why), AUDIT_EXPORT_MORE);
    assert_int_equal(count_lines(&out), 256);
    audit_export_progress(export, &seen, &total, &written);
    assert_true(seen == 256 && total == 1000 && written == 256);
    buf_done(&small);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_lines_hold_the_bytes_of_the_leaves),
        cmocka_unit_test(csv_has_a_header_and_a_row_for_each_entry),
        cmocka_unit_test(a_cell_is_never_a_formula),
        cmocka_unit_test(filters_take_types_times_and_indexes),
        cmocka_unit_test(a_piece_that_does_not_fit_comes_again),
    };

    return cmocka_run_group_tests_name("export", tests, make_log, drop_log);
}
