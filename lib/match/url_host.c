/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/url.h"

#include <arpa/inet.h>
#include <idn2.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static int digit_of(char c)
{
    c = lower(c);
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Decimal, 0 octal, 0x hexadecimal, as browsers read a part of an address. */
static bool read_part(struct span text, uint64_t *ret)
{
    int base = 10;
    uint64_t value = 0;

    if (text.len >= 2 && text.ptr[0] == '0' && lower(text.ptr[1]) == 'x') {
        base = 16;
        text = span_sub(text, 2, text.len);
    } else if (text.len >= 2 && text.ptr[0] == '0') {
        base = 8;
        text = span_sub(text, 1, text.len);
    } else if (text.len == 0) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (digit_of(text.ptr[i]) >= base || value > UINT32_MAX) {
            return false;
        }
        value = value * (uint64_t)base + (uint64_t)digit_of(text.ptr[i]);
    }
    *ret = value;
    return true;
}

static bool ends_in_number(struct span host)
{
    size_t at = host.len;
    uint64_t value;
    bool digits = true;

    while (at > 0 && host.ptr[at - 1] != '.') {
        at--;
        digits &= host.ptr[at] >= '0' && host.ptr[at] <= '9';
    }
    return at < host.len && (digits || (host.ptr[at] == '0' &&
                                        lower(host.ptr[at + 1 < host.len ? at + 1 : at]) == 'x' &&
                                        read_part(span_sub(host, at, host.len), &value)));
}

/* One to four parts; the last one fills what is left of 32 bits. */
static bool read_ipv4(struct span host, uint32_t *ret)
{
    uint64_t parts[4], address = 0;
    size_t count = 0;

    while (host.ptr) {
        if (count == 4 || !read_part(span_cut(&host, '.'), &parts[count])) {
            return false;
        }
        count++;
    }
    for (size_t i = 0; i + 1 < count; i++) {
        if (parts[i] > 255) {
            return false;
        }
        address |= parts[i] << (24 - 8 * i);
    }
    if (count == 0 || parts[count - 1] >= 1ull << (8 * (5 - count))) {
        return false;
    }
    *ret = (uint32_t)(address | parts[count - 1]);
    return true;
}

static bool write_ipv4(uint32_t address, char *room, struct span *ret)
{
    uint32_t network = htonl(address);

    if (!inet_ntop(AF_INET, &network, room, URL_HOST_MAX)) {
        return false;
    }
    *ret = span_of(room);
    return true;
}

static bool read_ipv6(struct span text, char *room, struct span *ret)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    char copy[64] = {0};
    uint8_t address[16];

    if (text.len >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text.ptr, text.len);
    if (inet_pton(AF_INET6, copy, address) != 1) {
        return false;
    }
    if (memcmp(address, mapped, sizeof(mapped)) == 0) {
        return write_ipv4((uint32_t)address[12] << 24 | (uint32_t)address[13] << 16 |
                              (uint32_t)address[14] << 8 | address[15],
                          room, ret);
    }
    if (!inet_ntop(AF_INET6, address, room, URL_HOST_MAX)) {
        return false;
    }
    *ret = span_of(room);
    return true;
}

/* Lower case, no empty labels; false at a byte that no name has. */
static bool write_name(struct span text, char *room, struct span *ret)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = lower(text.ptr[i]);

        if (c == '.' && (len == 0 || room[len - 1] == '.')) {
            continue;
        }
        if (len == URL_HOST_MAX || !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
                                     c == '-' || c == '_')) {
            return false;
        }
        room[len++] = c;
    }
    while (len > 0 && room[len - 1] == '.') {
        len--;
    }
    room[len] = '\0';
    *ret = (struct span){room, len};
    return len > 0;
}

/* UTS 46, as browsers do; names that only the older rules allow come out by those. */
static bool write_international(struct span text, char *room, struct span *ret)
{
    char copy[URL_MAX + 1], *ascii = NULL;
    int r;
    bool ok;

    if (text.len > URL_HOST_MAX * 4) {
        return false;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    r = idn2_to_ascii_8z(copy, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (r != IDN2_OK) {
        r = idn2_to_ascii_8z(copy, &ascii, IDN2_NFC_INPUT | IDN2_TRANSITIONAL);
    }
    if (r != IDN2_OK) {
        return false;
    }
    ok = write_name(span_of(ascii), room, ret);
    idn2_free(ascii);
    return ok;
}

bool url_host_read(struct span text, char *room, struct span *ret, bool *ret_is_address)
{
    bool wide = false;
    uint32_t address;

    *ret_is_address = true;
    if (text.len >= 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']') {
        return read_ipv6(span_sub(text, 1, text.len - 2), room, ret);
    }
    for (size_t i = 0; i < text.len; i++) {
        wide |= (text.ptr[i] & 0x80) != 0 || text.ptr[i] == '\0';
    }
    if (wide ? !write_international(text, room, ret) : !write_name(text, room, ret)) {
        return false;
    }
    if (ends_in_number(*ret)) {
        return read_ipv4(*ret, &address) && write_ipv4(address, room, ret);
    }
    *ret_is_address = false;
    return true;
}
