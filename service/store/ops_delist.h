/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_OPS_DELIST_H
#define RAPPORTEUR_SERVICE_STORE_OPS_DELIST_H

/*
 * Entries of lists that cases rest on, as ops.h says, for lists whose withdrawals bring cases back (lib/signal/list.h,
 * `reopens`). A name is "<list>/<entry>". submit keeps which case cites what; when an entry is no longer on its list,
 * the caller says so (`delist`): closed cases whose decision in force restricts open again, open ones note it.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STORE_CITED_MAX = 16, /* names a report */
    STORE_CITED_NAME_MAX = 129,
    STORE_CITED_PAGE_MAX = 200, /* names a call */
    STORE_DELIST_MAX = 100      /* cases a call */
};

/* ---- cited: names in their order behind `after` (empty: from the first); no entry ---- */
struct store_cited_args {
    unsigned shard;
    struct span after;
    size_t limit; /* 1-STORE_CITED_PAGE_MAX */
};
struct store_cited {
    const struct span *names;
    size_t count;
};

/* ---- delist: up to `limit` cases citing `name`; call again while `left`. Entry, one for each: holes case, queue ---- */
struct store_delist_args {
    int64_t now_ms, deadline_ms; /* deadline_ms: of a case that opens again */
    unsigned shard;
    struct span name;
    size_t limit;             /* 1-STORE_DELIST_MAX */
    struct span restrictions; /* outcomes that restrict: ",remove,disable," */
    struct span entry;
};
struct store_delisted {
    int64_t opened, noted;
    bool left;
};

#endif
