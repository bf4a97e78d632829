/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_BASE_ARENA_H
#define RAPPORTEUR_LIB_BASE_ARENA_H

/*
 * Many small objects with one end of life. Memory comes in growing blocks up to a ceiling; reset
 * keeps the blocks for the next round, so a warm arena does not call malloc.
 *     void *node = arena_alloc(arena, sizeof(*node));   zeroed, aligned to 16; NULL past the ceiling
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"

struct arena;

struct arena *arena_new(size_t max_bytes);
struct arena *arena_free(struct arena *arena);
DEFINE_CLEANUP(struct arena *, arena_free);

void *arena_alloc(struct arena *arena, size_t bytes) NODISCARD;

/* Zeroed room for count elements; NULL on overflow or past the ceiling. */
void *arena_array(struct arena *arena, size_t count, size_t bytes_each) NODISCARD;

/* A NUL-terminated copy; ptr NULL on failure. */
struct span arena_copy(struct arena *arena, struct span bytes) NODISCARD;

/* Makes everything handed out invalid; keeps the blocks. */
void arena_reset(struct arena *arena);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

#endif
