/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_VERIFY_REFS_H
#define RAPPORTEUR_SERVICE_AUDIT_VERIFY_REFS_H

/*
 * What entries say of each other: the references of verify.h, entry by entry in the order of the
 * log. Keeps the 16 bytes of each id, no text.
 */

#include "lib/audit/entry.h"
#include "lib/base/attr.h"
#include "lib/base/fault.h"

struct verify_refs;

struct verify_refs *verify_refs_new(void);
struct verify_refs *verify_refs_free(struct verify_refs *refs);
DEFINE_CLEANUP(struct verify_refs *, verify_refs_free);

/* Earlier logs are not at hand: a case or decision that is not known may have been in one of them. */
void verify_refs_partial(struct verify_refs *refs);

/* Codes: VERIFY_CASE, VERIFY_DECISION, VERIFY_REVIEWER, VERIFY_TWICE (place: /member). */
int verify_refs_entry(struct verify_refs *refs, const struct entry_view *entry,
                      struct fault *why) NODISCARD;

#endif
