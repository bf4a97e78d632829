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
 * sync_start builds the first snapshot before it returns. All calls from the loop's thread.
 */

#include "lib/flag/flag.h"
#include "lib/rights/policy.h"
#include "service/runtime/loop.h"
#include "service/runtime/settings.h"

struct sync;

struct sync_options {
    struct loop *loop;
    struct settings *settings;          /* sync takes its own reference */
    /* Takes over both references. Called from the loop's thread, and once from sync_start. */
    void (*publish)(void *arg, struct snapshot *snapshot, struct policy *policy, struct settings *settings);
    /* A list got a new version (action "version") or one was refused ("refused"). May be NULL. */
    void (*list_changed)(void *arg, const struct list_head *head, const char *digest, const char *action);
    void *arg;
};

/* 0; FAULT: *faults says why nothing could be built; negative errno. */
int sync_start(struct sync **ret, const struct sync_options *options, struct faults *faults) NODISCARD;
/* Waits for the builder. Call it before sync_start's loop has run, or after loop_run has returned. */
struct sync *sync_stop(struct sync *sync);

/* Reads everything again under new settings; a mistake keeps the old ones, with their lists, and is
 * logged. Refused, and logged, while a build is under way. A source whose reading changed (format, kind,
 * mode, key) is fetched whole. */
void sync_reload(struct sync *sync, struct settings *settings);

/* One line a source, for operators: {"source","list"?,"version"?,"entries"?,"checked_at"?,"fault"?}.
 * A URL is shown without user and query. */
json_t *sync_sources(const struct sync *sync);

#endif
