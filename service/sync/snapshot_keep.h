/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_SNAPSHOT_KEEP_H
#define RAPPORTEUR_SERVICE_SYNC_SNAPSHOT_KEEP_H

/*
 * What a verdict was computed with, kept so that it can be computed again:
 *     <state>/snapshots/<digest>.json         settings that count, the rules as written, lists by digest
 *     <state>/snapshots/lists/<digest>.json   a list in its canonical form, once for all snapshots
 * The manifest is renamed into its place last: where it stands, all of it stands. Blocking.
 * Codes beside those of file.h: SNAPSHOT_MISSING, SNAPSHOT_FORM, SNAPSHOT_DIFFERS (what was built from
 * the files has another digest: they were changed, or this program reads them otherwise).
 */

#include "lib/flag/flag.h"
#include "service/runtime/settings.h"

/* Keeps it, unless it is there, and removes the oldest beyond settings->snapshots_kept with the lists
 * that no other one names. 0, FAULT or -ENOMEM. */
int snapshot_keep(const struct settings *settings, const struct snapshot *snapshot, struct fault *why) NODISCARD;

/* Builds it again from what is kept; no text deadline applies. 0, FAULT or -ENOMEM. */
int snapshot_load(struct snapshot **ret, const char *state_dir, struct span digest, struct fault *why) NODISCARD;

#endif
