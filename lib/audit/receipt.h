/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_RECEIPT_H
#define RAPPORTEUR_LIB_AUDIT_RECEIPT_H

/*
 * Receipts (C2SP tlog-proof, file name ending .tlog-proof): all that is needed to show, without a
 * network, that an entry is in the log: index, inclusion proof, signed checkpoint.
 *     c2sp.org/tlog-proof@v1 / [extra <base64>] / index <n> / hashes, leaf to root / empty line /
 *     checkpoint with its signatures
 * Codes: RECEIPT_FORM (place: the line), RECEIPT_PROOF (the entry is not at that index of that
 * tree), beside those of note.h and checkpoint.h.
 */

#include "lib/audit/checkpoint.h"
#include "lib/audit/merkle.h"

enum { RECEIPT_MAX_BYTES = NOTE_MAX_BYTES + (16 << 10), RECEIPT_MAX_EXTRA = 4096 };

/* Borrows from the bytes it was read from. */
struct receipt {
    uint64_t index;
    struct hash proof[MERKLE_MAX_PROOF];
    size_t proof_count;
    struct span extra;      /* base64 as it stands there; empty when absent */
    struct span checkpoint; /* the whole note */
};

int receipt_read(struct receipt *ret, struct span bytes, struct fault *why) NODISCARD;
int receipt_write(struct buf *out, const struct receipt *receipt);

/* The whole check: the checkpoint is signed by `log`, and `entry` is at the receipt's index. */
int receipt_check(const struct receipt *receipt, struct span entry, const struct note_key *log,
                  struct checkpoint *ret, struct fault *why) NODISCARD;

#endif
