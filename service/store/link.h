/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_LINK_H
#define RAPPORTEUR_SERVICE_STORE_LINK_H

/*
 * One asynchronous connection to one server: connects, says who it is, and connects again with
 * back-off and jitter when it was lost. hiredis 0.14 has no deadlines and no reconnect, so both are
 * here. Replies come in the order of sending; a reply that is late takes the whole connection down,
 * since all behind it are late too.
 * Usable (link_ready) only after AUTH, SELECT, ROLE and PING were answered well: a server that is
 * loading, is a replica, or whose database could not be selected, never sees a command.
 *
 * Where `where.replicas` is not 0, a call marked `wait` is answered only when so many replicas have
 * it: one WAIT follows the calls of each turn of the loop, their replies are kept until it is
 * answered, and when too few replicas answer they end as unknown. From then on such calls are
 * refused here (-EAGAIN), so that a primary cut off from its replicas collects no changes that nobody
 * will acknowledge, until a WAIT is answered well again. WAIT covers all that the server had written
 * when it ran, so the repeated answer of a retry key is as safe as the first.
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"
#include "service/store/where.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct event_base;
struct link;
struct redisReply;

/* One command on its way; lives inside its owner until `reply` is called. */
struct link_call {
    TAILQ_ENTRY(link_call) entry;
    struct link *link;
    struct redisReply *kept;            /* the link's own: a reply that waits for the replicas */
    int64_t deadline_ms;
    bool wait;
    /* Once for each link_send that returned 0. NULL: the connection was lost, or too few replicas
     * have it: the outcome is unknown. `reply` is borrowed for the call. */
    void (*reply)(struct link_call *call, const struct redisReply *reply);
};

enum {
    LINK_CONNECT_MS = 2000, LINK_BACKOFF_MIN_MS = 20, LINK_BACKOFF_MAX_MS = 1000,
    LINK_CALLS_MAX = 2048,              /* on their way on one connection */
    LINK_PROBE_MS = 100                 /* between two looks for missing replicas */
};

struct link_options {
    struct event_base *base;            /* borrowed */
    const struct store_where *where;    /* copied; of kind STORE_UNIX or STORE_TCP */
    int64_t wait_ms;                    /* of one WAIT; 0: 1500 */
    uint32_t seed;
    /* The connection was lost, could not be made or leads to no primary; may be NULL. Must not free
     * the link. */
    void (*lost)(void *arg);
    void *arg;
};

/* Begins to connect. 0 or -ENOMEM. */
int link_new(struct link **ret, const struct link_options *options);
/* Calls on their way are answered with NULL. Not from a `reply`. */
struct link *link_free(struct link *link);
DEFINE_CLEANUP(struct link *, link_free);

bool link_ready(const struct link *link);
/* Ready, and enough replicas answered last time. */
bool link_durable(const struct link *link);
/* How many replicas the last WAIT found; -1: not known. */
int link_replicas(const struct link *link);
const struct store_host *link_host(const struct link *link);
/* How often a connection was made after the first. */
uint64_t link_reconnects(const struct link *link);
/* Set by the owner while the function library is on its way on this connection; false again when the
 * connection is lost. */
bool *link_loading(struct link *link);

/* 0, or -EAGAIN: not ready or full, nothing was sent and `reply` will not be called. */
int link_send(struct link *link, struct link_call *call, struct span command, int64_t timeout_ms);

/* Of a clock that never jumps. */
int64_t link_now_ms(void);

#endif
