/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/route_cluster.h"

#include "service/store/command.h"
#include "service/store/keys.h"
#include "service/store/slots.h"

#include <event2/event.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* CLUSTER SLOTS on its way. */
struct asking {
    struct link_call wire; /* first: link.c hands back its address */
    struct route_cluster *cluster;
    bool busy;
};

/* A server that does not answer must not keep us from asking another one. */
enum { ASKING_MAX = 4 };

struct route_cluster {
    struct route_options options;
    struct slot_map map;
    struct node *nodes[SLOT_NODES_MAX]; /* by their numbers in the map; NULL: not connected */
    bool needed[SLOT_NODES_MAX];        /* holds a shard, as the map says */
    uint16_t slots[STORE_SHARDS_MAX];   /* of each shard */
    struct command question;
    struct asking asking[ASKING_MAX];
    struct event *timer;
    unsigned next; /* whom to ask */
    int64_t asked_ms;
    bool known, closing;
};

static void set_timer(struct route_cluster *cluster, int64_t ms)
{
    struct timeval in = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    (void)evtimer_add(cluster->timer, &in);
}

static void on_lost(void *arg)
{
    route_cluster_hint(arg);
}

static int connect_to(struct route_cluster *cluster, unsigned number, unsigned connections)
{
    const struct route_options *o = &cluster->options;
    struct store_where where = store_where_at(o->where, &cluster->map.nodes[number]);

    if (cluster->nodes[number]) {
        return node_grow(cluster->nodes[number], connections);
    }
    return node_new(&cluster->nodes[number],
                    &(struct link_options){.base = o->base,
                                           .where = &where,
                                           .wait_ms = o->timeout_ms * 3 / 4,
                                           .seed = o->seed + number,
                                           .lost = on_lost,
                                           .arg = cluster},
                    connections);
}

/* Connects to every server that holds a shard. No memory: tried again with the next map. */
static void connect_needed(struct route_cluster *cluster)
{
    memset(cluster->needed, 0, sizeof(cluster->needed));
    for (unsigned shard = 0; shard < cluster->options.shards; shard++) {
        unsigned owner = cluster->map.owner[cluster->slots[shard]];

        if (owner != SLOT_UNKNOWN && !cluster->needed[owner]) {
            cluster->needed[owner] = true;
            (void)connect_to(cluster, owner, cluster->options.connections);
        }
    }
}

static int connect_seeds(struct route_cluster *cluster)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < cluster->options.where->host_count; i++) {
        unsigned number = slot_map_node(&cluster->map, &cluster->options.where->hosts[i]);

        r = number != SLOT_UNKNOWN && !cluster->nodes[number] ? connect_to(cluster, number, 1) : 0;
    }
    return r;
}

/* Ends what no shard needs any more: from the timer, never from a reply. */
static void disconnect_idle(struct route_cluster *cluster)
{
    unsigned ready = 0;

    for (size_t i = 0; i < ASKING_MAX; i++) {
        if (cluster->asking[i].busy) {
            return; /* perhaps on a connection that would be ended */
        }
    }
    for (size_t i = 0; i < cluster->map.node_count; i++) {
        ready += cluster->needed[i] && cluster->nodes[i] && node_state(cluster->nodes[i]).connected;
    }
    for (size_t i = 0; ready > 0 && i < cluster->map.node_count; i++) {
        if (!cluster->needed[i]) {
            struct node *idle = TAKE(cluster->nodes[i]);

            (void)node_free(idle);
            slot_map_forget(&cluster->map, (unsigned)i);
        }
    }
    if (ready == 0) {
        (void)connect_seeds(cluster);
    }
}

static void on_slots(struct link_call *wire, const struct redisReply *reply)
{
    struct asking *asking = (struct asking *)wire;
    struct route_cluster *cluster = asking->cluster;
    bool known;

    asking->busy = false;
    if (cluster->closing || !reply) {
        return; /* the timer asks the next one */
    }
    known = slot_map_read(&cluster->map, reply, link_host(wire->link));
    if (known) {
        connect_needed(cluster);
        for (unsigned shard = 0; known && shard < cluster->options.shards; shard++) {
            known = cluster->map.owner[cluster->slots[shard]] != SLOT_UNKNOWN;
        }
    }
    cluster->known = known;
    set_timer(cluster, known ? CLUSTER_ASK_MS : CLUSTER_ASK_MIN_MS);
}

/* Of the next server that is connected. */
static bool ask(struct route_cluster *cluster)
{
    struct span question;
    size_t count = cluster->map.node_count;
    struct asking *asking = NULL;

    for (size_t i = 0; i < ASKING_MAX; i++) {
        asking = cluster->asking[i].busy ? asking : &cluster->asking[i];
    }
    if (!asking || command_end(&cluster->question, &question) != 0) {
        return false;
    }
    *asking = (struct asking){.wire.reply = on_slots, .cluster = cluster};
    for (size_t i = 0; i < count; i++) {
        struct node *node = cluster->nodes[cluster->next++ % count];

        if (node && node_send(node, &asking->wire, question, cluster->options.timeout_ms) == 0) {
            asking->busy = true;
            cluster->asked_ms = link_now_ms();
            return true;
        }
    }
    return false;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct route_cluster *cluster = arg;

    (void)fd;
    (void)what;
    disconnect_idle(cluster);
    set_timer(cluster, ask(cluster) ? CLUSTER_ANSWER_MS : CLUSTER_ASK_MIN_MS);
}

void route_cluster_hint(struct route_cluster *cluster)
{
    int64_t since = link_now_ms() - cluster->asked_ms;

    if (!cluster->closing) {
        set_timer(cluster, since >= CLUSTER_ASK_MIN_MS ? 0 : CLUSTER_ASK_MIN_MS - since);
    }
}

void route_cluster_moved(struct route_cluster *cluster, unsigned slot,
                         const struct store_host *host)
{
    slot_map_moved(&cluster->map, slot, host);
    connect_needed(cluster);
    route_cluster_hint(cluster);
}

struct node *route_cluster_node(struct route_cluster *cluster, unsigned shard)
{
    unsigned owner = cluster->map.owner[cluster->slots[shard]];

    return owner == SLOT_UNKNOWN ? NULL : cluster->nodes[owner];
}

void route_cluster_state(const struct route_cluster *cluster, struct route_state *state)
{
    const struct slot_map *map = &cluster->map;

    state->watched = cluster->known;
    for (size_t i = 0; i < map->node_count; i++) {
        struct node_state node = {.replicas = -1};

        if (cluster->nodes[i]) {
            node = node_state(cluster->nodes[i]);
            state->connected += node.connected;
            state->reconnects += node.reconnects;
        }
        if (cluster->needed[i]) {
            state->replicas = state->servers == 0 || node.replicas < state->replicas
                                  ? node.replicas
                                  : state->replicas;
            state->servers++;
        }
    }
    for (unsigned shard = 0; shard < cluster->options.shards; shard++) {
        unsigned owner = map->owner[cluster->slots[shard]];
        const struct node *node = owner == SLOT_UNKNOWN ? NULL : cluster->nodes[owner];

        state->shards_ready += node && node_state(node).connected > 0;
        state->shards_durable += node && node_state(node).durable > 0;
        if (shard == 0 && node) {
            state->primary = *node_host(node);
        }
    }
}

int route_cluster_new(struct route_cluster **ret, const struct route_options *options)
{
    struct route_cluster *cluster = calloc(1, sizeof(*cluster));
    int r;

    if (!cluster) {
        return -ENOMEM;
    }
    cluster->options = *options;
    slot_map_init(&cluster->map);
    for (unsigned shard = 0; shard < options->shards; shard++) {
        cluster->slots[shard] = (uint16_t)slot_of_shard(shard);
    }
    command_init(&cluster->question, 256);
    command_text(&cluster->question, "CLUSTER");
    command_text(&cluster->question, "SLOTS");
    cluster->timer = evtimer_new(options->base, on_timer, cluster);
    r = cluster->timer ? connect_seeds(cluster) : -ENOMEM;
    if (r != 0) {
        (void)route_cluster_free(cluster);
        return r;
    }
    set_timer(cluster, 0);
    *ret = cluster;
    return 0;
}

struct route_cluster *route_cluster_free(struct route_cluster *cluster)
{
    if (cluster) {
        cluster->closing = true;
        for (size_t i = 0; i < SLOT_NODES_MAX; i++) {
            struct node *node = TAKE(cluster->nodes[i]);

            (void)node_free(node);
        }
        if (cluster->timer) {
            event_free(cluster->timer);
        }
        command_done(&cluster->question);
        free(cluster);
    }
    return NULL;
}
