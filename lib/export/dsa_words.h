/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_EXPORT_DSA_WORDS_H
#define RAPPORTEUR_LIB_EXPORT_DSA_WORDS_H

/*
 * The closed word lists of the DSA Transparency Database, schema of 1 July 2025. Keywords without
 * their prefix KEYWORD_, categories without STATEMENT_CATEGORY_. DANGEROUS_TOYS and
 * NOT_SPECIFIED_ORDER exist over there, but the statement interface refuses them: so do we.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum { DSA_CATEGORY_COUNT = 16, DSA_KEYWORD_COUNT = 69 };
extern const char *const dsa_categories[DSA_CATEGORY_COUNT];
extern const char *const dsa_keywords[DSA_KEYWORD_COUNT];

bool dsa_is_category(struct span word); /* with its prefix */
bool dsa_is_keyword(struct span word);  /* with its prefix */
/* Two upper-case letters of ISO 639-1. */
bool dsa_is_language(struct span code);

#endif
