/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/route.h"

#include "service/store/route_cluster.h"
#include "service/store/sentinel_watch.h"

#include <event2/event.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

struct route {
    struct route_options options;
    struct store_where where;
    struct node *node; /* of one server, or the primary the Sentinels named */
    struct sentinel_watch *watch;
    struct route_cluster *cluster;
};

static void on_lost(void *arg)
{
    route_hint(arg);
}

static int open_node(struct route *route, const struct store_where *where, struct node **ret)
{
    const struct route_options *o = &route->options;

    return node_new(ret,
                    &(struct link_options){.base = o->base,
                                           .where = where,
                                           .wait_ms = o->timeout_ms * 3 / 4,
                                           .seed = o->seed,
                                           .lost = on_lost,
                                           .arg = route},
                    o->connections);
}

static void on_switched(void *arg, const struct sentinel_view *view)
{
    struct route *route = arg;
    struct store_where where = store_where_at(&route->where, &view->primary);
    struct node *before = route->node;

    route->node = NULL;
    if (open_node(route, &where, &route->node) != 0) {
        route->node = NULL; /* no memory: calls are refused until the next switch */
    }
    (void)node_free(before); /* its calls end as unknown */
}

int route_new(struct route **ret, const struct route_options *options)
{
    CLEANUP(route_freep) struct route *route = calloc(1, sizeof(*route));
    int r;

    if (!route) {
        return -ENOMEM;
    }
    route->options = *options;
    route->where = *options->where;
    route->options.where = &route->where;
    switch (route->where.kind) {
    case STORE_SENTINEL:
        r = sentinel_watch_new(&route->watch,
                               &(struct sentinel_watch_options){.base = options->base,
                                                                .where = &route->where,
                                                                .seed = options->seed,
                                                                .switched = on_switched,
                                                                .arg = route});
        break;
    case STORE_CLUSTER:
        r = route_cluster_new(&route->cluster, &route->options);
        break;
    default:
        r = open_node(route, &route->where, &route->node);
    }
    if (r == 0) {
        *ret = TAKE(route);
    }
    return r;
}

struct route *route_free(struct route *route)
{
    if (route) {
        struct node *node = TAKE(route->node);

        route->watch = sentinel_watch_free(route->watch);
        route->cluster = route_cluster_free(route->cluster);
        (void)node_free(node);
        free(route);
    }
    return NULL;
}

struct node *route_node(struct route *route, unsigned shard)
{
    return route->cluster ? route_cluster_node(route->cluster, shard) : route->node;
}

void route_moved(struct route *route, unsigned slot, const struct store_host *host)
{
    if (route->cluster) {
        route_cluster_moved(route->cluster, slot, host);
    }
}

void route_hint(struct route *route)
{
    if (route->watch) {
        sentinel_watch_hint(route->watch);
    }
    if (route->cluster) {
        route_cluster_hint(route->cluster);
    }
}

bool route_can_change(const struct route *route)
{
    return route->watch || route->cluster;
}

struct route_state route_state(const struct route *route)
{
    struct route_state state = {
        .kind = route->where.kind, .replicas = -1, .replicas_wanted = route->where.replicas};
    struct node_state node;

    if (route->cluster) {
        route_cluster_state(route->cluster, &state);
        return state;
    }
    state.watched = !route->watch || sentinel_watch_answered(route->watch);
    if (!route->node) {
        return state;
    }
    node = node_state(route->node);
    state.primary = *node_host(route->node);
    state.servers = 1;
    state.shards_ready = node.connected > 0 ? route->options.shards : 0;
    state.shards_durable = node.durable > 0 ? route->options.shards : 0;
    state.replicas = node.replicas;
    state.connected = node.connected;
    state.reconnects = node.reconnects;
    return state;
}
