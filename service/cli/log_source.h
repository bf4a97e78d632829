/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_CLI_LOG_SOURCE_H
#define RAPPORTEUR_SERVICE_CLI_LOG_SOURCE_H

/* The sequencer's source over the store: service/audit knows no Redis, service/store no sequencer. */

#include "service/audit/source.h"
#include "service/store/sync.h"

struct log_source {
    struct audit_source source;         /* give this to the sequencer */
    struct store_sync *store;           /* the sequencer thread's own connection; owned */
    unsigned shard;
};

/* Takes `store`. The log_source must stay where it is. */
void log_source_init(struct log_source *source, struct store_sync *store, unsigned shard);
void log_source_done(struct log_source *source);

#endif
