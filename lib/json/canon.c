/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/canon.h"

#include "lib/base/fault.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_int_t MAX_SAFE = 9007199254740992;        /* 2^53: RFC 7493 section 2.2 */

int json_canon_string(struct buf *out, struct span text)
{
    size_t from = 0;

    (void)buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        const char *escape = NULL;
        char numeric[7];

        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        switch (c) {
        case '"': escape = "\\\""; break;
        case '\\': escape = "\\\\"; break;
        case '\b': escape = "\\b"; break;
        case '\t': escape = "\\t"; break;
        case '\n': escape = "\\n"; break;
        case '\f': escape = "\\f"; break;
        case '\r': escape = "\\r"; break;
        default:
            (void)snprintf(numeric, sizeof(numeric), "\\u%04x", c);
            escape = numeric;
            break;
        }
        (void)buf_add(out, text.ptr + from, i - from);
        (void)buf_add_text(out, escape);
        from = i + 1;
    }
    if (from < text.len) {
        (void)buf_add(out, text.ptr + from, text.len - from);
    }
    return buf_add_char(out, '"');
}

/* One more in the last digit of "d.ddde+xx"; false when all are nines. */
static bool round_up(char *text, char *e)
{
    for (char *c = e - 1; c >= text; c--) {
        if (*c >= '0' && *c < '9') {
            (*c)++;
            return true;
        }
        if (*c == '9') {
            *c = '0';
        }
    }
    return false;
}

/* Writes `value` > 0 with the fewest digits that read back as it. The nearest of n digits may miss where
 * the next one up does not: below a power of two the doubles stand twice as close as above it. */
static void shortest_digits(char *into, size_t cap, double value)
{
    for (int precision = 0; precision <= 16; precision++) {
        (void)snprintf(into, cap, "%.*e", precision, value);
        if (strtod(into, NULL) == value) {
            return;
        }
        if (round_up(into, strchr(into, 'e')) && strtod(into, NULL) == value) {
            return;
        }
    }
}

/* Shortest digits that read back as the same double, laid out as ECMAScript's Number::toString does:
 * plain between 1e-6 and 1e21, otherwise with an exponent. */
static int canon_real(struct buf *out, double value)
{
    char shortest[40], digits[32];
    int exponent, count = 0;
    char *e;

    if (!isfinite(value)) {
        return FAULT;
    }
    if (value == 0) {
        return buf_add_char(out, '0');              /* -0 too */
    }
    shortest_digits(shortest, sizeof(shortest), fabs(value));
    e = strchr(shortest, 'e');
    exponent = (int)strtol(e + 1, NULL, 10);
    for (const char *c = shortest; c < e; c++) {
        if (*c >= '0' && *c <= '9') {
            digits[count++] = *c;
        }
    }
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    if (value < 0) {
        (void)buf_add_char(out, '-');
    }
    if (exponent >= 0 && exponent < 21) {
        for (int i = 0; i <= exponent || i < count; i++) {
            if (i == exponent + 1) {
                (void)buf_add_char(out, '.');
            }
            (void)buf_add_char(out, i < count ? digits[i] : '0');
        }
    } else if (exponent < 0 && exponent >= -6) {
        (void)buf_add_text(out, "0.");
        for (int i = -1; i > exponent; i--) {
            (void)buf_add_char(out, '0');
        }
        (void)buf_add(out, digits, (size_t)count);
    } else {
        (void)buf_add_char(out, digits[0]);
        if (count > 1) {
            (void)buf_add_char(out, '.');
            (void)buf_add(out, digits + 1, (size_t)count - 1);
        }
        (void)buf_add_format(out, "e%c%d", exponent < 0 ? '-' : '+', abs(exponent));
    }
    return buf_status(out);
}

/* Reads one code point of valid UTF-8. */
static uint32_t next_code(const unsigned char **at)
{
    const unsigned char *s = *at;

    if (s[0] < 0x80) {
        *at += 1;
        return s[0];
    }
    if (s[0] < 0xE0) {
        *at += 2;
        return (uint32_t)(s[0] & 0x1F) << 6 | (s[1] & 0x3F);
    }
    if (s[0] < 0xF0) {
        *at += 3;
        return (uint32_t)(s[0] & 0x0F) << 12 | (uint32_t)(s[1] & 0x3F) << 6 | (s[2] & 0x3F);
    }
    *at += 4;
    return (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3F) << 12 |
           (uint32_t)(s[2] & 0x3F) << 6 | (s[3] & 0x3F);
}

/* The first UTF-16 unit decides: pairs (D800-DBFF) sort before U+E000-U+FFFF. */
static uint32_t utf16_rank(uint32_t code)
{
    return code > 0xFFFF ? 0xD800 + ((code - 0x10000) >> 10) : code;
}

static int compare_names(const void *a, const void *b)
{
    const unsigned char *x = *(const unsigned char *const *)a;
    const unsigned char *y = *(const unsigned char *const *)b;

    while (*x && *y) {
        uint32_t cx = next_code(&x), cy = next_code(&y);

        if (cx != cy) {
            uint32_t rx = utf16_rank(cx), ry = utf16_rank(cy);

            return rx != ry ? (rx > ry) - (rx < ry) : (cx > cy) - (cx < cy);
        }
    }
    return (*x != 0) - (*y != 0);
}

static int canon_object(struct buf *out, const json_t *value)
{
    size_t count = json_object_size(value), i = 0;
    const char **names = calloc(count + 1, sizeof(*names));
    const char *name;
    json_t *member;
    int r = 0;

    if (!names) {
        return -ENOMEM;
    }
    /* jansson's iteration takes a non-const object and does not change it. */
    json_object_foreach((json_t *)(uintptr_t)value, name, member) {
        names[i++] = name;
    }
    qsort(names, count, sizeof(*names), compare_names);
    (void)buf_add_char(out, '{');
    for (i = 0; i < count && r == 0; i++) {
        if (i) {
            (void)buf_add_char(out, ',');
        }
        (void)json_canon_string(out, span_of(names[i]));
        (void)buf_add_char(out, ':');
        r = json_canon(out, json_object_get(value, names[i]));
    }
    free(names);
    return r ? r : buf_add_char(out, '}');
}

static int canon_array(struct buf *out, const json_t *value)
{
    int r = 0;

    (void)buf_add_char(out, '[');
    for (size_t i = 0; i < json_array_size(value) && r == 0; i++) {
        if (i) {
            (void)buf_add_char(out, ',');
        }
        r = json_canon(out, json_array_get(value, i));
    }
    return r ? r : buf_add_char(out, ']');
}

int json_canon(struct buf *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return canon_object(out, value);
    case JSON_ARRAY:
        return canon_array(out, value);
    case JSON_STRING:
        return json_canon_string(
            out, (struct span){json_string_value(value), json_string_length(value)});
    case JSON_INTEGER:
        if (json_integer_value(value) > MAX_SAFE || json_integer_value(value) < -MAX_SAFE) {
            return FAULT;
        }
        return buf_add_format(out, "%lld", (long long)json_integer_value(value));
    case JSON_REAL:
        return canon_real(out, json_real_value(value));
    case JSON_TRUE:
        return buf_add_text(out, "true");
    case JSON_FALSE:
        return buf_add_text(out, "false");
    case JSON_NULL:
        break;
    }
    return buf_add_text(out, "null");
}
