/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_SOURCE_H
#define RAPPORTEUR_SERVICE_AUDIT_SOURCE_H

/*
 * Where the sequencer gets entries from: a contract of six calls. The sequencer does not know
 * Redis; service/store implements this over a connection of its own (never one shared with a
 * worker's loop), with blocking calls that each end within a deadline of a few seconds. All calls
 * come from the sequencer's thread, those of sequencer_start from its caller's.
 *
 * An entry has an index, counted from 0 without gaps. In a Redis stream entry i has the id
 * (i + 1)-0 and its bytes in field `e`; `next` below is therefore the number of entries before it:
 *     read:   XRANGE stream (next-<max> + COUNT max       ids must be exactly next+1, next+2, ...
 *     trim:   XTRIM stream MINID (below + 1)-0
 *     size:   the counter n that the functions INCR: how many entries were ever appended
 *     raise:  n = max(n, size), in one atomic step
 *     mirror: a hash {epoch, size, root}; put only where the stored epoch is `expect_epoch`, in one
 *             atomic step
 * A missing index, an index twice or bytes that differ stop the sequencer for good: audit_batch_add
 * checks it, and read passes its result on.
 *
 * Returns: 0 done. Negative errno: not now (connection lost, deadline passed: -ETIMEDOUT,
 * -ECONNRESET, -EAGAIN, ...); the sequencer tries again at its next turn and says so in its status.
 * FAULT: what was found is wrong and no repetition can help; *why says what (place "stream").
 */

#include "lib/audit/merkle.h"
#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { SOURCE_FENCED = 2 }; /* outcome of mirror_put: another sequencer has taken over */

/* Entries of one turn, in order. Bytes are copied in. */
struct audit_batch {
    uint64_t next;      /* index that must come next */
    bool from_anywhere; /* the first one may be later than next; then they must follow each other */
    bool full;          /* an entry found no room: there is more */
    size_t count, max_count;
    uint32_t *ends; /* end of entry i in bytes */
    struct buf bytes;
};

/* max_count entries, max_bytes bytes in all. */
int audit_batch_init(struct audit_batch *batch, size_t max_count, size_t max_bytes) NODISCARD;
void audit_batch_done(struct audit_batch *batch);
/* Empty again; the next entry must have index `next`. */
void audit_batch_clear(struct audit_batch *batch, uint64_t next);

/* 0; BUF_FULL: no room, nothing added, the source stops here and returns 0; FAULT: a gap (code
 * STREAM_GAP), an entry over 65535 bytes (STREAM_ENTRY); -ENOMEM. */
int audit_batch_add(struct audit_batch *batch, uint64_t index, struct span entry,
                    struct fault *why) NODISCARD;
struct span audit_batch_entry(const struct audit_batch *batch, size_t i);

/* What another failure domain remembers of the log. All zero where nothing was ever stored. */
struct audit_mirror {
    uint64_t epoch; /* of the sequencer that wrote it; each start takes the next one */
    uint64_t size;
    struct hash root;
};

struct audit_source {
    void *arg;
    /* Adds entries from index batch->next on, at most batch->max_count, by audit_batch_add. None
     * there is 0 with an empty batch; it does not wait. With from_anywhere, indexes already trimmed
     * are skipped. */
    int (*read)(void *arg, struct audit_batch *batch, struct fault *why);
    /* How many entries were ever appended: one more than the last index. */
    int (*size)(void *arg, uint64_t *ret, struct fault *why);
    /* Entries with an index below this may go. */
    int (*trim)(void *arg, uint64_t below);
    /* The next entry appended gets at least this index. */
    int (*raise)(void *arg, uint64_t size, struct fault *why);
    int (*mirror_get)(void *arg, struct audit_mirror *ret, struct fault *why);
    /* Stores *next where the stored epoch is expect_epoch; else SOURCE_FENCED and nothing changes.
     */
    int (*mirror_put)(void *arg, uint64_t expect_epoch, const struct audit_mirror *next,
                      struct fault *why);
};

#endif
