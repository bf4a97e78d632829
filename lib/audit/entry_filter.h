/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_ENTRY_FILTER_H
#define RAPPORTEUR_LIB_AUDIT_ENTRY_FILTER_H

/*
 * Which entries a search is after: all that is given must hold. Exact: no prefix, no case folding.
 *     entry_filter_takes(&(struct entry_filter){.list = SPAN("channels"), .signal = SPAN("c-17")}, &view)
 * decision also finds what names it as superseded; rule looks into the "rules" of verdicts; list
 * into their "hits" and at the list's own entries; signal, an entry of a list, into "hits", and with
 * list both must be of one hit.
 */

#include "lib/audit/entry.h"

struct entry_filter {
    struct span report, case_id, decision, partner; /* empty: any */
    struct span rule, list, signal;
};

bool entry_filter_takes(const struct entry_filter *filter, const struct entry_view *entry);

#endif
