/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/json/canon.h"

#include <math.h>
#include <string.h>

/* RFC 8785 appendix B, then powers of two, where the nearest short decimal may lie outside. */
static void test_numbers(void **state)
{
    static const struct {
        uint64_t bits;
        const char *text;
    } cases[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
        {0x3d30000000000000, "5.684341886080802e-14"},
        {0x0010000000000000, "2.2250738585072014e-308"},
        {0x3e70000000000000, "5.960464477539063e-8"},
        {0x43b0000000000000, "1152921504606847000"},
        {0x4580000000000000, "6.189700196426902e+26"},
        {0x3fd3333333333334, "0.30000000000000004"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(buf_freep) struct buf *out = buf_new(100);
        double number;
        json_t *value;

        memcpy(&number, &cases[i].bits, sizeof(number));
        value = json_real(number);
        assert_int_equal(json_canon(out, value), 0);
        assert_string_equal(out->data, cases[i].text);
        json_decref(value);
    }
}

static void test_integers_a_double_can_hold(void **state)
{
    static const struct {
        json_int_t number;
        const char *text;                   /* NULL: refused */
    } cases[] = {
        {0, "0"}, {-1, "-1"}, {9007199254740992, "9007199254740992"}, {-9007199254740992, "-9007199254740992"},
        {9007199254740993, NULL}, {-9007199254740993, NULL}, {INT64_MAX, NULL}, {INT64_MIN, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(buf_freep) struct buf *out = buf_new(100);
        json_t *value = json_integer(cases[i].number);

        assert_int_equal(json_canon(out, value), cases[i].text ? 0 : 1);
        if (cases[i].text) {
            assert_string_equal(out->data, cases[i].text);
        }
        json_decref(value);
    }
}

static void canon_is(const char *text, const char *wanted)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(10000);
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    assert_non_null(value);
    assert_int_equal(json_canon(out, value), 0);
    assert_string_equal(out->data, wanted);
    json_decref(value);
}

static void test_documents(void **state)
{
    (void)state;
    /* RFC 8785 section 3.2.2 and 3.2.4. */
    canon_is("{\"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],"
             "\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\", \"literals\": [null, true, false]}",
             "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
             "\"string\":\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    /* Section 3.2.3: by UTF-16 code units, so U+1F600 sorts before U+FB33. */
    canon_is("{\"\\u20ac\": \"Euro Sign\", \"\\r\": \"Carriage Return\", \"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\","
             "\"1\": \"One\", \"\\ud83d\\ude00\": \"Emoji\", \"\\u0080\": \"Control\", \"\\u00f6\": \"o\"}",
             "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\",\"\xC3\xB6\":\"o\","
             "\"\xE2\x82\xAC\":\"Euro Sign\",\"\xF0\x9F\x98\x80\":\"Emoji\","
             "\"\xEF\xAC\xB3\":\"Hebrew Letter Dalet With Dagesh\"}");
    canon_is("{\"b\":{},\"a\":[],\"\":\"\",\"aa\":[[]]}", "{\"\":\"\",\"a\":[],\"aa\":[[]],\"b\":{}}");
    canon_is("\"\\b\\f\\t\\u0001\\u007f\"", "\"\\b\\f\\t\\u0001\x7f\"");
}

static void test_failures(void **state)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(5);
    json_t *value = test_json("{'a': [1, 2, 3, 4]}");

    (void)state;
    assert_int_equal(json_canon(out, value), BUF_FULL);
    assert_int_equal(buf_status(out), BUF_FULL);
    json_decref(value);
    buf_clear(out);
    assert_int_equal(json_canon_string(out, (struct span){NULL, 0}), 0);
    assert_string_equal(out->data, "\"\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_integers_a_double_can_hold),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_failures),
    };

    return cmocka_run_group_tests_name("lib/json/canon", tests, NULL, NULL);
}
