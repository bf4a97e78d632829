/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { ALIGN = 16, FIRST_BLOCK = 4096 };

struct block {
    struct block *next;
    size_t cap, used;
    _Alignas(ALIGN) char bytes[];
};

struct arena {
    struct block *first, *current;
    size_t max, held;               /* bytes of all blocks */
    size_t used;
};

struct arena *arena_new(size_t max_bytes)
{
    struct arena *arena = calloc(1, sizeof(*arena));

    if (arena) {
        arena->max = max_bytes;
    }
    return arena;
}

struct arena *arena_free(struct arena *arena)
{
    if (arena) {
        struct block *block = arena->first;

        while (block) {
            struct block *next = block->next;

            free(block);
            block = next;
        }
        free(arena);
    }
    return NULL;
}

/* The next block with room for `need`: one kept from before the reset, or a new one. */
static struct block *next_block(struct arena *arena, size_t need)
{
    struct block **link = arena->current ? &arena->current->next : &arena->first;
    struct block *block = *link;
    size_t cap;

    if (block && block->cap >= need) {
        block->used = 0;
        return block;
    }
    cap = arena->current ? arena->current->cap * 2 : FIRST_BLOCK;
    if (cap < need) {
        cap = need;
    }
    if (cap > arena->max - arena->held) {
        cap = arena->max - arena->held;
    }
    if (cap < need) {
        return NULL;
    }
    block = malloc(sizeof(*block) + cap);
    if (!block) {
        return NULL;
    }
    *block = (struct block){.next = *link, .cap = cap};
    *link = block;
    arena->held += cap;
    return block;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    struct block *block = arena->current;
    size_t need;
    void *room;

    if (bytes > SIZE_MAX - ALIGN) {
        return NULL;
    }
    need = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (need == 0) {
        need = ALIGN;
    }
    if (need > arena->max - arena->used) {
        return NULL;
    }
    if (!block || block->cap - block->used < need) {
        block = next_block(arena, need);
        if (!block) {
            return NULL;
        }
        arena->current = block;
    }
    room = block->bytes + block->used;
    block->used += need;
    arena->used += need;
    memset(room, 0, need);
    return room;
}

void *arena_array(struct arena *arena, size_t count, size_t bytes_each)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, bytes_each, &bytes)) {
        return NULL;
    }
    return arena_alloc(arena, bytes);
}

struct span arena_copy(struct arena *arena, struct span bytes)
{
    char *copy = bytes.len < SIZE_MAX ? arena_alloc(arena, bytes.len + 1) : NULL;

    if (!copy) {
        return (struct span){NULL, 0};
    }
    if (bytes.len) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    return (struct span){copy, bytes.len};
}

void arena_reset(struct arena *arena)
{
    arena->current = arena->first;
    if (arena->first) {
        arena->first->used = 0;
    }
    arena->used = 0;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
