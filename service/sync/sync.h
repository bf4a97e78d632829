/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_SYNC_H
#define RAPPORTEUR_SERVICE_SYNC_SYNC_H

/*
 * Keeps the snapshot fresh: fetches list sources on their schedule, builds on a thread of its own, and
 * hands a finished snapshot over. A source that is late, gone, bad, unsigned or shrunken leaves its
 * last good list in place; the last good body of every URL is kept below <state>/lists, so a restart
 * without a network begins with it.
 *
 *     r = sync_start(&sync, &(struct sync_options){.loop = loop, .settings = settings, ...}, &faults);
 *     sync_reload(sync, settings);        SIGHUP: all or nothing
 *     sync_put_rules(sync, put);          PUT /v1/rules: checked, written to the folder, logged, running
 * sync_start builds the first snapshot before it returns. All calls from the loop's thread.
 */

#include "lib/flag/flag.h"
#include "lib/rights/policy_set.h"
#include "service/runtime/loop.h"
#include "service/runtime/settings.h"
#include "service/sync/rules_folder.h"

struct sync;

/* Rules and policy change by these alone. A list that arrives is built with the rule files and the policy
 * that run, kept in memory: an edit on disk waits for SIGHUP. */
enum sync_rules_from { SYNC_RULES_START, SYNC_RULES_RELOAD, SYNC_RULES_PUT };

struct sync_options {
    struct loop *loop;
    struct settings *settings;          /* sync takes its own reference */
    /* Takes over both references. Called from the loop's thread, and once from sync_start. */
    void (*publish)(void *arg, struct snapshot *snapshot, struct policy_set *policies,
                    struct settings *settings);
    /* A list got a new version (action "version") or one was refused ("refused"). May be NULL. */
    void (*list_changed)(void *arg, const struct list_head *head, const char *digest, const char *action);
    /* Rules are about to run that `actor` (a pseudonym) put: writes the entry. False: it could not be
     * written, and the rules must not run. NULL: nothing is recorded. */
    bool (*rules_put)(void *arg, const char *digest, const char *snapshot, const char *actor);
    /* What brought the rules that run, and whether the folder holds other files than those by now; told
     * when either changes. NULL: nobody asks. */
    void (*rules_seen)(void *arg, enum sync_rules_from from, bool edited);
    void *arg;
};

/* 0; FAULT: *faults says why nothing could be built; negative errno. */
int sync_start(struct sync **ret, const struct sync_options *options, struct faults *faults) NODISCARD;
/* Waits for the builder. Call it before sync_start's loop has run, or after loop_run has returned. */
struct sync *sync_stop(struct sync *sync);

/* Reads everything again under new settings; a mistake keeps the old ones, with their lists, and is
 * logged. While something is built it waits for that; of several that wait the newest counts. A source whose reading changed (format, kind,
 * mode, key) is fetched whole. */
void sync_reload(struct sync *sync, struct settings *settings);

enum sync_put_outcome {
    SYNC_PUT_RUNNING,           /* in the folder, in the log, published */
    SYNC_PUT_REFUSED,           /* `faults` say why; nothing changed */
    SYNC_PUT_STALE,             /* other rules run than `expected` */
    SYNC_PUT_BUSY,              /* another put is under way */
    SYNC_PUT_FOLDER_CHANGED,    /* the folder holds something else than what runs: reload or restore it first */
    SYNC_PUT_READ_ONLY,         /* the folder cannot be written: faults.list[0] */
    SYNC_PUT_NOT_LOGGED,        /* the entry could not be written; nothing changed */
    SYNC_PUT_FAILED,            /* no memory or no thread; nothing changed */
    SYNC_PUT_STOPPED,           /* the service ends: `done` must not use a loop any more */
};

/* One new set of rules on its way. The caller owns it until `done`, which runs once on the loop's
 * thread, perhaps inside of sync_put_rules. */
struct sync_put {
    struct rule_bundle *files;  /* borrowed: plain file names */
    char expected[65];          /* the digest of the rules that must be running */
    char actor[65];             /* pseudonym, for the entry */
    void (*done)(struct sync_put *put, enum sync_put_outcome outcome);
    void *arg;                  /* the caller's */
    struct faults faults;       /* SYNC_PUT_REFUSED, SYNC_PUT_READ_ONLY */
    char digest[65], snapshot[65];      /* of what runs now: SYNC_PUT_RUNNING, SYNC_PUT_STALE (digest) */
    size_t rules;
    bool changed;               /* other rules than before */
    bool rewritten;             /* other bytes in the files, be it a comment */
};

/* Checks the set on the builder's thread as a reload would, with the lists as they are; writes it to
 * the rules folder of the settings (rules_folder.h), so that restarts and SIGHUP keep it; has its
 * entry written; publishes. Any failure leaves files, log and rules as they were. */
void sync_put_rules(struct sync *sync, struct sync_put *put);

/* One line a source, for operators: {"source","list"?,"version"?,"entries"?,"checked_at"?,"fault"?}.
 * A URL is shown without user and query. */
json_t *sync_sources(const struct sync *sync);

#endif
