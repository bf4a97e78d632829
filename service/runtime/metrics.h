/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_RUNTIME_METRICS_H
#define RAPPORTEUR_SERVICE_RUNTIME_METRICS_H

/*
 * Counters, gauges and histograms of the process in one table (metrics.c), written from any thread
 * without a lock and shown in the Prometheus text format 0.0.4. No label value comes from outside.
 *     metrics_add(METRIC_REPORTS, REPORT_ACCEPTED, 1);
 *     metrics_observe(METRIC_REQUEST_SECONDS, 0, ms / 1000.0);
 */

#include "lib/base/buf.h"

#include <stdint.h>

enum metric {
    METRIC_REQUESTS,            /* by class of status: index 0-5 for none, 1xx ... 5xx */
    METRIC_REPORTS,             /* enum metric_report */
    METRIC_CHECKS,
    METRIC_HITS,                /* hits in verdicts, by signal kind */
    METRIC_UNDECIDED,           /* verdicts that a limit left open */
    METRIC_RULES,               /* rules in verdicts: live, shadow (counted only), failed */
    METRIC_CLAIMS,              /* leases handed out */
    METRIC_DECISIONS,           /* effective, awaiting second, refused by the rights check */
    METRIC_STORE_BUSY,
    METRIC_STORE_UNKNOWN,
    METRIC_STORE_READY,         /* gauge: workers with a connection */
    METRIC_STORE_RESTARTS,      /* embedded server started again */
    METRIC_LOG_SIZE,            /* gauge: integrated entries */
    METRIC_LOG_PUBLISHED,       /* gauge */
    METRIC_LOG_BACKLOG,         /* gauge: entries not yet integrated */
    METRIC_WITNESSES,           /* gauge: that cosigned the published checkpoint */
    METRIC_WITNESS_WAITING,     /* gauge: seconds since the quorum should have come, 0 when it is there */
    METRIC_BUCKET_SIZE,         /* gauge: entries below the checkpoint that the bucket has */
    METRIC_BUCKET_FAILED,       /* times that copying to the bucket began to fail */
    METRIC_WITNESS_FAILED,      /* witnesses that began to fail */
    METRIC_LISTS,               /* gauge: lists in the running snapshot */
    METRIC_LIST_REFUSED,        /* versions refused; the old one stayed */
    METRIC_RELOADS,             /* accepted, refused */
    METRIC_LEASES_EXPIRED,
    METRIC_ERASED,              /* cases whose content went: its time was over, somebody asked */
    METRIC_DEFERRED,            /* gauge: full records that deferred decisions owe */
    METRIC_DEFERRED_OVERDUE,    /* gauge: of them overdue */
    METRIC_WEBHOOKS,            /* attempts by what became of them: enum webhook_fate of the store */
    METRIC_WEBHOOK_QUEUE,       /* gauge: notices taken for an endpoint and not delivered */
    METRIC_WEBHOOKS_OFF,        /* gauge: endpoints switched off */
    METRIC_WEBHOOK_SECONDS,     /* histogram: one attempt */
    METRIC_REQUEST_SECONDS,     /* histogram */
    METRIC_MATCH_SECONDS,       /* histogram: match and rules of one report */
    METRIC_COUNT
};

enum metric_report { REPORT_ACCEPTED, REPORT_REPEATED, REPORT_REFUSED, REPORT_UNAVAILABLE };

/* `label`: index into the metric's label words, 0 where it has none. */
void metrics_add(enum metric metric, unsigned label, uint64_t count);
void metrics_set(enum metric metric, unsigned label, uint64_t value);
void metrics_observe(enum metric metric, double seconds);
uint64_t metrics_value(enum metric metric, unsigned label);

/* Appends the whole exposition. */
int metrics_write(struct buf *out);

#endif
