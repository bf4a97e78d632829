/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_LEN_MAX = 400 };

/* The shortest of %.15e, %.16e, %.17e that reads back: digits, sign and exponent taken apart. */
static int shortest(double d, char digits[24], bool *ret_negative)
{
    char text[40];
    int exponent;
    size_t len = 0;

    for (int precision = 0; precision <= 17; precision++) {
        (void)snprintf(text, sizeof(text), "%.*e", precision, d);
        if (strtod(text, NULL) == d) {
            break;
        }
    }
    *ret_negative = text[0] == '-';
    for (const char *c = text; *c && *c != 'e'; c++) {
        if (*c >= '0' && *c <= '9' && len < 23) {
            digits[len++] = *c;
        }
    }
    digits[len] = '\0';
    exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    return exponent;
}

static size_t put_plain(char *into, const char *digits, int exponent)
{
    size_t len = 0;
    int count = (int)strlen(digits);

    if (exponent < 0) {
        into[len++] = '0';
        into[len++] = '.';
        for (int i = -1; i > exponent; i--) {
            into[len++] = '0';
        }
        for (int i = 0; i < count; i++) {
            into[len++] = digits[i];
        }
        return len;
    }
    for (int i = 0; i <= exponent || i < count; i++) {
        if (i == exponent + 1) {
            into[len++] = '.';
        }
        into[len++] = i < count ? digits[i] : '0';
    }
    return len;
}

size_t cel_double_text(double d, char into[CEL_DOUBLE_TEXT_MAX])
{
    char digits[24];
    bool negative;
    int exponent;
    size_t len = 0;

    if (isnan(d) || isinf(d)) {
        return (size_t)snprintf(into, CEL_DOUBLE_TEXT_MAX, "%s",
                                isnan(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity");
    }
    exponent = shortest(d, digits, &negative);
    if (negative) {
        into[len++] = '-';
    }
    if (exponent >= -4 && exponent < 21) {
        len += put_plain(into + len, digits, exponent);
        into[len] = '\0';
        return len;
    }
    len += (size_t)snprintf(into + len, CEL_DOUBLE_TEXT_MAX - len, "%c%s%se%+03d", digits[0],
                            digits[1] ? "." : "", digits + 1, exponent);
    return len;
}

static bool read_special(struct span text, double *ret)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';

    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        text = span_sub(text, 1, text.len);
    }
    if (span_equal_nocase(text, SPAN("nan"))) {
        *ret = NAN;
        return true;
    }
    if (span_equal_nocase(text, SPAN("inf")) || span_equal_nocase(text, SPAN("infinity"))) {
        *ret = negative ? -INFINITY : INFINITY;
        return true;
    }
    return false;
}

static size_t skip_digits(struct span text, size_t at)
{
    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9') {
        at++;
    }
    return at;
}

static bool is_number(struct span text)
{
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;
    size_t from = at, digits;

    at = skip_digits(text, at);
    digits = at - from;
    if (at < text.len && text.ptr[at] == '.') {
        from = at + 1;
        at = skip_digits(text, from);
        digits += at - from;
    }
    if (digits == 0) {
        return false;
    }
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at++;
        if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+')) {
            at++;
        }
        from = at;
        at = skip_digits(text, at);
        if (at == from) {
            return false;
        }
    }
    return at == text.len;
}

bool cel_read_double(struct span text, double *ret)
{
    char copy[NUMBER_LEN_MAX + 1];
    double d;

    if (read_special(text, ret)) {
        return true;
    }
    if (text.len > NUMBER_LEN_MAX || !is_number(text)) {
        return false;
    }
    (void)memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    d = strtod(copy, NULL);
    if (isinf(d)) {
        return false;
    }
    *ret = d;
    return true;
}

bool cel_read_digits(struct span digits, unsigned base, uint64_t *ret)
{
    uint64_t value = 0;

    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.ptr[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                : 99;

        if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return false;
        }
    }
    *ret = value;
    return digits.len > 0;
}

bool cel_read_int(struct span text, int64_t *ret)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    uint64_t value;

    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        text = span_sub(text, 1, text.len);
    }
    if (!cel_read_digits(text, 10, &value) || value > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return false;
    }
    *ret = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

bool cel_read_uint(struct span text, uint64_t *ret)
{
    return cel_read_digits(text, 10, ret);
}
