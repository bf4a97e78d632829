/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_WITNESS_H
#define RAPPORTEUR_LIB_AUDIT_WITNESS_H

/*
 * What a log and a witness say to each other (C2SP tlog-witness v1.0.0), as bytes, and what a
 * witness answers. The body of POST <prefix>/add-checkpoint:
 *     old <size the witness has> LF, 0..63 hashes in base64 (consistency proof), empty line,
 *     checkpoint with its signatures
 *     r = witness_request_read(&request, body, &why);
 *     ... keys and last checkpoint of request.checkpoint.origin ...
 *     switch (witness_decide(&request, keys, count, &last, &why)) ...
 * Codes: WITNESS_FORM (place: the line), CHECKPOINT_ROOT and the others of checkpoint.h and note.h,
 * WITNESS_UNTRUSTED, WITNESS_OLD, WITNESS_CONFLICT, WITNESS_PROOF, WITNESS_FORK.
 */

#include "lib/audit/checkpoint.h"

enum { WITNESS_PROOF_MAX = 63, WITNESS_BODY_MAX = NOTE_MAX_BYTES + WITNESS_PROOF_MAX * 45 + 32 };

/* Borrows from the bytes it was read from. */
struct witness_request {
    uint64_t old;
    struct hash proof[WITNESS_PROOF_MAX];
    size_t proof_count;
    struct note note;             /* of the checkpoint: signatures not yet looked at */
    struct checkpoint checkpoint; /* what its text says */
};

int witness_request_read(struct witness_request *ret, struct span body, struct fault *why) NODISCARD;
/* 0, BUF_FULL, -ENOMEM. count <= WITNESS_PROOF_MAX. */
int witness_request_write(struct buf *out, uint64_t old, const struct hash *proof, size_t count,
                          struct span checkpoint);

/* The protocol's status numbers. */
enum witness_outcome {
    WITNESS_SIGN = 200,
    WITNESS_MALFORMED = 400,    /* form; old larger than the checkpoint */
    WITNESS_UNTRUSTED = 403,    /* no good signature by a key of the log */
    WITNESS_UNKNOWN = 404,      /* no such log here: the caller's to find out */
    WITNESS_CONFLICT = 409,     /* the witness has another size than old: it answers its own */
    WITNESS_INCONSISTENT = 422, /* the proof does not hold, or another root at the same size */
};

/* What the witness has to answer. keys: those trusted for this origin, count <= 32. last: the
 * checkpoint it cosigned last, size 0 where it never did. Anything but WITNESS_SIGN fills *why;
 * -ENOMEM. */
int witness_decide(const struct witness_request *request, const struct note_key *keys, size_t count,
                   const struct checkpoint *last, struct fault *why) NODISCARD;

/* The body of a 409: the size in decimal, one LF. */
bool witness_size_read(struct span body, uint64_t *ret);

/* Appends to `out` the lines of `key` in a 200's body, each verified as a cosignature of
 * `checkpoint` (the whole note that was sent). Lines of other keys are left out. *ret_time: unix
 * seconds. FAULT: WITNESS_ANSWER (not signature lines, none of this key, or one that does not
 * verify). */
int witness_answer_take(struct buf *out, struct span checkpoint, struct span body,
                        const struct note_key *key, int64_t *ret_time, struct fault *why) NODISCARD;

#endif
