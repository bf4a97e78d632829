/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_STATE_FILE_H
#define RAPPORTEUR_SERVICE_AUDIT_STATE_FILE_H

/*
 * The private state of a log: its size and root as last committed, and which staging file holds the
 * files of that step. A note signed with the log's own key; its first line is not an origin, so it
 * can never pass as a checkpoint.
 *     rapporteur audit state v1 / origin <o> / size <n> / root <base64> / staging <64 hex or ->
 * Codes: SEQUENCER_STATE (form, foreign origin), and those of note.h.
 */

#include "lib/audit/checkpoint.h"

enum { STATE_MAX_BYTES = 4096 };

struct log_state {
    struct checkpoint head;
    bool has_staging;
    uint8_t staging[SHA256_LEN]; /* digest of the staging file of this step */
};

int log_state_write(struct buf *out, const struct log_state *state,
                    const struct note_signer *signer, struct fault *why) NODISCARD;
int log_state_read(struct log_state *ret, struct span bytes, const struct note_key *key,
                   struct fault *why) NODISCARD;

#endif
