/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_LINK_H
#define RAPPORTEUR_SERVICE_STORE_LINK_H

/*
 * One asynchronous connection to one server: connects, says who it is, and connects again with
 * back-off and jitter when it was lost. hiredis 0.14 has no deadlines and no reconnect, so both are
 * here. Replies come in the order of sending; a reply that is late takes the whole connection down,
 * since all behind it are late too.
 * Usable (link_ready) only after AUTH, SELECT and PING were answered well: a server that is loading,
 * or a database that could not be selected, never sees a command.
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
    int64_t deadline_ms;
    /* Once for each link_send that returned 0. NULL: the connection was lost, the outcome is unknown.
     * `reply` is borrowed for the call. */
    void (*reply)(struct link_call *call, const struct redisReply *reply);
};

enum { LINK_CONNECT_MS = 2000, LINK_BACKOFF_MIN_MS = 20, LINK_BACKOFF_MAX_MS = 1000 };

/* Begins to connect. Copies where. 0 or -ENOMEM. */
int link_new(struct link **ret, struct event_base *base, const struct store_where *where, uint32_t seed);
/* Calls on their way are answered with NULL. Not from a `reply`. */
struct link *link_free(struct link *link);
DEFINE_CLEANUP(struct link *, link_free);

bool link_ready(const struct link *link);
/* How often a connection was made after the first. */
uint64_t link_reconnects(const struct link *link);
/* Set by the owner while the function library is on its way on this connection; false again when the
 * connection is lost. */
bool *link_loading(struct link *link);

/* 0, or -EAGAIN: not ready, nothing was sent and `reply` will not be called. */
int link_send(struct link *link, struct link_call *call, struct span command, int64_t timeout_ms);

/* Of a clock that never jumps. */
int64_t link_now_ms(void);

#endif
