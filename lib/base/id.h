/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_BASE_ID_H
#define RAPPORTEUR_LIB_BASE_ID_H

/*
 * Identifiers: a three-letter kind, '_' and a UUIDv7 (RFC 9562) in lower case, for example
 *     rpt_01936f2e-7c00-7000-8a3b-5c1d2e3f4a5b
 * The 12 bits of rand_a hold the shard number, so any id leads to its shard; 62 bits stay random.
 * Time and random bytes are arguments: nothing here reads a clock.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { ID_LEN = 40, ID_SHARD_MAX = 4095, ID_RANDOM_LEN = 8 };

struct id {
    char text[ID_LEN + 1];
};

/* `kind` is three lower-case letters; shard <= ID_SHARD_MAX; unix_ms < 2^48. */
struct id id_make(const char kind[4], int64_t unix_ms, unsigned shard, const uint8_t random[ID_RANDOM_LEN]);

/* True for a well-formed id of that kind; *ret_shard and *ret_ms may be NULL. */
bool id_read(struct span text, const char kind[4], unsigned *ret_shard, int64_t *ret_ms);

#endif
