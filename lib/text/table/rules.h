/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_TEXT_TABLE_RULES_H
#define RAPPORTEUR_LIB_TEXT_TABLE_RULES_H

/*
 * What each code point becomes, decided with ICU's data. Used at build time only. Any ICU failure
 * ends the program: a table is whole or is not there.
 */

#include <stdbool.h>
#include <stdint.h>

enum { RULE_MAX = 32 };

/* A few code points. */
struct codes {
    int count;
    uint32_t at[RULE_MAX];
};

void rules_open(void);
void rules_close(void);
const char *rules_unicode_version(void);

bool is_surrogate(uint32_t cp);
/* Property bits of lib/text/property.h. */
unsigned rule_property(uint32_t cp);
unsigned rule_class(uint32_t cp);
/* Vanishes wherever it stands. */
bool rule_dropped(uint32_t cp);
/* May join the code point before it into one. */
bool rule_joins_before(uint32_t cp);
/* What the code point becomes when it stands alone. */
struct codes rule_normalised(uint32_t cp);
/* Its full case-folded compatibility decomposition without dropped code points. */
struct codes rule_decomposed(uint32_t cp);
/* What a normalised code point becomes in the confusable form. */
struct codes rule_confusable(uint32_t cp);
/* The canonical pair that composes into cp. */
bool rule_pair(uint32_t cp, uint32_t *ret_first, uint32_t *ret_second);

#endif
