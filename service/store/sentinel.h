/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_SENTINEL_H
#define RAPPORTEUR_SERVICE_STORE_SENTINEL_H

/*
 * Redis Sentinel without I/O: what a Sentinel says of a primary, and whether to believe it.
 * Fencing: a Sentinel on the wrong side of a partition goes on naming the old primary. Each answer
 * carries the configuration epoch, which rises with every failover, so one with a lower epoch than
 * seen before is not believed - unless most of the Sentinels say so, one after another: then the
 * Sentinels were set up anew. (The second fence is WAIT: an old primary without its replicas
 * acknowledges nothing; the third is ROLE at each connection.)
 */

#include "service/store/where.h"

#include <stdint.h>

struct redisReply;

struct sentinel_view {
    struct store_host primary;      /* port 0: not known yet */
    uint64_t epoch;
    int replicas;                   /* that the Sentinel sees */
    size_t lower;                   /* Sentinels in a row that named a lower epoch */
};

enum sentinel_said {
    SENTINEL_NOTHING,   /* an error (no such primary), or nonsense: ask the next one */
    SENTINEL_STALE,     /* a lower epoch: ask the next one */
    SENTINEL_SAME,      /* the primary known already */
    SENTINEL_SWITCHED,  /* another primary, or the first one */
};

/* The reply of SENTINEL MASTER name. `sentinels`: how many there are to ask. */
enum sentinel_said sentinel_read(struct sentinel_view *view, const struct redisReply *reply,
                                 size_t sentinels);

/* A message of the channel +switch-master about the primary called `name`. */
bool sentinel_switched(const struct redisReply *message, const char *name);

#endif
