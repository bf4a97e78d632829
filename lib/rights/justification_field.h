/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RIGHTS_JUSTIFICATION_FIELD_H
#define RAPPORTEUR_LIB_RIGHTS_JUSTIFICATION_FIELD_H

/*
 * The one table of the record `just/1`: every member a client may send, when it must be there, what
 * it may be, why we ask and which clause it serves. The check, the JSON Schema, the form answer and
 * the table in record.md all walk it, so they cannot disagree.
 * Pointers are RFC 6901; `*` stands for any element of an array. Parents stand before children.
 */

#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "lib/rights/justification.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum just_type {
    JUST_OBJECT,  /* its members are rows of their own */
    JUST_LIST,    /* array of objects, 1..max */
    JUST_TEXT,    /* min..max characters (code points), not blank */
    JUST_WORD,    /* one of words */
    JUST_WORDS,   /* one of words, or an array of min..max different ones */
    JUST_STRINGS, /* array of up to max strings */
    JUST_INT,     /* min..max */
    JUST_BOOL,
    JUST_DATE,       /* YYYY-MM-DD or RFC 3339 */
    JUST_EXEMPTIONS, /* {"none_present": true} or {exemption: state} */
    JUST_TERRITORY,  /* "global" or array of ISO 3166-1 alpha-2 codes */
    JUST_UNTIL       /* "indefinite" or a date */
};

enum just_when {
    JUST_ALWAYS,
    JUST_OPTIONAL,
    JUST_WITH_PARENT, /* when its object is there */
    JUST_IF_GROUND,   /* ground.kind is not none */
    JUST_IF_RESTRICTION,
    JUST_IF_RABAT, /* a restriction for incitement or hatred, on law or terms */
    JUST_IF_COUNTER_MESSAGE,
    JUST_IF_ESCALATION,
    JUST_IF_REINSTATE,
    JUST_IF_SERVICE,
    JUST_IF_ORDER_REFUSED, /* order_queried, order_impossible */
    JUST_IF_PRESERVATION,
    JUST_WHEN_COUNT
};
extern const char *const just_when_words[JUST_WHEN_COUNT]; /* as record.md says it */

enum {
    JUST_J = 1 << 0,    /* a judgement: a person must have touched it */
    JUST_LINT = 1 << 1, /* free text without personal data */
    JUST_QUICK = 1 << 2 /* of the quick block: a deferred record needs it too */
};

struct justification_field {
    const char *pointer;
    enum just_type type;
    enum just_when when;
    unsigned flags;
    const char *const *words;
    size_t word_count;
    int min, max;
    const char *missing; /* code when it must be there and is not */
    const char *bad;     /* code of a wrong value; NULL: the code of lib/json/field.h */
    const char *label, *question, *source;
};

extern const struct justification_field justification_fields[];
extern const size_t justification_field_count;

/* The row of a pattern (`*` for indexes); NULL when the record has no such member. */
const struct justification_field *justification_field_find(const char *pattern);

/* What decides which rows must be there. */
struct justification_facts {
    enum justification_tier tier;
    enum outcome outcome;    /* OUTCOME_COUNT: not known yet */
    enum harm harm;          /* HARM_COUNT: not known yet */
    enum ground_kind ground; /* GROUND_KIND_COUNT: not known yet */
    bool was_restriction;    /* of an appeal: the decision under appeal is one */
};

/* WITH_PARENT and OPTIONAL are never required by this. */
bool justification_field_required(const struct justification_field *field,
                                  const struct justification_facts *facts);

/* Rabat applies: a restriction on law or terms for a harm of incitement or hatred. */
bool justification_facts_rabat(const struct justification_facts *facts);

/* The tier the outcome and the case ask for, without any claim. */
enum justification_tier justification_tier_of(enum outcome outcome, bool shares_lists,
                                              const struct justification_context *context);

enum {
    RABAT_CONTEXT,
    RABAT_SPEAKER,
    RABAT_INTENT,
    RABAT_CONTENT_FORM,
    RABAT_EXTENT,
    RABAT_LIKELIHOOD,
    RABAT_COUNT
};
extern const char *const rabat_words[RABAT_COUNT];
enum { EXEMPTION_NOT_PRESENT, EXEMPTION_PRESENT_NOT_MET, EXEMPTION_MET, EXEMPTION_STATE_COUNT };
extern const char *const exemption_state_words[EXEMPTION_STATE_COUNT];
enum { LINK_DIRECT_IMMEDIATE, LINK_DIRECT_NOT_IMMEDIATE, LINK_INDIRECT, LINK_NONE, LINK_COUNT };
extern const char *const link_words[LINK_COUNT];
enum { SEVERITY_CRIMINAL, SEVERITY_CIVIL, SEVERITY_CONCERN, SEVERITY_TIER_COUNT };
extern const char *const severity_tier_words[SEVERITY_TIER_COUNT];

/* The table as the lines of a Markdown table, for record.md. */
int justification_markdown(struct buf *out);

#endif
