/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_SEQUENCER_H
#define RAPPORTEUR_SERVICE_AUDIT_SEQUENCER_H

/*
 * The sequencer: source -> tree -> tiles -> signed checkpoint, on a thread of its own. It alone
 * holds the log's key. Nobody waits for it: an entry is safe once the store has it, and reaches the
 * log within about integrate_ms, the published checkpoint within publish_ms more.
 *
 *     r = sequencer_start(&sequencer, &(struct sequencer_options){
 *         .folder = "/var/lib/rapporteur/audit", .origin = "example.org/audit/2026q4",
 *         .source = &source}, &why);
 *     sequencer_status(sequencer, &status);
 *     sequencer = sequencer_stop(sequencer);
 *
 * Folder, mode 0700, made at the first start:
 *     log/       what is served: checkpoint, vkey, tile/...            (C2SP tlog-tiles)
 *     private/   key (0600), state, staging-*, lock, swept
 * The key is made at the first start, from random bytes of the kernel, and its name is the origin.
 *
 * One batch: read; build; hash again from the very bytes to be written; staging file; state file,
 * signed (this is the commit); mirror in the store; tiles and bundles; checkpoint; trim. Each file
 * by write to a new name, fsync, rename, fsync of the folder. A failed write, fsync or rename stops
 * the sequencer at once and for good: the file cache may hold what the disk does not, so a person
 * has to look before it is started again. Nothing is retried but calls to the store.
 *
 * Starting finds one of:
 *     published = state              the right edge is read back and checked; go on
 *     published < state              the last batch is done again from its staging file
 *     published > state, or another root at one size        refused: SEQUENCER_OLD_STATE
 *     store's mirror > state         refused: SEQUENCER_ROLLED_BACK
 *     a witness's size > state       refused: SEQUENCER_ROLLED_BACK (also later: then it stops)
 *     store's counter < log size     the counter is raised; status.raised_from says it
 *
 * Further codes: SEQUENCER_LOCKED (another process has the folder), SEQUENCER_FENCED (another
 * machine took over; fence.h says what only looks like it), SEQUENCER_STATE, SEQUENCER_KEY, SEQUENCER_EDGE, SEQUENCER_STREAM (the store
 * holds other bytes for an index of the log), SEQUENCER_IO (place: the file; also ENOSPC),
 * SEQUENCER_MISMATCH (the second hashing differs), SEQUENCER_SHRUNK (the store's counter fell below
 * the log while running), SEQUENCER_STORE (of WAITING: it does not answer), STREAM_GAP,
 * STREAM_ENTRY, POLICY_LOG (the witness policy is for other logs).
 *
 * Witnesses: see publisher.h. A witness is an outside memory of the log, and the only one that a
 * restored backup of the whole machine cannot set back; that is why one of them that has seen more
 * stops the sequencer. One that lies about it can be taken out of the policy.
 */

#include "lib/audit/merkle.h"
#include "lib/audit/note.h"
#include "lib/base/attr.h"
#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "service/audit/publisher.h"
#include "service/audit/source.h"

#include <stdbool.h>
#include <stdint.h>

struct sequencer;

enum sequencer_state {
    SEQUENCER_RUNNING,
    SEQUENCER_WAITING, /* the store does not answer; it is asked again each turn */
    SEQUENCER_FAILED,  /* stopped for good; status.why says why */
    SEQUENCER_STOPPED, /* as asked */
};

struct sequencer_status {
    enum sequencer_state state;
    uint64_t size; /* integrated: safe in the log, not yet visible */
    struct hash root;
    uint64_t published_size; /* what the checkpoint file says */
    uint64_t store_size; /* entries ever appended, as last seen; the backlog is store_size - size */
    int64_t last_turn_ms;      /* unix time of the last turn that reached the store */
    uint64_t batches, entries; /* since the start */
    uint64_t
        raised_from;  /* the store's counter before it was raised at the start; else UINT64_MAX */
    struct fault why; /* of FAILED or WAITING */
    struct publisher_status witnesses;
};

struct sequencer_options {
    const char *folder;                /* copied */
    const char *origin;                /* copied; must stay what it was at the first start */
    const struct audit_source *source; /* borrowed until stopped */
    int integrate_ms;                  /* 0: 200; else 10..1000 */
    int publish_ms;                    /* 0: 1000; else integrate_ms..10000 */
    int partial_keep_ms;               /* 0: 10 minutes: age at which partials of full tiles go */
    size_t batch_entries;              /* 0: 4096; at most 65536 */
    /* Called once from the sequencer's thread when it has FAILED; must not call sequencer_stop. */
    void (*failed)(void *arg, const struct fault *why);
    void *failed_arg;
    const struct witness_policy *witnesses; /* borrowed until stopped; NULL: none */
    int witness_deadline_ms;                /* 0: 2000; of one request to a witness */
    /* A witness began to fail (why), or is good again (NULL). From any thread. */
    void (*witness_told)(void *arg, const char *witness, const struct fault *why);
    void *witness_told_arg;
};

/* Locks, checks, repairs as the table says, publishes, then starts the thread. 0, FAULT, negative
 * errno (the store did not answer, no memory). */
int sequencer_start(struct sequencer **ret, const struct sequencer_options *options,
                    struct fault *why) NODISCARD;
/* Finishes the batch in hand, integrates what the store has by then, publishes, joins, frees. */
struct sequencer *sequencer_stop(struct sequencer *sequencer);
DEFINE_CLEANUP(struct sequencer *, sequencer_stop);

/* Any thread. */
void sequencer_status(struct sequencer *sequencer, struct sequencer_status *ret);
/* Appends the published checkpoint, signatures and all. Any thread. */
int sequencer_checkpoint(struct sequencer *sequencer, struct buf *out);
/* The log's public key. Any thread. */
const struct note_key *sequencer_key(const struct sequencer *sequencer);

#endif
