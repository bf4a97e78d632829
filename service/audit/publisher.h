/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_PUBLISHER_H
#define RAPPORTEUR_SERVICE_AUDIT_PUBLISHER_H

/*
 * When a committed tree becomes visible. Without witnesses: as soon as it is due. With witnesses:
 * once the policy's quorum has cosigned it; until then the checkpoint before it stays, integration
 * goes on, and the next round asks for the tree as it is then. With `quorum none` every round is
 * enough, and what cosignatures came are in the checkpoint. An empty log has nothing to witness: its
 * checkpoint is published bare.
 * Belongs to the sequencer's thread.
 */

#include "service/audit/log_writer.h"
#include "service/audit/witness_ask.h"

struct publisher;

/* Borrows the writer. options NULL: no witnesses. FAULT: POLICY_LOG. */
int publisher_new(struct publisher **ret, struct log_writer *writer, const struct witness_ask_options *options,
                  struct fault *why) NODISCARD;
struct publisher *publisher_free(struct publisher *publisher);
DEFINE_CLEANUP(struct publisher *, publisher_free);

/* At the start: publishes what is due, or asks the witnesses once and waits for them. FAULT
 * SEQUENCER_ROLLED_BACK: one has seen more than this log has. Those that do not answer are left for
 * later. */
int publisher_begin(struct publisher *publisher, struct fault *why) NODISCARD;

enum publisher_when { PUBLISH_NOT_NOW, PUBLISH_DUE, PUBLISH_LAST };
enum { PUBLISHER_NEWS = 2 };

/* Takes a round that has ended, and begins the next one where it is time. PUBLISHER_NEWS: another
 * checkpoint is published. FAULT ends the sequencer. */
int publisher_turn(struct publisher *publisher, enum publisher_when when, struct fault *why) NODISCARD;
/* Nothing is left to wait for before an end; waits up to ms where there is. */
bool publisher_settled(struct publisher *publisher, int ms);

struct publisher_status {
    unsigned witnesses, cosigned; /* of the policy; of the checkpoint as published */
    bool waiting;                 /* the quorum did not come: an older checkpoint stands */
    int64_t waiting_since_ms;     /* unix time */
};
void publisher_status(const struct publisher *publisher, struct publisher_status *ret);

#endif
