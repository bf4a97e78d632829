/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_PDQ_H
#define RAPPORTEUR_LIB_MATCH_PDQ_H

/*
 * PDQ picture hashes: 256 bits, compared by how many bits differ. 31 is the distance of its
 * authors' tools. The index finds every stored hash within a distance, never fewer: planes   the
 * first 128 bits of all hashes beside one another, compared one by one; the rest only where those
 * do not already differ too much. Any distance; the way for small lists. bands    multi-index
 * hashing (Norouzi, Punjani, Fleet 2012): 16 bands of 16 bits. Within distance 31 one band differs
 * in at most one bit, so 16 x 17 buckets hold every neighbour; beside each number in a bucket stand
 * 128 bits of its hash, so that most are passed over without another cache miss. 352 bytes a hash.
 * pdq_index_build counts the buckets first, as the stored hashes themselves load them, and takes
 * bands only where they are expected to cost less than half of the planes: real lists hold many
 * near duplicates, which fill some buckets far more than random hashes would. Source:
 * ThreatExchange, hashing/hashing.pdf.
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"

#include <stdint.h>

enum { PDQ_HEX_LEN = 64, PDQ_MAX_DISTANCE = 31 };

struct pdq {
    uint64_t word[4];
};

bool pdq_read(struct pdq *ret, struct span hex);
int pdq_distance(const struct pdq *a, const struct pdq *b);

struct pdq_index;

enum pdq_way { PDQ_BY_LOAD, PDQ_PLANES, PDQ_BANDS };

/* Copies the hashes. 0 or -ENOMEM. */
int pdq_index_build(struct pdq_index **ret, const struct pdq *hashes, uint32_t count,
                    enum pdq_way way);
struct pdq_index *pdq_index_free(struct pdq_index *index);
DEFINE_CLEANUP(struct pdq_index *, pdq_index_free);

enum pdq_way pdq_index_way(const struct pdq_index *index);
size_t pdq_index_bytes(const struct pdq_index *index);
/* Candidates a stored hash meets on average, over all its buckets; 0 when it was not measured. */
double pdq_index_load(const struct pdq_index *index);

/* Calls found(arg, i, distance) once for each stored hash within `distance` (0-31), in an order
 * that depends on the index only. */
void pdq_index_find(const struct pdq_index *index, const struct pdq *query, int distance,
                    void (*found)(void *arg, uint32_t i, int distance), void *arg);

#endif
