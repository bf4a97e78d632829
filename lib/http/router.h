/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_HTTP_ROUTER_H
#define RAPPORTEUR_LIB_HTTP_ROUTER_H

/*
 * Method and path to whatever the table's owner put there. What is not in the table is not served.
 *     r = router_add(router, "GET", "/v1/cases/{id}", &routes[3], &why);
 *     switch (router_match(router, SPAN("GET"), target.segments, target.segment_count, &match)) ...
 * A pattern's segments are literal, "{name}" (one segment, not empty), or last "{name...}" (all the
 * rest, joined with '/'; one segment at least, which may be empty). A literal goes before a
 * parameter, a parameter before a rest, from left to right. Every GET route serves HEAD too, unless
 * HEAD has its own. Read-only once built, so it may be shared between threads.
 */

#include "lib/base/arena.h"
#include "lib/base/attr.h"
#include "lib/base/fault.h"
#include "lib/http/field.h"

enum { ROUTER_ROUTES_MAX = 256, ROUTER_PARAMS_MAX = 4, ROUTER_ALLOW_MAX = 128 };

struct router;

struct router *router_new(void);
struct router *router_free(struct router *router);
DEFINE_CLEANUP(struct router *, router_free);

/* Borrows all texts and `found`. 0; FAULT: ROUTE_PATTERN (place: the pattern), ROUTE_TWICE (same
 * method and shape); -ENOMEM. */
int router_add(struct router *router, const char *method, const char *pattern, const void *found,
               struct fault *why) NODISCARD;

enum router_outcome {
    ROUTER_FOUND,
    ROUTER_NO_PATH,   /* 404 */
    ROUTER_NO_METHOD, /* 405: `allow` has the methods of this path */
};

struct router_match {
    const void *found;
    size_t param_count;
    struct http_field params[ROUTER_PARAMS_MAX];
    char allow[ROUTER_ALLOW_MAX]; /* "GET, HEAD, PUT" */
};

/* The rest parameter of more than one segment is joined in the arena: -ENOMEM when that fails. */
int router_match(const struct router *router, struct span method, const struct span *segments,
                 size_t segment_count, struct arena *arena, struct router_match *ret);

#endif
