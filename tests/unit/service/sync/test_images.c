/* SPDX-License-Identifier: Apache-2.0 */
/* Indexes of many hashes as files: made once, mapped again, and never believed when they are damaged. */
#include "service/sync/images.h"

#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "tests/support/support.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MANY = 3000 };

static char folder[64];

static int start(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/rapporteur-images-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int stop(void **state)
{
    char command[128];

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
    return 0;
}

static void hash_text(size_t n, char into[SHA256_HEX_LEN + 1])
{
    sha256_hex(&n, sizeof(n), into);
}

static struct list *list_of(size_t count, const char *version)
{
    struct list_head head = {.id = SPAN("hashes"),
                             .name = SPAN("n"),
                             .owner = SPAN("o"),
                             .legal_basis = SPAN("b"),
                             .version = span_of(version)};
    struct list *list;
    struct fault why;

    assert_int_equal(list_new(&list, &head, &why), 0);
    for (size_t n = 0; n < count; n++) {
        char text[SHA256_HEX_LEN + 1];

        hash_text(n, text);
        assert_int_equal(list_add(list,
                                  &(struct list_entry){
                                      .kind = SIGNAL_SHA256, .value = span_of(text), .severity = 2},
                                  &why),
                         0);
    }
    assert_int_equal(list_seal(list), 0);
    return list;
}

static struct match_set *build(struct list *list, struct images *images)
{
    struct match_options options = match_options_default;
    struct faults notes = {0};
    struct match_set *set;

    if (images) {
        images_init(images, folder);
        images->calls.min = MANY;
        options.images = &images->calls;
    }
    assert_int_equal(match_set_build(&set, &list, 1, &options, &notes), 0);
    if (images) {
        images_sweep(images);
    }
    return set;
}

/* Hits of one hash. */
static size_t hits_of(const struct match_set *set, size_t n)
{
    static struct hits hits;
    char text[SHA256_HEX_LEN + 1];
    static struct content content;
    struct match_scratch *scratch;

    hash_text(n, text);
    content.hashes[0] =
        (struct content_hash){.kind = SIGNAL_SHA256, .quality = -1, .value = span_of(text)};
    content.hash_count = 1;
    assert_int_equal(match_scratch_new(&scratch, set), 0);
    assert_int_equal(match_set_scan(set, scratch, &content, 1, &hits), 0);
    (void)match_scratch_free(scratch);
    return hits.count;
}

static void need_all(const struct match_set *set)
{
    assert_int_equal(hits_of(set, 0), 1);
    assert_int_equal(hits_of(set, MANY / 2), 1);
    assert_int_equal(hits_of(set, MANY - 1), 1);
    assert_int_equal(hits_of(set, MANY), 0);
}

/* The only file kept, or "" where there is none. */
static size_t files(char path[300])
{
    char below[100];
    const struct dirent *one;
    size_t count = 0;
    DIR *all;

    path[0] = '\0';
    (void)snprintf(below, sizeof(below), "%s/hashes", folder);
    all = opendir(below);
    while (all && (one = readdir(all)) != NULL) {
        if (one->d_name[0] != '.') {
            (void)snprintf(path, 300, "%s/%.190s", below, one->d_name);
            count++;
        }
    }
    if (all) {
        (void)closedir(all);
    }
    return count;
}

static void an_index_is_made_once_and_mapped_again(void **state)
{
    struct list *list = list_of(MANY, "1");
    struct match_set *first, *second, *heap;
    struct images images;
    struct stat before, after;
    char path[300];

    (void)state;
    first = build(list, &images);
    need_all(first);
    assert_int_equal(files(path), 1);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(before.st_mode & 0777, 0600);
    second = build(list, &images);
    need_all(second);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    heap = build(list, NULL);
    assert_string_equal(match_set_digest(heap), match_set_digest(second));
    (void)match_set_free(heap);
    (void)match_set_free(first);
    need_all(second); /* what one snapshot lets go another still has */
    (void)match_set_free(second);
    list_unref(list);
}

static void another_version_has_its_own_and_the_old_one_goes(void **state)
{
    struct list *one = list_of(MANY, "1"), *two = list_of(MANY + 1, "2");
    struct match_set *old, *new;
    struct images images;
    char was[300], is[300];

    (void)state;
    old = build(one, &images);
    assert_int_equal(files(was), 1);
    new = build(two, &images);
    assert_int_equal(files(is), 1);
    assert_string_not_equal(was, is);
    need_all(old); /* mapped, though its file is gone */
    assert_int_equal(hits_of(new, MANY), 1);
    (void)match_set_free(old);
    (void)match_set_free(new);
    list_unref(one);
    list_unref(two);
}

static void few_hashes_have_no_file(void **state)
{
    struct list *list = list_of(MANY - 1, "1");
    struct match_set *set;
    struct images images;
    char path[300];

    (void)state;
    set = build(list, &images);
    assert_int_equal(hits_of(set, MANY - 2), 1);
    assert_int_equal(files(path), 0);
    (void)match_set_free(set);
    list_unref(list);
}

static void what_is_damaged_is_made_again(void **state)
{
    static const struct {
        const char *name;
        off_t flip, cut; /* a byte to flip, -1: none; how long it is cut to, -1: not */
    } damages[] = {
        {"a flipped byte in its head", 3, -1},    {"a flipped byte in the middle", 40000, -1},
        {"a flipped byte of its digest", -2, -1}, {"cut in the middle", -1, 50000},
        {"cut to its digest", -1, SHA256_LEN},    {"empty", -1, 0}};
    struct list *list = list_of(MANY, "1");
    struct images images;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        struct match_set *set = build(list, &images);
        char path[300], byte;
        struct stat about;
        int fd;

        (void)match_set_free(set);
        assert_int_equal(files(path), 1);
        assert_int_equal(stat(path, &about), 0);
        fd = open(path, O_RDWR);
        assert_true(fd >= 0);
        if (damages[i].flip != -1) {
            off_t at = damages[i].flip < 0 ? about.st_size - 5 : damages[i].flip;

            assert_int_equal(pread(fd, &byte, 1, at), 1);
            byte ^= 1;
            assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        }
        if (damages[i].cut != -1) {
            assert_int_equal(ftruncate(fd, damages[i].cut), 0);
        }
        (void)close(fd);
        set = build(list, &images);
        need_all(set);
        (void)match_set_free(set);
        /* Whole again. */
        assert_int_equal(files(path), 1);
        assert_int_equal(stat(path, &about), 0);
        assert_true(about.st_size > 96000);
    }
    list_unref(list);
}

static void an_index_that_cannot_be_kept_stays_in_memory(void **state)
{
    struct list *list = list_of(MANY, "1");
    struct match_set *set;
    struct images images;
    char below[100], path[300];
    FILE *file;

    (void)state;
    (void)snprintf(below, sizeof(below), "%s/hashes", folder);
    file = fopen(below, "w"); /* where the folder belongs */
    assert_non_null(file);
    (void)fclose(file);
    set = build(list, &images);
    need_all(set);
    assert_int_equal(files(path), 0);
    (void)match_set_free(set);
    list_unref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_index_is_made_once_and_mapped_again, start, stop),
        cmocka_unit_test_setup_teardown(another_version_has_its_own_and_the_old_one_goes, start,
                                        stop),
        cmocka_unit_test_setup_teardown(few_hashes_have_no_file, start, stop),
        cmocka_unit_test_setup_teardown(what_is_damaged_is_made_again, start, stop),
        cmocka_unit_test_setup_teardown(an_index_that_cannot_be_kept_stays_in_memory, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
