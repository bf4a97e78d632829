/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_VERIFY_H
#define RAPPORTEUR_SERVICE_AUDIT_VERIFY_H

/*
 * Verifies a whole log folder offline, by code that the writer does not use: signature; every
 * bundle hashed again; every tile of every level compared; the root; each entry canonical and
 * complete for its type; times in order; references. Nothing outside the folder is needed but,
 * best, a public key obtained elsewhere.
 *     r = audit_verify(&(struct audit_verify_options){.folder = "copy/log"}, &result, &why);
 * Memory is constant but for the reference tables: about 60 bytes a case and 100 a decision.
 *
 * References: a verdict, claim, decision, notice, appeal or escalation names a case that a report
 * made before; second, notice, effect and appeal name an earlier decision; no decision, report or
 * appeal id comes twice; a second is by another reviewer than the decision, in the same case.
 * Times: `at` may lie at most back_ms before the latest one so far (workers stamp an entry before
 * the store orders it).
 *
 * Codes: those of reader.h, note.h, checkpoint.h, entry.h, and VERIFY_TILE, VERIFY_ROOT,
 * VERIFY_OLDER (an older checkpoint is not a beginning of this log), VERIFY_TIME, VERIFY_CASE,
 * VERIFY_DECISION, VERIFY_REVIEWER, VERIFY_TWICE; with a policy POLICY_LOG and WITNESS_QUORUM.
 */

#include "lib/audit/checkpoint.h"
#include "lib/audit/entry.h"
#include "lib/audit/witness_policy.h"
#include "lib/base/attr.h"
#include "lib/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

struct verify_refs;

struct audit_verify_options {
    const char *folder;                  /* the served folder or a copy */
    struct span vkey;                    /* empty: the folder's own vkey file */
    const struct span *older;            /* checkpoints seen before, whole notes */
    size_t older_count;                  /* at most 64 */
    const struct witness_policy *policy; /* NULL: witnesses' lines are not looked at */
    int64_t back_ms;                     /* 0: one minute */
    bool no_references;                  /* tree and entries only */
    struct verify_refs
        *refs; /* what earlier logs said (trail.h), and then this one; NULL: its own. A log that
                                 follows another is checked without it as if that were not at hand */
    void (*progress)(void *arg, uint64_t done,
                     uint64_t total); /* about every 4096 entries; may be NULL */
    void *progress_arg;
};

struct audit_verify_result {
    struct checkpoint head;
    struct note_key key;
    uint32_t cosigned; /* bit i: witness i of the policy */
    uint64_t entries;  /* verified up to here */
    uint64_t counts[ENTRY_TYPE_COUNT];
    int64_t first_ms, last_ms; /* earliest and latest `at` */
    size_t files;              /* tiles and bundles compared */
    bool has_bad;              /* an entry is to blame: */
    uint64_t bad_index;
    char bad_id[64]; /* empty where it has none */
};

/* 0: all holds. FAULT: *why says what does not, and result->bad_* where. */
int audit_verify(const struct audit_verify_options *options, struct audit_verify_result *ret,
                 struct fault *why) NODISCARD;

#endif
