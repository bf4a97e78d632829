/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/reader.h"

#include "lib/audit/receipt.h"
#include "tests/support/support.h"
#include "tests/unit/service/audit/memory_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One log of 66,000 entries for the whole group. */
static char *folder, *log_folder;
static struct memory_source store;

static int make_log(void **state)
{
    struct fault why = {0};

    (void)state;
    folder = memory_folder();
    log_folder = memory_path(folder, "log");
    memory_source_init(&store, NULL);
    return memory_log(&store, folder, 1000, &why) || memory_log(&store, folder, 66000, &why);
}

static int drop_log(void **state)
{
    (void)state;
    memory_folder_done(folder);
    free(log_folder);
    return 0;
}

static void entries_come_back_in_any_order(void **state)
{
    static const uint64_t wanted[] = {0, 65999, 255, 256, 65535, 65536, 1, 40000};
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    struct fault why = {0};
    struct span entry;

    (void)state;
    assert_int_equal(audit_reader_open(&reader, log_folder, &why), 0);
    assert_true(audit_reader_size(reader) == 66000);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        char text[512];
        size_t len = memory_entry(wanted[i], text);

        assert_int_equal(audit_reader_entry(reader, wanted[i], &entry, &why), 0);
        assert_true(span_equal(entry, (struct span){text, len}));
    }
    assert_int_equal(audit_reader_entry(reader, 66000, &entry, &why), FAULT);
    assert_string_equal(why.code, "LOG_RANGE");
}

static void receipts_prove_their_entries_offline(void **state)
{
    static const uint64_t wanted[] = {0, 65999, 255, 256, 65535, 65536, 12345};
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    struct fault why = {0};
    struct buf out;

    (void)state;
    buf_init(&out, RECEIPT_MAX_BYTES);
    assert_int_equal(audit_reader_open(&reader, log_folder, &why), 0);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct checkpoint head;
        struct receipt receipt;
        char text[512];
        size_t len = memory_entry(wanted[i], text);

        buf_clear(&out);
        assert_int_equal(audit_reader_receipt(reader, wanted[i], &out, &why), 0);
        assert_int_equal(receipt_read(&receipt, buf_span(&out), &why), 0);
        assert_int_equal(receipt_check(&receipt, (struct span){text, len}, audit_reader_key(reader),
                                       &head, &why),
                         0);
        text[len / 2] ^= 1;
        assert_int_equal(receipt_check(&receipt, (struct span){text, len}, audit_reader_key(reader),
                                       &head, &why),
                         FAULT);
    }
    assert_int_equal(audit_reader_receipt(reader, 66000, &out, &why), FAULT);
    buf_done(&out);
}

static void every_older_size_is_a_beginning(void **state)
{
    static const uint64_t sizes[] = {1, 2, 255, 256, 257, 1000, 65535, 65536, 65537, 66000};
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    struct merkle_stack tree = {0};
    struct fault why = {0};
    size_t at = 0;

    (void)state;
    assert_int_equal(audit_reader_open(&reader, log_folder, &why), 0);
    for (uint64_t i = 0; i < 66000; i++) {
        struct hash leaf, was, root, proof[MERKLE_MAX_PROOF];
        char text[512];
        size_t len = memory_entry(i, text), count;

        leaf = merkle_leaf((struct span){text, len});
        merkle_push(&tree, &leaf);
        if (tree.size != sizes[at]) {
            continue;
        }
        at++;
        was = merkle_root(&tree);
        assert_int_equal(audit_reader_root(reader, tree.size, &root, &why), 0);
        assert_true(hash_equal(&was, &root));
        assert_int_equal(audit_reader_consistency(reader, tree.size, proof, &count, &why), 0);
        assert_true(merkle_check_consistency(tree.size, 66000, &was,
                                             &audit_reader_head(reader)->root, proof, count));
    }
    assert_int_equal(at, sizeof(sizes) / sizeof(sizes[0]));
}

static void a_removed_partial_is_the_beginning_of_the_full_one(void **state)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    struct fault why = {0};
    struct span bytes;

    (void)state;
    assert_int_equal(audit_reader_open(&reader, log_folder, &why), 0);
    assert_int_equal(audit_reader_tile(reader, &(struct tile){0, 9, 13}, &bytes, &why), 0);
    assert_int_equal(bytes.len, 13 * 32);
    assert_int_equal(audit_reader_tile(reader, &(struct tile){TILE_ENTRIES, 9, 1}, &bytes, &why),
                     0);
    {
        char text[512];
        size_t len = memory_entry(9 * 256, text);

        assert_int_equal(bytes.len, 2 + len);
    }
    assert_int_equal(audit_reader_tile(reader, &(struct tile){0, 999, 13}, &bytes, &why), FAULT);
    assert_string_equal(why.code, "LOG_MISSING");
}

static void a_refresh_sees_a_longer_log_and_a_foreign_key_none(void **state)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    CLEANUP(audit_reader_freep) struct audit_reader *foreign = NULL;
    struct fault why = {0};
    struct span entry;

    (void)state;
    assert_int_equal(audit_reader_open(&reader, log_folder, &why), 0);
    assert_int_equal(audit_reader_entry(reader, 65999, &entry, &why), 0);
    assert_int_equal(memory_log(&store, folder, 66010, &why), 0);
    assert_int_equal(audit_reader_entry(reader, 66005, &entry, &why), FAULT);
    assert_int_equal(audit_reader_refresh(reader, &why), 0);
    assert_int_equal(audit_reader_entry(reader, 66005, &entry, &why), 0);
    assert_int_equal(audit_reader_open_as(
                         &foreign, log_folder,
                         SPAN("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
                         &why),
                     FAULT);
    assert_string_equal(why.code, "NOTE_UNSIGNED");
    assert_int_equal(audit_reader_open(&foreign, folder, &why), FAULT);
    assert_string_equal(why.code, "LOG_MISSING");
}

/* The page in lib/audit/README.md that walks one decision by hand, as it is written there, on a log of four. */
static bool walk_by_hand(const char *log)
{
    char command[1024], line[256];
    bool root = false, signature = false;
    FILE *out;

    (void)snprintf(command, sizeof(command),
                   "cd '%s' && sed -n '/^    hex()/,/^The last line/s/^    //p' "
                   "\"$RAPPORTEUR_SOURCE/lib/audit/README.md\" "
                   "| sh 2>&1",
                   log);
    out = popen(command, "r");
    assert_non_null(out);
    while (fgets(line, sizeof(line), out)) {
        root = root || strcmp(line, "root holds\n") == 0;
        signature = signature || strcmp(line, "Signature Verified Successfully\n") == 0;
    }
    (void)pclose(out);
    assert_true(signature); /* the checkpoint is not touched here */
    return root;
}

static void the_walk_by_hand_holds_and_sees_a_changed_entry(void **state)
{
    char *four = memory_folder(), *log = memory_path(four, "log"), *path, *bytes;
    struct memory_source small;
    struct fault why = {0};
    size_t len;
    FILE *file;

    (void)state;
    memory_source_init(&small, NULL);
    assert_int_equal(memory_log(&small, four, 4, &why), 0);
    assert_true(walk_by_hand(log));
    path = memory_path(log, "tile/entries/000.p/4");
    bytes = test_read_file(path, &len);
    bytes[len / 2 + len / 8] ^= 1; /* within the third of four */
    (void)remove(path);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_false(walk_by_hand(log));
    free(bytes);
    free(path);
    free(log);
    memory_folder_done(four);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_come_back_in_any_order),
        cmocka_unit_test(receipts_prove_their_entries_offline),
        cmocka_unit_test(the_walk_by_hand_holds_and_sees_a_changed_entry),
        cmocka_unit_test(every_older_size_is_a_beginning),
        cmocka_unit_test(a_removed_partial_is_the_beginning_of_the_full_one),
        cmocka_unit_test(a_refresh_sees_a_longer_log_and_a_foreign_key_none),
    };

    return cmocka_run_group_tests_name("reader", tests, make_log, drop_log);
}
