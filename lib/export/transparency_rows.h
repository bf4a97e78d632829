/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_EXPORT_TRANSPARENCY_ROWS_H
#define RAPPORTEUR_LIB_EXPORT_TRANSPARENCY_ROWS_H

/*
 * The rows of the EU templates: seventeen categories with their keywords, in template order. A leaf
 * is what is counted: a keyword of a category, or a category without keywords. A category is the
 * sum of its leaves, TOTAL the sum of all rows of the part.
 */

#include "lib/rights/taxonomy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum row_part { ROWS_ORDERS = 3, ROWS_NOTICES = 4, ROWS_LAW = 5, ROWS_TERMS = 6 };
enum { LEAF_COUNT = 84 };

struct template_row {
    const char *name;   /* TOTAL, STATEMENT_CATEGORY_..., KEYWORD_... */
    const char *other;  /* description of an "other" sub-category that we use, else "" */
    uint8_t first, end; /* the leaves it sums up */
};

/* The rows of a part, TOTAL first; NULL past the end. */
const struct template_row *template_row_at(enum row_part part, size_t i);

/* The leaf that a harm counts as in a part. */
uint8_t template_leaf(enum row_part part, enum harm harm);

#endif
