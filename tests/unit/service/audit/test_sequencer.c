/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/sequencer.h"

#include "service/audit/reader.h"
#include "service/audit/verify.h"
#include "tests/support/support.h"
#include "tests/unit/service/audit/memory_source.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct sequencer_options options_of(const char *folder, const struct memory_source *store)
{
    return (struct sequencer_options){.folder = folder,
                                      .origin = "example.org/audit/test",
                                      .source = &store->source,
                                      .integrate_ms = 10,
                                      .publish_ms = 10,
                                      .batch_entries = 500};
}

static void copy_folder(const char *from, const char *to)
{
    char command[512];

    (void)snprintf(command, sizeof(command), "rm -rf '%s' && cp -a '%s' '%s'", to, from, to);
    assert_int_equal(system(command), 0);
}

static void move(const char *folder, const char *from, const char *to)
{
    char *a = memory_path(folder, from), *b = memory_path(folder, to);

    assert_int_equal(rename(a, b), 0);
    free(a);
    free(b);
}

static void need_log(struct memory_source *store, const char *folder, uint64_t size)
{
    struct fault why = {0};

    if (memory_log(store, folder, size, &why) != 0) {
        fail_msg("%s at %s: %s", why.code, why.place, why.text);
    }
}

/* Verifies the whole folder and demands this size. */
static void need_verified(const char *folder, uint64_t size)
{
    char *log = memory_path(folder, "log");
    struct audit_verify_result result;
    struct fault why = {0};

    if (audit_verify(&(struct audit_verify_options){.folder = log}, &result, &why) != 0) {
        fail_msg("%s at %s: %s", why.code, why.place, why.text);
    }
    assert_true(result.entries == size && result.head.size == size);
    free(log);
}

static void need_refused(struct memory_source *store, const char *folder, uint64_t size,
                         const char *code)
{
    struct fault why = {0};
    int r = memory_log(store, folder, size, &why);

    if (r != FAULT || strcmp(why.code, code) != 0) {
        fail_msg("expected %s, got %d %s: %s", code, r, why.code, why.text);
    }
}

static void logs_of_all_edge_sizes_verify_and_go_on_after_a_restart(void **state)
{
    static const uint64_t sizes[] = {0, 1, 255, 256, 257, 512, 1000, 65535, 65536, 65537, 70000};
    char *folder = memory_folder();
    struct memory_source store;

    (void)state;
    memory_source_init(&store, NULL);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        need_log(&store, folder, sizes[i]);
        need_verified(folder, sizes[i]);
        assert_true(atomic_load(&store.kept->trimmed) == sizes[i]);
        assert_true(store.kept->mirror.size == sizes[i]);
        assert_true(store.kept->mirror.epoch == i + 1);
    }
    memory_folder_done(folder);
}

/* How many full tiles or bundles stand right in this folder of the log. */
static long full_tiles(const char *folder, const char *below)
{
    char command[600], text[32] = "";
    FILE *out;

    (void)snprintf(command, sizeof(command), "find '%s/log/tile/%s' -maxdepth 1 -type f -name '[0-9]*' | wc -l", folder, below);
    out = popen(command, "r");
    assert_non_null(out);
    (void)!fgets(text, sizeof(text), out);
    (void)pclose(out);
    return strtol(text, NULL, 10);
}

/* The example of C2SP tlog-tiles: 273 full tiles and 112 hashes, one full and 17, one hash. */
static void a_log_of_70000_has_the_tiles_that_the_specification_names(void **state)
{
    static const struct {
        const char *path;
        long bytes;
    } there[] = {{"log/tile/0/000", 8192},       {"log/tile/0/272", 8192},      {"log/tile/0/273.p/112", 112 * 32},
                 {"log/tile/1/000", 8192},       {"log/tile/1/001.p/17", 17 * 32}, {"log/tile/2/000.p/1", 32}};
    char *folder = memory_folder();
    struct memory_source store;

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 70000);
    for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++) {
        char *path = memory_path(folder, there[i].path);
        struct stat info;

        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_size, there[i].bytes);
        free(path);
    }
    assert_int_equal(full_tiles(folder, "0"), 273);
    assert_int_equal(full_tiles(folder, "1"), 1);
    assert_int_equal(full_tiles(folder, "2"), 0);
    assert_int_equal(full_tiles(folder, "entries"), 273);
    memory_folder_done(folder);
}

static void the_key_is_private_and_the_log_is_served(void **state)
{
    static const struct {
        const char *path;
        unsigned mode;
    } files[] = {{"private", 0700},
                 {"private/key", 0600},
                 {"private/state", 0600},
                 {"log/checkpoint", 0644},
                 {"log/vkey", 0644}};
    char *folder = memory_folder();
    struct memory_source store;

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 3);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char *path = memory_path(folder, files[i].path);
        struct stat about;

        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(about.st_mode & 0777 & ~files[i].mode, 0);
        free(path);
    }
    memory_folder_done(folder);
}

static void published_equal_to_state_goes_on(void **state)
{
    char *folder = memory_folder();
    struct memory_source store;

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 300);
    need_log(&store, folder, 300);
    need_verified(folder, 300);
    memory_folder_done(folder);
}

/* The state as committed, the staging file still there, nothing of the step visible. */
static void published_behind_state_is_done_again_from_staging(void **state)
{
    char *folder = memory_folder();
    struct memory_source store, lagging;

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 300);
    /* A step that fails while it spreads: a file in the way of a bundle. */
    {
        char *path = memory_path(folder, "log/tile/entries/001");

        assert_int_equal(mkdir(path, 0700), 0);
        need_refused(&store, folder, 700, "SEQUENCER_IO");
        assert_int_equal(rmdir(path), 0);
        free(path);
    }
    assert_true(store.kept->mirror.size == 700);
    memory_source_init(&lagging, NULL);
    lagging.own = store.own;
    need_log(&lagging, folder, 700);
    need_verified(folder, 700);
    memory_folder_done(folder);
}

static void a_state_older_than_the_published_log_is_refused(void **state)
{
    char *folder = memory_folder();
    struct memory_source store;

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 300);
    {
        char *from = memory_path(folder, "private"), *to = memory_path(folder, "backup");

        copy_folder(from, to);
        free(from);
        free(to);
    }
    need_log(&store, folder, 600);
    move(folder, "private", "newer");
    move(folder, "backup", "private");
    need_refused(&store, folder, 700, "SEQUENCER_OLD_STATE");
    memory_folder_done(folder);
}

static void a_disk_older_than_the_stores_memory_is_refused(void **state)
{
    char *folder = memory_folder(), *backup = memory_folder(), *empty = memory_folder();
    struct memory_source store;

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 300);
    copy_folder(folder, backup);
    need_log(&store, folder, 600);
    need_refused(&store, backup, 600, "SEQUENCER_ROLLED_BACK");
    need_refused(&store, empty, 600, "SEQUENCER_ROLLED_BACK");
    memory_folder_done(empty);
    memory_folder_done(folder);
    memory_folder_done(backup);
}

static void a_store_that_counts_less_than_the_log_is_raised_before_serving(void **state)
{
    char *folder = memory_folder();
    struct sequencer_status status;
    struct sequencer *sequencer;
    struct sequencer_options options;
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 600);
    atomic_store(&store.kept->size, 450);
    atomic_store(&store.kept->trimmed, 400);
    options = options_of(folder, &store);
    assert_int_equal(sequencer_start(&sequencer, &options, &why), 0);
    sequencer_status(sequencer, &status);
    assert_true(status.raised_from == 450);
    assert_true(atomic_load(&store.raised_to) == 600);
    sequencer_stop(sequencer);
    need_log(&store, folder, 650);
    need_verified(folder, 650);
    memory_folder_done(folder);
}

static void a_store_with_other_bytes_for_an_index_is_refused(void **state)
{
    char *folder = memory_folder();
    struct memory_source store;

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 600);
    atomic_store(&store.kept->trimmed, 400);
    store.changed_at = 500;
    need_refused(&store, folder, 600, "SEQUENCER_STREAM");
    memory_folder_done(folder);
}

static void two_sequencers_of_one_folder_cannot_run(void **state)
{
    char *folder = memory_folder();
    struct sequencer *one, *two = NULL;
    struct sequencer_options options;
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    options = options_of(folder, &store);
    assert_int_equal(sequencer_start(&one, &options, &why), 0);
    assert_int_equal(sequencer_start(&two, &options, &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_LOCKED");
    sequencer_stop(one);
    memory_folder_done(folder);
}

struct failure {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool there;
    struct fault why;
};

static void note_failure(void *arg, const struct fault *why)
{
    struct failure *failure = arg;

    (void)pthread_mutex_lock(&failure->mutex);
    failure->there = true;
    failure->why = *why;
    (void)pthread_cond_signal(&failure->cond);
    (void)pthread_mutex_unlock(&failure->mutex);
}

static void need_failure(struct failure *failure, const char *code)
{
    (void)pthread_mutex_lock(&failure->mutex);
    while (!failure->there) {
        (void)pthread_cond_wait(&failure->cond, &failure->mutex);
    }
    (void)pthread_mutex_unlock(&failure->mutex);
    assert_string_equal(failure->why.code, code);
}

static void a_newer_sequencer_elsewhere_fences_this_one(void **state)
{
    struct failure failure = {
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, {{0}, {0}, {0}}};
    char *folder = memory_folder();
    struct sequencer_options options;
    struct sequencer_status status;
    struct sequencer *sequencer;
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    options = options_of(folder, &store);
    options.failed = note_failure;
    options.failed_arg = &failure;
    assert_int_equal(sequencer_start(&sequencer, &options, &why), 0);
    store.kept->mirror.epoch += 1;
    atomic_store(&store.kept->size, 10);
    need_failure(&failure, "SEQUENCER_FENCED");
    sequencer_status(sequencer, &status);
    assert_int_equal(status.state, SEQUENCER_FAILED);
    assert_true(status.published_size == 0);
    sequencer_stop(sequencer);
    memory_folder_done(folder);
}

static void a_gap_in_the_stream_stops_everything(void **state)
{
    char *folder = memory_folder();
    struct memory_source store;

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 100);
    store.gap_at = 150;
    need_refused(&store, folder, 200, "STREAM_GAP");
    need_verified(folder, 100);
    store.gap_at = UINT64_MAX;
    need_log(&store, folder, 200);
    need_verified(folder, 200);
    memory_folder_done(folder);
}

static void a_store_set_back_while_running_stops_it(void **state)
{
    struct failure failure = {
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, {{0}, {0}, {0}}};
    char *folder = memory_folder();
    struct sequencer_options options;
    struct sequencer *sequencer;
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 100);
    options = options_of(folder, &store);
    options.failed = note_failure;
    options.failed_arg = &failure;
    assert_int_equal(sequencer_start(&sequencer, &options, &why), 0);
    atomic_store(&store.kept->size, 90);
    need_failure(&failure, "SEQUENCER_SHRUNK");
    assert_non_null(strstr(failure.why.text, "90"));
    assert_non_null(strstr(failure.why.text, "100"));
    sequencer_stop(sequencer);
    memory_folder_done(folder);
}

static void wait_state(struct sequencer *sequencer, enum sequencer_state wanted, uint64_t published)
{
    struct sequencer_status status;

    do {
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 2000000}, NULL);
        sequencer_status(sequencer, &status);
    } while (status.state != wanted || status.published_size < published);
}

static void a_store_that_does_not_answer_is_asked_again(void **state)
{
    char *folder = memory_folder();
    struct sequencer_options options;
    struct sequencer_status status;
    struct sequencer *sequencer;
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    options = options_of(folder, &store);
    assert_int_equal(sequencer_start(&sequencer, &options, &why), 0);
    atomic_store(&store.read_error, -ETIMEDOUT);
    wait_state(sequencer, SEQUENCER_WAITING, 0);
    atomic_store(&store.kept->size, 20);
    atomic_store(&store.read_error, 0);
    wait_state(sequencer, SEQUENCER_RUNNING, 20);
    /* Without the store's memory of it nothing is published. */
    atomic_store(&store.mirror_error, -ETIMEDOUT);
    atomic_store(&store.kept->size, 40);
    wait_state(sequencer, SEQUENCER_WAITING, 20);
    sequencer_status(sequencer, &status);
    assert_true(status.published_size == 20);
    atomic_store(&store.mirror_error, 0);
    wait_state(sequencer, SEQUENCER_RUNNING, 40);
    sequencer_stop(sequencer);
    need_verified(folder, 40);
    memory_folder_done(folder);
}

static void a_stop_integrates_and_publishes_what_is_there(void **state)
{
    char *folder = memory_folder();
    struct sequencer_options options;
    struct sequencer *sequencer;
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    options = options_of(folder, &store);
    options.integrate_ms = 1000;
    options.publish_ms = 10000;
    assert_int_equal(sequencer_start(&sequencer, &options, &why), 0);
    atomic_store(&store.kept->size, 1700);
    sequencer_stop(sequencer);
    need_verified(folder, 1700);
    memory_folder_done(folder);
}

static void entries_of_0_and_65535_bytes_are_kept(void **state)
{
    char *folder = memory_folder(), *log = memory_path(folder, "log");
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    struct memory_source store;
    struct fault why = {0};
    struct span entry;

    (void)state;
    memory_source_init(&store, NULL);
    store.empty_at = 7;
    store.largest_at = 8;
    need_log(&store, folder, 300);
    assert_int_equal(audit_reader_open(&reader, log, &why), 0);
    assert_int_equal(audit_reader_entry(reader, 7, &entry, &why), 0);
    assert_int_equal(entry.len, 0);
    assert_int_equal(audit_reader_entry(reader, 8, &entry, &why), 0);
    assert_int_equal(entry.len, 65535);
    free(log);
    memory_folder_done(folder);
}

static void damage_on_the_disk_is_found_at_the_start(void **state)
{
    static const struct {
        const char *file, *code;
    } cases[] = {
        {"log/tile/0/002.p/188", "SEQUENCER_EDGE"},
        {"log/tile/entries/002.p/188", "SEQUENCER_EDGE"},
        {"log/tile/0/001", "SEQUENCER_EDGE"},
        {"log/tile/entries/001", "SEQUENCER_EDGE"},
        {"private/state", "SEQUENCER_STATE"},
        {"private/key", "SEQUENCER_KEY"},
        {"log/checkpoint", "NOTE_BAD_SIGNATURE"},
    };
    char *folder = memory_folder();
    struct memory_source store;

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 700);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *path = memory_path(folder, cases[i].file);
        FILE *file = fopen(path, "r+b");
        int was;

        assert_non_null(file);
        (void)fseek(file, 40, SEEK_SET);
        was = fgetc(file);
        (void)fseek(file, 40, SEEK_SET);
        (void)fputc(was ^ 1, file);
        (void)fflush(file);
        need_refused(&store, folder, 700, cases[i].code);
        (void)fseek(file, 40, SEEK_SET);
        (void)fputc(was, file);
        (void)fclose(file);
        free(path);
    }
    need_log(&store, folder, 700);
    memory_folder_done(folder);
}

static void a_missing_state_or_another_origin_is_refused(void **state)
{
    char *folder = memory_folder(), *path = memory_path(folder, "private/state");
    struct sequencer *sequencer = NULL;
    struct sequencer_options options;
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 300);
    options = options_of(folder, &store);
    options.origin = "example.org/audit/other";
    assert_int_equal(sequencer_start(&sequencer, &options, &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_KEY");
    assert_int_equal(unlink(path), 0);
    need_refused(&store, folder, 300, "SEQUENCER_STATE");
    free(path);
    memory_folder_done(folder);
}

static void partials_of_full_tiles_go_once_they_are_old(void **state)
{
    char *folder = memory_folder(), *partials = memory_path(folder, "log/tile/0/000.p");
    struct sequencer_options options;
    struct sequencer *sequencer;
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    need_log(&store, folder, 100);
    need_log(&store, folder, 300);
    assert_int_equal(access(partials, F_OK), 0);
    options = options_of(folder, &store);
    options.partial_keep_ms = 1;
    assert_int_equal(sequencer_start(&sequencer, &options, &why), 0);
    while (access(partials, F_OK) == 0) {
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    sequencer_stop(sequencer);
    need_verified(folder, 300);
    free(partials);
    partials = memory_path(folder, "log/tile/0/001.p/44");
    assert_int_equal(access(partials, F_OK), 0);
    need_log(&store, folder, 600);
    need_verified(folder, 600);
    free(partials);
    memory_folder_done(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_of_all_edge_sizes_verify_and_go_on_after_a_restart),
        cmocka_unit_test(a_log_of_70000_has_the_tiles_that_the_specification_names),
        cmocka_unit_test(the_key_is_private_and_the_log_is_served),
        cmocka_unit_test(published_equal_to_state_goes_on),
        cmocka_unit_test(published_behind_state_is_done_again_from_staging),
        cmocka_unit_test(a_state_older_than_the_published_log_is_refused),
        cmocka_unit_test(a_disk_older_than_the_stores_memory_is_refused),
        cmocka_unit_test(a_store_that_counts_less_than_the_log_is_raised_before_serving),
        cmocka_unit_test(a_store_with_other_bytes_for_an_index_is_refused),
        cmocka_unit_test(two_sequencers_of_one_folder_cannot_run),
        cmocka_unit_test(a_newer_sequencer_elsewhere_fences_this_one),
        cmocka_unit_test(a_gap_in_the_stream_stops_everything),
        cmocka_unit_test(a_store_set_back_while_running_stops_it),
        cmocka_unit_test(a_store_that_does_not_answer_is_asked_again),
        cmocka_unit_test(a_stop_integrates_and_publishes_what_is_there),
        cmocka_unit_test(entries_of_0_and_65535_bytes_are_kept),
        cmocka_unit_test(damage_on_the_disk_is_found_at_the_start),
        cmocka_unit_test(a_missing_state_or_another_origin_is_refused),
        cmocka_unit_test(partials_of_full_tiles_go_once_they_are_old),
    };

    return cmocka_run_group_tests_name("sequencer", tests, NULL, NULL);
}
