/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_PUT_H
#define RAPPORTEUR_SERVICE_SYNC_PUT_H

/*
 * The two halves of sync_put_rules: what the builder's thread does without changing anything that
 * runs, and what the main thread does then. Any outcome but SYNC_PUT_RUNNING leaves everything as it was.
 */

#include "service/sync/build.h"
#include "service/sync/sync.h"

/* Builds, compares the folder with what runs (`running`: digest of its rules), stages the files.
 * SYNC_PUT_RUNNING: ready for the other half. */
enum sync_put_outcome put_check(struct sync_put *put, struct build *build, const char *running);

/* Entry first, then the folder: no rules run, or would run after a crash, that the log does not name.
 * Should the folder fail between the two, the log is told that the old rules stay. The caller publishes. */
enum sync_put_outcome put_activate(struct sync_put *put, struct build *build, const char *running,
                                   const struct sync_options *options);

#endif
