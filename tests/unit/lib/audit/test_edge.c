/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/edge.h"

#include "lib/audit/bundle.h"
#include "tests/support/support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Files by name, the newest of a name last. */
struct files {
    struct file {
        char path[TILE_PATH_MAX];
        char *bytes;
        size_t len;
    } * list;
    size_t count, cap;
};

static int put(void *arg, const struct tile *tile, struct span bytes)
{
    struct files *files = arg;
    struct file *file;

    if (files->count == files->cap) {
        files->cap = files->cap ? files->cap * 2 : 64;
        files->list = realloc(files->list, files->cap * sizeof(*files->list));
        assert_non_null(files->list);
    }
    file = &files->list[files->count++];
    tile_path(file->path, tile);
    file->bytes = malloc(bytes.len + 1);
    assert_non_null(file->bytes);
    memcpy(file->bytes, bytes.ptr, bytes.len);
    file->len = bytes.len;
    return 0;
}

static struct file *find(const struct files *files, const char *path)
{
    for (size_t i = files->count; i > 0; i--) {
        if (strcmp(files->list[i - 1].path, path) == 0) {
            return &files->list[i - 1];
        }
    }
    return NULL;
}

static int get(void *arg, const struct tile *tile, struct span *ret)
{
    char path[TILE_PATH_MAX];
    const struct file *file;

    tile_path(path, tile);
    file = find(arg, path);
    if (!file) {
        return -2;
    }
    *ret = (struct span){file->bytes, file->len};
    return 0;
}

static void files_done(struct files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->list[i].bytes);
    }
    free(files->list);
}

static void append(struct edge *edge, uint64_t count, struct files *files)
{
    for (uint64_t i = 0; i < count; i++) {
        char text[32];
        int len =
            snprintf(text, sizeof(text), "entry %llu", (unsigned long long)edge_tree(edge)->size);

        assert_int_equal(edge_append(edge, (struct span){text, (size_t)len}, put, files), 0);
    }
}

static void seventy_thousand_entries_have_the_tiles_of_the_specification(void **state)
{
    static const struct {
        const char *prefix;
        size_t full;
        const char *partial;
    } expected[] = {
        {"tile/0/", 273, "tile/0/273.p/112"},
        {"tile/1/", 1, "tile/1/001.p/17"},
        {"tile/2/", 0, "tile/2/000.p/1"},
        {"tile/entries/", 273, "tile/entries/273.p/112"},
    };
    struct edge *edge = edge_new();
    struct files files = {0};
    size_t expected_count = 0;

    (void)state;
    append(edge, 70000, &files);
    assert_int_equal(edge_partials(edge, put, &files), 0);
    for (size_t e = 0; e < 4; e++) {
        size_t full = 0;

        for (size_t i = 0; i < files.count; i++) {
            full +=
                strncmp(files.list[i].path, expected[e].prefix, strlen(expected[e].prefix)) == 0 &&
                !strstr(files.list[i].path, ".p/");
        }
        assert_int_equal(full, expected[e].full);
        assert_non_null(find(&files, expected[e].partial));
        expected_count += full + 1;
    }
    assert_int_equal(files.count, expected_count);
    assert_int_equal(find(&files, "tile/0/000")->len, 8192);
    assert_int_equal(find(&files, "tile/1/001.p/17")->len, 17 * 32);
    files_done(&files);
    edge_free(edge);
}

static void an_edge_read_back_goes_on_as_if_never_left(void **state)
{
    static const uint64_t sizes[] = {0, 1, 255, 256, 257, 511, 512, 65535, 65536, 65537, 66000};

    (void)state;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        struct edge *edge = edge_new(), *back = NULL;
        struct files files = {0}, after = {0}, after_back = {0};
        struct fault why = {0};
        struct hash root, other;

        append(edge, sizes[s], &files);
        assert_int_equal(edge_partials(edge, put, &files), 0);
        root = merkle_root(edge_tree(edge));
        if (edge_load(&back, sizes[s], &root, get, &files, &why) != 0) {
            fail_msg("size %llu: %s %s", (unsigned long long)sizes[s], why.place, why.text);
        }
        append(edge, 300, &after);
        append(back, 300, &after_back);
        assert_int_equal(edge_partials(edge, put, &after), 0);
        assert_int_equal(edge_partials(back, put, &after_back), 0);
        root = merkle_root(edge_tree(edge));
        other = merkle_root(edge_tree(back));
        assert_true(hash_equal(&root, &other));
        assert_int_equal(after.count, after_back.count);
        for (size_t i = 0; i < after.count; i++) {
            assert_string_equal(after.list[i].path, after_back.list[i].path);
            assert_int_equal(after.list[i].len, after_back.list[i].len);
            assert_memory_equal(after.list[i].bytes, after_back.list[i].bytes, after.list[i].len);
        }
        files_done(&files);
        files_done(&after);
        files_done(&after_back);
        edge_free(edge);
        edge_free(back);
    }
}

static void a_flipped_bit_in_any_edge_file_is_found(void **state)
{
    static const char *const paths[] = {
        "tile/0/257.p/44", "tile/entries/257.p/44", "tile/1/001.p/1", "tile/2/000.p/1",
        "tile/0/256",      "tile/entries/256",      "tile/1/000",
    };
    struct edge *edge = edge_new();
    struct files files = {0};
    struct hash root;

    (void)state;
    append(edge, 257 * 256 + 44, &files);
    assert_int_equal(edge_partials(edge, put, &files), 0);
    root = merkle_root(edge_tree(edge));
    for (size_t p = 0; p < sizeof(paths) / sizeof(paths[0]); p++) {
        struct file *file = find(&files, paths[p]);
        struct edge *back = NULL;
        struct fault why = {0};

        assert_non_null(file);
        file->bytes[file->len - 1] ^= 4;
        if (edge_load(&back, edge_tree(edge)->size, &root, get, &files, &why) != FAULT) {
            fail_msg("accepted a changed %s", paths[p]);
        }
        assert_true(strncmp(why.code, "EDGE_", 5) == 0);
        file->bytes[file->len - 1] ^= 4;
        file->len--;
        assert_int_equal(edge_load(&back, edge_tree(edge)->size, &root, get, &files, &why), FAULT);
        file->len++;
    }
    root.bytes[0] ^= 1;
    {
        struct edge *back = NULL;
        struct fault why = {0};

        assert_int_equal(edge_load(&back, edge_tree(edge)->size, &root, get, &files, &why), FAULT);
        assert_string_equal(why.code, "EDGE_ROOT");
    }
    files_done(&files);
    edge_free(edge);
}

static void entries_up_to_65535_bytes_are_taken(void **state)
{
    static char bytes[65536];
    struct edge *edge = edge_new();
    struct files files = {0};

    (void)state;
    assert_int_equal(edge_append(edge, (struct span){bytes, 0}, put, &files), 0);
    assert_int_equal(edge_append(edge, (struct span){bytes, 65535}, put, &files), 0);
    assert_int_equal(edge_append(edge, (struct span){bytes, 65536}, put, &files), -EMSGSIZE);
    assert_int_equal(edge_tree(edge)->size, 2);
    files_done(&files);
    edge_free(edge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seventy_thousand_entries_have_the_tiles_of_the_specification),
        cmocka_unit_test(an_edge_read_back_goes_on_as_if_never_left),
        cmocka_unit_test(a_flipped_bit_in_any_edge_file_is_found),
        cmocka_unit_test(entries_up_to_65535_bytes_are_taken),
    };

    return cmocka_run_group_tests_name("edge", tests, NULL, NULL);
}
