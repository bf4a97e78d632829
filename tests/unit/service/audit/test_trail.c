/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/trail.h"

#include "lib/audit/entry.h"
#include "lib/audit/receipt.h"
#include "service/audit/close.h"
#include "service/audit/export.h"
#include "service/audit/log_writer.h"
#include "tests/support/support.h"
#include "tests/unit/service/audit/memory_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENTRIES = 700, EARLIER = 300 };
#define NOW INT64_C(1800000000000)
#define FIRST "example.org/audit/test"
#define SECOND "example.org/audit/2027q1"
#define THIRD "example.org/audit/2027q2"

static char *folder;
static struct memory_source store;

/* A log of ENTRIES, whose checkpoint of EARLIER is kept as `earlier`. */
static int make_log(void **state)
{
    struct fault why = {0};
    char command[512];

    (void)state;
    folder = memory_folder();
    memory_source_init(&store, NULL);
    if (memory_log(&store, folder, EARLIER, &why) != 0) {
        return -1;
    }
    (void)snprintf(command, sizeof(command), "cp '%s/log/checkpoint' '%s/earlier'", folder, folder);
    return system(command) != 0 || memory_log(&store, folder, ENTRIES, &why) != 0;
}

static int drop_log(void **state)
{
    (void)state;
    memory_folder_done(folder);
    return 0;
}

static void shell(const char *line)
{
    char command[1024];

    (void)snprintf(command, sizeof(command), "cd '%s' && %s", folder, line);
    assert_int_equal(system(command), 0);
}

static void close_to(const char *origin, int64_t now_ms)
{
    struct audit_closed closed;
    struct fault why = {0};

    if (audit_close(folder, origin, now_ms, &closed, &why) != 0) {
        fail_msg("%s at %s: %s", why.code, why.place, why.text);
    }
    assert_string_equal(closed.next.name, origin);
}

static void refused(const char *origin, const char *code)
{
    struct audit_closed closed;
    struct fault why = {0};

    assert_int_equal(audit_close(folder, origin, NOW, &closed, &why), FAULT);
    assert_string_equal(why.code, code);
}

static struct audit_trail *open_at(const char *path)
{
    struct audit_trail *trail = NULL;
    struct fault why = {0};

    if (audit_trail_open(&trail, path, &why) != 0) {
        fail_msg("%s at %s: %s", why.code, why.place, why.text);
    }
    return trail;
}

static void not_opened(const char *code)
{
    struct audit_trail *trail = NULL;
    struct fault why = {0};

    assert_int_equal(audit_trail_open(&trail, folder, &why), FAULT);
    assert_string_equal(why.code, code);
}

/* The entry there is proven under the checkpoint of its own log. */
static void proven(struct audit_trail *trail, uint64_t position, const char *origin)
{
    CLEANUP(buf_freep)
    struct buf *proof = buf_new(RECEIPT_MAX_BYTES),
               *bytes = buf_new(ENTRY_MAX_BYTES);
    const struct trail_log *log;
    struct checkpoint head;
    struct receipt receipt;
    struct span entry;
    struct fault why;
    uint64_t index;

    assert_int_equal(audit_trail_entry(trail, position, &entry, &why), 0);
    assert_int_equal(buf_add_span(bytes, entry), 0);
    log = audit_trail_place(trail, position, &index);
    assert_string_equal(log->head.origin, origin);
    assert_int_equal(audit_trail_receipt(trail, position, proof, &why), 0);
    assert_int_equal(receipt_read(&receipt, buf_span(proof), &why), 0);
    assert_true(receipt.index == index);
    assert_int_equal(receipt_check(&receipt, buf_span(bytes), &log->key, &head, &why), 0);
    assert_string_equal(head.origin, origin);
}

static void is_at(const struct audit_trail *trail, uint64_t serial, int r, uint64_t position)
{
    uint64_t found = UINT64_MAX;

    assert_int_equal(audit_trail_find(trail, serial, &found), r);
    assert_true(r != 0 || found == position);
}

static void one_log_is_a_row_of_its_own(void **state)
{
    char *served = memory_path(folder, "log");
    const char *const folders[] = {folder, served};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct audit_trail *trail = open_at(folders[i]);
        struct fault why = {0};
        struct span entry;

        assert_true(audit_trail_count(trail) == 1 && !audit_trail_cut(trail));
        assert_true(audit_trail_first(trail) == 0 && audit_trail_end(trail) == ENTRIES);
        assert_string_equal(audit_trail_newest(trail)->name, "test");
        assert_true(audit_trail_newest(trail)->state == TRAIL_OPEN &&
                    !audit_trail_newest(trail)->has_begin);
        is_at(trail, 0, 0, 0);
        is_at(trail, ENTRIES - 1, 0, ENTRIES - 1);
        is_at(trail, ENTRIES, -EAGAIN, 0);
        proven(trail, ENTRIES - 1, FIRST);
        assert_int_equal(audit_trail_entry(trail, ENTRIES, &entry, &why), FAULT);
        assert_string_equal(why.code, "LOG_RANGE");
        (void)audit_trail_free(trail);
    }
    free(served);
}

static void a_closed_log_goes_on_in_the_next(void **state)
{
    struct audit_trail *trail;
    const struct trail_log *log;

    (void)state;
    close_to(SECOND, NOW);
    close_to(THIRD, NOW + 5);
    trail = open_at(folder);
    assert_true(audit_trail_count(trail) == 3 && !audit_trail_cut(trail));
    assert_true(audit_trail_end(trail) == ENTRIES + 2);
    log = audit_trail_log(trail, 1);
    assert_true(log->state == TRAIL_CLOSED && log->has_begin && log->head.size == 1 &&
                log->first == ENTRIES);
    assert_true(log->begin.number == 1 && log->begin.serial == ENTRIES &&
                log->begin.closed_ms == NOW);
    assert_true(log->begin.head.size == ENTRIES);
    log = audit_trail_newest(trail);
    assert_true(log->state == TRAIL_OPEN && log->begin.number == 2 && log->begin.serial == ENTRIES);
    assert_string_equal(log->begin.head.origin, SECOND);
    proven(trail, 0, FIRST);
    proven(trail, ENTRIES - 1, FIRST);
    proven(trail, ENTRIES, SECOND);
    proven(trail, ENTRIES + 1, THIRD);
    is_at(trail, ENTRIES - 1, 0, ENTRIES - 1);
    is_at(trail, ENTRIES, -EAGAIN, 0); /* it will be the second entry of the third log */
    (void)audit_trail_free(trail);
    shell("test ! -e private/key && test ! -e 2027q1/private/key && test -e 2027q2/private/key");
}

static void an_export_says_which_log(void **state)
{
    CLEANUP(audit_export_freep) struct audit_export *export = NULL;
    CLEANUP(buf_freep) struct buf *out = buf_new(64 << 20);
    struct audit_export_options options = {.folder = folder, .from_index = ENTRIES - 1};
    struct fault why = {0};
    uint64_t seen, total, written;
    char line[64];

    (void)state;
    close_to(SECOND, NOW);
    assert_int_equal(audit_export_open(&export, &options, &why), 0);
    while (audit_export_next(export, out, &why) == AUDIT_EXPORT_MORE) {
    }
    audit_export_progress(export, &seen, &total, &written);
    assert_true(seen == 2 && total == 2 && written == 2);
    (void)snprintf(line, sizeof(line),
                   ",\"index\":%d,\"log\":\"test\"}\n{\"entry\":{\"action\":\"begin\"",
                   ENTRIES - 1);
    assert_non_null(strstr(out->data, line));
    assert_non_null(strstr(out->data, ",\"index\":0,\"log\":\"2027q1\"}\n"));
}

static void a_next_log_needs_a_name_of_its_own(void **state)
{
    char longest[TRAIL_NAME_MAX + 16], too_long[TRAIL_NAME_MAX + 16];

    (void)state;
    refused(FIRST, "CLOSE_ORIGIN");
    refused("elsewhere.org/test", "CLOSE_ORIGIN"); /* another log, the same folder */
    refused("example.org/audit/2027Q1", "CLOSE_ORIGIN");
    refused("example.org/audit/", "CLOSE_ORIGIN");
    refused("example.org/audit/..", "CLOSE_ORIGIN");
    refused("example.org/audit/log", "CLOSE_ORIGIN");
    refused("example.org/audit/tile", "CLOSE_ORIGIN");
    (void)snprintf(too_long, sizeof(too_long), "a/%0*d", TRAIL_NAME_MAX + 1, 1);
    (void)snprintf(longest, sizeof(longest), "a/%0*d", TRAIL_NAME_MAX, 1);
    refused(too_long, "CLOSE_ORIGIN");
    close_to(longest, NOW);
}

static void what_is_in_use_or_unpublished_is_not_closed(void **state)
{
    const struct audit_mirror nothing = {0};
    struct log_writer *writer = NULL;
    struct fault why = {0};

    (void)state;
    assert_int_equal(log_writer_open(&writer, folder, FIRST, &nothing, &why), 0);
    refused(SECOND, "SEQUENCER_LOCKED");
    (void)log_writer_free(writer);
    shell("cp log/checkpoint newest && cp earlier log/checkpoint");
    refused(SECOND, "CLOSE_UNPUBLISHED");
    shell("cp newest log/checkpoint");
    close_to(SECOND, NOW);
}

static void an_empty_log_is_not_closed(void **state)
{
    char *empty = memory_folder();
    struct audit_closed closed;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    assert_int_equal(memory_log(&store, empty, 0, &why), 0);
    assert_int_equal(audit_close(empty, SECOND, NOW, &closed, &why), FAULT);
    assert_string_equal(why.code, "CLOSE_EMPTY");
    memory_folder_done(empty);
}

static void what_a_crash_left_is_in_nobodys_way(void **state)
{
    struct audit_trail *trail;
    struct fault why = {0};

    (void)state;
    /* Before the commit: half a next log is not seen, and is made again. */
    shell("mkdir -p 2027q1/log 2027q1/private && echo x >2027q1/log/vkey && echo x "
          ">2027q1/private/state");
    trail = open_at(folder);
    assert_true(audit_trail_count(trail) == 1);
    (void)audit_trail_free(trail);
    close_to(SECOND, NOW);
    /* Behind it: the old key is still there. */
    shell("cp 2027q1/private/key private/key");
    trail = open_at(folder);
    assert_int_equal(audit_close_tidy(trail, &why), 0);
    (void)audit_trail_free(trail);
    shell("test ! -e private/key && test -e 2027q1/private/key");
}

static void a_log_that_somebody_needs_is_not_overwritten(void **state)
{
    char *other = memory_path(folder, "2027q1");
    struct memory_source elsewhere;
    struct fault why = {0};

    (void)state;
    memory_source_init(&elsewhere, NULL);
    assert_int_equal(memory_log(&elsewhere, other, 2, &why), 0);
    refused(SECOND, "CLOSE_ORIGIN");
    shell("test -e 2027q1/log/tile/0/000.p/2");
    free(other);
}

static void a_broken_chain_is_refused(void **state)
{
    (void)state;
    close_to(SECOND, NOW);
    shell("cp log/checkpoint newest && cp earlier log/checkpoint");
    not_opened("TRAIL_CHAIN"); /* the old log was cut */
    shell("cp newest log/checkpoint && cp current was && echo ../x >current");
    not_opened("TRAIL_FORM");
    shell("echo gone >current");
    not_opened("LOG_MISSING");
    shell("cp was current");
    (void)audit_trail_free(open_at(folder));
}

static void a_copy_of_what_is_served_is_read_alike(void **state)
{
    char *copy = memory_path(folder, "copy");
    struct audit_trail *trail;

    (void)state;
    close_to(SECOND, NOW);
    shell("cp -r 2027q1/log copy");
    trail = open_at(copy); /* the earlier log is not at hand */
    assert_true(audit_trail_count(trail) == 1 && audit_trail_cut(trail));
    assert_true(audit_trail_first(trail) == ENTRIES && audit_trail_end(trail) == ENTRIES + 1);
    is_at(trail, 0, -ENOENT, 0);
    (void)audit_trail_free(trail);
    shell("cp -r log copy/test");
    trail = open_at(copy);
    assert_true(audit_trail_count(trail) == 2 && !audit_trail_cut(trail) &&
                audit_trail_first(trail) == 0);
    proven(trail, 7, FIRST);
    (void)audit_trail_free(trail);
    free(copy);
}

static int may_delete(const char *name, int64_t keep_ms, int64_t now_ms, const char *code)
{
    struct audit_trail *trail = open_at(folder);
    const struct trail_log *log = NULL;
    struct fault why = {0};
    int r = audit_delete_check(trail, span_of(name), keep_ms, now_ms, &log, &why);

    assert_int_equal(r, code ? FAULT : 0);
    if (code) {
        assert_string_equal(why.code, code);
    } else {
        assert_int_equal(audit_delete(log, &why), 0);
    }
    (void)audit_trail_free(trail);
    return r;
}

static void a_closed_log_goes_when_its_time_is_over(void **state)
{
    struct audit_trail *trail;

    (void)state;
    close_to(SECOND, NOW);
    close_to(THIRD, NOW + 100);
    may_delete("2027q9", 0, NOW + 100, "DELETE_LOG");
    may_delete("2027q2", 0, NOW + 100, "DELETE_OPEN");
    may_delete("2027q1", 0, NOW + 100, "DELETE_ORDER");
    may_delete("test", 51, NOW + 50, "DELETE_EARLY");
    may_delete("test", 50, NOW + 50, NULL);
    trail = open_at(folder);
    assert_true(audit_trail_log(trail, 0)->state == TRAIL_DELETED && audit_trail_cut(trail));
    assert_true(audit_trail_first(trail) == ENTRIES && audit_trail_end(trail) == ENTRIES + 2);
    is_at(trail, 0, -ENOENT, 0);
    proven(trail, ENTRIES, SECOND);
    (void)audit_trail_free(trail);
    shell(
        "test ! -e log/tile && test -e log/checkpoint && test -e log/vkey && test ! -s log/begin");
    /* A second time, and after a crash that left a tile. */
    shell("mkdir -p log/tile/0 && echo x >log/tile/0/000");
    may_delete("test", 50, NOW + 50, NULL);
    shell("test ! -e log/tile");
    may_delete("2027q1", 0, NOW + 100, NULL);
    trail = open_at(folder);
    assert_true(audit_trail_count(trail) == 3 && audit_trail_log(trail, 1)->state == TRAIL_DELETED);
    assert_true(audit_trail_log(trail, 1)->begin.number == 1 &&
                audit_trail_first(trail) == ENTRIES + 1);
    proven(trail, ENTRIES + 1, THIRD);
    (void)audit_trail_free(trail);
    shell("test -s 2027q1/log/begin && test -s 2027q1/log/begin.tlog-proof && test ! -e "
          "2027q1/log/tile");
}

static void a_first_entry_says_all_or_is_refused(void **state)
{
    static const char *const bad[] = {
        "{\"action\":\"begin\",\"at\":\"2026-12-01T00:00:00.000Z\",\"log\":\"a/"
        "b\",\"type\":\"log\",\"v\":1}",
        "{\"action\":\"begin\",\"at\":\"2026-12-01T00:00:00.000Z\",\"checkpoint\":\"x\",\"closed_"
        "at\":\"2026-12-01T00:00:00."
        "000Z\",\"log\":\"a/b\",\"number\":0,\"serial\":1,\"type\":\"log\",\"v\":1,\"vkey\":\"y\"}",
        "{\"action\":\"begin\",\"at\":\"2026-12-01T00:00:00.000Z\",\"checkpoint\":\"x\",\"closed_"
        "at\":\"2026-12-01T00:00:00."
        "000Z\",\"log\":\"a/b\",\"number\":1,\"serial\":1,\"type\":\"log\",\"v\":1,\"vkey\":\"y\"}",
    };
    struct trail_begin begin;
    struct fault why;
    bool there;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(trail_begin_read(&begin, &there, span_of(bad[i]), &why), FAULT);
    }
    assert_int_equal(
        trail_begin_read(
            &begin, &there,
            SPAN("{\"action\":\"delete\",\"at\":\"2026-12-01T00:00:00.000Z\",\"log\":\"a/b\","
                 "\"type\":\"log\",\"v\":1}"),
            &why),
        0);
    assert_false(there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_log_is_a_row_of_its_own, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_closed_log_goes_on_in_the_next, make_log, drop_log),
        cmocka_unit_test_setup_teardown(an_export_says_which_log, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_next_log_needs_a_name_of_its_own, make_log, drop_log),
        cmocka_unit_test_setup_teardown(what_is_in_use_or_unpublished_is_not_closed, make_log,
                                        drop_log),
        cmocka_unit_test(an_empty_log_is_not_closed),
        cmocka_unit_test_setup_teardown(what_a_crash_left_is_in_nobodys_way, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_log_that_somebody_needs_is_not_overwritten, make_log,
                                        drop_log),
        cmocka_unit_test_setup_teardown(a_broken_chain_is_refused, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_copy_of_what_is_served_is_read_alike, make_log, drop_log),
        cmocka_unit_test_setup_teardown(a_closed_log_goes_when_its_time_is_over, make_log,
                                        drop_log),
        cmocka_unit_test(a_first_entry_says_all_or_is_refused),
    };

    return cmocka_run_group_tests_name("service/audit/trail", tests, NULL, NULL);
}
