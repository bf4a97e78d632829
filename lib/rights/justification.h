/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RIGHTS_JUSTIFICATION_H
#define RAPPORTEUR_LIB_RIGHTS_JUSTIFICATION_H

/*
 * The human-rights record of one decision, `just/1`: is it complete, is it coherent, and what
 * follows. One table (justification_field.h) drives the check, the JSON Schema, the form and
 * record.md.
 *
 *     struct justification_context context = {.policy = policy, .category = HARM_RECRUITMENT, ...};
 *     struct justification_check_result result;
 *     struct faults faults = {0};
 *     r = justification_check(&result, record, &context, &faults);    0, FAULT or -ENOMEM
 *     if (r == FAULT) answer(justification_status(&faults), &faults);
 *
 * Every mistake is named at once: pointer, code, a sentence that ends with the clause it serves.
 * Codes, their HTTP status and source: justification_codes. Codes of lib/json/field.h are 422.
 *
 * Tiers. `quick`: the content stays up unrestricted. `full`: any restriction, disclosure to an
 * authority, contribution to a shared list, item of state origin, exemption claimed, appeal,
 * reinstatement. `deferred`: only when the record claims it, and only for a valid order or a threat
 * to life; the full record is due within 24 h. The tier is computed; a claim below it is refused.
 *
 * A draft is a record still being written: what is there is checked, what is missing is only
 * counted (`missing`), and a text "..." stands for one not yet written. A draft is never stored.
 *
 * Sources: ICCPR arts 19, 20; General Comment 34; Rabat Plan of Action para. 29; UN Guiding
 * Principles 14, 23, 24, 31; Regulations (EU) 2021/784 and 2022/2065. lib/rights/record.md has the
 * clause for each field and says what is not claimed.
 */

#include "lib/base/fault.h"
#include "lib/rights/policy.h"
#include "lib/rights/taxonomy.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum justification_tier { TIER_QUICK, TIER_FULL, TIER_DEFERRED, TIER_COUNT };
extern const char *const tier_words[TIER_COUNT];

enum ground_kind { GROUND_LAW, GROUND_TERMS, GROUND_ORDER, GROUND_NONE, GROUND_KIND_COUNT };
extern const char *const ground_kind_words[GROUND_KIND_COUNT];

enum automation { AUTOMATION_NONE, AUTOMATION_PARTIAL, AUTOMATION_FULL, AUTOMATION_COUNT };
extern const char *const automation_words[AUTOMATION_COUNT];

/* What becomes of a decision whose record is good. */
enum justification_state {
    STATE_EFFECTIVE,       /* acted upon at once */
    STATE_AWAITING_SECOND, /* nothing happens until a different person agreed */
    STATE_COUNT
};
extern const char *const justification_state_words[STATE_COUNT];

/* What the server knows of the case and the reviewer. Zero is a fitting default for each member but
 * policy, reviewer_pid and the times. All borrowed for the call. */
struct justification_context {
    const struct policy *policy;              /* the version in force at decided_ms */
    enum harm category;                       /* what the case was reported as */
    enum origin_kind origin;                  /* of the report that leads the case; an order wins */
    bool state_actor;                         /* any report of the case carries the block */
    bool order_valid;                         /* an order that passed order_check is open */
    bool threat_to_life;                      /* the case was escalated as one */
    bool deferred_overdue;                    /* the reviewer owes a full record for over 24 h */
    bool exemptions_claimed[EXEMPTION_COUNT]; /* by any report of the case */
    bool needs_second;                        /* the verdict's rules ask for one */
    bool draft;
    enum automation automated_decision;
    const json_t *suggestions; /* {"/pointer": value} shown by the engine, or NULL */
    const char *reviewer_pid;
    const char *second_pid; /* who agreed already; NULL: nobody yet */
    int64_t opened_ms, decided_ms;
    int64_t deferred_full_ms; /* time for the full record of a deferred one; 0: 24 h */
    /* Of an appeal: the sealed record under appeal (with reviewer_pid, second_pid); else NULL. */
    const json_t *previous;
};

/* Why a second person is needed; bits. */
enum {
    SECOND_STATE_ORIGIN = 1 << 0,
    SECOND_ACCOUNT = 1 << 1,
    SECOND_PUBLIC_INTEREST = 1 << 2,
    SECOND_EXEMPTION = 1 << 3,
    SECOND_RULE = 1 << 4
};

struct justification_check_result {
    enum justification_tier tier;
    enum justification_state state;
    enum outcome outcome;
    enum harm harm;
    enum ground_kind ground;
    const struct policy_clause *clause; /* borrowed from the policy; NULL without a ground */
    bool restriction, removal;
    unsigned needs_second;            /* SECOND_ bits; 0: nobody else is needed */
    bool reroute_language;            /* back to a queue for the content's language */
    bool evidence_required;           /* a snapshot must be held */
    int64_t evidence_until_ms;        /* 0 when none is held */
    bool notice_required;             /* the user must be told; the reporter always is */
    int64_t notice_withheld_until_ms; /* 0: not withheld */
    int64_t full_due_ms;              /* deferred: when the full record is due; else 0 */
    int64_t appeal_until_ms;          /* 0 when there is nothing to appeal */
    size_t missing;                   /* drafts: required members still to be written */
};

int justification_check(struct justification_check_result *ret, const json_t *record,
                        const struct justification_context *context,
                        struct faults *faults) NODISCARD;

/* The last gate before a restriction takes effect: JUST_SECOND_REQUIRED, JUST_SECOND_SAME,
 * NOTICE_REQUIRED. `result` is that of the check. 0 or FAULT. */
int justification_effect_check(const json_t *record,
                               const struct justification_check_result *result,
                               const struct justification_context *context,
                               struct faults *faults) NODISCARD;

/* The body of POST /v1/cases/{id}/second: {verdict: agree|disagree, note}; a disagreement needs its
 * note. context->second_pid is who speaks, reviewer_pid who decided. 0 or FAULT. */
int justification_second_check(bool *ret_agree, const json_t *body,
                               const struct justification_context *context,
                               struct faults *faults) NODISCARD;

/* What the server adds to a good record, so that it stands alone. Absent strings are left out. */
struct justification_envelope {
    const char *decision_id, *item_id;
    const json_t *report_ids; /* array of strings */
    const json_t *origin;     /* {kind, state_actor?} */
    const char *detection;    /* one of detection_words */
    const json_t *rule_ids, *list_ids, *list_versions;
    bool automated_detection;    /* found by automated means, not scored after a report */
    const char *content_lang;    /* ISO 639-1 */
    const json_t *content_types; /* words of the report's content types */
    const char *content_date;    /* YYYY-MM-DD */
};

enum detection {
    DETECTION_REPORT,
    DETECTION_RULE_MATCH,
    DETECTION_HASH_MATCH,
    DETECTION_URL_MATCH,
    DETECTION_HUMAN_PATROL,
    DETECTION_COUNT
};
extern const char *const detection_words[DETECTION_COUNT];

/* The record with tier, envelope, evidence, appeal_until and the versions in force. New reference
 * in *ret; the record itself is not changed. 0 or -ENOMEM. */
int justification_seal(json_t **ret, const json_t *record,
                       const struct justification_check_result *result,
                       const struct justification_context *context,
                       const struct justification_envelope *envelope) NODISCARD;

/* What a case needs, for GET /v1/justification/schema?harm=&outcome=: tier, needs_second, every
 * field with required, judgement, type, values, limits, label, question, source, and the clauses
 * that allow this outcome for this harm with their elements. New reference; 0 or -ENOMEM. */
int justification_needs(json_t **ret, enum harm harm, enum outcome outcome, enum ground_kind ground,
                        const struct justification_context *context) NODISCARD;

/* What a form may be filled in with for a case of this harm: {"/pointer": value}. The harm, and the first clause that
 * allows the outcome for it; of judgements only the usual aim of the ten uses, which a person must mark in `touched`
 * or change (JUST_UNTOUCHED). New reference; 0 or -ENOMEM. */
int justification_suggest(json_t **ret, enum harm harm, enum outcome outcome, const struct policy *policy) NODISCARD;

/* The JSON Schema (2020-12) of the record as a client sends it: config/schema/justification.json.
 */
int justification_schema(json_t **ret) NODISCARD;

/* One line per code: for problem pages and for the status of an answer. */
struct justification_code {
    const char *code;
    int status;         /* HTTP */
    const char *title;  /* one line for people */
    const char *source; /* the clause it serves */
};
extern const struct justification_code justification_codes[];
extern const size_t justification_code_count;
/* NULL for a code that is not ours. */
const struct justification_code *justification_code_find(const char *code);

/* 422 when any mistake has to be mended; 409 or 410 when nothing but a state stands in the way. */
int justification_status(const struct faults *faults);

#endif
