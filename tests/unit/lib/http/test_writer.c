/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/http/status.h"
#include "lib/http/writer.h"

#include <string.h>

static void test_answer(void **state)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(4096);

    (void)state;
    (void)http_write_status(out, 404);
    assert_int_equal(http_write_field(out, SPAN("X-A"), SPAN("b c")), 0);
    assert_int_equal(http_write_field(out, SPAN("X-Empty"), SPAN("")), 0);
    (void)http_write_length(out, 0);
    (void)http_write_length(out, UINT64_MAX);
    (void)http_write_end(out);
    (void)http_write_chunk(out, SPAN("0123456789abcdef"));
    (void)http_write_chunk(out, SPAN(""));
    (void)http_write_last_chunk(out);
    assert_string_equal(out->data,
                        "HTTP/1.1 404 Not Found\r\nX-A: b c\r\nX-Empty: \r\nContent-Length: 0\r\n"
                        "Content-Length: 18446744073709551615\r\n\r\n"
                        "10\r\n0123456789abcdef\r\n0\r\n\r\n");
}

static void test_injection_is_refused(void **state)
{
    static const struct {
        struct span name, value;
    } cases[] = {
        {{"X", 1}, {"a\r\nY: b", 7}}, {{"X", 1}, {"a\nb", 3}}, {{"X", 1}, {"a\0b", 3}},
        {{"X", 1}, {" a", 2}},        {{"X", 1}, {"a ", 2}},   {{"X:", 2}, {"a", 1}},
        {{"X Y", 3}, {"a", 1}},       {{"", 0}, {"a", 1}},     {{"X\r\nY", 4}, {"a", 1}},
    };
    CLEANUP(buf_freep) struct buf *out = buf_new(4096);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(http_write_field(out, cases[i].name, cases[i].value), FAULT);
    }
    assert_int_equal(out->len, 0);
}

static void test_reasons(void **state)
{
    (void)state;
    assert_string_equal(http_reason(413), "Content Too Large");
    assert_null(http_reason(418));
    assert_null(http_reason(0));
}

static void test_date(void **state)
{
    char date[HTTP_DATE_LEN + 1];

    (void)state;
    http_date(784111777000, date); /* the example of RFC 9110 */
    assert_string_equal(date, "Sun, 06 Nov 1994 08:49:37 GMT");
    http_date(0, date);
    assert_string_equal(date, "Thu, 01 Jan 1970 00:00:00 GMT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_injection_is_refused),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_date),
    };

    return cmocka_run_group_tests_name("lib/http/writer", tests, NULL, NULL);
}
