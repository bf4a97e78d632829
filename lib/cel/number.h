/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_NUMBER_H
#define RAPPORTEUR_LIB_CEL_NUMBER_H

/*
 * Numbers as text and back, the same in every locale setting the process may have.
 * A double is written with the fewest digits that read back as the same value, without an exponent
 * between 1e-4 and 1e21; NaN, Infinity, -Infinity.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { CEL_DOUBLE_TEXT_MAX = 48 };

/* NUL-terminated; returns the length. */
size_t cel_double_text(double d, char into[CEL_DOUBLE_TEXT_MAX]);

/* Sign, digits, fraction, exponent, or NaN, Inf, Infinity with a sign in any case; nothing else and
 * no spaces. False when it is not a number or overflows. */
bool cel_read_double(struct span text, double *ret);

/* Decimal digits with an optional sign. False on anything else or overflow. */
bool cel_read_int(struct span text, int64_t *ret);
bool cel_read_uint(struct span text, uint64_t *ret);

/* Digits of a base (10 or 16), at least one. */
bool cel_read_digits(struct span digits, unsigned base, uint64_t *ret);

#endif
