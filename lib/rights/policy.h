/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RIGHTS_POLICY_H
#define RAPPORTEUR_LIB_RIGHTS_POLICY_H

/*
 * The published rules that a decision may rest on: the platform's own clauses (`policy/4.2`) and
 * the references to law (`law/tco/3`). A version in force is immutable; a change is a new version
 * that names who was consulted, or "none". `ground.ref` of a justification must resolve here.
 *
 * `effective` is a date (its first moment, UTC) or a time.
 *
 * File (YAML, see config/policy/README.md):
 *     policy: {version, effective, publisher, url, language, consultation}
 *     clauses: [{id, title, text, ground: terms, harms, outcomes, elements, url?}]
 *     law:     [{id, title, text, ground: law, harms, outcomes, elements, country?, url?}]
 * `elements` are phrases of `text`, word for word: the parts of the clause that must be met. An
 * explanation quotes at least one of them. `country` says that it is one country's law, so its
 * territory is narrower than global. An outcome that is not listed has no ground in that clause.
 *
 * Codes beside lib/json/field.h and yaml.h: POLICY_ID (form, or prefix of another section),
 * POLICY_DUPLICATE, POLICY_ELEMENT (not found word for word in the text), POLICY_COUNTRY, POLICY_CONSULTATION
 * (blank, where those asked stand, or "none").
 * Sources: General Comment 34 paras 24-25 (public, precise); Regulation (EU) 2022/2065 art. 14(1),
 * (4).
 */

#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"
#include "lib/rights/taxonomy.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    POLICY_MAX_CLAUSES = 512,
    POLICY_MAX_ID = 64,
    POLICY_MAX_TEXT = 4000,
    POLICY_MAX_ELEMENTS = 16,
    POLICY_MAX_ELEMENT = 200
};

struct policy;

struct policy_clause {
    struct span id, title, text; /* borrowed from the policy */
    struct span url;             /* where the public reads it; empty: the policy's url */
    bool law;                    /* false: a clause of the platform's terms */
    bool harms[HARM_COUNT], outcomes[OUTCOME_COUNT];
    char country[3]; /* ISO 3166-1 alpha-2; "" when not one country's law */
    struct span elements[POLICY_MAX_ELEMENTS];
    size_t element_count;
};

/* `name` starts the places of faults. Every mistake is named: 0, FAULT or -ENOMEM. */
int policy_read(struct policy **ret, struct span yaml, const char *name,
                struct faults *faults) NODISCARD;
struct policy *policy_free(struct policy *policy);
DEFINE_CLEANUP(struct policy *, policy_free);

/* The clause with that id, NULL when it is not published in this version. */
const struct policy_clause *policy_find(const struct policy *policy, struct span ref);
size_t policy_clause_count(const struct policy *policy);
const struct policy_clause *policy_clause_at(const struct policy *policy, size_t i);

/* Borrowed. The version of the clauses and of the law references are one. */
struct span policy_version(const struct policy *policy);
struct span policy_url(const struct policy *policy);
struct span policy_consultation(const struct policy *policy);
int64_t policy_effective_ms(const struct policy *policy);
/* SHA-256 of the canonical JSON, lower-case hex: what an audit entry of a change names. */
const char *policy_digest(const struct policy *policy);

/* The bytes it was read from. Borrowed. */
struct span policy_source(const struct policy *policy);
/* The whole policy with its digest, for GET /v1/policies. Borrowed, do not change. */
const json_t *policy_json(const struct policy *policy);

/* True when `text` quotes one of the clause's elements: same words in the same order, whatever the
 * case of ASCII letters and the white space between. */
bool policy_clause_quoted(const struct policy_clause *clause, struct span text);

#endif
