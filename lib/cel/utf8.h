/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_UTF8_H
#define RAPPORTEUR_LIB_CEL_UTF8_H

/*
 * UTF-8 (RFC 3629) as this library counts it: one code point a step, and one byte a step where the
 * bytes are broken, so that any host text can be walked safely. Strings made in here are valid.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { CEL_UTF8_MAX = 4 };

/* Bytes of the code point at ptr, 1 where broken; *ret_point is U+FFFD then. len > 0. */
size_t cel_utf8_next(const char *ptr, size_t len, uint32_t *ret_point);
/* Writes the code point (no surrogate, at most U+10FFFF); returns the bytes. */
size_t cel_utf8_put(uint32_t point, char into[CEL_UTF8_MAX]);
/* Code points in the text. */
size_t cel_utf8_count(struct span text);
/* The byte offset of the code point number `points`; text.len past the end. */
size_t cel_utf8_offset(struct span text, size_t points);
bool cel_utf8_valid(struct span text);

#endif
