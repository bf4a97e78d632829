/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/url.h"

enum { DECODE_ROUNDS = 8 };

static const struct {
    const char *name;
    uint32_t port;
} schemes[] = {{"http", 80}, {"https", 443}, {"ftp", 21}, {"ws", 80}, {"wss", 443}};

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

/* Decodes in place; returns the new length. */
static size_t decode_once(char *text, size_t len)
{
    size_t out = 0;

    for (size_t i = 0; i < len; i++) {
        int high = i + 2 < len && text[i] == '%' ? hex_value(text[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text[i + 2]) : -1;

        if (low >= 0) {
            text[out++] = (char)(high << 4 | low);
            i += 2;
        } else {
            text[out++] = text[i];
        }
    }
    return out;
}

static size_t decode(char *text, size_t len)
{
    for (int round = 0; round < DECODE_ROUNDS; round++) {
        size_t shorter = decode_once(text, len);

        if (shorter == len) {
            break;
        }
        len = shorter;
    }
    return len;
}

/* Without what browsers drop, and without the fragment. */
static struct span clean(struct span text, char *room)
{
    size_t len = 0;

    while (text.len > 0 && (unsigned char)text.ptr[0] <= ' ') {
        text = span_sub(text, 1, text.len);
    }
    while (text.len > 0 && (unsigned char)text.ptr[text.len - 1] <= ' ') {
        text.len--;
    }
    for (size_t i = 0; i < text.len && len < URL_MAX && text.ptr[i] != '#'; i++) {
        char c = text.ptr[i];

        if (c != '\t' && c != '\r' && c != '\n') {
            room[len++] = c;
        }
    }
    return (struct span){room, len};
}

/* Takes "scheme:" and slashes off. False for a scheme that is none of ours. */
static bool cut_scheme(struct span *text, uint32_t *ret_port)
{
    struct span rest = *text, name = span_cut(&rest, ':');

    *ret_port = 0;
    if (rest.ptr && rest.len > 0 && is_slash(rest.ptr[0]) && !memchr(name.ptr, '/', name.len)) {
        bool known = name.len == 0;

        for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
            if (span_equal_nocase(name, span_of(schemes[i].name))) {
                *ret_port = schemes[i].port;
                known = true;
            }
        }
        if (!known) {
            return false;
        }
        *text = rest;
    }
    while (text->len > 0 && is_slash(text->ptr[0])) {
        *text = span_sub(*text, 1, text->len);
    }
    return true;
}

/* A port behind the last ':' of an authority, where only digits follow. */
static bool cut_port(struct span *authority, uint32_t *ret_port)
{
    uint32_t port = 0;
    size_t at = authority->len;

    while (at > 0 && authority->ptr[at - 1] >= '0' && authority->ptr[at - 1] <= '9') {
        at--;
    }
    if (at == 0 || authority->ptr[at - 1] != ':') {
        return true;
    }
    for (size_t i = at; i < authority->len; i++) {
        port = port * 10 + (uint32_t)(authority->ptr[i] - '0');
        if (port > 65535) {
            return false;
        }
    }
    authority->len = at - 1;
    *ret_port = port;
    return true;
}

/* Slashes made one, "." and ".." resolved. In place; the path begins with a slash. */
static size_t resolve(char *path, size_t len)
{
    size_t out = 0, i = 0;

    while (i < len) {
        size_t end = i + 1, segment;

        while (end < len && !is_slash(path[end])) {
            end++;
        }
        segment = end - i - 1;
        if (segment == 2 && path[i + 1] == '.' && path[i + 2] == '.') {
            while (out > 0 && path[--out] != '/') {
            }
            if (end == len) {
                path[out++] = '/';
            }
        } else if ((segment == 1 && path[i + 1] == '.') || segment == 0) {
            if (end == len) {
                path[out++] = '/';
            }
        } else {
            path[out++] = '/';
            memmove(path + out, path + i + 1, segment);
            out += segment;
        }
        i = end;
    }
    if (out == 0) {
        path[out++] = '/';
    }
    return out;
}

static size_t encode(const char *from, size_t len, char *into)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t out = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)from[i];

        if (c <= ' ' || c >= 0x7f || c == '%' || c == '#') {
            into[out++] = '%';
            into[out++] = hex[c >> 4];
            into[out++] = hex[c & 15];
        } else {
            into[out++] = (char)c;
        }
    }
    return out;
}

bool url_read(struct url *ret, struct span text, char room[URL_ROOM])
{
    /* room: what is read, then the host, then path and query at three times their length. */
    char *host_room = room + URL_MAX, *rest_room = host_room + URL_HOST_MAX + 3;
    struct span all = clean(text, room), authority;
    uint32_t own_port, port = 0;
    size_t end = 0, query, len;
    char *rest;

    if (!cut_scheme(&all, &own_port)) {
        return false;
    }
    while (end < all.len && !is_slash(all.ptr[end]) && all.ptr[end] != '?') {
        end++;
    }
    authority = (struct span){all.ptr, end};
    for (size_t i = end; i-- > 0;) {
        if (all.ptr[i] == '@') {
            authority = span_sub(authority, i + 1, end);
            break;
        }
    }
    if (!cut_port(&authority, &port)) {
        return false;
    }
    authority.len = decode(room + (authority.ptr - room), authority.len);
    if (authority.len == 0 || !url_host_read(authority, host_room, &ret->host, &ret->is_address)) {
        return false;
    }
    ret->port = port == own_port || (own_port == 0 && (port == 80 || port == 443)) ? 0 : port;
    rest = room + (all.ptr - room) + end;
    for (query = 0; query < all.len - end && rest[query] != '?'; query++) {
    }
    rest_room[0] = '/';
    len = query > 0 ? encode(rest, resolve(rest, decode(rest, query)), rest_room) : 1;
    if (query < all.len - end && all.len - end - query > 1) {
        len += encode(rest + query, decode(rest + query, all.len - end - query), rest_room + len);
    }
    ret->rest = (struct span){rest_room, len};
    return true;
}
