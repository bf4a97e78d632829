/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/wilson.h"

#include <math.h>

struct wilson wilson_95(uint64_t hits, uint64_t total)
{
    const double z = 1.959963984540054; /* 97.5 % of the standard normal */
    double n = (double)total, p, middle, half, scale;

    if (total == 0) {
        return (struct wilson){0, 0, 1};
    }
    p = (double)hits / n;
    scale = 1 + z * z / n;
    middle = (p + z * z / (2 * n)) / scale;
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale;
    /* At the ends the formula gives 0 and 1 but for rounding. */
    return (struct wilson){p, hits == 0 || half > middle ? 0 : middle - half,
                           hits == total || middle + half > 1 ? 1 : middle + half};
}
