/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_CLI_SERVING_H
#define RAPPORTEUR_SERVICE_CLI_SERVING_H

/*
 * The serving process as one object: built part by part, each part's failure said once, freed in the
 * reverse order. Main thread only.
 *     state folder and its lock -> embedded Redis -> store checks -> keys -> first snapshot ->
 *     sequencer -> webhooks -> workers -> metrics listener
 */

#include "lib/audit/entry.h"
#include "service/api/app.h"
#include "service/cli/keeping.h"
#include "service/cli/log_source.h"
#include "service/cli/worker.h"
#include "service/store/embedded.h"
#include "service/store/store.h"
#include "service/sync/bucket.h"
#include "service/sync/sync.h"
#include "service/sync/webhooks.h"

struct serving {
    struct app app;
    struct settings *settings;          /* held */
    const char *config_path;            /* borrowed */
    int lock_fd;
    struct loop *loop;
    struct embedded *embedded;          /* NULL with a store of somebody else's */
    char *store_url;
    struct store_sync *sync_store;      /* blocking: start-up and entries of our own */
    struct store *store;                /* on the main loop: keys, leases */
    struct sync *sync;
    struct webhooks *webhooks;
    struct duties *duties;
    struct delisting *delisting;
    struct bucket *bucket;
    struct log_source log_source;
    bool later_log;                     /* the newest log is not the first one */
    struct sequencer *sequencer;
    struct witness_policy *witnesses;   /* NULL: none */
    struct worker *workers[APP_WORKERS_MAX];
    size_t worker_count;
    struct http_server *metrics;
    struct loop_timer *timer;
    struct keeping *keeping;
    bool asking_keys, expiring, releasing, failed;
    int64_t clock_ahead_ms;             /* as last said in our own log */
    char logged_policy[65];             /* the digest of the newest policy entry of this process */
    int64_t policy_again_ms;            /* steady: when to try that entry again */
    char logged_rules[65];              /* the digest of the newest rules entry of this process */
};

/* Builds everything; FAULT: *faults say why. */
int serving_start(struct serving *serving, struct settings *settings, const char *config_path,
                  struct faults *faults) NODISCARD;
void serving_stop(struct serving *serving);

/* ---- housekeeping.c: what the main loop does each second ---- */
int housekeeping_start(struct serving *serving) NODISCARD;
/* Appends an entry about the service itself: what runs, and from when. */
bool housekeeping_entry(struct serving *serving, struct entry *entry);
/* Handed to sync: publishes, and records what changed. */
void housekeeping_publish(void *arg, struct snapshot *snapshot, struct policy_set *policies,
                          struct settings *settings);
bool housekeeping_rules(void *arg, const char *digest, const char *snapshot, const char *actor);
void housekeeping_list(void *arg, const struct list_head *head, const char *digest, const char *action);

#endif
