/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_CHECKPOINT_H
#define RAPPORTEUR_LIB_AUDIT_CHECKPOINT_H

/*
 * Checkpoints (C2SP tlog-checkpoint v1.0.0): a signed note whose text is the log's origin, its size
 * in decimal, its root in base64, one a line; extension lines may follow and are kept unread.
 *     r = checkpoint_read_body(&checkpoint, note.body, &why);
 * Codes: CHECKPOINT_FORM (place: the line), CHECKPOINT_ROOT (size 0 with a root of something).
 */

#include "lib/audit/merkle.h"
#include "lib/audit/note.h"

enum { CHECKPOINT_ORIGIN_MAX = NOTE_NAME_MAX };

struct checkpoint {
    char origin[CHECKPOINT_ORIGIN_MAX + 1];
    uint64_t size;
    struct hash root;
};

/* The text, without signatures. 0, BUF_FULL, -ENOMEM. */
int checkpoint_write_body(struct buf *out, const struct checkpoint *checkpoint);
int checkpoint_read_body(struct checkpoint *ret, struct span body, struct fault *why) NODISCARD;

/* The whole note, signed by each signer in turn. */
int checkpoint_sign(struct buf *out, const struct checkpoint *checkpoint,
                    const struct note_signer *signers, size_t count, struct fault *why) NODISCARD;

/* Reads the note, demands a good signature of the log's key and that the origin is the key's name.
 * Codes of note.h beside CHECKPOINT_ORIGIN. */
int checkpoint_open(struct checkpoint *ret, struct span bytes, const struct note_key *log,
                    struct fault *why) NODISCARD;

#endif
