/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/arena.h"

#include <string.h>

static void test_room_is_zeroed_and_aligned(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (size_t bytes = 0; bytes < 5000; bytes += 7) {
        unsigned char *room = arena_alloc(arena, bytes);

        assert_non_null(room);
        assert_int_equal((uintptr_t)room % 16, 0);
        for (size_t i = 0; i < bytes; i++) {
            assert_int_equal(room[i], 0);
        }
        memset(room, 0xAA, bytes);
        if (bytes % 3 == 0) {
            arena_reset(arena);
        }
    }
}

static void test_ceiling_holds_on_both_sides(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(4096);
    void *room;

    (void)state;
    room = arena_alloc(arena, 4097);
    assert_null(room);
    room = arena_alloc(arena, 4080);
    assert_non_null(room);
    room = arena_alloc(arena, 16);
    assert_non_null(room);
    assert_int_equal(arena_used(arena), 4096);
    room = arena_alloc(arena, 1);
    assert_null(room);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    room = arena_alloc(arena, 4096);
    assert_non_null(room);
}

static void test_blocks_are_kept_across_resets(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(64 << 10);
    void *first = NULL;

    (void)state;
    for (int round = 0; round < 100; round++) {
        void *room = arena_alloc(arena, 100);

        if (!first) {
            first = room;
        }
        assert_ptr_equal(room, first);
        for (int i = 0; i < 300; i++) {
            room = arena_alloc(arena, 100);
            assert_non_null(room);
        }
        arena_reset(arena);
    }
}

static void test_overflow_is_refused(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(SIZE_MAX);
    struct span copy;
    void *room;

    (void)state;
    room = arena_array(arena, SIZE_MAX / 2, 3);
    assert_null(room);
    room = arena_alloc(arena, SIZE_MAX);
    assert_null(room);
    room = arena_array(arena, 3, 8);
    assert_non_null(room);
    copy = arena_copy(arena, (struct span){"a\0b", 3});
    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.ptr, "a\0b\0", 4);
    copy = arena_copy(arena, (struct span){NULL, 0});
    assert_string_equal(copy.ptr, "");
    assert_null(arena_free(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_is_zeroed_and_aligned),
        cmocka_unit_test(test_ceiling_holds_on_both_sides),
        cmocka_unit_test(test_blocks_are_kept_across_resets),
        cmocka_unit_test(test_overflow_is_refused),
    };

    return cmocka_run_group_tests_name("lib/base/arena", tests, NULL, NULL);
}
