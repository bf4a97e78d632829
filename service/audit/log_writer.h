/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_LOG_WRITER_H
#define RAPPORTEUR_SERVICE_AUDIT_LOG_WRITER_H

/*
 * The log on this disk: opens it (lock, key, state, the start table of sequencer.h), commits
 * batches and publishes checkpoints. It knows no source and no thread; sequencer.c drives it.
 *     r = log_writer_open(&writer, folder, origin, &mirror, &why);
 *     r = log_writer_commit(writer, batch, &why);     staging, state: from here on it is decided
 *     r = log_writer_spread(writer, &why);            tiles and bundles
 *     r = log_writer_sign(writer, out, &why);         checkpoint, not yet visible
 *     r = log_writer_publish(writer, note, &why);     visible
 * After any FAULT the writer must not be used any more, only freed.
 */

#include "lib/audit/checkpoint.h"
#include "lib/audit/edge.h"
#include "lib/base/attr.h"
#include "service/audit/source.h"

struct log_writer;

/* mirror: what the store remembers; its epoch is not looked at. Codes: sequencer.h. */
int log_writer_open(struct log_writer **ret, const char *folder, const char *origin,
                    const struct audit_mirror *mirror, struct fault *why) NODISCARD;
struct log_writer *log_writer_free(struct log_writer *writer);
DEFINE_CLEANUP(struct log_writer *, log_writer_free);

/* Builds, hashes again, stages and commits. Then log_writer_spread must follow. */
int log_writer_commit(struct log_writer *writer, const struct audit_batch *batch,
                      struct fault *why) NODISCARD;
int log_writer_spread(struct log_writer *writer, struct fault *why) NODISCARD;

/* Appends the checkpoint of what is committed and spread, with the log's own signature. */
int log_writer_sign(struct log_writer *writer, struct buf *out, struct fault *why) NODISCARD;
/* Makes a checkpoint visible that log_writer_sign wrote, with whatever lines witnesses added. */
int log_writer_publish(struct log_writer *writer, struct span note, struct fault *why) NODISCARD;

/* As committed. */
const struct checkpoint *log_writer_head(const struct log_writer *writer);
uint64_t log_writer_published(const struct log_writer *writer);
/* The published checkpoint's bytes, borrowed until the next publish. */
struct span log_writer_checkpoint(const struct log_writer *writer);
const struct note_key *log_writer_key(const struct log_writer *writer);

/* Compares a batch read from anywhere with the log's own entries: FAULT SEQUENCER_STREAM where the
 * store has other bytes for an index that the log has. */
int log_writer_compare(struct log_writer *writer, const struct audit_batch *batch,
                       struct fault *why) NODISCARD;

/* Removes the partials of tiles that are full in a log of `size` entries, at most 64 folders a
 * call. Failures are left for the next call. */
void log_writer_sweep(struct log_writer *writer, uint64_t size);

#endif
