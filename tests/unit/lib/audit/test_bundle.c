/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/bundle.h"

#include "tests/support/support.h"

#include <string.h>

static void entries_of_every_length_come_back(void **state)
{
    static char largest[BUNDLE_ENTRY_MAX + 1];
    static const size_t lengths[] = {0, 1, 255, 256, 65535};
    struct span entries[256];
    struct fault why;
    struct buf out;

    (void)state;
    memset(largest, 'x', sizeof(largest));
    buf_init(&out, BUNDLE_MAX_BYTES);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(bundle_add(&out, (struct span){largest, lengths[i]}), 0);
    }
    assert_int_equal(bundle_read(buf_span(&out), 5, entries, &why), 0);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(entries[i].len, lengths[i]);
    }
    assert_int_equal(bundle_add(&out, (struct span){largest, 65536}), BUF_FULL);
    buf_done(&out);
}

static void the_length_is_big_endian(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, BUNDLE_MAX_BYTES);
    assert_int_equal(bundle_add(&out, SPAN("abc")), 0);
    assert_int_equal(out.len, 5);
    assert_memory_equal(out.data,
                        "\x00\x03"
                        "abc",
                        5);
    buf_done(&out);
}

static void damaged_bundles_are_refused(void **state)
{
    static const struct {
        const char *name;
        struct span bytes;
        unsigned count;
    } cases[] = {
        {"cut in a length", {"\x00", 1}, 1},
        {"cut in an entry",
         {"\x00\x03"
          "ab",
          4},
         1},
        {"one entry too few",
         {"\x00\x01"
          "a",
          3},
         2},
        {"one entry too many",
         {"\x00\x01"
          "a\x00\x01"
          "b",
          6},
         1},
        {"bytes behind the last",
         {"\x00\x01"
          "ab",
          4},
         1},
        {"nothing", {"", 0}, 1},
    };
    struct span entries[256];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fault why = {0};

        if (bundle_read(cases[i].bytes, cases[i].count, entries, &why) != FAULT) {
            fail_msg("accepted: %s", cases[i].name);
        }
        assert_string_equal(why.code, "BUNDLE_FORM");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_of_every_length_come_back),
        cmocka_unit_test(the_length_is_big_endian),
        cmocka_unit_test(damaged_bundles_are_refused),
    };

    return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
