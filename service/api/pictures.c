/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/pictures.h"

#include <stdlib.h>
#include <string.h>

struct picture {
    struct pdq hash;
    char case_id[ID_LEN];               /* zeros: erased */
};

struct shard {
    struct picture *list;
    size_t count, cap;
    int64_t next;
};

/* One reading; several may be under way, and what one of them added already is passed over by the others. */
struct reading {
    struct pictures *pictures;
    unsigned shard;
    void (*done)(void *arg, enum store_outcome outcome);
    void *arg;
    struct reading *link;               /* of those under way, so that none outlives us */
};

struct pictures {
    struct store *store;
    struct shard *shards;
    unsigned shard_count;
    struct reading *under_way;
};

struct pictures *pictures_new(struct store *store)
{
    struct pictures *pictures = calloc(1, sizeof(*pictures));

    if (pictures) {
        pictures->store = store;
        pictures->shard_count = store_shards(store);
        pictures->shards = calloc(pictures->shard_count, sizeof(*pictures->shards));
    }
    return pictures && pictures->shards ? pictures : pictures_free(pictures);
}

struct pictures *pictures_free(struct pictures *pictures)
{
    for (unsigned i = 0; pictures && pictures->shards && i < pictures->shard_count; i++) {
        free(pictures->shards[i].list);
    }
    while (pictures && pictures->under_way) {
        struct reading *reading = pictures->under_way;

        pictures->under_way = reading->link;
        free(reading);
    }
    if (pictures) {
        free(pictures->shards);
        free(pictures);
    }
    return NULL;
}

/* Room for `more`; the older half goes when there are too many. */
static bool make_room(struct shard *shard, size_t more)
{
    size_t cap = shard->cap ? shard->cap : 1024;
    struct picture *list;

    if (shard->count + more > PICTURES_MAX && shard->count > PICTURES_MAX / 2) {
        size_t kept = PICTURES_MAX / 2;

        memmove(shard->list, shard->list + shard->count - kept, kept * sizeof(*shard->list));
        shard->count = kept;
    }
    while (cap < shard->count + more) {
        cap *= 2;
    }
    list = cap > shard->cap ? realloc(shard->list, cap * sizeof(*list)) : shard->list;
    if (!list) {
        return false;
    }
    shard->list = list;
    shard->cap = cap;
    return true;
}

static bool add_all(struct shard *shard, const struct store_pictures *from)
{
    size_t count = from->bytes.len / STORE_PICTURE_LEN;

    if (!make_room(shard, count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *one = from->bytes.ptr + i * STORE_PICTURE_LEN;
        struct picture *picture = &shard->list[shard->count];

        if (from->first + (int64_t)i >= shard->next) {
            memcpy(&picture->hash, one, sizeof(picture->hash));
            memcpy(picture->case_id, one + STORE_PICTURE_HASH_LEN, ID_LEN);
            shard->count++;
        }
    }
    if (from->first + (int64_t)count > shard->next) {
        shard->next = from->first + (int64_t)count;
    }
    return true;
}

static void finish(struct reading *reading, enum store_outcome outcome)
{
    struct reading **at = &reading->pictures->under_way;
    void (*done)(void *arg, enum store_outcome outcome) = reading->done;
    void *arg = reading->arg;

    while (*at != reading) {
        at = &(*at)->link;
    }
    *at = reading->link;
    free(reading);
    done(arg, outcome);
}

static bool ask(struct reading *reading);

static void got(void *arg, enum store_outcome outcome, const struct store_pictures *result)
{
    struct reading *reading = arg;
    struct shard *shard = &reading->pictures->shards[reading->shard];

    if (outcome == STORE_OK && !add_all(shard, result)) {
        outcome = STORE_BUSY;
    }
    if (outcome != STORE_OK || shard->next >= result->total || result->bytes.len == 0) {
        finish(reading, outcome);
    } else if (!ask(reading)) {
        finish(reading, STORE_BUSY);
    }
}

static bool ask(struct reading *reading)
{
    struct store_pictures_args args = {.shard = reading->shard, .from = reading->pictures->shards[reading->shard].next};

    return store_pictures(reading->pictures->store, &args, got, reading) != NULL;
}

bool pictures_refresh(struct pictures *pictures, unsigned shard, void (*done)(void *arg, enum store_outcome outcome),
                      void *arg)
{
    struct reading *reading = calloc(1, sizeof(*reading));

    if (!reading) {
        return false;
    }
    *reading = (struct reading){pictures, shard, done, arg, pictures->under_way};
    if (!ask(reading)) {
        free(reading);
        return false;
    }
    pictures->under_way = reading;
    return true;
}

static int least_distance(const struct pdq *hash, const struct pdq *hashes, size_t count)
{
    int least = PDQ_MAX_DISTANCE + 1;

    for (size_t i = 0; i < count; i++) {
        int distance = pdq_distance(hash, &hashes[i]);

        least = distance < least ? distance : least;
    }
    return least;
}

size_t pictures_find(const struct pictures *pictures, unsigned shard, const struct pdq *hashes, size_t count,
                     struct pictures_near *ret, size_t max)
{
    const struct shard *from = &pictures->shards[shard];
    size_t found = 0;

    for (size_t i = from->count; i-- > 0;) {
        const struct picture *picture = &from->list[i];
        int distance = least_distance(&picture->hash, hashes, count);
        size_t k = 0;

        if (distance > PDQ_MAX_DISTANCE || !picture->case_id[0]) {
            continue;
        }
        while (k < found && memcmp(ret[k].case_id, picture->case_id, ID_LEN) != 0) {
            k++;
        }
        if (k == found && found < max) {
            memcpy(ret[k].case_id, picture->case_id, ID_LEN);
            ret[k].case_id[ID_LEN] = '\0';
            ret[k].distance = distance;
            found++;
        } else if (k < found && distance < ret[k].distance) {
            ret[k].distance = distance;
        }
    }
    return found;
}
