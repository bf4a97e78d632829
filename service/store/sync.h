/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_SYNC_H
#define RAPPORTEUR_SERVICE_STORE_SYNC_H

/*
 * The store for callers that may wait: the command line, start-up, the sequencer's thread. One
 * connection to each server it needs, made when first needed and again after it was lost; every call ends within its
 * timeout. Belongs to one thread at a time. Outcomes and arguments as in store.h and ops.h.
 *     outcome = store_sync_claim(sync, &args, &claimed);
 * Results borrow until the next call on the same `sync`.
 */

#include "lib/base/attr.h"
#include "service/store/ops.h"
#include "service/store/store.h"

struct store_sync;

/* Uses url, shards, timeout_ms, max_log_entries and retry_ms of the options. Does not connect yet.
 * 0, FAULT (STORE_URL) or -ENOMEM. */
int store_sync_new(struct store_sync **ret, const struct store_options *options, struct fault *why);
struct store_sync *store_sync_free(struct store_sync *sync);
DEFINE_CLEANUP(struct store_sync *, store_sync_free);

/*
 * What must be true before anything is served: the server answers within wait_ms (it may be loading),
 * is version 7 or later, a primary, with appendonly yes, appendfsync always,
 * no-appendfsync-on-rewrite no and maxmemory-policy noeviction, and has the replicas that store.url
 * asks for (in a cluster: every primary); then the functions are loaded and the
 * queues of an earlier version are brought to this one's form, the
 * shard count is fixed (`shards_wanted` the first time, as found later) and each log's counter is
 * raised to its stream's last id where it is behind. 0, -ENOMEM or FAULT: STORE_UNREACHABLE,
 * STORE_VERSION, STORE_REPLICA, STORE_REPLICAS, STORE_DURABILITY, STORE_EVICTION, STORE_CHECK_DENIED, STORE_SHARDS,
 * STORE_FORMAT;
 * each sentence names the remedy.
 */
int store_sync_prepare(struct store_sync *sync, unsigned shards_wanted, int64_t now_ms, int64_t wait_ms,
                       unsigned *ret_shards, struct fault *why);

unsigned store_sync_shards(const struct store_sync *sync);

#define STORE_OPERATION(name, args_type, result_type)                                              \
    enum store_outcome store_sync_##name(struct store_sync *sync, const struct args_type *args,    \
                                         struct result_type *ret);
#include "service/store/operations.def"
#undef STORE_OPERATION

#endif
