/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/snapshot_keep.h"

#include "service/runtime/file.h"
#include "service/sync/build.h"
#include "tests/support/support.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ENOUGH = 10 };
static char state_dir[] = "snapshot-keep-XXXXXX";

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *ftw)
{
    (void)about, (void)kind, (void)ftw;
    return remove(path);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(state_dir) ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    return nftw(state_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The sample configuration, with another default queue each time it is asked for. */
static struct build *sample(const char *queue, int64_t keep)
{
    char *path = test_source("config/rapporteur.yaml");
    size_t len;
    char *text = test_read_file(path, &len);
    struct settings *settings = NULL;
    struct build *build = NULL;
    static struct faults faults;

    faults = (struct faults){0};
    assert_int_equal(settings_read(&settings, (struct span){text, len}, path, &faults), 0);
    free(settings->state_dir);
    free(settings->default_queue);
    settings->state_dir = strdup(state_dir);
    settings->default_queue = strdup(queue);
    settings->snapshots_kept = keep;
    assert_int_equal(build_new(&build, settings, NULL), 0);
    build_read_files(build);
    assert_int_equal(build_run(build), 0);
    (void)settings_unref(settings);
    free(text);
    free(path);
    return build;
}

static void keep(const struct build *build)
{
    struct fault why;

    assert_int_equal(snapshot_keep(build->settings, build->snapshot, &why), 0);
}

static int load(const char *digest, struct fault *why)
{
    CLEANUP(snapshot_unrefp) struct snapshot *snapshot = NULL;
    int r = snapshot_load(&snapshot, state_dir, span_of(digest), why);

    if (r == 0) {
        assert_string_equal(snapshot_digest(snapshot), digest);
    }
    return r;
}

static size_t files_in(const char *folder)
{
    struct names names = {0};
    char path[4096];
    struct fault why;
    size_t count;

    (void)snprintf(path, sizeof(path), "%s/%s", state_dir, folder);
    assert_int_equal(folder_names(path, ".json", &names, &why), 0);
    count = names.count;
    names_free(&names);
    return count;
}

/* An age by hand: no test waits for a clock. */
static void age(const struct build *build, time_t at)
{
    struct timespec times[2] = {{.tv_sec = at}, {.tv_sec = at}};
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/snapshots/%s.json", state_dir, snapshot_digest(build->snapshot));
    assert_int_equal(utimensat(-100, path, times, 0), 0);
}

static void what_is_kept_builds_the_same_snapshot(void **state)
{
    CLEANUP(build_freep) struct build *build = sample("general", ENOUGH);
    struct fault why;

    (void)state;
    keep(build);
    keep(build);                            /* again is nothing new */
    assert_int_equal(files_in("snapshots"), 1);
    assert_int_equal(files_in("snapshots/lists"), match_set_list_count(snapshot_matches(build->snapshot)));
    assert_int_equal(load(snapshot_digest(build->snapshot), &why), 0);
}

static void lists_are_kept_once_and_the_oldest_snapshots_go(void **state)
{
    CLEANUP(build_freep) struct build *first = sample("first", ENOUGH);
    CLEANUP(build_freep) struct build *second = sample("second", ENOUGH);
    CLEANUP(build_freep) struct build *third = sample("third", 2);
    size_t lists;
    struct fault why;

    (void)state;
    keep(first);
    age(first, 1000);
    lists = files_in("snapshots/lists");
    keep(second);
    age(second, 4000000000);
    assert_int_equal(files_in("snapshots/lists"), lists);
    keep(third);
    assert_int_equal(files_in("snapshots"), 2);
    assert_int_equal(files_in("snapshots/lists"), lists);
    assert_int_equal(load(snapshot_digest(first->snapshot), &why), FAULT);
    assert_string_equal(why.code, "SNAPSHOT_MISSING");
    assert_int_equal(load(snapshot_digest(third->snapshot), &why), 0);
}

static void a_changed_file_is_found(void **state)
{
    CLEANUP(build_freep) struct build *build = sample("changed", ENOUGH);
    struct fault why;
    char path[4096], *text, *at;
    size_t len;

    (void)state;
    keep(build);
    (void)snprintf(path, sizeof(path), "%s/snapshots/%s.json", state_dir, snapshot_digest(build->snapshot));
    text = test_read_file(path, &len);
    at = strstr(text, "\"changed\"");
    assert_non_null(at);
    at[1] = 'C' + 32 + 1;
    assert_int_equal(file_replace(path, (struct span){text, len}, 0600, &why), 0);
    free(text);
    assert_int_equal(load(snapshot_digest(build->snapshot), &why), FAULT);
    assert_string_equal(why.code, "SNAPSHOT_DIFFERS");
}

static void a_name_that_is_no_digest_is_refused(void **state)
{
    struct fault why;

    (void)state;
    assert_int_equal(load("../../../../../../../../../../../../../../../../../../../../../etc/pa", &why), FAULT);
    assert_string_equal(why.code, "SNAPSHOT_FORM");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_builds_the_same_snapshot),
        cmocka_unit_test(lists_are_kept_once_and_the_oldest_snapshots_go),
        cmocka_unit_test(a_changed_file_is_found),
        cmocka_unit_test(a_name_that_is_no_digest_is_refused),
    };

    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
