/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/tile.h"

#include "tests/support/support.h"

static const struct {
    const char *path;
    struct tile tile;
} good[] = {
    {"tile/0/000", {0, 0, 256}},
    {"tile/0/273.p/112", {0, 273, 112}},
    {"tile/0/x001/x234/067", {0, 1234067, 256}},
    {"tile/0/x001/000", {0, 1000, 256}},
    {"tile/63/999.p/255", {63, 999, 255}},
    {"tile/entries/x123/456.p/1", {TILE_ENTRIES, 123456, 1}},
    {"tile/0/x018/x446/x744/x073/x709/x551/615", {0, UINT64_MAX, 256}},
};

static void paths_are_written_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        char path[TILE_PATH_MAX];
        struct tile back;

        tile_path(path, &good[i].tile);
        assert_string_equal(path, good[i].path);
        assert_true(tile_read_path(span_of(path), &back));
        assert_int_equal(back.level, good[i].tile.level);
        assert_true(back.index == good[i].tile.index);
        assert_int_equal(back.width, good[i].tile.width);
    }
}

static void other_spellings_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001/00",
        "tile/0/x001",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/1/",
        "tile/0/000/",
        "tile/0/../000",
        "tile/data/000",
        "/tile/0/000",
        "tile/0/000 ",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/entries/x1a3/456",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/000",
    };
    struct tile tile;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (tile_read_path(span_of(bad[i]), &tile)) {
            fail_msg("accepted %s", bad[i]);
        }
    }
    assert_false(tile_read_path((struct span){"tile/0/000\0", 11}, &tile));
}

static void widths_follow_from_the_size(void **state)
{
    static const struct {
        int level;
        uint64_t index, size;
        unsigned width;
    } cases[] = {
        {0, 0, 0, 0},
        {0, 0, 1, 1},
        {0, 0, 255, 255},
        {0, 0, 256, 256},
        {1, 0, 255, 0},
        {1, 0, 256, 1},
        {0, 273, 70000, 112},
        {0, 272, 70000, 256},
        {0, 274, 70000, 0},
        {1, 0, 70000, 256},
        {1, 1, 70000, 17},
        {2, 0, 70000, 1},
        {3, 0, 70000, 0},
        {TILE_ENTRIES, 273, 70000, 112},
        {8, 0, UINT64_MAX, 0},
        {7, 0, UINT64_MAX, 255},
        {0, UINT64_MAX, UINT64_MAX, 0},
        {63, 0, UINT64_MAX, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(tile_width(cases[i].level, cases[i].index, cases[i].size), cases[i].width);
    }
}

static void the_folder_of_partials_is_the_full_name_with_p(void **state)
{
    char path[TILE_PATH_MAX];

    (void)state;
    tile_partials_path(path, &(struct tile){.level = TILE_ENTRIES, .index = 1234067});
    assert_string_equal(path, "tile/entries/x001/x234/067.p");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_written_and_read_back),
        cmocka_unit_test(other_spellings_are_refused),
        cmocka_unit_test(widths_follow_from_the_size),
        cmocka_unit_test(the_folder_of_partials_is_the_full_name_with_p),
    };

    return cmocka_run_group_tests_name("tile", tests, NULL, NULL);
}
