/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_CLI_LOG_SOURCE_H
#define RAPPORTEUR_SERVICE_CLI_LOG_SOURCE_H

/*
 * The sequencer's source over the store: service/audit knows no Redis, service/store no sequencer. The store counts
 * its entries for ever; of a later log (trail.h) the source shows only those that are its own, counted from the
 * second entry on, and what the store remembers of the log before it as what this one began with.
 */

#include "service/audit/source.h"
#include "service/audit/trail.h"
#include "service/store/sync.h"

struct log_source {
    struct audit_source source;         /* give this to the sequencer */
    struct store_sync *store;           /* the sequencer thread's own connection; owned */
    unsigned shard;
    bool later;                         /* the log has one before it */
    uint64_t offset;                    /* the store's number of an entry less its index in the log */
    struct hash before, first;          /* the root that the one before ended with, and ours at one entry */
};

/* Takes `store`. The log_source must stay where it is. */
void log_source_init(struct log_source *source, struct store_sync *store, unsigned shard);
/* Of a later log, whose first entry these are the bytes of. */
void log_source_follow(struct log_source *source, const struct trail_begin *begin, struct span first);
void log_source_done(struct log_source *source);

#endif
