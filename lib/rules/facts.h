/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RULES_FACTS_H
#define RAPPORTEUR_LIB_RULES_FACTS_H

/*
 * What rules may know of a case, in the types of the rule language. Nothing is copied: records are
 * read field by field out of the report and the hits, when a condition asks.
 *     facts_env(&env, &why);                        once: the names and types
 *     facts_view_set(&view, &facts);                each case
 *     cel_evaluate(program, &view.activation, ...)
 * What a report leaves out reads as "", 0, an empty list or, for times, now; has() is false then.
 * Source of names: the body of POST /v1/reports.
 */

#include "lib/cel/cel.h"
#include "lib/rules/rule_set.h"

/* 0, FAULT (never, unless a name here is wrong) or -ENOMEM. */
int facts_env(struct cel_env **ret, struct fault *why);

/* Borrows from the facts until it is set again; belongs to one thread. */
struct facts_view {
    struct cel_activation activation;
    const struct rule_facts *facts;
    struct cel_list urls, hashes, exemptions, jurisdictions, hits;
    uint8_t exemption_at[EXEMPTION_COUNT]; /* those claimed */
    uint16_t hit_at[HITS_MAX];             /* those of live lists */
    uint16_t used[VERDICT_MAX_RULE_HITS];  /* places in facts->hits that conditions chose; whoever asks clears them */
    size_t used_count;
};

/* Must stay where it is: it points into itself. */
void facts_view_set(struct facts_view *view, const struct rule_facts *facts);

/* The part "facts" of rule_facts_describe; new reference, NULL without memory. */
json_t *facts_describe(void);

#endif
