/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_EXPORT_DSA_H
#define RAPPORTEUR_LIB_EXPORT_DSA_H

/*
 * A decision as a statement of reasons for the DSA Transparency Database, schema of 1 July 2025,
 * and the rules by which that database accepts one, written down again so that nothing is sent that
 * it refuses.
 *
 *     r = dsa_statement(&statement, &input, &faults);
 *     0 built and checked; DSA_NONE no statement is due; FAULT something is wrong, field named;
 * -ENOMEM
 *
 * No statement is due when nothing was restricted, when an order was obeyed (DSA 17(5); TCO 11
 * governs there), and when the restriction does not touch the European Economic Area. A statement
 * cannot be changed or withdrawn later: the puid is the decision id, for ever the same.
 *
 * Two fields were exported wrongly by large providers for years, so they are guarded twice here:
 * automated_detection says how the item was FOUND, never how it was scored afterwards; and a
 * trusted flagger is always SOURCE_TRUSTED_FLAGGER. A record that contradicts itself is refused
 * (DSA_DETECTION).
 *
 * Codes: DSA_MISSING, DSA_VALUE (not one of the database's words), DSA_LENGTH, DSA_DATE, DSA_PUID,
 * DSA_UNKNOWN, DSA_DECISION (none of the four decision fields), DSA_DETECTION. Place: "/field".
 * Source: digital-services-act/transparency-database, request rules of its statement controller and
 * its API documentation; Regulation (EU) 2022/2065 arts 17, 24(5).
 */

#include "lib/base/fault.h"
#include "lib/rights/justification.h"
#include "lib/rights/policy.h"
#include "lib/rights/taxonomy.h"

#include <jansson.h>
#include <stdbool.h>

enum { DSA_NONE = 2, DSA_BATCH_MAX = 100 };

struct dsa_input {
    const json_t *record; /* sealed just/1 */
    const struct policy
        *policy;              /* of its version, for titles and links; NULL: only the reference */
    const char *account_type; /* ACCOUNT_TYPE_BUSINESS or _PRIVATE; NULL: not known */
};

int dsa_statement(json_t **ret, const struct dsa_input *input, struct faults *faults) NODISCARD;

/* The rules of the database. Fields that it drops (such as the explanation of the other ground) are
 * accepted as it does, but checked. 0 or FAULT. */
int dsa_check(const json_t *statement, struct faults *faults) NODISCARD;

/* {"statements": [...]} of at most DSA_BATCH_MAX statements from index `from` on; *ret NULL past
 * the end. New reference. 0 or -ENOMEM. */
int dsa_batch(json_t **ret, const json_t *statements, size_t from) NODISCARD;

/* True when the item was found by automated means: our own initiative or a shared signal, by a
 * match. Never for what a person reported, however well the rules scored it afterwards. */
bool dsa_automated_detection(enum origin_kind origin, enum detection detection);

/* SOURCE_... of a kind; `notice` says that a report of civil society or academia had the four
 * elements of article 16(2) (origin.good_faith). NULL for orders. */
const char *dsa_source(enum origin_kind kind, bool notice);

/* An art. 16 notice, as opposed to an order or what the platform finds itself. */
bool dsa_is_notice(enum origin_kind kind, bool notice);

/* The DSA's word for a harm: one category, and up to two keywords of it. */
struct dsa_topic {
    const char *category, *keywords[2];
};
const struct dsa_topic *dsa_topic_of(enum harm harm);

#endif
