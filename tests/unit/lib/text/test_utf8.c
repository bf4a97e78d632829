/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text/utf8.h"
#include "tests/support/support.h"

#include <stdio.h>

static const struct {
    const char *name;
    struct span bytes;
    size_t valid;
} cases[] = {
    {"nothing", SPAN(""), 0},
    {"ASCII with NUL", SPAN("a\0b"), 3},
    {"every length", SPAN("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 10},
    {"smallest of two bytes", SPAN("\xc2\x80"), 2},
    {"smallest of three bytes", SPAN("\xe0\xa0\x80"), 3},
    {"smallest of four bytes", SPAN("\xf0\x90\x80\x80"), 4},
    {"largest", SPAN("\xf4\x8f\xbf\xbf"), 4},
    {"noncharacter U+FFFF", SPAN("\xef\xbf\xbf"), 3},
    {"last before the surrogates", SPAN("\xed\x9f\xbf"), 3},
    {"first behind the surrogates", SPAN("\xee\x80\x80"), 3},
    {"overlong slash in two", SPAN("ab\xc0\xaf"), 2},
    {"overlong in two, C1", SPAN("\xc1\xbf"), 0},
    {"overlong in three", SPAN("\xe0\x9f\xbf"), 0},
    {"overlong in four", SPAN("\xf0\x8f\xbf\xbf"), 0},
    {"low surrogate", SPAN("x\xed\xb0\x80"), 1},
    {"high surrogate", SPAN("\xed\xa0\x80"), 0},
    {"past U+10FFFF", SPAN("\xf4\x90\x80\x80"), 0},
    {"F5", SPAN("\xf5\x80\x80\x80"), 0},
    {"lone tail", SPAN("abcdefgh\x80"), 8},
    {"cut after one of two", SPAN("abc\xc3"), 3},
    {"cut after two of three", SPAN("\xe2\x82"), 0},
    {"cut after three of four", SPAN("\xf0\x9f\x98"), 0},
    {"ASCII where a tail belongs", SPAN("\xe2(\xa1"), 0},
    {"FE and FF", SPAN("\xfe\xff"), 0},
    {"bad byte in the second word of eight", SPAN("abcdefghijkl\xffmnop"), 12},
};

static void valid_prefix(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (utf8_valid_len(cases[i].bytes) != cases[i].valid) {
            fail_msg("%s: %zu", cases[i].name, utf8_valid_len(cases[i].bytes));
        }
        assert_int_equal(utf8_valid(cases[i].bytes), cases[i].valid == cases[i].bytes.len);
    }
}

static void refusal_names_the_byte(void **state)
{
    struct fault why;

    (void)state;
    assert_int_equal(utf8_check(SPAN("fine"), "/text", &why), 0);
    assert_int_equal(utf8_check(SPAN("ab\xc0\xaf"), "/text", &why), FAULT);
    assert_string_equal(why.code, "TEXT_UTF8");
    assert_string_equal(why.place, "/text");
    assert_non_null(strstr(why.text, "byte 2 (0xc0)"));
}

static void every_code_point_there_and_back(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= UTF8_MAX_CODE_POINT; cp++) {
        char bytes[UTF8_MAX_LEN + 1] = {0};
        unsigned len = utf8_put(bytes, cp);
        const char *p = bytes, *end = bytes + len;
        bool surrogate = cp >= 0xd800 && cp <= 0xdfff;

        assert_int_equal(utf8_valid((struct span){bytes, len}), !surrogate);
        assert_int_equal(utf8_next(&p), cp);
        assert_ptr_equal(p, bytes + len);
        assert_int_equal(utf8_before(&end), cp);
        assert_ptr_equal(end, bytes);
    }
}

/* A slow reader after the table of RFC 3629 section 4, over all sequences of up to three bytes. */
static bool is_sequence(const unsigned char *b, size_t len)
{
    uint32_t cp;

    if (len == 1) {
        return b[0] < 0x80;
    }
    if (len == 2) {
        cp = (b[0] & 0x1fu) << 6 | (b[1] & 0x3fu);
        return (b[0] & 0xe0) == 0xc0 && (b[1] & 0xc0) == 0x80 && cp >= 0x80;
    }
    cp = (b[0] & 0x0fu) << 12 | (b[1] & 0x3fu) << 6 | (b[2] & 0x3fu);
    return (b[0] & 0xf0) == 0xe0 && (b[1] & 0xc0) == 0x80 && (b[2] & 0xc0) == 0x80 && cp >= 0x800 &&
           (cp < 0xd800 || cp > 0xdfff);
}

static void every_sequence_of_three_bytes(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 1u << 24; n++) {
        unsigned char b[3] = {(unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n};
        size_t want = 0;

        if (b[0] < 0xc0 && n % 251 != 0) {
            continue;
        }
        while (want < 3) {
            size_t len = 1;

            while (len <= 3 - want && !is_sequence(b + want, len)) {
                len++;
            }
            if (len > 3 - want) {
                break;
            }
            want += len;
        }
        if (utf8_valid_len((struct span){(char *)b, 3}) != want) {
            fail_msg("%02x %02x %02x", b[0], b[1], b[2]);
        }
    }
}

static void boundaries(void **state)
{
    struct span text = SPAN("a\xc3\xa9");

    (void)state;
    assert_true(utf8_is_boundary(text, 0));
    assert_true(utf8_is_boundary(text, 1));
    assert_false(utf8_is_boundary(text, 2));
    assert_true(utf8_is_boundary(text, 3));
    assert_false(utf8_is_boundary(text, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_prefix),
        cmocka_unit_test(refusal_names_the_byte),
        cmocka_unit_test(every_code_point_there_and_back),
        cmocka_unit_test(every_sequence_of_three_bytes),
        cmocka_unit_test(boundaries),
    };

    return cmocka_run_group_tests_name("lib/text/utf8", tests, NULL, NULL);
}
