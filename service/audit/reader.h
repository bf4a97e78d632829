/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_READER_H
#define RAPPORTEUR_SERVICE_AUDIT_READER_H

/*
 * Reads entries and proofs out of a served log folder (checkpoint, vkey, tile/...), live or copied,
 * in memory for one bundle and one tile whatever the log's size. It trusts the folder: verify.h
 * does not.
 *     CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
 *     r = audit_reader_open(&reader, "/var/lib/rapporteur/audit/log", &why);
 *     for (uint64_t i = from; i < audit_reader_size(reader); i++)
 *         r = audit_reader_entry(reader, i, &entry, &why);     in order: one file read per 256
 * One reader belongs to one thread at a time. Calls block for a file read.
 *
 * Codes: LOG_MISSING (no such file; place: its path in the log), LOG_TOO_LARGE, LOG_RANGE (index at
 * or past the size), LOG_BUNDLE, beside those of note.h and checkpoint.h.
 */

#include "lib/audit/checkpoint.h"
#include "lib/audit/merkle.h"
#include "lib/audit/tile.h"
#include "lib/base/attr.h"
#include "lib/base/buf.h"
#include "lib/base/fault.h"

#include <stdint.h>

struct audit_reader;

/* Reads vkey and checkpoint and checks the signature. `folder` is copied. */
int audit_reader_open(struct audit_reader **ret, const char *folder, struct fault *why) NODISCARD;
/* With a public key obtained elsewhere; an empty vkey means the folder's own. */
int audit_reader_open_as(struct audit_reader **ret, const char *folder, struct span vkey,
                         struct fault *why) NODISCARD;
/* Under a checkpoint that is not published yet: the folder's tiles reach that far, its checkpoint
 * file is not read. */
int audit_reader_open_under(struct audit_reader **ret, const char *folder,
                            const struct note_key *key, struct span checkpoint,
                            struct fault *why) NODISCARD;
struct audit_reader *audit_reader_free(struct audit_reader *reader);
DEFINE_CLEANUP(struct audit_reader *, audit_reader_free);

/* Reads the checkpoint again; the size never goes down. */
int audit_reader_refresh(struct audit_reader *reader, struct fault *why) NODISCARD;

uint64_t audit_reader_size(const struct audit_reader *reader);
const struct checkpoint *audit_reader_head(const struct audit_reader *reader);
const struct note_key *audit_reader_key(const struct audit_reader *reader);
/* The checkpoint file as it is, borrowed until the next refresh. */
struct span audit_reader_checkpoint(const struct audit_reader *reader);

/* The bytes of entry `index`, borrowed until the next call with this reader. */
int audit_reader_entry(struct audit_reader *reader, uint64_t index, struct span *ret,
                       struct fault *why) NODISCARD;

/* The bytes of one tile or bundle: the partial of that width, or the beginning of the full one.
 * Borrowed until the next call. */
int audit_reader_tile(struct audit_reader *reader, const struct tile *tile, struct span *ret,
                      struct fault *why) NODISCARD;

/* The root of the first `size` entries (<= the reader's size). */
int audit_reader_root(struct audit_reader *reader, uint64_t size, struct hash *ret,
                      struct fault *why) NODISCARD;
/* Consistency proof from `old` to the reader's size. */
int audit_reader_consistency(struct audit_reader *reader, uint64_t old,
                             struct hash ret[MERKLE_MAX_PROOF], size_t *ret_count,
                             struct fault *why) NODISCARD;

/* The inclusion proof of entry `index` in the tree of the reader's size, leaf to root. */
int audit_reader_inclusion(struct audit_reader *reader, uint64_t index, struct hash ret[MERKLE_MAX_PROOF],
                           size_t *ret_count, struct fault *why) NODISCARD;
/* Appends the receipt (.tlog-proof) of entry `index` under the reader's checkpoint. */
int audit_reader_receipt(struct audit_reader *reader, uint64_t index, struct buf *out,
                         struct fault *why) NODISCARD;

#endif
