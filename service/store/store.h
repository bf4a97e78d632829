/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_STORE_H
#define RAPPORTEUR_SERVICE_STORE_STORE_H

/*
 * The record of everything that is not yet in the log, kept in Redis. One `struct store` belongs to
 * one event loop and is used on its thread only; `struct store_sync` (sync.h) is the same contract
 * for callers that may wait. The operations and their arguments are in ops.h.
 *
 *     struct store_call *call = store_submit(store, &args, submitted, request);
 *     static void submitted(void *arg, enum store_outcome outcome, const struct store_submitted *result)
 *
 * - `done` runs once, from the loop, never inside the call that started it, unless the handle is
 *   cancelled first. The handle dies with the callback. NULL: no memory, `done` will not run.
 * - Arguments are copied before the call returns. Results borrow from the reply and end with the
 *   callback; `result` is never NULL, and zero where the outcome gives nothing.
 * - Every change is one Redis function: it happens whole with its audit entries, or not at all.
 * - STORE_OK and STORE_AGAIN mean durable: the server fsyncs before it answers, and where store.url
 *   asks for replicas, so many of them have it. A lost connection, too few replicas,
 *   a late reply or one that makes no sense after sending is STORE_UNKNOWN: it may have happened;
 *   the same idempotency key makes the retry safe. STORE_BUSY: surely not happened.
 * - Calls in flight are bounded by count and bytes; beyond that, while no connection is ready, and
 *   for changes while replicas are missing, calls end with STORE_BUSY.
 * - With Sentinels or a cluster a call that another server, or a later time, was named for (MOVED, ASK,
 *   TRYAGAIN, CLUSTERDOWN, READONLY) is sent again until its timeout, then it is STORE_BUSY.
 * - The process ignores SIGPIPE: the client library writes to sockets that may have been closed.
 */

#include "service/store/ops.h"
#include "service/store/where.h"

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct fault;
struct store;
struct store_call;

struct store_options {
    const char *url;                /* where.h; embedded is given as the unix: URL of embedded.h */
    unsigned shards;                /* as store_sync_prepare (sync.h) found it; 0: 1 */
    unsigned connections;           /* 0: 4 */
    int64_t timeout_ms;             /* of one call, 0: 2000 */
    size_t max_calls;               /* in flight, 0: 4096 */
    size_t max_bytes;               /* in flight, 0: 64 MiB */
    int64_t max_log_entries;        /* unpublished; past it changes are STORE_BUSY; 0: 500,000 */
    int64_t retry_ms;               /* how long retry keys are known, 0: 48 h */
    uint32_t jitter_seed;           /* spreads reconnects; any number */
};

/* Begins to connect at once. 0, FAULT (STORE_URL) or -ENOMEM. Borrows base; copies options. */
int store_new(struct store **ret, struct event_base *base, const struct store_options *options,
              struct fault *why);
/* Calls still open are dropped without their callback. Not from inside a callback. */
struct store *store_free(struct store *store);

/* Every shard's server answers and has the replicas asked for: what /readyz asks. */
bool store_ready(const struct store *store);

/* Where the shards are, for /readyz. */
struct store_state {
    const char *backend;                /* single, sentinel, cluster */
    struct store_host primary;          /* of shard 0; host empty: a Unix socket; port 0: not known */
    unsigned servers;                   /* that hold shards */
    unsigned shards, shards_ready, shards_durable;
    int replicas_wanted;
    int replicas;                       /* in sync, the least over the servers; -1: not known, not asked */
    bool watched;                       /* a Sentinel answered lately; the cluster's map is known */
};
struct store_state store_state(const struct store *store);

struct store_counts {
    uint64_t calls, busy, unknown, broken, reconnects, redirected;   /* since store_new */
    size_t in_flight, in_flight_bytes;
    unsigned connected;
};
struct store_counts store_counts(const struct store *store);

unsigned store_shards(const struct store *store);
/* The shard for new ids about this content: id_make(kind, now, store_shard_of(...), random). */
unsigned store_shard_of(const struct store *store, struct span partner, struct span content_id);

/* The callback will not run; what was sent may still happen. NULL in, NULL out. */
struct store_call *store_call_cancel(struct store_call *call);

#define STORE_OPERATION(name, args_type, result_type)                                              \
    struct store_call *store_##name(                                                               \
        struct store *store, const struct args_type *args,                                         \
        void (*done)(void *arg, enum store_outcome outcome, const struct result_type *result),     \
        void *arg);
#include "service/store/operations.def"
#undef STORE_OPERATION

#endif
