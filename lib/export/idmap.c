/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/idmap.h"

#include "lib/base/digest.h"

#include <errno.h>
#include <stdlib.h>

struct slot {
    uint64_t key; /* 0: free */
    uint32_t index;
};

struct idmap {
    struct slot *slots;
    uint32_t size, count, max; /* size: a power of two */
};

enum { FIRST_SIZE = 1024 };

struct idmap *idmap_new(uint32_t max)
{
    struct idmap *map = calloc(1, sizeof(*map));

    if (map) {
        map->slots = calloc(FIRST_SIZE, sizeof(*map->slots));
        map->size = FIRST_SIZE;
        map->max = max;
    }
    return map && map->slots ? map : idmap_free(map);
}

struct idmap *idmap_free(struct idmap *map)
{
    if (map) {
        free(map->slots);
        free(map);
    }
    return NULL;
}

static uint64_t key_of(struct span id)
{
    uint8_t digest[SHA256_LEN];
    uint64_t key;

    sha256_of(id.ptr, id.len, digest);
    memcpy(&key, digest, sizeof(key));
    return key ? key : 1;
}

static struct slot *slot_of(struct slot *slots, uint32_t size, uint64_t key)
{
    uint32_t at = (uint32_t)key & (size - 1);

    while (slots[at].key && slots[at].key != key) {
        at = (at + 1) & (size - 1);
    }
    return &slots[at];
}

static int grow(struct idmap *map)
{
    struct slot *wider = calloc((size_t)map->size * 2, sizeof(*wider));

    if (!wider) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < map->size; i++) {
        if (map->slots[i].key) {
            *slot_of(wider, map->size * 2, map->slots[i].key) = map->slots[i];
        }
    }
    free(map->slots);
    map->slots = wider;
    map->size *= 2;
    return 0;
}

int idmap_put(struct idmap *map, struct span id, uint32_t *ret_index)
{
    uint64_t key = key_of(id);
    struct slot *slot = slot_of(map->slots, map->size, key);

    if (slot->key) {
        *ret_index = slot->index;
        return 0;
    }
    if (map->count == map->max) {
        return IDMAP_FULL;
    }
    if (map->count + map->count / 2 >= map->size) {
        int r = grow(map);

        if (r) {
            return r;
        }
        slot = slot_of(map->slots, map->size, key);
    }
    *slot = (struct slot){key, map->count};
    *ret_index = map->count++;
    return IDMAP_NEW;
}

int64_t idmap_find(const struct idmap *map, struct span id)
{
    const struct slot *slot = slot_of(map->slots, map->size, key_of(id));

    return slot->key ? (int64_t)slot->index : -1;
}

uint32_t idmap_count(const struct idmap *map)
{
    return map->count;
}
