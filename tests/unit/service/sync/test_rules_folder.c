/* SPDX-License-Identifier: Apache-2.0 */
/* The rules folder: a set is replaced whole or not at all, wherever it is interrupted. */
#include "lib/base/buf.h"
#include "service/runtime/file.h"
#include "service/sync/rules_folder.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char root[64], folder[96];
};

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[200];
    struct fault why;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(file_replace(path, span_of(text), 0644, &why), 0);
}

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    (void)snprintf(p->root, sizeof(p->root), "/tmp/test-rules-folder-XXXXXX");
    assert_non_null(mkdtemp(p->root));
    (void)snprintf(p->folder, sizeof(p->folder), "%s/rules", p->root);
    assert_int_equal(mkdir(p->folder, 0755), 0);
    write_file(p->folder, "a.yaml", "old a");
    write_file(p->folder, "b.yaml", "old b");
    write_file(p->folder, "README.md", "words");
    *state = p;
    return 0;
}

static void remove_all(const char *folder)
{
    static const char *const inside[] = {".next", ".put", ".done"};
    struct names names = {0};
    struct fault why;
    char path[200];

    for (size_t i = 0; i < COUNT_OF(inside); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, inside[i]);
        if (strlen(folder) < 90 && access(path, F_OK) == 0) {
            remove_all(path);
        }
    }
    assert_int_equal(folder_names(folder, "", &names, &why), 0);
    for (size_t i = 0; i < names.count; i++) {
        (void)unlink(names.paths[i]);
    }
    names_free(&names);
    (void)rmdir(folder);
}

static int tear_down(void **state)
{
    struct place *p = *state;

    (void)chmod(p->folder, 0755);
    remove_all(p->folder);
    (void)rmdir(p->root);
    free(p);
    return 0;
}

static struct rule_bundle *new_set(void)
{
    struct rule_bundle *bundle = rule_bundle_new();
    struct fault why;

    assert_int_equal(rule_bundle_add(bundle, SPAN("c.yaml"), SPAN("new c"), &why), 0);
    assert_int_equal(rule_bundle_add(bundle, SPAN("a.yaml"), SPAN("new a"), &why), 0);
    return bundle;
}

/* "name=text " of each file, in order. */
static void assert_reads(const struct place *p, const char *wanted)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = NULL;
    char got[200] = "";
    struct fault why;

    assert_int_equal(rules_folder_read(&bundle, p->folder, &why), 0);
    for (size_t i = 0; i < bundle->count; i++) {
        size_t at = strlen(got);

        (void)snprintf(got + at, sizeof(got) - at, "%s=%s ", strrchr(bundle->files[i].name, '/') + 1,
                       bundle->files[i].bytes.ptr);
    }
    assert_string_equal(got, wanted);
}

#define OLD "a.yaml=old a b.yaml=old b "
#define NEW "a.yaml=new a c.yaml=new c "

static bool there(const struct place *p, const char *name)
{
    char path[200];

    (void)snprintf(path, sizeof(path), "%s/%s", p->folder, name);
    return access(path, F_OK) == 0;
}

static void a_set_replaces_the_one_before_and_leaves_other_files(void **state)
{
    struct place *p = *state;
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = new_set();
    struct fault why;

    assert_int_equal(rules_folder_stage(p->folder, bundle, &why), 0);
    assert_reads(p, OLD);
    assert_int_equal(rules_folder_commit(p->folder, &why), 0);
    assert_reads(p, NEW);
    assert_int_equal(rules_folder_finish(p->folder, &why), 0);
    assert_reads(p, NEW);
    assert_true(there(p, "README.md"));
    assert_false(there(p, "b.yaml"));
    assert_false(there(p, ".put") || there(p, ".next") || there(p, ".done") || there(p, ".link"));
}

static void a_stop_before_the_commit_leaves_the_old_set(void **state)
{
    struct place *p = *state;
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = new_set();
    struct fault why;

    assert_int_equal(rules_folder_stage(p->folder, bundle, &why), 0);
    assert_int_equal(rules_folder_finish(p->folder, &why), 0);      /* the next start */
    assert_reads(p, OLD);
    rules_folder_unstage(p->folder);
    assert_false(there(p, ".next"));
    assert_int_equal(rules_folder_stage(p->folder, bundle, &why), 0);
    assert_int_equal(rules_folder_stage(p->folder, bundle, &why), 0);
    assert_reads(p, OLD);
}

static void a_stop_after_the_commit_leaves_the_new_set_and_the_next_start_ends_it(void **state)
{
    struct place *p = *state;
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = new_set();
    struct fault why;

    assert_int_equal(rules_folder_stage(p->folder, bundle, &why), 0);
    assert_int_equal(rules_folder_commit(p->folder, &why), 0);
    /* Half of the files were in place already, one under its passing name. */
    write_file(p->folder, "a.yaml", "new a");
    write_file(p->folder, ".link", "new c");
    assert_reads(p, NEW);
    assert_int_equal(rules_folder_finish(p->folder, &why), 0);
    assert_reads(p, NEW);
    assert_false(there(p, ".put") || there(p, ".link"));
    assert_int_equal(rules_folder_finish(p->folder, &why), 0);
}

static void a_set_that_was_committed_is_finished_before_another_is_staged(void **state)
{
    struct place *p = *state;
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = new_set();
    CLEANUP(rule_bundle_freep) struct rule_bundle *other = rule_bundle_new();
    struct fault why;

    assert_int_equal(rules_folder_stage(p->folder, bundle, &why), 0);
    assert_int_equal(rules_folder_commit(p->folder, &why), 0);
    assert_int_equal(rule_bundle_add(other, SPAN("z.yaml"), SPAN("newest"), &why), 0);
    assert_int_equal(rules_folder_stage(p->folder, other, &why), 0);
    assert_reads(p, NEW);
    assert_int_equal(rules_folder_commit(p->folder, &why), 0);
    assert_int_equal(rules_folder_finish(p->folder, &why), 0);
    assert_reads(p, "z.yaml=newest ");
}

static void a_folder_that_is_not_there_is_refused_by_name(void **state)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = new_set();
    struct fault why = {0};

    (void)state;
    assert_int_equal(rules_folder_stage("/nowhere/rules", bundle, &why), FAULT);
    assert_string_equal(why.code, "FILE_WRITE");
    assert_int_equal(rules_folder_finish("/nowhere/rules", &why), 0);
}

static void names_from_outside(void **state)
{
    static const struct {
        const char *name;
        bool good;
    } cases[] = {
        {"a.yaml", true}, {"recruitment-2.yaml", true}, {"0.yaml", true}, {".yaml", false}, {"-a.yaml", false},
        {"a.yml", false}, {"A.yaml", false}, {"a/b.yaml", false}, {"../a.yaml", false}, {"a b.yaml", false},
        {".put.yaml", false}, {"a.b.yaml", false}, {"", false},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.yaml", true},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.yaml", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (rule_file_name_good(span_of(cases[i].name)) != cases[i].good) {
            fail_msg("'%s'", cases[i].name);
        }
    }
}

static void a_name_is_there_once(void **state)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = new_set();
    struct fault why = {0};

    (void)state;
    assert_int_equal(rule_bundle_add(bundle, SPAN("a.yaml"), SPAN("again"), &why), FAULT);
    assert_string_equal(why.code, "RULE_FILE_NAME");
    assert_int_equal(bundle->count, 2);
    assert_string_equal(bundle->files[0].name, "a.yaml");
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(a_set_replaces_the_one_before_and_leaves_other_files),
        IN_A_FOLDER(a_stop_before_the_commit_leaves_the_old_set),
        IN_A_FOLDER(a_stop_after_the_commit_leaves_the_new_set_and_the_next_start_ends_it),
        IN_A_FOLDER(a_set_that_was_committed_is_finished_before_another_is_staged),
        cmocka_unit_test(a_folder_that_is_not_there_is_refused_by_name),
        cmocka_unit_test(names_from_outside),
        cmocka_unit_test(a_name_is_there_once),
    };

    return cmocka_run_group_tests_name("service/sync: the rules folder", tests, NULL, NULL);
}
