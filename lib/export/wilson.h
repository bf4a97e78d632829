/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_EXPORT_WILSON_H
#define RAPPORTEUR_LIB_EXPORT_WILSON_H

/*
 * A share with its 95 % Wilson score interval: honest for small counts, where "2 of 3" says little.
 *     struct wilson w = wilson_95(3, 200);    0.015, from 0.0051 to 0.0432
 * Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
 */

#include <stdint.h>

struct wilson {
    double share, low, high; /* all in 0..1; 0, 0, 1 when nothing was counted */
};

/* hits <= total. */
struct wilson wilson_95(uint64_t hits, uint64_t total);

#endif
