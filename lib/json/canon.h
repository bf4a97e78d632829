/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_JSON_CANON_H
#define RAPPORTEUR_LIB_JSON_CANON_H

/*
 * Canonical JSON (RFC 8785): members sorted by UTF-16 code units, no white space, shortest escapes,
 * numbers as ECMAScript writes them. Integers beyond 2^53 are refused, since readers of doubles
 * would see others; so are NaN and infinity.
 *     r = json_canon(out, value);       0, FAULT (a number that has no canonical form), BUF_FULL, -ENOMEM
 */

#include "lib/base/buf.h"

#include <jansson.h>

int json_canon(struct buf *out, const json_t *value) NODISCARD;

/* Appends one string with its quotes, escaped as RFC 8785 says. `text` must be valid UTF-8. */
int json_canon_string(struct buf *out, struct span text);

#endif
