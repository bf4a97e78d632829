/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_EXACT_H
#define RAPPORTEUR_LIB_MATCH_EXACT_H

/*
 * Exact digests of one width (SHA-256: 32 bytes, SHA-1: 20, MD5: 16) with their refs: sorted, with
 * a cache line of short marks for each run of keys that share their leading bits. All of it is one
 * block of bytes without pointers, in the byte order of the machine, so it can be written to a file
 * and mapped again: exact_set_image, exact_set_open.
 *     r = exact_set_build(&set, SHA256_LEN, &feed);
 *     found = exact_set_find(set, key, &count);       refs of all entries with that key, or NULL
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"

#include <stdint.h>

struct exact_set;

/* Where keys come from; it is read twice, in the same order. */
struct exact_feed {
    void *arg;
    void (*rewind)(void *arg);
    /* Writes the key (up to 32 bytes) and its ref; false at the end. */
    bool (*next)(void *arg, uint8_t key[32], uint32_t *ret_ref);
};

/* 0 or -ENOMEM; no more than 2^32 - 2 keys. */
int exact_set_build(struct exact_set **ret, size_t width, const struct exact_feed *feed);
/* Borrows the image, which must outlive the set and be aligned to 64. 0, -EINVAL when it is not a
 * whole image of that width (its keys are not read), or -ENOMEM. */
int exact_set_open(struct exact_set **ret, size_t width, struct span image);
struct exact_set *exact_set_free(struct exact_set *set);
DEFINE_CLEANUP(struct exact_set *, exact_set_free);

struct span exact_set_image(const struct exact_set *set);
size_t exact_set_count(const struct exact_set *set);

/* Asks for the memory that exact_set_find will read first: for callers with several keys. */
void exact_set_touch(const struct exact_set *set, const uint8_t *key);

/* The refs, ascending, of every entry with that key; NULL when there is none. */
const uint32_t *exact_set_find(const struct exact_set *set, const uint8_t *key, size_t *ret_count);

#endif
