/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_SUGGEST_H
#define RAPPORTEUR_LIB_CEL_SUGGEST_H

/* "Did you mean": the nearest of many names, at most two edits away. Zero it before use. */

#include "lib/base/span.h"

struct cel_suggest {
    struct span best;
    unsigned distance;             /* + 1; 0: none yet */
};

void cel_suggest_offer(struct cel_suggest *suggest, struct span wanted, struct span offered);

enum { CEL_SUGGEST_TEXT_MAX = 80 };

/* "; did you mean 'x'?" or "". Returns `into`. */
const char *cel_suggest_text(const struct cel_suggest *suggest, char into[CEL_SUGGEST_TEXT_MAX]);

#endif
