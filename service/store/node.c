/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/node.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct node {
    struct link_options options;
    struct store_where where;
    struct link *links[NODE_LINKS_MAX];
    unsigned count, next;
};

int node_new(struct node **ret, const struct link_options *options, unsigned connections)
{
    CLEANUP(node_freep) struct node *node = calloc(1, sizeof(*node));
    int r;

    if (!node) {
        return -ENOMEM;
    }
    node->where = *options->where;
    node->options = *options;
    node->options.where = &node->where;
    r = node_grow(node, connections);
    if (r == 0) {
        *ret = TAKE(node);
    }
    return r;
}

struct node *node_free(struct node *node)
{
    if (node) {
        for (unsigned i = 0; i < node->count; i++) {
            node->links[i] = link_free(node->links[i]);
        }
        free(node);
    }
    return NULL;
}

int node_grow(struct node *node, unsigned connections)
{
    int r = 0;

    assert(connections >= 1 && connections <= NODE_LINKS_MAX);
    while (r == 0 && node->count < connections) {
        node->options.seed = node->options.seed * 31 + node->count + 1;
        r = link_new(&node->links[node->count], &node->options);
        node->count += r == 0;
    }
    return r;
}

int node_send(struct node *node, struct link_call *call, struct span command, int64_t timeout_ms)
{
    for (unsigned i = 0; i < node->count; i++) {
        struct link *link = node->links[node->next++ % node->count];

        if (link_send(link, call, command, timeout_ms) == 0) {
            return 0;
        }
    }
    return -EAGAIN;
}

struct node_state node_state(const struct node *node)
{
    struct node_state state = {.replicas = -1};

    for (unsigned i = 0; i < node->count; i++) {
        int replicas = link_replicas(node->links[i]);

        state.connected += link_ready(node->links[i]);
        state.durable += link_durable(node->links[i]);
        state.replicas = replicas > state.replicas ? replicas : state.replicas;
        state.reconnects += link_reconnects(node->links[i]);
    }
    return state;
}

const struct store_host *node_host(const struct node *node)
{
    return &node->where.hosts[0];
}
