/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_APP_H
#define RAPPORTEUR_SERVICE_API_APP_H

/*
 * What all threads of the process share: slots with immutable values, the sequencer, and who to wake
 * when a queue or a partner's notices got something new. Made by the `serve` command before the
 * workers, freed after them.
 */

#include "lib/flag/flag.h"
#include "lib/rights/policy_set.h"
#include "service/api/keyring.h"
#include "service/runtime/loop.h"
#include "service/runtime/settings.h"
#include "service/runtime/slot.h"

#include <stdatomic.h>

struct sequencer;
struct sync;
struct webhooks;

enum { APP_WORKERS_MAX = 64 };

/* The versions of the policy with a reference count, for their slot, and which of them runs: the one that
 * decisions rest on. It changes only once its entry is in the log (service/cli/housekeeping.c). */
struct policy_held;
struct policy_held *policy_held_new(struct policy_set *set,
                                    int running); /* takes it, also on failure */
const struct policy *policy_held_get(const struct policy_held *held);
/* The version by that word, which may be older or only announced; NULL: there is none. */
const struct policy *policy_held_version(const struct policy_held *held, struct span version);
const struct policy_set *policy_held_set(const struct policy_held *held);
int policy_held_running(const struct policy_held *held);
void policy_held_run(struct policy_held *held, int running);
void policy_held_unref(struct policy_held *held);

struct app_log {
    char *name, *folder;
};

struct app {
    struct slot settings;           /* struct settings */
    struct slot snapshot;           /* struct snapshot */
    struct slot policy;             /* struct policy_held */
    struct slot keyring;            /* struct keyring */
    struct slot duty;               /* struct duty_state; nothing before the first sweep */
    struct sequencer *sequencer;    /* NULL until it runs */
    char *audit_folder;             /* <state>/audit: all logs (service/audit/trail.h) */
    char *log_folder;               /* the newest log, as it is served */
    struct app_log *logs;           /* each by name, for /log/NAME/...; set before the workers run */
    size_t log_count;
    uint64_t log_before;            /* the store's number of an entry less its index in the newest log */
    unsigned shards;
    atomic_bool draining;
    /* Workers: their loops and what to call there. Set before the threads run, then read only. */
    struct loop *loops[APP_WORKERS_MAX];
    void (*wake[APP_WORKERS_MAX])(void *arg);
    void *wake_arg[APP_WORKERS_MAX];
    size_t workers;
    struct loop *main_loop;
    struct sync *sync;              /* on the main loop only */
    struct webhooks *webhooks;      /* of its own thread; webhooks_try() from any */
    const char *store_url;          /* for threads with a connection of their own */
    atomic_bool backtesting;        /* one at a time */
    atomic_bool counting;           /* one at a time: transparency numbers */
    atomic_int rules_from;          /* enum sync_rules_from: what brought the rules that run */
    atomic_bool rules_edited;       /* the rules folder holds other files by now */
    void (*reload)(void *arg);      /* asks the main loop to build a new snapshot; any thread */
    void *reload_arg;
};

void app_init(struct app *app);
void app_done(struct app *app);

/* Something waits in a queue, or a notice was written: every worker looks after its long polls.
 * Any thread. */
void app_wake(struct app *app);

#endif
