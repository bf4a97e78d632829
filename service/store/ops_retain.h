/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_OPS_RETAIN_H
#define RAPPORTEUR_SERVICE_STORE_OPS_RETAIN_H

/*
 * How long content is kept, as ops.h says. A case whose decision took effect is looked at (keep_due) at once and
 * again when its time is over; the caller knows the law (lib/rights/deadline.h) and answers with `keep` or `erase`.
 * A hold keeps content for a proceeding; who asks to be forgotten is (`forget`) as soon as nothing keeps the case.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORE_KEEP_DUE_MAX = 50, STORE_HOLDS_MAX = 16, STORE_HOLD_TEXT_MAX = 300, STORE_FORGET_MAX = 200 };

/* ---- keep_due: up to `limit` (1-STORE_KEEP_DUE_MAX) closed cases to look at now; no entry ---- */
struct store_keep_due_args {
    int64_t now_ms;
    unsigned shard;
    size_t limit;
};
struct store_keep_case {
    struct span case_id;
    int64_t version, closed_ms;
    struct span outcome;                /* of the decision in force; empty: it does not say */
    bool asked;                         /* somebody asked for erasure */
    int64_t held_until_ms;              /* end of the last hold in force; 0 none */
};
struct store_keep_due {
    const struct store_keep_case *cases;
    size_t count;
};

/* ---- keep: when to look again, and until when the law preserves the content (0: not). STALE: it has changed;
 * STATE: it is open again. No entry. ---- */
struct store_keep_args {
    int64_t now_ms;
    struct span case_id;
    int64_t version, look_ms, preserved_ms;
};

/* ---- erase: bodies and salts of a closed case's reports, who reported, appeal, reasons of escalations; ids, decisions
 * and entries stay. STATE: it is open; HELD. Holes: reports (how many this call erased). Call again while `left`. ---- */
struct store_erase_args {
    int64_t now_ms;
    struct span case_id, actor;
    struct span entry;
};
struct store_erased {
    struct span case_id;
    int64_t index, version, left;
};

/* ---- hold, hold_release ---- STATE: the content is gone; LIMIT past STORE_HOLDS_MAX. Holes: case. */
struct store_hold_args {
    int64_t now_ms;
    struct span case_id, hold_id;       /* hold_id: fresh, "hld", of the case's shard */
    struct span authority, reference;   /* 1-STORE_HOLD_TEXT_MAX bytes each */
    int64_t until_ms;                   /* ahead */
    struct span pseudonym;
    struct span entry;
};
struct store_hold_release_args {
    int64_t now_ms;
    struct span case_id, hold_id;
    struct span entry;
};

/* ---- holds: of a case, those that ended too ---- */
struct store_hold {
    struct span id, authority, reference, pseudonym;
    int64_t until_ms, placed_ms;
};
struct store_holds {
    bool closed, erased, asked;
    int64_t look_ms, preserved_ms;      /* as keep gave them; 0 none */
    const struct store_hold *holds;
    size_t count;
};

/* ---- forget: a person's data in one shard, page by page (`limit` 1-STORE_FORGET_MAX reports): call again with `next`
 * as `after` until it is empty. Entry, one for each case or report: holes subject (its id), case. ---- */
enum store_person { STORE_AUTHOR, STORE_REPORTER };
struct store_forget_args {
    int64_t now_ms;
    unsigned shard;
    enum store_person kind;
    struct span person;                 /* pseudonym, as submit got it */
    struct span after;                  /* empty: from the start */
    size_t limit;
    struct span entry;
};
struct store_kept {
    struct span case_id;
    bool open;                          /* under review; else preserved by law or under a hold */
    int64_t until_ms;                   /* 0 with `open` */
};
struct store_forgotten {
    struct span next;
    int64_t index, cases, reports;      /* first entry or -1; cases marked, reports erased by this call */
    const struct store_kept *kept;
    size_t kept_count;
};

#endif
