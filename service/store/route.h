/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_ROUTE_H
#define RAPPORTEUR_SERVICE_STORE_ROUTE_H

/*
 * Which server a shard's calls go to: one fixed server, the primary that Sentinels name, or the owner
 * of the shard's slot in a cluster. Connections are made to those servers only, and ended when they
 * are no longer needed. Belongs to one event loop.
 */

#include "service/store/node.h"

struct route;

struct route_options {
    struct event_base *base;            /* borrowed */
    const struct store_where *where;    /* copied */
    unsigned connections;               /* to each server */
    unsigned shards;
    int64_t timeout_ms;                 /* of one call */
    uint32_t seed;
};

/* Begins to connect. 0 or -ENOMEM. */
int route_new(struct route **ret, const struct route_options *options);
/* Calls on their way are answered with NULL. Not from a `reply`. */
struct route *route_free(struct route *route);
DEFINE_CLEANUP(struct route *, route_free);

/* NULL: not known now. Valid until the loop's next turn. */
struct node *route_node(struct route *route, unsigned shard);

/* A server answered that the slot has moved: learnt at once; the whole map is asked for soon. */
void route_moved(struct route *route, unsigned slot, const struct store_host *host);
/* Something seems to have changed: ask the Sentinels, or for the cluster's map, soon. */
void route_hint(struct route *route);
/* A refused call may find another server if it is sent again: not so where there is only one. */
bool route_can_change(const struct route *route);

struct route_state {
    enum store_kind kind;
    struct store_host primary;          /* of shard 0; port 0: not known, or a Unix socket */
    unsigned servers;                   /* that hold shards */
    unsigned shards_ready, shards_durable;  /* reachable; and with their replicas */
    int replicas_wanted, replicas;      /* in sync: the least over the servers; -1: not known */
    bool watched;                       /* a Sentinel answered lately, or the map is known */
    unsigned connected;
    uint64_t reconnects;
};
struct route_state route_state(const struct route *route);

#endif
