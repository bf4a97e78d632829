/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/base/codec.h"

#include <string.h>

static void test_rfc_4648_vectors(void **state)
{
    static const struct {
        const char *plain, *base64;
    } cases[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t len = strlen(cases[i].plain), got;
        char text[BASE64_LEN(6) + 1];
        uint8_t back[6];

        base64_encode(cases[i].plain, len, text);
        assert_string_equal(text, cases[i].base64);
        assert_int_equal(strlen(text), BASE64_LEN(len));
        assert_true(base64_decode(span_of(text), back, sizeof(back), &got));
        assert_int_equal(got, len);
        assert_memory_equal(back, cases[i].plain, len);
        base64url_encode(cases[i].plain, len, text);
        assert_int_equal(strlen(text), BASE64URL_LEN(len));
        assert_true(base64url_decode(span_of(text), back, sizeof(back), &got));
        assert_int_equal(got, len);
    }
}

static void test_every_byte_goes_round(void **state)
{
    uint8_t bytes[256], back[256];
    char text[HEX_LEN(256) + 1];
    size_t got;

    (void)state;
    for (int i = 0; i < 256; i++) {
        bytes[i] = (uint8_t)(255 - i);
    }
    for (size_t len = 0; len <= 256; len++) {
        hex_encode(bytes, len, text);
        assert_true(hex_decode(span_of(text), back, len));
        assert_memory_equal(bytes, back, len);
        base64_encode(bytes, len, text);
        assert_true(base64_decode(span_of(text), back, len, &got));
        assert_int_equal(got, len);
        base64url_encode(bytes, len, text);
        assert_null(strpbrk(text, "+/="));
        assert_true(base64url_decode(span_of(text), back, len, &got));
        assert_memory_equal(bytes, back, len);
        assert_true(len == 0 || !base64url_decode(span_of(text), back, len - 1, &got));
    }
}

static void test_other_spellings_are_refused(void **state)
{
    static const char *const base64[] = {
        "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v=", "====", "=", "Z===", "Zm=v", "Zm9v\n", " Zm9v", "Zm9-", "Zm9_",
        "Zm9vZm9", "Zg==Zg==",
    };
    static const char *const base64url[] = {"Z", "Zh", "Zg==", "Zm9", "Zm+v", "Zm/v", "Zm 9v"};
    static const char *const hex[] = {"", "0", "000", "0g", "g0", "0x", " 0", "-1"};
    uint8_t back[16];
    size_t got;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(base64); i++) {
        if (base64_decode(span_of(base64[i]), back, sizeof(back), &got)) {
            fail_msg("decoded: %s", base64[i]);
        }
    }
    for (size_t i = 0; i < COUNT_OF(base64url); i++) {
        if (base64url_decode(span_of(base64url[i]), back, sizeof(back), &got)) {
            fail_msg("decoded: %s", base64url[i]);
        }
    }
    for (size_t i = 0; i < COUNT_OF(hex); i++) {
        assert_false(hex_decode(span_of(hex[i]), back, 1));
    }
    assert_true(hex_decode(SPAN("fF"), back, 1));
    assert_int_equal(back[0], 255);
}

static void test_percent(void **state)
{
    static const char *const broken[] = {"%", "%4", "%4g", "a%", "%%41", "%-1"};
    CLEANUP(buf_freep) struct buf *out = buf_new(100);

    (void)state;
    assert_int_equal(percent_encode(out, (struct span){"a-._~ /\xC3\xBC%+\0", 12}), 0);
    assert_string_equal(out->data, "a-._~%20%2F%C3%BC%25%2B%00");
    buf_clear(out);
    assert_true(percent_decode(out, SPAN("a%20b%c3%BC+%00")));
    assert_int_equal(out->len, 7);
    assert_memory_equal(out->data, "a b\xC3\xBC+\0", 7);
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        assert_false(percent_decode(out, span_of(broken[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_4648_vectors),
        cmocka_unit_test(test_every_byte_goes_round),
        cmocka_unit_test(test_other_spellings_are_refused),
        cmocka_unit_test(test_percent),
    };

    return cmocka_run_group_tests_name("lib/base/codec", tests, NULL, NULL);
}
