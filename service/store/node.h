/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_NODE_H
#define RAPPORTEUR_SERVICE_STORE_NODE_H

/* The connections to one server: a call takes the next one that is ready. */

#include "service/store/link.h"

struct node;

enum { NODE_LINKS_MAX = 64 };

/* As `options`; `connections` 1 to NODE_LINKS_MAX. 0 or -ENOMEM. */
int node_new(struct node **ret, const struct link_options *options, unsigned connections);
/* Calls on their way are answered with NULL. Not from a `reply`. */
struct node *node_free(struct node *node);
DEFINE_CLEANUP(struct node *, node_free);

/* More connections, where it has fewer. 0 or -ENOMEM. */
int node_grow(struct node *node, unsigned connections);

/* As link_send. */
int node_send(struct node *node, struct link_call *call, struct span command, int64_t timeout_ms);

struct node_state {
    unsigned connected, durable;        /* links that are ready, and that have their replicas */
    int replicas;                       /* the most a link found; -1: not known */
    uint64_t reconnects;
};
struct node_state node_state(const struct node *node);

/* Where it is; of a Unix socket the host is empty and the port 0. */
const struct store_host *node_host(const struct node *node);

#endif
