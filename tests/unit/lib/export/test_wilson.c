/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/export/idmap.h"
#include "lib/export/wilson.h"

#include <math.h>
#include <stdio.h>

/* Values of the closed formula, worked out apart from this code. */
static void intervals(void **state)
{
    static const struct {
        uint64_t hits, total;
        double low, high;
    } cases[] = {
        {0, 0, 0, 1},
        {0, 10, 0, 0.277533},
        {10, 10, 0.722467, 1},
        {1, 1, 0.206549, 1},
        {5, 10, 0.236593, 0.763407},
        {3, 200, 0.005114, 0.043166},
        {50, 1000, 0.038130, 0.065314},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct wilson w = wilson_95(cases[i].hits, cases[i].total);

        if (fabs(w.low - cases[i].low) > 1e-5 || fabs(w.high - cases[i].high) > 1e-5) {
            print_message("%f %f\n", w.low, w.high);
        }
        assert_true(fabs(w.low - cases[i].low) < 1e-5);
        assert_true(fabs(w.high - cases[i].high) < 1e-5);
        assert_true(w.low <= w.share || cases[i].total == 0);
    }
}

static void ids_keep_their_number(void **state)
{
    CLEANUP(idmap_freep) struct idmap *map = idmap_new(5000);
    char text[24];
    uint32_t index;

    (void)state;
    for (uint32_t i = 0; i < 5000; i++) {
        (void)snprintf(text, sizeof(text), "cas_%u", i);
        assert_int_equal(idmap_put(map, span_of(text), &index), IDMAP_NEW);
        assert_int_equal(index, i);
    }
    assert_int_equal(idmap_put(map, SPAN("cas_17"), &index), 0);
    assert_int_equal(index, 17);
    assert_int_equal(idmap_put(map, SPAN("one more"), &index), IDMAP_FULL);
    assert_int_equal(idmap_find(map, SPAN("cas_4999")), 4999);
    assert_int_equal(idmap_find(map, SPAN("one more")), -1);
    assert_int_equal(idmap_count(map), 5000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals),
        cmocka_unit_test(ids_keep_their_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
