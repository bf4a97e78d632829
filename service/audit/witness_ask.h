/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_WITNESS_ASK_H
#define RAPPORTEUR_SERVICE_AUDIT_WITNESS_ASK_H

/*
 * One round: a checkpoint goes to every witness of a policy at once (C2SP tlog-witness), and comes
 * back with the cosignatures that were given. Blocks until all have answered, were given up, or the
 * quorum stands and a short grace is over. Belongs to one thread.
 *     r = witness_ask_new(&ask, policy, log_folder, &key, deadline_ms);
 *     r = witness_ask_round(ask, checkpoint, &result, &why);
 *
 * It remembers for each witness what size it has (learnt from a 409), and a witness that failed is
 * left in peace for 1 s, then 2, 4, ... 60 s. In a round a witness gets at most three requests, each
 * within deadline_ms.
 *
 * Faults of one witness (place: its name in the policy), told through `told`: WITNESS_UNREACHABLE,
 * WITNESS_SLOW, WITNESS_STATUS (403: it does not know our key; 404: it does not know this log; 422:
 * our log contradicts what it saw; others), WITNESS_ANSWER (what came is not a cosignature).
 * Fault of the round: SEQUENCER_ROLLED_BACK, a witness has seen more entries than this log has.
 */

#include "lib/audit/witness_policy.h"
#include "lib/base/attr.h"
#include "lib/base/buf.h"

struct witness_ask;

struct witness_ask_options {
    const struct witness_policy *policy; /* borrowed */
    const char *log_folder;              /* the served folder, for proofs; copied */
    const struct note_key *key;          /* the log's; copied */
    int deadline_ms;
    /* From the thread of the round: a witness began to fail (why), or is good again (NULL). */
    void (*told)(void *arg, const char *witness, const struct fault *why);
    void *told_arg;
};

int witness_ask_new(struct witness_ask **ret, const struct witness_ask_options *options) NODISCARD;
struct witness_ask *witness_ask_free(struct witness_ask *ask);
DEFINE_CLEANUP(struct witness_ask *, witness_ask_free);

struct witness_round {
    uint32_t cosigned; /* bit i: witness i of the policy */
    bool met;          /* the quorum is there */
    struct buf note;   /* the checkpoint with the lines; the caller ends it with buf_done */
};

/* 0 (look at ret->met), FAULT (SEQUENCER_ROLLED_BACK, and those of reader.h), -ENOMEM, -ECANCELED.
 * ret->note is begun in any case. */
int witness_ask_round(struct witness_ask *ask, struct span checkpoint, struct witness_round *ret,
                      struct fault *why) NODISCARD;

/* From another thread: the round under way, and every later one, ends at once with -ECANCELED. */
void witness_ask_cancel(struct witness_ask *ask);

#endif
