/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_PICTURES_H
#define RAPPORTEUR_SERVICE_API_PICTURES_H

/*
 * The picture hashes of all shards as this worker last read them: asked for more each time somebody looks for near
 * ones, so nobody pays who does not. Compared one by one: 200,000 take under a millisecond. The newest
 * PICTURES_MAX of a shard; what was erased since it was read is found once more, and the store then says it is gone.
 */

#include "lib/base/id.h"
#include "lib/match/pdq.h"
#include "service/store/store.h"

enum { PICTURES_MAX = 200000 };

struct pictures;

/* Borrows the store. NULL without memory. */
struct pictures *pictures_new(struct store *store);
struct pictures *pictures_free(struct pictures *pictures);

/* Reads what is new in shard `shard`, then calls done(arg, STORE_OK), or another outcome. False without memory. */
bool pictures_refresh(struct pictures *pictures, unsigned shard, void (*done)(void *arg, enum store_outcome outcome),
                      void *arg);

struct pictures_near {
    char case_id[ID_LEN + 1];
    int distance;
};
/* The cases of `shard` with a picture within PDQ_MAX_DISTANCE of one of `hashes`, each once with its least distance,
 * newest first, `max` at most. Returns how many. */
size_t pictures_find(const struct pictures *pictures, unsigned shard, const struct pdq *hashes, size_t count,
                     struct pictures_near *ret, size_t max);

#endif
