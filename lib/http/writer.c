/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/writer.h"

#include "lib/base/clock.h"
#include "lib/base/fault.h"
#include "lib/http/status.h"
#include "lib/http/syntax.h"

#include <assert.h>

enum { DIGITS_MAX = 20 };

/* buf_add_format would do, but this runs several times for every answer. */
static struct span decimal(uint64_t value, char into[DIGITS_MAX])
{
    size_t at = DIGITS_MAX;

    do {
        into[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return (struct span){into + at, DIGITS_MAX - at};
}

int http_write_status(struct buf *out, int status)
{
    const char *reason = http_reason(status);
    char digits[DIGITS_MAX];

    assert(reason);
    (void)buf_add(out, "HTTP/1.1 ", 9);
    (void)buf_add_span(out, decimal((uint64_t)status, digits));
    (void)buf_add_char(out, ' ');
    (void)buf_add_text(out, reason);
    return buf_add(out, "\r\n", 2);
}

int http_write_field(struct buf *out, struct span name, struct span value)
{
    if (!http_is_token(name) || !http_is_field_value(value) || span_trim(value).len != value.len) {
        return FAULT;
    }
    (void)buf_add_span(out, name);
    (void)buf_add(out, ": ", 2);
    (void)buf_add_span(out, value);
    (void)buf_add(out, "\r\n", 2);
    return 0;
}

int http_write_length(struct buf *out, uint64_t length)
{
    char digits[DIGITS_MAX];

    (void)buf_add(out, "Content-Length: ", 16);
    (void)buf_add_span(out, decimal(length, digits));
    return buf_add(out, "\r\n", 2);
}

int http_write_end(struct buf *out)
{
    return buf_add(out, "\r\n", 2);
}

int http_write_chunk(struct buf *out, struct span bytes)
{
    if (bytes.len == 0) {
        return 0;
    }
    (void)buf_add_format(out, "%zx\r\n", bytes.len);
    (void)buf_add_span(out, bytes);
    return buf_add(out, "\r\n", 2);
}

int http_write_last_chunk(struct buf *out)
{
    return buf_add(out, "0\r\n\r\n", 5);
}

static void put_digits(char *at, int value, int count)
{
    while (count-- > 0) {
        at[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

void http_date(int64_t unix_ms, char into[HTTP_DATE_LEN + 1])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct clock_date date = clock_split(unix_ms);

    memcpy(into, "Day, 00 Mon 0000 00:00:00 GMT", HTTP_DATE_LEN + 1);
    memcpy(into, days + date.weekday * 3, 3);
    put_digits(into + 5, date.day, 2);
    memcpy(into + 8, months + (date.month - 1) * 3, 3);
    put_digits(into + 12, date.year, 4);
    put_digits(into + 17, date.hour, 2);
    put_digits(into + 20, date.minute, 2);
    put_digits(into + 23, date.second, 2);
}
