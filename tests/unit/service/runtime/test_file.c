/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/runtime/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/rapporteur-file-XXXXXX";

static const char *at(const char *name)
{
    static char path[200];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int make(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int unmake(void **state)
{
    static const char *const left[] = {"a", "b.yaml", "a.yaml", ".hidden.yaml", "deep/er/x", "deep/er", "deep"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(left); i++) {
        (void)remove(at(left[i]));
    }
    return rmdir(folder);
}

static void test_replace_then_read(void **state)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(5);
    struct stat made;
    struct fault why;

    (void)state;
    assert_int_equal(file_replace(at("a"), SPAN("12345"), 0600, &why), 0);
    assert_int_equal(stat(at("a"), &made), 0);
    assert_int_equal(made.st_mode & 0777, 0600);
    assert_int_equal(file_read(at("a"), out, &why), 0);
    assert_string_equal(out->data, "12345");
    assert_int_equal(file_replace(at("a"), SPAN("123456"), 0600, &why), 0);
    assert_int_equal(access(at("a.new"), F_OK), -1);
    buf_clear(out);
    assert_int_equal(file_read(at("a"), out, &why), FAULT);
    assert_string_equal(why.code, "FILE_TOO_LARGE");
    assert_string_equal(why.place, at("a"));
}

static void test_what_cannot_be_is_said(void **state)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(100);
    struct names names;
    struct fault why;

    (void)state;
    assert_int_equal(file_read(at("absent"), out, &why), FAULT);
    assert_string_equal(why.code, "FILE_READ");
    assert_int_equal(file_read(folder, out, &why), FAULT);
    assert_string_equal(why.code, "FILE_READ");
    assert_int_equal(file_replace(at("absent/x"), SPAN("1"), 0600, &why), FAULT);
    assert_string_equal(why.code, "FILE_WRITE");
    assert_int_equal(folder_names(at("absent"), ".yaml", &names, &why), FAULT);
    assert_string_equal(why.code, "FILE_FOLDER");
    assert_int_equal(folder_make("", 0700, &why), FAULT);
    assert_int_equal(file_replace(at("a"), SPAN("1"), 0600, &why), 0);
    assert_int_equal(folder_make(at("a"), 0700, &why), FAULT);
    assert_string_equal(why.code, "FILE_FOLDER");
    assert_int_equal(folder_make(at("a/b"), 0700, &why), FAULT);
}

static void test_folders(void **state)
{
    struct names names;
    struct fault why;

    (void)state;
    assert_int_equal(folder_make(at("deep/er/"), 0700, &why), 0);
    assert_int_equal(folder_make(at("deep/er"), 0700, &why), 0);
    assert_int_equal(file_replace(at("b.yaml"), SPAN(""), 0600, &why), 0);
    assert_int_equal(file_replace(at("a.yaml"), SPAN(""), 0600, &why), 0);
    assert_int_equal(file_replace(at(".hidden.yaml"), SPAN(""), 0600, &why), 0);
    assert_int_equal(folder_names(folder, ".yaml", &names, &why), 0);
    assert_int_equal(names.count, 2);
    assert_string_equal(names.paths[0], at("a.yaml"));
    assert_string_equal(names.paths[1], at("b.yaml"));
    names_free(&names);
    assert_int_equal(names.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replace_then_read),
        cmocka_unit_test(test_what_cannot_be_is_said),
        cmocka_unit_test(test_folders),
    };

    return cmocka_run_group_tests_name("service/runtime/file", tests, make, unmake);
}
