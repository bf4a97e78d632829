/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/codec.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base64_std[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void hex_encode(const void *bytes, size_t len, char *into)
{
    const uint8_t *b = bytes;

    for (size_t i = 0; i < len; i++) {
        into[2 * i] = hex_digits[b[i] >> 4];
        into[2 * i + 1] = hex_digits[b[i] & 15];
    }
    into[2 * len] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_decode(struct span text, uint8_t *into, size_t len)
{
    if (text.len != 2 * len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        int high = hex_value(text.ptr[2 * i]), low = hex_value(text.ptr[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        into[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Writes without padding and returns the length. */
static size_t encode64(const char *alphabet, const uint8_t *b, size_t len, char *into)
{
    size_t at = 0, i = 0;

    for (; i + 3 <= len; i += 3) {
        uint32_t v = (uint32_t)b[i] << 16 | (uint32_t)b[i + 1] << 8 | b[i + 2];

        into[at++] = alphabet[v >> 18];
        into[at++] = alphabet[v >> 12 & 63];
        into[at++] = alphabet[v >> 6 & 63];
        into[at++] = alphabet[v & 63];
    }
    if (len - i == 1) {
        into[at++] = alphabet[b[i] >> 2];
        into[at++] = alphabet[(b[i] & 3) << 4];
    } else if (len - i == 2) {
        into[at++] = alphabet[b[i] >> 2];
        into[at++] = alphabet[(b[i] & 3) << 4 | b[i + 1] >> 4];
        into[at++] = alphabet[(b[i + 1] & 15) << 2];
    }
    return at;
}

void base64_encode(const void *bytes, size_t len, char *into)
{
    size_t at = encode64(base64_std, bytes, len, into);

    while (at % 4) {
        into[at++] = '=';
    }
    into[at] = '\0';
}

void base64url_encode(const void *bytes, size_t len, char *into)
{
    into[encode64(base64_url, bytes, len, into)] = '\0';
}

static int value64(char c, const char *two)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == two[0] ? 62 : c == two[1] ? 63 : -1;
}

/* `two`: the characters for 62 and 63. Unpadded text. */
static bool decode64(const char *two, struct span text, uint8_t *into, size_t cap, size_t *ret_len)
{
    size_t len = text.len * 6 / 8;
    uint32_t bits = 0;
    unsigned have = 0;
    size_t at = 0;

    if (text.len % 4 == 1 || len > cap) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        int v = value64(text.ptr[i], two);

        if (v < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            into[at++] = (uint8_t)(bits >> have);
            bits &= (1u << have) - 1;
        }
    }
    if (bits != 0) {
        return false;               /* bits past the last byte: another spelling of the same bytes */
    }
    *ret_len = at;
    return true;
}

bool base64_decode(struct span text, uint8_t *into, size_t cap, size_t *ret_len)
{
    if (text.len % 4) {
        return false;
    }
    for (int pads = 0; pads < 2 && text.len && text.ptr[text.len - 1] == '='; pads++) {
        text.len--;
    }
    return decode64("+/", text, into, cap, ret_len);
}

bool base64url_decode(struct span text, uint8_t *into, size_t cap, size_t *ret_len)
{
    return decode64("-_", text, into, cap, ret_len);
}

static bool unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

int percent_encode(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (unreserved(text.ptr[i])) {
            (void)buf_add_char(out, text.ptr[i]);
        } else {
            (void)buf_add_format(out, "%%%02X", (unsigned char)text.ptr[i]);
        }
    }
    return buf_status(out);
}

bool percent_decode(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = (uint8_t)text.ptr[i];

        if (text.ptr[i] == '%') {
            if (!hex_decode(span_sub(text, i + 1, 2), &byte, 1)) {
                return false;
            }
            i += 2;
        }
        if (buf_add(out, &byte, 1) != 0) {
            return false;
        }
    }
    return true;
}
