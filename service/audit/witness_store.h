/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_WITNESS_STORE_H
#define RAPPORTEUR_SERVICE_AUDIT_WITNESS_STORE_H

/*
 * A witness of other logs: what it saw last of each, on this disk, and its key. One process has it
 * (flock), one thread calls it, so looking and storing is one step.
 *     r = witness_store_open(&store, "/var/lib/witness", "partner.example/witness", policy, &why);
 *     status = witness_store_add(store, body, unix_seconds, out, &why);
 *
 * Folder, mode 0700: private/key, private/lock; vkey; logs/<hex SHA-256 of the origin>, which is the
 * last checkpoint with the log's signature and ours, whole and readable by anybody.
 * The cosignature leaves only after its file is fsynced, renamed and the folder fsynced.
 *
 * Codes: WITNESS_LOCKED, WITNESS_STATE (a file of logs/ is not a checkpoint that we cosigned),
 * WITNESS_LOGS (the policy names no log), KEY_FILE, SEQUENCER_IO (then it must not be used any more:
 * after a failed fsync the cache may show what the disk lacks); of add those of lib/audit/witness.h
 * and WITNESS_UNKNOWN.
 */

#include "lib/audit/witness.h"
#include "lib/audit/witness_policy.h"
#include "lib/base/attr.h"

struct witness_store;

/* The policy's log lines are the logs it watches; borrowed. `name` must stay what it was. */
int witness_store_open(struct witness_store **ret, const char *folder, const char *name,
                       const struct witness_policy *policy, struct fault *why) NODISCARD;
struct witness_store *witness_store_free(struct witness_store *store);
DEFINE_CLEANUP(struct witness_store *, witness_store_free);

const struct note_key *witness_store_key(const struct witness_store *store);

/* What to answer: enum witness_outcome, with the body in `out` for WITNESS_SIGN (the cosignature
 * line) and WITNESS_CONFLICT (our size), else *why. FAULT: the disk failed. -ENOMEM. */
int witness_store_add(struct witness_store *store, struct span body, int64_t unix_seconds, struct buf *out,
                      struct fault *why) NODISCARD;

/* Appends the last checkpoint cosigned of the log whose origin has this SHA-256 (64 hex digits):
 * 0, -ENOENT, -ENOMEM. */
int witness_store_checkpoint(struct witness_store *store, struct span hex, struct buf *out) NODISCARD;

#endif
