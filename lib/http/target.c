/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/target.h"

#include "lib/base/fault.h"
#include "lib/http/syntax.h"

#include <errno.h>

static int refuse_target(struct http_refusal *why, const char *text)
{
    return http_refuse(why, 400, "HTTP_TARGET", text);
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

/* unreserved, sub-delims, ':' '@' '/' '?' and '%': what RFC 3986 lets stand in a path and query. */
static bool is_target_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && c < 0x80 && strchr("-._~!$&'()*+,;=:@/?%", c) != NULL);
}

/* Decodes escapes (and '+' in a query) into the arena; without any, *part stays where it is. 0,
 * FAULT for a broken escape or what is not clean UTF-8 afterwards, -ENOMEM. */
static int decode(struct span *part, bool query, struct arena *arena)
{
    size_t len = 0;
    char *into;

    if (part->len == 0 ||
        (!memchr(part->ptr, '%', part->len) && !(query && memchr(part->ptr, '+', part->len)))) {
        return 0;
    }
    into = arena_alloc(arena, part->len);
    if (!into) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < part->len; i++) {
        char c = part->ptr[i];

        if (c == '%') {
            int high = i + 2 < part->len ? hex_value(part->ptr[i + 1]) : -1;
            int low = i + 2 < part->len ? hex_value(part->ptr[i + 2]) : -1;

            if (high < 0 || low < 0) {
                return FAULT;
            }
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && query) {
            c = ' ';
        }
        into[len++] = c;
    }
    *part = (struct span){into, len};
    return http_is_utf8(*part) ? 0 : FAULT;
}

static bool has_control(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c < ' ' || c == 0x7f) {
            return true;
        }
    }
    return false;
}

static int add_segment(struct http_target *target, struct span segment, bool last,
                       struct arena *arena, struct http_refusal *why)
{
    int r;

    if (target->segment_count == HTTP_SEGMENTS_MAX) {
        return http_refuse(why, 414, "HTTP_TARGET_TOO_LONG", "the path has too many segments");
    }
    if (segment.len == 0 && !last) {
        return refuse_target(why, "the path has an empty segment (//)");
    }
    r = decode(&segment, false, arena);
    if (r == FAULT) {
        return refuse_target(why, "the path has a broken percent escape, or one that is not UTF-8");
    }
    if (r) {
        return r;
    }
    if (span_is(segment, ".") || span_is(segment, "..")) {
        return refuse_target(why, "the path has a dot segment");
    }
    if (has_control(segment) || (segment.len > 0 && (memchr(segment.ptr, '/', segment.len) ||
                                                     memchr(segment.ptr, '\\', segment.len)))) {
        return refuse_target(why,
                             "the path hides a slash, backslash or control character by escaping");
    }
    target->segments[target->segment_count++] = segment;
    return 0;
}

static int split_path(struct http_target *target, struct arena *arena, struct http_refusal *why)
{
    struct span rest = span_sub(target->path, 1, target->path.len);
    int r = 0;

    do {
        struct span segment = span_cut(&rest, '/');

        r = add_segment(target, segment, rest.ptr == NULL, arena, why);
    } while (r == 0 && rest.ptr);
    return r;
}

static int add_param(struct http_target *target, struct span part, struct arena *arena,
                     struct http_refusal *why)
{
    struct http_field param = {.value = part};
    int r;

    if (target->param_count == HTTP_QUERY_MAX) {
        return http_refuse(why, 400, "HTTP_QUERY", "there are too many query parameters");
    }
    param.name = span_cut(&param.value, '=');
    if (!param.value.ptr) {
        param.value = (struct span){"", 0};
    }
    r = decode(&param.name, true, arena);
    if (r == 0) {
        r = decode(&param.value, true, arena);
    }
    if (r == FAULT) {
        return http_refuse(why, 400, "HTTP_QUERY",
                           "the query has a broken percent escape, or one that is not UTF-8");
    }
    if (r == 0 && param.name.len == 0) {
        return http_refuse(why, 400, "HTTP_QUERY", "a query parameter has no name");
    }
    if (r == 0) {
        target->params[target->param_count++] = param;
    }
    return r;
}

static int split_query(struct http_target *target, struct arena *arena, struct http_refusal *why)
{
    struct span rest = target->query;
    int r = 0;

    while (r == 0 && rest.ptr) {
        struct span part = span_cut(&rest, '&');

        /* "?", "a&" and "a&&b" are how sloppy joins look; nothing is lost by skipping them. */
        if (part.len > 0) {
            r = add_param(target, part, arena, why);
        }
    }
    return r;
}

/* Cuts "http://host" off; what is left may be empty, which means "/". */
static int drop_authority(struct span *text, struct http_refusal *why)
{
    size_t from = 0, len = 0;

    if (span_equal_nocase(span_sub(*text, 0, 7), SPAN("http://"))) {
        from = 7;
    } else if (span_equal_nocase(span_sub(*text, 0, 8), SPAN("https://"))) {
        from = 8;
    } else {
        return refuse_target(why, "the target must begin with / or http://");
    }
    while (from + len < text->len && text->ptr[from + len] != '/' && text->ptr[from + len] != '?') {
        len++;
    }
    if (!http_is_host(span_sub(*text, from, len))) {
        return refuse_target(why, "the target's host is not a host");
    }
    *text = span_sub(*text, from + len, text->len);
    return 0;
}

static int check_chars(struct span text, struct http_refusal *why)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_target_char((unsigned char)text.ptr[i])) {
            return refuse_target(why, "the target has a character that must be percent-encoded");
        }
    }
    return 0;
}

int http_target_parse(struct http_target *ret, struct span text, struct arena *arena,
                      struct http_refusal *why)
{
    struct span rest = text;
    int r = 0;

    ret->segment_count = ret->param_count = 0;
    if (!span_starts(rest, "/")) {
        r = drop_authority(&rest, why);
    }
    if (r == 0) {
        r = check_chars(rest, why);
    }
    if (r) {
        return r;
    }
    ret->query = rest;
    ret->path = span_cut(&ret->query, '?');
    if (ret->path.len == 0) {
        ret->path = SPAN("/");
    }
    r = split_path(ret, arena, why);
    return r ? r : split_query(ret, arena, why);
}
