/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/sync_route.h"

#include <hiredis/hiredis.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENTINEL_TIMEOUT_MS = 500 };

struct sync_route {
    struct store_where where;
    int64_t timeout_ms;
    struct wire *wires[SLOT_NODES_MAX]; /* number 0 where there is one server */
    struct sentinel_view view;
    size_t sentinel; /* the one to ask next */
    struct slot_map map;
    bool known; /* primary or map, as last asked */
    char error[160];
};

int sync_route_new(struct sync_route **ret, const struct store_where *where, int64_t timeout_ms)
{
    struct sync_route *route = calloc(1, sizeof(*route));

    if (!route) {
        return -ENOMEM;
    }
    route->where = *where;
    route->timeout_ms = timeout_ms;
    slot_map_init(&route->map);
    *ret = route;
    return 0;
}

static void close_one(struct sync_route *route, size_t number)
{
    struct wire *wire = TAKE(route->wires[number]);

    if (wire) {
        wire_close(wire);
        free(wire);
    }
}

struct sync_route *sync_route_free(struct sync_route *route)
{
    if (route) {
        for (size_t i = 0; i < SLOT_NODES_MAX; i++) {
            close_one(route, i);
        }
        free(route);
    }
    return NULL;
}

const struct store_where *sync_route_where(const struct sync_route *route)
{
    return &route->where;
}

const char *sync_route_error(const struct sync_route *route)
{
    return route->error;
}

static struct wire *open_number(struct sync_route *route, size_t number,
                                const struct store_where *where, bool primary)
{
    struct wire *wire = route->wires[number];

    if (!wire) {
        wire = calloc(1, sizeof(*wire));
        if (!wire) {
            return NULL;
        }
        wire->where = *where;
        route->wires[number] = wire;
    }
    if (!wire_open(wire, route->timeout_ms, primary)) {
        (void)snprintf(route->error, sizeof(route->error), "%s", wire->error);
        return NULL;
    }
    return wire;
}

/* ---- Sentinel ---- */

static enum sentinel_said ask_sentinel(struct sync_route *route, size_t at)
{
    struct wire wire = {.where = store_where_at(&route->where, &route->where.hosts[at])};
    enum sentinel_said said = SENTINEL_NOTHING;
    struct redisReply *reply = NULL;

    wire.where.auth = route->where.sentinel_auth;
    wire.where.db = 0;
    if (wire_open(&wire, SENTINEL_TIMEOUT_MS, false) &&
        wire_command(&wire, &reply, "SENTINEL MASTER %s", route->where.name) == 0) {
        said = sentinel_read(&route->view, reply, route->where.host_count);
        if (said == SENTINEL_NOTHING && reply->type == REDIS_REPLY_ERROR) {
            (void)snprintf(wire.error, sizeof(wire.error), "%s", reply->str);
        }
        freeReplyObject(reply);
    }
    (void)snprintf(route->error, sizeof(route->error), "Sentinel %.64s:%d: %.80s",
                   route->where.hosts[at].host, route->where.hosts[at].port,
                   said == SENTINEL_STALE ? "names an older primary" : wire.error);
    wire_close(&wire);
    return said;
}

static bool ask_sentinels(struct sync_route *route)
{
    struct store_host before = route->view.primary;

    for (size_t i = 0; i < route->where.host_count; i++) {
        size_t at = (route->sentinel + i) % route->where.host_count;
        enum sentinel_said said = ask_sentinel(route, at);

        if (said == SENTINEL_SAME || said == SENTINEL_SWITCHED) {
            route->sentinel = at;
            if (!store_host_same(&before, &route->view.primary)) {
                close_one(route, 0);
            }
            return true;
        }
    }
    /* All of them are gone: the last primary known is tried all the same. */
    return route->view.primary.port != 0;
}

static struct wire *open_primary(struct sync_route *route)
{
    struct store_where where;
    struct wire *wire;

    if (!route->known) {
        route->known = ask_sentinels(route);
    }
    if (!route->known) {
        return NULL;
    }
    where = store_where_at(&route->where, &route->view.primary);
    wire = open_number(route, 0, &where, true);
    route->known = wire != NULL;
    return wire;
}

/* ---- Cluster ---- */

static struct wire *open_host(struct sync_route *route, const struct store_host *host)
{
    unsigned number = slot_map_node(&route->map, host);
    struct store_where where = store_where_at(&route->where, host);

    return number == SLOT_UNKNOWN ? NULL : open_number(route, number, &where, false);
}

static bool ask_slots(struct sync_route *route, const struct store_host *host)
{
    struct store_host asked = *host;
    struct wire *wire = open_host(route, &asked);
    struct redisReply *reply = NULL;
    bool ok;

    if (!wire || wire_command(wire, &reply, "CLUSTER SLOTS") != 0) {
        return false;
    }
    ok = slot_map_read(&route->map, reply, &asked);
    if (!ok) {
        (void)snprintf(route->error, sizeof(route->error), "%.100s",
                       reply->type == REDIS_REPLY_ERROR ? reply->str : "no map of slots");
    }
    freeReplyObject(reply);
    return ok;
}

static bool learn_map(struct sync_route *route)
{
    for (size_t i = 0; !route->known && i < route->map.node_count; i++) {
        if (route->wires[i] && route->wires[i]->context) {
            route->known = ask_slots(route, &route->map.nodes[i]);
        }
    }
    for (size_t i = 0; !route->known && i < route->where.host_count; i++) {
        route->known = ask_slots(route, &route->where.hosts[i]);
    }
    for (size_t i = 0; !route->known && i < route->map.node_count; i++) {
        if (route->map.nodes[i].port != 0) {
            route->known = ask_slots(route, &route->map.nodes[i]);
        }
    }
    return route->known;
}

static struct wire *open_slot(struct sync_route *route, unsigned slot)
{
    struct wire *wire = NULL;

    if (learn_map(route)) {
        unsigned owner = route->map.owner[slot];
        struct store_host host;

        if (owner == SLOT_UNKNOWN) {
            (void)snprintf(route->error, sizeof(route->error), "slot %u has no server", slot);
        } else {
            host = route->map.nodes[owner];
            wire = open_host(route, &host);
        }
        route->known = wire != NULL;
    }
    return wire;
}

/* ---- all three ---- */

struct wire *sync_route_wire(struct sync_route *route, unsigned slot)
{
    switch (route->where.kind) {
    case STORE_SENTINEL:
        return open_primary(route);
    case STORE_CLUSTER:
        return open_slot(route, slot);
    default:
        return open_number(route, 0, &route->where, false);
    }
}

struct wire *sync_route_at(struct sync_route *route, const struct store_host *host)
{
    return route->where.kind == STORE_CLUSTER ? open_host(route, host) : NULL;
}

void sync_route_moved(struct sync_route *route, unsigned slot, const struct store_host *host)
{
    slot_map_moved(&route->map, slot, host);
}

void sync_route_forget(struct sync_route *route)
{
    route->known = false;
    if (route->where.kind == STORE_SENTINEL && route->wires[0]) {
        wire_close(route->wires[0]);
    }
}

static size_t find_server(struct sync_route *route, size_t wanted, unsigned *ret_number)
{
    bool seen[SLOT_NODES_MAX] = {false};
    size_t count = 0;

    for (size_t slot = 0; slot < SLOT_COUNT; slot++) {
        unsigned owner = route->map.owner[slot];

        if (owner != SLOT_UNKNOWN && !seen[owner]) {
            seen[owner] = true;
            if (count++ == wanted) {
                *ret_number = owner;
            }
        }
    }
    return count;
}

size_t sync_route_servers(struct sync_route *route)
{
    unsigned number;

    if (route->where.kind != STORE_CLUSTER) {
        return 1;
    }
    route->known = false; /* asked again: it is for start-up, where servers may have come */
    return learn_map(route) ? find_server(route, SLOT_NODES_MAX, &number) : 0;
}

struct wire *sync_route_server(struct sync_route *route, size_t i)
{
    unsigned number = SLOT_UNKNOWN;
    struct store_host host;

    if (route->where.kind != STORE_CLUSTER) {
        return sync_route_wire(route, 0);
    }
    if (!learn_map(route)) {
        return NULL;
    }
    (void)find_server(route, i, &number);
    if (number == SLOT_UNKNOWN) {
        return NULL;
    }
    host = route->map.nodes[number];
    return open_host(route, &host);
}
