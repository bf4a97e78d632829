/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_SIGNAL_CHANGE_H
#define RAPPORTEUR_LIB_SIGNAL_CHANGE_H

/*
 * What differs between two versions of a list, and whether the newer one may take the older one's
 * place. A list that lost much of itself is a broken source, or a hostile one, until a person says
 * otherwise. if (list_shrink_check(old, new, LIST_SHRINK_PERCENT, &why)) keep the old one;
 */

#include "lib/signal/list.h"

enum { LIST_SHRINK_PERCENT = 20 };

struct list_change {
    size_t kept, added, changed, removed; /* kept: equal; changed: same signal, other particulars */
};

/* Both sealed. A signal is (kind, value, language). */
struct list_change list_compare(const struct list *from, const struct list *to);

/* 0, or FAULT LIST_SHRUNK when more than max_percent of the entries of `from` are gone in `to`. */
int list_shrink_check(const struct list *from, const struct list *to, unsigned max_percent,
                      struct fault *why);

/* The difference as canonical JSON, which format "json" reads on top of `from`:
 * {"entries":[added and changed],"head":{of to},"removed":[{"kind":..,"value":..}],
 *  "since":"digest of from"}. 0, BUF_FULL or -ENOMEM. */
int list_change_json(const struct list *from, const struct list *to, struct buf *out);

#endif
