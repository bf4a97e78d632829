/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/store/aof_tail.h"

#define SET "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n\r\n\r\n"
#define MULTI "*1\r\n$5\r\nMULTI\r\n"
#define EXEC "*1\r\n$4\r\nEXEC\r\n"

static void test_ends(void **state)
{
    static const struct {
        const char *name;
        struct span bytes;
        enum aof_end end;
        size_t valid;
    } cases[] = {
        {"nothing", SPAN(""), AOF_WHOLE, 0},
        {"a command", SPAN(SET), AOF_WHOLE, sizeof(SET) - 1},
        {"a transaction", SPAN(MULTI SET EXEC), AOF_WHOLE, sizeof(MULTI SET EXEC) - 1},
        {"without EXEC", SPAN(SET MULTI SET), AOF_TORN, sizeof(SET) - 1},
        {"torn inside a transaction", SPAN(SET MULTI SET "*3\r\n$3\r\nS"), AOF_TORN,
         sizeof(SET) - 1},
        {"torn in EXEC", SPAN(SET MULTI SET "*1\r\n$4\r\nEX"), AOF_TORN, sizeof(SET) - 1},
        {"torn before the last byte", SPAN(SET "*1\r\n$4\r\nPING\r"), AOF_TORN, sizeof(SET) - 1},
        {"one star", SPAN(SET "*"), AOF_TORN, sizeof(SET) - 1},
        {"lower case", SPAN("*1\r\n$5\r\nmulti\r\n" SET), AOF_TORN, 0},
        {"a time stamp", SPAN("#TS:1628217470\r\n" SET), AOF_WHOLE,
         sizeof("#TS:1628217470\r\n" SET) - 1},
        {"a torn time stamp", SPAN(SET "#TS:16"), AOF_TORN, sizeof(SET) - 1},
        {"zeros after a power cut", SPAN(SET "\0\0\0\0"), AOF_TORN, sizeof(SET) - 1},
        {"zeros inside a command", SPAN(SET "*2\r\n\0\0\0\0"), AOF_TORN, sizeof(SET) - 1},
        {"zeros, then more", SPAN(SET "\0\0*1"), AOF_BAD, sizeof(SET) - 1},
        {"another letter", SPAN(SET "!" SET), AOF_BAD, sizeof(SET) - 1},
        {"no number", SPAN("*x\r\n"), AOF_BAD, 0},
        {"no words", SPAN("*0\r\n"), AOF_BAD, 0},
        {"a wrong length", SPAN("*1\r\n$3\r\nPING\r\n"), AOF_BAD, 0},
        {"MULTI in MULTI", SPAN(MULTI SET MULTI SET EXEC), AOF_BAD, sizeof(MULTI SET) - 1},
        {"a length past the end", SPAN("*1\r\n$9999999999999999999\r\nPING\r\n"), AOF_TORN, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t valid = 12345;
        enum aof_end end = aof_scan(cases[i].bytes, &valid);

        if (end != cases[i].end || valid != cases[i].valid) {
            fail_msg("%s: end %d, valid %zu", cases[i].name, (int)end, valid);
        }
    }
}

static void test_every_cut_keeps_whole_steps_only(void **state)
{
    static const char file[] = MULTI SET SET EXEC SET MULTI SET EXEC;
    const size_t ends[] = {0, sizeof(MULTI SET SET EXEC) - 1, sizeof(MULTI SET SET EXEC SET) - 1,
                           sizeof(file) - 1};

    (void)state;
    for (size_t len = 0; len < sizeof(file); len++) {
        size_t valid = 0, expected = 0;
        enum aof_end end = aof_scan((struct span){file, len}, &valid);

        for (size_t i = 0; i < COUNT_OF(ends); i++) {
            expected = ends[i] <= len ? ends[i] : expected;
        }
        assert_int_equal(end, expected == len ? AOF_WHOLE : AOF_TORN);
        assert_int_equal(valid, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_every_cut_keeps_whole_steps_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
