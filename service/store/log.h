/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_LOG_H
#define RAPPORTEUR_SERVICE_STORE_LOG_H

/*
 * The audit entries on their way into the log, as the sequencer reads them: leaf i of a shard's log
 * is the stream entry with id (i + 1)-0. And the second memory of the log's size: a mirror in Redis,
 * changed by compare-and-set under a fencing epoch, so that a restored disk or a second sequencer is
 * noticed. All calls wait at most the sync's timeout.
 * Return 0, or negative errno: -EAGAIN (server busy or gone: try later), -ETIMEDOUT (a change that may
 * have happened), -EBADMSG (the stored data break the contract), -ENOMEM.
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"
#include "service/store/sync.h"

#include <stdint.h>

enum { STORE_LOG_ROOT_LEN = 32, STORE_LOG_READ_MAX = 10000 };

/*
 * These are the six calls of service/audit/source.h in plain types, since this folder lies below it.
 *
 * Entries from leaf `from` on, `max` at most, in order. `each` borrows the bytes; its nonzero return
 * ends the reading and is returned. Indexes are as found: a gap is the caller's to see.
 * *ret_count: how many were handed out.
 */
int store_log_read(struct store_sync *sync, unsigned shard, uint64_t from, size_t max,
                   int (*each)(void *arg, uint64_t index, struct span entry), void *arg,
                   size_t *ret_count) NODISCARD;

/* How many leaves were ever given out: the last stream id, trimmed or not. *ret_counter: the counter
 * that gives the next one; both are equal unless Redis lost data or was tampered with. */
int store_log_last(struct store_sync *sync, unsigned shard, uint64_t *ret_size,
                   uint64_t *ret_counter) NODISCARD;

/* Forgets leaves below `published`. */
int store_log_trim(struct store_sync *sync, unsigned shard, uint64_t published) NODISCARD;

/* Redis lost the tail of the stream that the log already holds: the counter and the stream's last id
 * are raised to `size`, so that no leaf index is given out twice. Never lowers. */
int store_log_raise(struct store_sync *sync, unsigned shard, uint64_t size) NODISCARD;

struct store_log_mirror {
    uint64_t size, epoch;
    uint8_t root[STORE_LOG_ROOT_LEN];   /* of the tree of that size; zeros when size is 0 and none set */
};
int store_log_mirror_get(struct store_sync *sync, unsigned shard, struct store_log_mirror *ret) NODISCARD;

/* Stores *next if the mirror's epoch is still `expect_epoch`: 0, or -ESTALE: another sequencer took
 * over, nothing changed: stop. A sequencer takes the log by writing the epoch after the one it found. */
int store_log_mirror_put(struct store_sync *sync, unsigned shard, uint64_t expect_epoch,
                         const struct store_log_mirror *next) NODISCARD;

#endif
