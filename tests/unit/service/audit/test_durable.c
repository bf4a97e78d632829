/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/durable.h"

#include "tests/support/support.h"
#include "tests/unit/service/audit/memory_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void files_are_written_with_their_folders(void **state)
{
    char *folder = memory_folder();
    int root = open(folder, O_RDONLY | O_DIRECTORY);
    struct fault why = {0};
    struct durable set;
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    durable_start(&set, root);
    for (int i = 0; i < 40; i++) {
        char path[64];

        (void)snprintf(path, sizeof(path), "a/b%d/c/file", i);
        assert_int_equal(durable_put(&set, path, SPAN("bytes"), 0644, &why), 0);
    }
    assert_int_equal(durable_put(&set, "top", SPAN(""), 0600, &why), 0);
    assert_int_equal(durable_finish(&set, 0, &why), 0);
    assert_int_equal(durable_read(root, "a/b39/c/file", &out, &why), 0);
    assert_string_equal(out.data, "bytes");
    assert_int_equal(durable_read(root, "a/none", &out, &why), -ENOENT);
    buf_done(&out);
    (void)close(root);
    memory_folder_done(folder);
}

static void a_file_put_once_never_changes(void **state)
{
    char *folder = memory_folder();
    int root = open(folder, O_RDONLY | O_DIRECTORY);
    struct fault why = {0};
    struct durable set;

    (void)state;
    durable_start(&set, root);
    assert_int_equal(durable_put_once(&set, "x/tile", SPAN("bytes"), &why), 0);
    assert_int_equal(durable_put_once(&set, "x/tile", SPAN("bytes"), &why), 0);
    assert_int_equal(durable_put_once(&set, "x/tile", SPAN("byte"), &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_MISMATCH");
    assert_string_equal(why.place, "x/tile");
    assert_int_equal(durable_put_once(&set, "x/tile", SPAN("bytes and more"), &why), FAULT);
    assert_int_equal(durable_put_once(&set, "x/tile", SPAN("bytez"), &why), FAULT);
    assert_int_equal(durable_finish(&set, FAULT, &why), FAULT);
    (void)close(root);
    memory_folder_done(folder);
}

static void what_cannot_be_written_is_named(void **state)
{
    char *folder = memory_folder();
    int root = open(folder, O_RDONLY | O_DIRECTORY);
    struct fault why = {0};
    struct buf out;

    (void)state;
    assert_int_equal(mkdirat(root, "folder", 0700), 0);
    assert_int_equal(durable_write(root, "folder", SPAN("x"), 0600, &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_IO");
    assert_string_equal(why.place, "folder");
    assert_non_null(strstr(why.text, "rename failed"));
    assert_int_equal(durable_write(root, "file", SPAN("12345"), 0600, &why), 0);
    assert_int_equal(durable_write(root, "file/below", SPAN("x"), 0600, &why), FAULT);
    buf_init(&out, 4);
    assert_int_equal(durable_read(root, "file", &out, &why), FAULT);
    buf_done(&out);
    buf_init(&out, 5);
    assert_int_equal(durable_read(root, "file", &out, &why), 0);
    buf_done(&out);
    /* A link is not followed: what is behind it is not ours. */
    assert_int_equal(symlinkat("file", root, "link"), 0);
    buf_init(&out, 100);
    assert_int_equal(durable_read(root, "link", &out, &why), FAULT);
    buf_done(&out);
    (void)close(root);
    memory_folder_done(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_written_with_their_folders),
        cmocka_unit_test(a_file_put_once_never_changes),
        cmocka_unit_test(what_cannot_be_written_is_named),
    };

    return cmocka_run_group_tests_name("durable", tests, NULL, NULL);
}
