/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_TLSH_H
#define RAPPORTEUR_LIB_MATCH_TLSH_H

/*
 * TLSH digests of text and documents, compared as the paper says but without the length term: an
 * excerpt stays near its source. 72 characters: "T1", then checksum, length, the two quartile
 * ratios (one byte each) and 128 buckets of two bits, in hex; without "T1" it is the older
 * 70-character form of the same digest. Distance: one for another checksum; for each quartile ratio
 * the difference modulo 16, of which what is past one counts twelvefold; for each bucket the
 * difference of its two bits, three counting six. Source: Oliver, Cheng, Chen, "TLSH - A Locality
 * Sensitive Hash", 2013.
 */

#include "lib/base/span.h"

#include <stdint.h>

struct tlsh {
    uint64_t high[2], low[2]; /* the upper and lower bit of each bucket */
    uint8_t checksum, ratios;
};

bool tlsh_read(struct tlsh *ret, struct span hex);
int tlsh_distance(const struct tlsh *a, const struct tlsh *b);
/* The part of the distance that the ratios alone give; no less is possible. */
int tlsh_ratio_distance(uint8_t a, uint8_t b);

#endif
