/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_CLOSE_H
#define RAPPORTEUR_SERVICE_AUDIT_CLOSE_H

/*
 * The end of a log and of its entries: a log a period, so that old ones can go and keys do not live for ever. The
 * service is stopped while a log is closed (the log's lock says so); its embedded store need not run.
 *
 *     r = audit_close(folder, "example.org/audit/2027q1", now_ms, &closed, &why);
 *
 * The newest log must have published all it committed. Then, each step durable before the next:
 *     1. folder/2027q1/ is made: key, state, and a tree of one entry, which holds the old log's last checkpoint with
 *        its cosignatures, its vkey, how many logs and how many entries of the store came before
 *     2. folder/current names it: this is the commit. Before it nothing has happened, and the next try begins again
 *     3. the old log's secret key is removed: nobody can sign an end of it that is not its end
 * Entries that the store had accepted and no log holds yet go into the new log: nothing waits for them. The first
 * checkpoint of the new log has no cosignatures, since its key is new to the witnesses.
 *
 * Codes: CLOSE_ORIGIN (the name), CLOSE_UNPUBLISHED, CLOSE_EMPTY, those of sequencer.h (SEQUENCER_LOCKED: the
 * service runs), trail.h and reader.h; DELETE_LOG (no such log), DELETE_OPEN, DELETE_ORDER (an earlier log is
 * still there), DELETE_EARLY.
 */

#include "service/audit/trail.h"

struct audit_closed {
    struct checkpoint head; /* of the log that ended */
    struct note_key next;   /* of the one that begins */
};

int audit_close(const char *folder, const char *next_origin, int64_t now_ms,
                struct audit_closed *ret, struct fault *why) NODISCARD;
/* Step 3 again for every closed log: after a crash between steps 2 and 3. */
int audit_close_tidy(const struct audit_trail *trail, struct fault *why) NODISCARD;

/* May this log go: closed, every earlier one gone, and closed at least keep_ms ago? *ret: the log. 0 also for one
 * that is deleted already. */
int audit_delete_check(const struct audit_trail *trail, struct span name, int64_t keep_ms,
                       int64_t now_ms, const struct trail_log **ret, struct fault *why) NODISCARD;
/* Removes its entries and tiles; checkpoint, vkey, its first entry with receipt stay. After a crash: once more. */
int audit_delete(const struct trail_log *log, struct fault *why) NODISCARD;

#endif
