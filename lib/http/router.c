/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/router.h"

#include "lib/http/syntax.h"
#include "lib/http/target.h"

#include <errno.h>
#include <stdlib.h>

/* In the order of precedence. */
enum segment_kind { SEGMENT_LITERAL, SEGMENT_PARAM, SEGMENT_REST };

struct segment {
    enum segment_kind kind;
    struct span text; /* the literal, or the parameter's name */
};

struct entry {
    struct span method;
    const void *found;
    size_t count;
    struct segment segments[HTTP_SEGMENTS_MAX];
};

struct router {
    size_t count;
    struct entry *entries[ROUTER_ROUTES_MAX]; /* the more specific shape first */
};

struct router *router_new(void)
{
    return calloc(1, sizeof(struct router));
}

struct router *router_free(struct router *router)
{
    if (router) {
        for (size_t i = 0; i < router->count; i++) {
            free(router->entries[i]);
        }
        free(router);
    }
    return NULL;
}

/* "{name}" and "{name...}": the kind and name, or false for a literal or nonsense. */
static bool read_param(struct span text, struct segment *ret)
{
    struct span name = span_sub(text, 1, text.len - 2);

    if (text.len < 3 || text.ptr[0] != '{' || text.ptr[text.len - 1] != '}') {
        return false;
    }
    ret->kind = SEGMENT_PARAM;
    if (name.len > 3 && span_is(span_sub(name, name.len - 3, 3), "...")) {
        name.len -= 3;
        ret->kind = SEGMENT_REST;
    }
    ret->text = name;
    return http_is_token(name) && !memchr(name.ptr, '.', name.len);
}

static int read_segment(struct entry *entry, struct span text, bool last)
{
    struct segment *segment = &entry->segments[entry->count];

    if (entry->count == HTTP_SEGMENTS_MAX) {
        return FAULT;
    }
    if (!read_param(text, segment)) {
        if (text.len > 0 && (memchr(text.ptr, '{', text.len) || memchr(text.ptr, '}', text.len) ||
                             memchr(text.ptr, '%', text.len))) {
            return FAULT;
        }
        *segment = (struct segment){SEGMENT_LITERAL, text};
    }
    if ((segment->kind == SEGMENT_REST || (segment->kind == SEGMENT_LITERAL && text.len == 0)) &&
        !last) {
        return FAULT;
    }
    entry->count++;
    return 0;
}

static int read_pattern(struct entry *entry, const char *pattern)
{
    struct span rest = span_of(pattern);
    size_t params = 0;
    int r = 0;

    if (!span_starts(rest, "/")) {
        return FAULT;
    }
    rest = span_sub(rest, 1, rest.len);
    do {
        struct span text = span_cut(&rest, '/');

        r = read_segment(entry, text, rest.ptr == NULL);
    } while (r == 0 && rest.ptr);
    for (size_t i = 0; i < entry->count; i++) {
        params += entry->segments[i].kind != SEGMENT_LITERAL;
    }
    return r == 0 && params <= ROUTER_PARAMS_MAX ? 0 : FAULT;
}

/* Which shape goes first: < 0 for a. 0 only for shapes that match the same paths. */
static int compare_shapes(const struct entry *a, const struct entry *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        const struct segment *x = &a->segments[i], *y = &b->segments[i];
        int order = (int)x->kind - (int)y->kind;

        if (order == 0 && x->kind == SEGMENT_LITERAL) {
            order = span_compare(x->text, y->text);
        }
        if (order != 0) {
            return order;
        }
    }
    return a->count < b->count ? -1 : a->count > b->count;
}

int router_add(struct router *router, const char *method, const char *pattern, const void *found,
               struct fault *why)
{
    struct entry *entry;
    size_t at = 0;

    if (router->count == ROUTER_ROUTES_MAX) {
        return fault_set(why, "ROUTE_PATTERN", pattern, "there are more than %d routes",
                         ROUTER_ROUTES_MAX);
    }
    entry = calloc(1, sizeof(*entry));
    if (!entry) {
        return -ENOMEM;
    }
    *entry = (struct entry){.method = span_of(method), .found = found};
    if (read_pattern(entry, pattern) || !http_is_token(entry->method)) {
        free(entry);
        return fault_set(
            why, "ROUTE_PATTERN", pattern,
            "a route is a method and a pattern like /v1/things/{id} or /files/{path...}");
    }
    while (at < router->count && compare_shapes(router->entries[at], entry) <= 0) {
        if (compare_shapes(router->entries[at], entry) == 0 &&
            span_equal(router->entries[at]->method, entry->method)) {
            free(entry);
            return fault_set(why, "ROUTE_TWICE", pattern, "another %s route has the same shape",
                             method);
        }
        at++;
    }
    memmove(&router->entries[at + 1], &router->entries[at],
            (router->count - at) * sizeof(struct entry *));
    router->entries[at] = entry;
    router->count++;
    return 0;
}

static bool path_fits(const struct entry *entry, const struct span *segments, size_t count)
{
    const struct segment *last = &entry->segments[entry->count - 1];

    if (count < entry->count || (count > entry->count && last->kind != SEGMENT_REST)) {
        return false;
    }
    for (size_t i = 0; i < entry->count; i++) {
        const struct segment *segment = &entry->segments[i];

        if (segment->kind == SEGMENT_LITERAL
                ? !span_equal(segment->text, segments[i])
                : segment->kind == SEGMENT_PARAM && segments[i].len == 0) {
            return false;
        }
    }
    return true;
}

static int join(struct span *ret, const struct span *segments, size_t count, struct arena *arena)
{
    size_t len = count - 1, at = 0;
    char *into;

    *ret = segments[0];
    if (count == 1) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        len += segments[i].len;
    }
    into = arena_alloc(arena, len);
    if (!into) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            into[at++] = '/';
        }
        if (segments[i].len > 0) {
            memcpy(into + at, segments[i].ptr, segments[i].len);
            at += segments[i].len;
        }
    }
    *ret = (struct span){into, len};
    return 0;
}

static int fill(struct router_match *ret, const struct entry *entry, const struct span *segments,
                size_t count, struct arena *arena)
{
    ret->found = entry->found;
    for (size_t i = 0; i < entry->count; i++) {
        struct http_field *param = &ret->params[ret->param_count];

        if (entry->segments[i].kind == SEGMENT_LITERAL) {
            continue;
        }
        *param = (struct http_field){entry->segments[i].text, segments[i]};
        ret->param_count++;
        if (entry->segments[i].kind == SEGMENT_REST &&
            join(&param->value, segments + i, count - i, arena)) {
            return -ENOMEM;
        }
    }
    return ROUTER_FOUND;
}

static void allow(struct router_match *ret, struct span method)
{
    size_t len = strlen(ret->allow);
    struct span rest = {ret->allow, len};

    while (len > 0 && rest.ptr) {
        if (span_equal(span_trim(span_cut(&rest, ',')), method)) {
            return;
        }
    }
    if (len + 2 + method.len + 1 > sizeof(ret->allow)) {
        return;
    }
    if (len > 0) {
        memcpy(ret->allow + len, ", ", 2);
        len += 2;
    }
    memcpy(ret->allow + len, method.ptr, method.len);
    ret->allow[len + method.len] = '\0';
}

int router_match(const struct router *router, struct span method, const struct span *segments,
                 size_t segment_count, struct arena *arena, struct router_match *ret)
{
    const struct entry *head = NULL; /* the GET route that would serve a HEAD */
    bool path_known = false;

    ret->found = NULL;
    ret->param_count = 0;
    ret->allow[0] = '\0';
    for (size_t i = 0; i < router->count; i++) {
        const struct entry *entry = router->entries[i];

        if (!path_fits(entry, segments, segment_count)) {
            continue;
        }
        if (span_equal(entry->method, method)) {
            return fill(ret, entry, segments, segment_count, arena);
        }
        path_known = true;
        allow(ret, entry->method);
        if (span_is(entry->method, "GET")) {
            allow(ret, SPAN("HEAD"));
            head = head ? head : entry;
        }
    }
    if (head && span_is(method, "HEAD")) {
        return fill(ret, head, segments, segment_count, arena);
    }
    return path_known ? ROUTER_NO_METHOD : ROUTER_NO_PATH;
}
