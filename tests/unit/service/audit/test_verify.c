/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/verify.h"

#include "service/audit/sequencer.h"
#include "service/audit/verify_refs.h"
#include "tests/support/support.h"
#include "tests/unit/service/audit/memory_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *folder, *log_folder;
static struct memory_source store;

static int make_log(void **state)
{
    struct fault why = {0};

    (void)state;
    folder = memory_folder();
    log_folder = memory_path(folder, "log");
    memory_source_init(&store, NULL);
    return memory_log(&store, folder, 66000, &why);
}

static int drop_log(void **state)
{
    (void)state;
    memory_folder_done(folder);
    free(log_folder);
    return 0;
}

static int verify(struct audit_verify_result *result, struct fault *why)
{
    return audit_verify(&(struct audit_verify_options){.folder = log_folder}, result, why);
}

static void a_whole_log_holds(void **state)
{
    struct audit_verify_result result;
    struct fault why = {0};

    (void)state;
    if (verify(&result, &why) != 0) {
        fail_msg("%s at %s: %s", why.code, why.place, why.text);
    }
    assert_true(result.entries == 66000);
    assert_true(result.counts[ENTRY_REPORT] == 16500 && result.counts[ENTRY_DECISION] == 16500);
    /* 257 full and one partial bundle, as many tiles; one full and one partial of level 1, one of
     * level 2. */
    assert_int_equal(result.files, 258 + 258 + 2 + 1);
    assert_false(result.has_bad);
}

static void one_flipped_bit_in_any_file_is_found(void **state)
{
    static const struct {
        const char *file, *code;
        long at;
        long long bad;
    } cases[] = {
        {"tile/entries/017", "VERIFY_TILE", 500, 17 * 256 + 1},
        {"tile/0/017", "VERIFY_TILE", 32 * 5, 17 * 256 + 5},
        {"tile/1/000", "VERIFY_TILE", 8191, -1},
        {"tile/1/001.p/1", "VERIFY_TILE", 0, -1},
        {"tile/2/000.p/1", "VERIFY_TILE", 31, -1},
        {"tile/entries/257.p/208", "VERIFY_TILE", 2, 65792},
        {"tile/0/257.p/208", "VERIFY_TILE", 0, 65792},
        {"checkpoint", "NOTE_BAD_SIGNATURE", 30, -1},
        {"vkey", "KEY_ID", 0, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *path = memory_path(log_folder, cases[i].file);
        struct audit_verify_result result;
        struct fault why = {0};
        FILE *file = fopen(path, "r+b");
        int was, r;

        assert_non_null(file);
        (void)fseek(file, cases[i].at, SEEK_SET);
        was = fgetc(file);
        (void)fseek(file, cases[i].at, SEEK_SET);
        (void)fputc(was ^ 1, file);
        (void)fflush(file);
        r = verify(&result, &why);
        if (r != FAULT || strcmp(why.code, cases[i].code) != 0 ||
            result.has_bad != (cases[i].bad >= 0) ||
            (cases[i].bad >= 0 && result.bad_index != (uint64_t)cases[i].bad)) {
            fail_msg("%s: %d %s at %s: %s (bad %llu)", cases[i].file, r, why.code, why.place,
                     why.text, (unsigned long long)result.bad_index);
        }
        (void)fseek(file, cases[i].at, SEEK_SET);
        (void)fputc(was, file);
        (void)fclose(file);
        free(path);
    }
}

static void a_missing_file_is_named(void **state)
{
    char *path = memory_path(log_folder, "tile/0/100"), *away = memory_path(log_folder, "away");
    struct audit_verify_result result;
    struct fault why = {0};

    (void)state;
    assert_int_equal(rename(path, away), 0);
    assert_int_equal(verify(&result, &why), FAULT);
    assert_string_equal(why.code, "LOG_MISSING");
    assert_string_equal(why.place, "tile/0/100");
    assert_int_equal(rename(away, path), 0);
    free(path);
    free(away);
}

static void older_checkpoints_must_be_beginnings(void **state)
{
    char *other = memory_folder(), *name = memory_path(log_folder, "checkpoint");
    struct audit_verify_options options = {.folder = log_folder, .older_count = 1};
    struct audit_verify_result result;
    struct memory_source elsewhere;
    struct fault why = {0};
    struct span older;
    size_t len;
    char *text = test_read_file(name, &len);

    (void)state;
    older = (struct span){text, len};
    options.older = &older;
    assert_int_equal(memory_log(&store, folder, 66100, &why), 0);
    assert_int_equal(audit_verify(&options, &result, &why), 0);
    /* A log by the same key that had another entry: its checkpoint is signed all the same. */
    {
        char command[512];

        (void)snprintf(command, sizeof(command),
                       "mkdir -p '%s/private' && cp '%s/private/key' '%s/private/'", other, folder,
                       other);
        assert_int_equal(system(command), 0);
    }
    memory_source_init(&elsewhere, NULL);
    elsewhere.changed_at = 299;
    assert_int_equal(memory_log(&elsewhere, other, 300, &why), 0);
    free(text);
    free(name);
    {
        char *other_log = memory_path(other, "log/checkpoint");

        text = test_read_file(other_log, &len);
        free(other_log);
    }
    older = (struct span){text, len};
    assert_int_equal(audit_verify(&options, &result, &why), FAULT);
    assert_string_equal(why.code, "VERIFY_OLDER");
    free(text);
    memory_folder_done(other);
}

static void a_signed_root_of_something_else_is_found(void **state)
{
    char *key_path = memory_path(folder, "private/key"),
         *path = memory_path(log_folder, "checkpoint");
    size_t len, key_len;
    char *was = test_read_file(path, &len), *key = test_read_file(key_path, &key_len);
    struct audit_verify_result result;
    struct note_signer signer;
    struct checkpoint head;
    struct fault why = {0};
    struct buf out;
    FILE *file;

    (void)state;
    buf_init(&out, NOTE_MAX_BYTES);
    assert_int_equal(note_signer_read(&signer, (struct span){key, key_len - 1}, &why), 0);
    assert_int_equal(checkpoint_open(&head, (struct span){was, len}, &signer.key, &why), 0);
    head.root.bytes[0] ^= 1;
    assert_int_equal(checkpoint_sign(&out, &head, &signer, 1, &why), 0);
    for (int i = 0; i < 2; i++) {
        struct span bytes = i ? (struct span){was, len} : buf_span(&out);

        file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
        (void)fclose(file);
        assert_int_equal(verify(&result, &why), i ? 0 : FAULT);
        assert_string_equal(why.code, "VERIFY_ROOT");
    }
    buf_done(&out);
    free(key_path);
    free(path);
    free(was);
    free(key);
}

#define CASE1 "\"case\":\"cas_01936f2e-7c00-7000-8a3b-000000000001\","
#define CASE2 "\"case\":\"cas_01936f2e-7c00-7000-8a3b-000000000002\","
#define DEC1 "\"decision\":\"dec_01936f2e-7c00-7000-8a3b-000000000001\","
#define DEC2 "\"decision\":\"dec_01936f2e-7c00-7000-8a3b-000000000002\","
#define RPT(n) "\"report\":\"rpt_01936f2e-7c00-7000-8a3b-00000000000" n "\","
#define AT "{\"at\":\"2026-11-23T20:53:28.123Z\","
#define END(type) "\"type\":\"" type "\",\"v\":1}"
#define REPORT(n, c) AT c "\"partner\":\"acme\"," RPT(n) END("report")
#define SECOND "{\"agree\":true,\"at\":\"2026-11-23T20:53:28.123Z\","
#define DECISION(d, c) AT c d "\"outcome\":\"remove\",\"reviewer\":\"r1\"," END("decision")

static void references_lead_to_what_came_before(void **state)
{
    static const struct {
        const char *name, *entry, *code;
    } cases[] = {
        {"a second on nothing", SECOND CASE1 DEC1 "\"reviewer\":\"r2\"," END("second"),
         "VERIFY_DECISION"},
        {"a decision on no case", DECISION(DEC1, CASE1), "VERIFY_CASE"},
        {"a claim on no case", AT CASE1 "\"reviewer\":\"r1\"," END("claim"), "VERIFY_CASE"},
        {"a report", REPORT("1", CASE1), NULL},
        {"a second report on the case", REPORT("2", CASE1), NULL},
        {"the same report again", REPORT("1", CASE1), "VERIFY_TWICE"},
        {"another case", REPORT("3", CASE2), NULL},
        {"a claim", AT CASE1 "\"reviewer\":\"r1\"," END("claim"), NULL},
        {"a decision", DECISION(DEC1, CASE1), NULL},
        {"the same decision again", DECISION(DEC1, CASE1), "VERIFY_TWICE"},
        {"a second by the same person", SECOND CASE1 DEC1 "\"reviewer\":\"r1\"," END("second"),
         "VERIFY_REVIEWER"},
        {"a second on another case", SECOND CASE2 DEC1 "\"reviewer\":\"r2\"," END("second"),
         "VERIFY_CASE"},
        {"a second by another person", SECOND CASE1 DEC1 "\"reviewer\":\"r2\"," END("second"),
         NULL},
        {"an effect of no decision",
         AT DEC2 "\"effective_at\":\"2026-11-23T20:53:28Z\",\"measure\":\"removed\",\"partner\":"
                 "\"acme\"," END("effect"),
         "VERIFY_DECISION"},
        {"an effect",
         AT DEC1 "\"effective_at\":\"2026-11-23T20:53:28Z\",\"measure\":\"removed\",\"partner\":"
                 "\"acme\"," END("effect"),
         NULL},
        {"an appeal against no decision",
         "{\"appeal\":\"a1\","
         "\"at\":\"2026-11-23T20:53:28.123Z\"," CASE1 DEC2 "\"partner\":\"acme\"," END("appeal"),
         "VERIFY_DECISION"},
        {"an appeal",
         "{\"appeal\":\"a1\","
         "\"at\":\"2026-11-23T20:53:28.123Z\"," CASE1 DEC1 "\"partner\":\"acme\"," END("appeal"),
         NULL},
        {"the same appeal again",
         "{\"appeal\":\"a1\","
         "\"at\":\"2026-11-23T20:53:28.123Z\"," CASE1 DEC1 "\"partner\":\"acme\"," END("appeal"),
         "VERIFY_TWICE"},
        {"a notice", AT CASE1 DEC1 "\"partner\":\"acme\"," END("notice"), NULL},
    };
    CLEANUP(verify_refs_freep) struct verify_refs *refs = verify_refs_new();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct entry_view view;
        struct fault why = {0};
        int r = entry_read(&view, span_of(cases[i].entry), &why);

        if (r == 0) {
            r = verify_refs_entry(refs, &view, &why);
        }
        if (r != (cases[i].code ? FAULT : 0) ||
            strcmp(why.code, cases[i].code ? cases[i].code : "") != 0) {
            fail_msg("%s: %d %s %s", cases[i].name, r, why.code, why.text);
        }
    }
}

static void a_bad_entry_is_told_by_index_and_id(void **state)
{
    char *other = memory_folder(), *log = memory_path(other, "log");
    struct audit_verify_result result;
    struct memory_source elsewhere;
    struct fault why = {0};

    (void)state;
    memory_source_init(&elsewhere, NULL);
    elsewhere.empty_at = 301;
    assert_int_equal(memory_log(&elsewhere, other, 400, &why), 0);
    assert_int_equal(audit_verify(&(struct audit_verify_options){.folder = log}, &result, &why),
                     FAULT);
    assert_string_equal(why.code, "ENTRY_FORM");
    assert_true(result.has_bad && result.bad_index == 301);
    free(log);
    memory_folder_done(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_log_holds),
        cmocka_unit_test(one_flipped_bit_in_any_file_is_found),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_signed_root_of_something_else_is_found),
        cmocka_unit_test(older_checkpoints_must_be_beginnings),
        cmocka_unit_test(references_lead_to_what_came_before),
        cmocka_unit_test(a_bad_entry_is_told_by_index_and_id),
    };

    return cmocka_run_group_tests_name("verify", tests, make_log, drop_log);
}
