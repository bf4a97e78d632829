/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/tlsh.h"

#include "tests/support/support.h"

#include "lib/base/codec.h"

static const char one[] =
    "T1301124198C869A5A4F0F9380A9AE92F2B9278F42089EA34272885F0FB2D34E6911444C";

/* The distance as the paper words it, bucket by bucket. */
static int slow_distance(const uint8_t a[35], const uint8_t b[35])
{
    int sum = a[0] != b[0];

    for (int half = 0; half < 2; half++) {
        int x = a[2] >> half * 4 & 15, y = b[2] >> half * 4 & 15, d = x > y ? x - y : y - x;

        d = 16 - d < d ? 16 - d : d;
        sum += d <= 1 ? d : (d - 1) * 12;
    }
    for (int bucket = 0; bucket < 128; bucket++) {
        int x = a[3 + bucket / 4] >> bucket % 4 * 2 & 3,
            y = b[3 + bucket / 4] >> bucket % 4 * 2 & 3;
        int d = x > y ? x - y : y - x;

        sum += d == 3 ? 6 : d;
    }
    return sum;
}

static void distance_is_the_paper_s(void **state)
{
    uint64_t seed = 42;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        uint8_t bytes[2][35];
        char hex[2][71];
        struct tlsh digest[2];

        for (int i = 0; i < 35; i++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            bytes[0][i] = (uint8_t)(seed >> 33);
            bytes[1][i] = (seed >> 50) % 3 ? bytes[0][i] : (uint8_t)(seed >> 41);
        }
        for (int k = 0; k < 2; k++) {
            hex_encode(bytes[k], 35, hex[k]);
            assert_true(tlsh_read(&digest[k], span_of(hex[k])));
        }
        assert_int_equal(tlsh_distance(&digest[0], &digest[1]), slow_distance(bytes[0], bytes[1]));
        assert_int_equal(tlsh_distance(&digest[1], &digest[0]), slow_distance(bytes[0], bytes[1]));
        assert_true(tlsh_ratio_distance(bytes[0][2], bytes[1][2]) <=
                    slow_distance(bytes[0], bytes[1]));
    }
}

static void length_does_not_count(void **state)
{
    struct tlsh a, b;
    char other[sizeof(one)];

    (void)state;
    memcpy(other, one, sizeof(one));
    other[4] = '7';
    assert_true(tlsh_read(&a, span_of(one)));
    assert_true(tlsh_read(&b, span_of(other)));
    assert_int_equal(tlsh_distance(&a, &b), 0);
    assert_true(tlsh_read(&b, span_of(one + 2)));
    assert_int_equal(tlsh_distance(&a, &b), 0);
}

static void refuses_other_lengths(void **state)
{
    struct tlsh a;

    (void)state;
    assert_false(tlsh_read(&a, span_of("")));
    assert_false(tlsh_read(&a, span_of(one + 1)));
    assert_false(tlsh_read(&a, span_of(one + 3)));
    assert_false(tlsh_read(
        &a, SPAN("T2301124198C869A5A4F0F9380A9AE92F2B9278F42089EA34272885F0FB2D34E6911444C")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_is_the_paper_s),
        cmocka_unit_test(length_does_not_count),
        cmocka_unit_test(refuses_other_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
