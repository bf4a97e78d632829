/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_SLOTS_H
#define RAPPORTEUR_SERVICE_STORE_SLOTS_H

/*
 * Redis Cluster without I/O: which slot a key has, which server owns a slot, and what an error reply
 * asks of us. Source: the cluster specification of redis.io (CRC16 XMODEM modulo 16,384, hash tags,
 * CLUSTER SLOTS, MOVED, ASK, TRYAGAIN, CLUSTERDOWN).
 *
 * A function's only declared key is its shard's bare tag, "{s07}", and no key of that name ever
 * exists. So a server whose slot is on the move answers each function with ASK and runs none of it:
 * nothing ever works on half a shard. That is why ASK means "wait until the slot has moved" for a
 * function, and is followed only by a command with one key (the log's XRANGE and XTRIM).
 */

#include "lib/base/span.h"
#include "service/store/where.h"

#include <stdbool.h>
#include <stdint.h>

struct redisReply;

enum { SLOT_COUNT = 16384, SLOT_NODES_MAX = 256, SLOT_UNKNOWN = UINT16_MAX };

/* Of the part between the first { and the next }, or of the whole key. */
unsigned slot_of_key(struct span key);
/* The slot of a shard's tag. */
unsigned slot_of_shard(unsigned shard);

/* Plain data. A node keeps its number until it is forgotten; port 0: nobody's. */
struct slot_map {
    uint16_t owner[SLOT_COUNT];             /* number of a node, or SLOT_UNKNOWN */
    uint8_t replicas[SLOT_NODES_MAX];       /* as the last CLUSTER SLOTS said */
    struct store_host nodes[SLOT_NODES_MAX];
    size_t node_count;
};

void slot_map_init(struct slot_map *map);
/* The node's number, added when it is new; SLOT_UNKNOWN: the map is full. */
unsigned slot_map_node(struct slot_map *map, const struct store_host *host);
/* Its number may be given to another; its slots are unknown. */
void slot_map_forget(struct slot_map *map, unsigned node);
/* The reply of CLUSTER SLOTS: owners as it says, slots it leaves out are unknown. An empty host is
 * the server that answered, `asked`. false: not such a reply, nothing changed. */
bool slot_map_read(struct slot_map *map, const struct redisReply *reply, const struct store_host *asked);
/* MOVED: that slot is there now. */
void slot_map_moved(struct slot_map *map, unsigned slot, const struct store_host *host);

enum redirect_kind {
    REDIRECT_NONE,      /* no redirection: an answer, or an error of another kind */
    REDIRECT_MOVED,     /* the slot is at `host`: learn it, send again there */
    REDIRECT_ASK,       /* the slot is on its way to `host` */
    REDIRECT_LATER,     /* TRYAGAIN, CLUSTERDOWN: the same again after a pause */
    REDIRECT_STALE,     /* READONLY, MASTERDOWN: this server is not the primary (any more) */
};
struct redirect {
    enum redirect_kind kind;
    unsigned slot;
    struct store_host host;
};
/* `asked`: the server that answered; MOVED with an empty host means it. */
struct redirect redirect_read(const struct redisReply *reply, const struct store_host *asked);

#endif
