/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/syntax.h"

#include <stdint.h>

enum { PORT_DIGITS_MAX = 5, PORT_MAX = 65535, HOST_NAME_MAX_BYTES = 255, IPV6_TEXT_MAX = 45 };

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(unsigned char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* RFC 9110 5.6.2, one bit for each ASCII character. */
static bool is_tchar(unsigned char c)
{
    static const uint64_t allowed[2] = {
        0x03ff6cfa00000000ULL, /* ! # $ % & ' * + - . 0-9 */
        0x57ffffffc7fffffeULL, /* A-Z ^ _ ` a-z | ~ */
    };

    return c < 128 && (allowed[c >> 6] >> (c & 63) & 1) != 0;
}

bool http_is_token(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_tchar((unsigned char)text.ptr[i])) {
            return false;
        }
    }
    return text.len > 0;
}

bool http_is_field_value(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

/* ":" [port], or nothing. */
static bool is_port_part(struct span text)
{
    unsigned port = 0;

    if (text.len == 0) {
        return true;
    }
    if (text.ptr[0] != ':' || text.len > 1 + PORT_DIGITS_MAX) {
        return false;
    }
    for (size_t i = 1; i < text.len; i++) {
        if (!is_digit((unsigned char)text.ptr[i])) {
            return false;
        }
        port = port * 10 + (unsigned)(text.ptr[i] - '0');
    }
    return port <= PORT_MAX;
}

static bool is_bracketed_host(struct span text)
{
    const char *end = memchr(text.ptr, ']', text.len);
    size_t len = end ? (size_t)(end - text.ptr) : 0;
    bool colon = false;

    if (len < 3 || len > 1 + IPV6_TEXT_MAX) {
        return false;
    }
    for (size_t i = 1; i < len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (!is_hex(c) && c != ':' && c != '.') {
            return false;
        }
        colon = colon || c == ':';
    }
    return colon && is_port_part(span_sub(text, len + 1, text.len));
}

bool http_is_host(struct span text)
{
    size_t i = 0;

    if (text.len == 0) {
        return false;
    }
    if (text.ptr[0] == '[') {
        return is_bracketed_host(text);
    }
    while (i < text.len && text.ptr[i] != ':') {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '%') {
            if (i + 2 >= text.len || !is_hex((unsigned char)text.ptr[i + 1]) ||
                !is_hex((unsigned char)text.ptr[i + 2])) {
                return false;
            }
            i += 2;
        } else if (!is_alpha(c) && !is_digit(c) && (c == '\0' || !strchr("-._~!$&'()*+,;=", c))) {
            return false;
        }
        i++;
    }
    return i > 0 && i <= HOST_NAME_MAX_BYTES && is_port_part(span_sub(text, i, text.len));
}

size_t http_utf8_len(struct span text)
{
    const unsigned char *p = (const unsigned char *)text.ptr;
    unsigned char low = 0x80, high = 0xbf;
    size_t len;

    if (text.len == 0 || (p[0] >= 0x80 && p[0] < 0xc2) || p[0] > 0xf4) {
        return 0;
    }
    if (p[0] < 0x80) {
        return 1;
    }
    len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (text.len < len) {
        return 0;
    }
    /* The second byte's range rules out overlong forms, surrogates and what is past U+10FFFF. */
    if (p[0] == 0xe0) {
        low = 0xa0;
    } else if (p[0] == 0xed) {
        high = 0x9f;
    } else if (p[0] == 0xf0) {
        low = 0x90;
    } else if (p[0] == 0xf4) {
        high = 0x8f;
    }
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if (p[i] < 0x80 || p[i] > 0xbf) {
            return 0;
        }
    }
    return len;
}

bool http_is_utf8(struct span text)
{
    while (text.len > 0) {
        size_t len = http_utf8_len(text);

        if (len == 0 || text.ptr[0] == '\0') {
            return false;
        }
        text.ptr += len;
        text.len -= len;
    }
    return true;
}

bool http_list_has(struct span list, const char *token)
{
    while (list.ptr) {
        if (span_equal_nocase(span_trim(span_cut(&list, ',')), span_of(token))) {
            return true;
        }
    }
    return false;
}
