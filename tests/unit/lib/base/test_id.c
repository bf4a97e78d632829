/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/base/id.h"

#include <string.h>

static const uint8_t ones[ID_RANDOM_LEN] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, zeros[ID_RANDOM_LEN];

/* The time and the random bits of RFC 9562 appendix A.6; rand_a holds our shard. */
static void test_the_example_of_rfc_9562(void **state)
{
    static const uint8_t random[ID_RANDOM_LEN] = {0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
    struct id id = id_make("rpt", 0x017F22E279B0, 0xCC3, random);
    unsigned shard;
    int64_t ms;

    (void)state;
    assert_string_equal(id.text, "rpt_017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert_true(id_read(span_of(id.text), "rpt", &shard, &ms));
    assert_int_equal(shard, 0xCC3);
    assert_int_equal(ms, 0x017F22E279B0);
}

static void test_limits_and_order(void **state)
{
    struct id low = id_make("cas", 0, 0, zeros), high = id_make("cas", (1LL << 48) - 1, ID_SHARD_MAX, ones);
    struct id before = id_make("cas", 999, ID_SHARD_MAX, ones), after = id_make("cas", 1000, 0, zeros);
    unsigned shard;
    int64_t ms;

    (void)state;
    assert_string_equal(low.text, "cas_00000000-0000-7000-8000-000000000000");
    assert_string_equal(high.text, "cas_ffffffff-ffff-7fff-bfff-ffffffffffff");
    assert_true(id_read(span_of(high.text), "cas", &shard, &ms));
    assert_int_equal(shard, ID_SHARD_MAX);
    assert_int_equal(ms, (1LL << 48) - 1);
    assert_true(id_read(span_of(low.text), "cas", NULL, NULL));
    assert_true(strcmp(before.text, after.text) < 0);
}

static void test_anything_else_is_no_id(void **state)
{
    static const char *const cases[] = {
        "", "rpt_", "cas_017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "rpt-017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "rpt_017F22E2-79b0-7cc3-98c4-dc0c0c07398f", "rpt_017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
        "rpt_017f22e2-79b0-7cc3-d8c4-dc0c0c07398f", "rpt_017f22e2-79b0-7cc3-18c4-dc0c0c07398f",
        "rpt_017f22e279b0-7cc3-98c4-dc0c0c07398f0", "rpt_017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "rpt_017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "rpt_017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "rpt_017f22e2_79b0-7cc3-98c4-dc0c0c07398f", "rpt_017f22e2-79b0-7cc3-98c4-dc0c0c0739 f",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(id_read(span_of(cases[i]), "rpt", NULL, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_example_of_rfc_9562),
        cmocka_unit_test(test_limits_and_order),
        cmocka_unit_test(test_anything_else_is_no_id),
    };

    return cmocka_run_group_tests_name("lib/base/id", tests, NULL, NULL);
}
