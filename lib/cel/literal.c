/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and texts as they are written in an expression. */
#include "lib/cel/lex.h"
#include "lib/cel/number.h"
#include "lib/cel/utf8.h"

const char *cel_literal_number(const struct cel_token *token, bool negative, struct cel_value *ret)
{
    struct span digits = token->text;
    bool is_uint = token->kind == CEL_TOKEN_UINT;
    bool hex = digits.len > 2 && (digits.ptr[1] | 0x20) == 'x';
    uint64_t value;

    if (token->kind == CEL_TOKEN_DOUBLE) {
        double d;

        if (!cel_read_double(digits, &d)) {
            return "this number does not fit a double";
        }
        *ret = cel_double(negative ? -d : d);
        return NULL;
    }
    digits.len -= is_uint ? 1 : 0;
    if (!cel_read_digits(hex ? span_sub(digits, 2, digits.len) : digits, hex ? 16 : 10, &value)) {
        return is_uint ? "this number does not fit a uint" : "this number does not fit an int";
    }
    if (is_uint) {
        *ret = cel_uint(value);
        return negative ? "a uint has no sign" : NULL;
    }
    if (value > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return "this number does not fit an int";
    }
    *ret = cel_int(negative ? (int64_t)(0 - value) : (int64_t)value);
    return NULL;
}

/* `count` digits of the base at *at: the value, or -1. */
static int64_t escape_digits(struct span text, size_t *at, size_t count, unsigned base)
{
    uint64_t value;

    if (text.len - *at < count || !cel_read_digits(span_sub(text, *at, count), base, &value)) {
        return -1;
    }
    *at += count;
    return (int64_t)value;
}

static const char *put_escape(struct span text, size_t *at, bool bytes, char *into, size_t *len)
{
    static const char plain[] = "abfnrtv\\?\"'`", meant[] = "\a\b\f\n\r\t\v\\?\"'`";
    char c = text.ptr[(*at)++];
    const char *found = c ? strchr(plain, c) : NULL;
    int64_t value;

    if (found) {
        into[(*len)++] = meant[found - plain];
        return NULL;
    }
    if (c == 'x' || c == 'X') {
        value = escape_digits(text, at, 2, 16);
    } else if (c >= '0' && c <= '3') {
        (*at)--;
        value = escape_digits(text, at, 3, 8);
    } else if ((c == 'u' || c == 'U') && !bytes) {
        value = escape_digits(text, at, c == 'u' ? 4 : 8, 16);
    } else {
        return bytes && (c == 'u' || c == 'U') ? "bytes have no \\u escapes"
                                               : "this escape does not exist";
    }
    if (value < 0) {
        return "the escape needs more digits: \\xHH, \\uHHHH, \\UHHHHHHHH or \\OOO";
    }
    if (bytes) {
        into[(*len)++] = (char)value;
        return NULL;
    }
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        return "the escape is no Unicode code point";
    }
    *len += cel_utf8_put((uint32_t)value, into + *len);
    return NULL;
}

const char *cel_literal_text(const struct cel_token *token, struct arena *arena,
                             struct cel_value *ret)
{
    struct span text = token->text;
    bool bytes = token->kind == CEL_TOKEN_BYTES, raw = false;
    size_t quote = 0, marks, len = 0;
    char *into;

    while (text.ptr[quote] != '"' && text.ptr[quote] != '\'') {
        raw = raw || (text.ptr[quote] | 0x20) == 'r';
        quote++;
    }
    marks = text.len - quote >= 6 && text.ptr[quote + 1] == text.ptr[quote] &&
                    text.ptr[quote + 2] == text.ptr[quote]
                ? 3
                : 1;
    text = span_sub(text, quote + marks, text.len - quote - 2 * marks);
    /* Decoded text is never longer: the shortest escape of a code point of n bytes has n or more. */
    into = arena_alloc(arena, text.len + 1);
    if (!into) {
        *ret = (struct cel_value){.kind = CEL_ERROR};
        return NULL;
    }
    for (size_t at = 0; at < text.len;) {
        char c = text.ptr[at++];

        if (c != '\\' || raw) {
            into[len++] = c;
            continue;
        }
        if (at < text.len) {
            const char *what = put_escape(text, &at, bytes, into, &len);

            if (what) {
                return what;
            }
        }
    }
    *ret = bytes ? cel_bytes((struct span){into, len}) : cel_string((struct span){into, len});
    return NULL;
}
