/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_GRAM_H
#define RAPPORTEUR_LIB_MATCH_GRAM_H

/*
 * Many strings looked for at once, anywhere in a text. Of each string the rarest four bytes in a
 * row are hashed; a bit per hash says whether to look closer, and closer means the eight bytes from
 * there on, then the whole string. Strings of two and three bytes have a table of their own. Good
 * for some 100,000 strings; with a million, ordinary text meets too many of the bits.
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"

#include <stdint.h>

enum { GRAM_PAD = 16, GRAM_MIN = 2, GRAM_MAX = 65535 };

struct gram_string {
    struct span text; /* GRAM_MIN to GRAM_MAX bytes, copied */
    uint32_t value;   /* what the finder is told; several strings may have the same */
};

struct gram;

/* 0 or -ENOMEM. */
int gram_build(struct gram **ret, const struct gram_string *strings, size_t count);
struct gram *gram_free(struct gram *gram);
DEFINE_CLEANUP(struct gram *, gram_free);
size_t gram_bytes(const struct gram *gram);

/* Calls found for every occurrence, in text order. GRAM_PAD bytes behind the text may be read. */
void gram_scan(const struct gram *gram, struct span text,
               void (*found)(void *arg, uint32_t value, size_t start, size_t len), void *arg);

#endif
