/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_FENCE_H
#define RAPPORTEUR_SERVICE_AUDIT_FENCE_H

/*
 * One sequencer a log: who holds the newest epoch of the store's mirror. Each start takes the next
 * epoch; a sequencer whose epoch is no longer the newest stops before anything of it is published.
 *
 *     r = fence_take(source, &mirror, head, &why);     at the start; mirror is what was found
 *     r = fence_put(source, &mirror, head, &why);      after each batch
 *
 * Only a HIGHER epoch in the store is another sequencer (SEQUENCER_FENCED). Two other things look
 * alike and are not:
 *     - A put whose outcome is unknown (the server wrote it, the WAIT for its replicas failed, the
 *       answer was lost) may have been done. At the start the mirror is then read again and the
 *       epoch after what it says is taken, at most FENCE_TRIES times: being refused by one's own
 *       earlier try is no second sequencer. Afterwards a put repeats the same epoch and does no harm.
 *     - A primary that fell back to an older copy of the store (the replica that took its place had
 *       not been the one WAIT counted) names a LOWER epoch. It is taken again with an epoch above
 *       every one of ours, so that a rival that starts from the old copy is told apart from us by
 *       the next put of either. What the store lost besides is for the caller to see: its counter
 *       below the log is SEQUENCER_SHRUNK.
 */

#include "lib/audit/checkpoint.h"
#include "lib/base/attr.h"
#include "lib/base/fault.h"
#include "service/audit/source.h"

enum { FENCE_TRIES = 4, FENCE_PAUSE_MS = 250 };

/* Takes the epoch after mirror->epoch for a log that stands at *head. On 0 *mirror is what the store
 * now holds. FAULT SEQUENCER_FENCED: somebody else took it first. Negative errno: the store did not
 * answer FENCE_TRIES times. */
int fence_take(const struct audit_source *source, struct audit_mirror *mirror, const struct checkpoint *head,
               struct fault *why) NODISCARD;

/* Tells the store of *head under our epoch, or under a higher one where the store fell back to a
 * lower. 0 (*mirror is what it holds), FAULT SEQUENCER_FENCED, negative errno: not now, put again. */
int fence_put(const struct audit_source *source, struct audit_mirror *mirror, const struct checkpoint *head,
              struct fault *why) NODISCARD;

#endif
