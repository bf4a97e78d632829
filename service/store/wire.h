/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_WIRE_H
#define RAPPORTEUR_SERVICE_STORE_WIRE_H

/* One blocking connection to one server, for the inside of store_sync. */

#include "lib/base/span.h"
#include "service/store/where.h"

#include <stdbool.h>
#include <stdint.h>

struct redisContext;
struct redisReply;

struct wire {
    struct store_where where;           /* of kind STORE_UNIX or STORE_TCP */
    struct redisContext *context;       /* NULL while down */
    char error[128];                    /* why the last try failed */
};

/* Connects and says who it is, unless that stands already; with `primary` only to a primary.
 * false: `error` says why, nothing is open. */
bool wire_open(struct wire *wire, int64_t timeout_ms, bool primary);
void wire_close(struct wire *wire);

/* Sends and waits for the answer: 0 and *ret (the caller's), -ETIMEDOUT: sent, no answer, closed. */
int wire_exchange(struct wire *wire, struct span bytes, struct redisReply **ret);
/* A command given as hiredis formats it, without arguments of unknown content; as wire_exchange. */
int wire_command(struct wire *wire, struct redisReply **ret, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* So many replicas have all that this server wrote until now; false also when it cannot be said. */
bool wire_wait(struct wire *wire, int replicas, int64_t timeout_ms);

#endif
