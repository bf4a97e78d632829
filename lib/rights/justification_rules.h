/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RIGHTS_JUSTIFICATION_RULES_H
#define RAPPORTEUR_LIB_RIGHTS_JUSTIFICATION_RULES_H

/*
 * Inside of the check: the state of one check, and the rules of coherence that no single row of the
 * table can say. Each rule reads what is there and leaves what is missing to the table.
 */

#include "lib/base/attr.h"
#include "lib/rights/justification_field.h"

struct justification_checker {
    const json_t *record;
    const struct justification_context *context;
    struct justification_facts facts;
    struct justification_check_result *result;
    struct faults *faults;
};

/* Adds a fault whose sentence ends with the clause that the code serves. */
void checker_fault(struct justification_checker *c, const char *code, const char *pointer,
                   const char *format, ...) PRINTF(4, 5);

/* The value at a pointer without `*`; NULL when absent, null, or an unwritten text of a draft. */
const json_t *checker_get(const struct justification_checker *c, const char *pointer);
/* Its text; empty when absent or no string. */
struct span checker_text(const struct justification_checker *c, const char *pointer);
/* The index of a word at a pointer; -1. */
int checker_word(const struct justification_checker *c, const char *pointer,
                 const char *const words[], size_t count);
/* A date or time at a pointer. */
bool checker_time(const struct justification_checker *c, const char *pointer, int64_t *ret_ms);

/* The state of one exemption in the record, -1 when it says nothing of it. */
int checker_exemption(const struct justification_checker *c, enum exemption exemption);

/* ICCPR 19(3), Rabat, exemptions (justification_rules.c). */
void justification_rules_rights(struct justification_checker *c);
/* Tier, language, touched, second person, evidence, notice, appeal (justification_state.c). */
void justification_rules_state(struct justification_checker *c);

/* Blank, or one word again and again. */
bool text_is_empty(struct span text);
/* Code points; bytes that are no UTF-8 count one each. */
size_t text_length(struct span text);
/* Nine tenths of the longer text can be had from the other: edit distance <= 10 % of its bytes. */
bool text_is_copied(struct span text, struct span original);

#endif
