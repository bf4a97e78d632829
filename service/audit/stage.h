/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_STAGE_H
#define RAPPORTEUR_SERVICE_AUDIT_STAGE_H

/*
 * The staging file of one step: every tile and bundle that the step writes, with its name, in one
 * file, so that a step interrupted anywhere after its commit can be done again.
 *     rapporteur staging v1 LF, then for each file: <path> <length> LF <bytes>
 */

#include "lib/audit/merkle.h"
#include "lib/audit/tile.h"
#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "service/audit/source.h"

#include <stdbool.h>

enum { STAGE_MAX_BYTES = 96 << 20 };

/* Begins an empty one in `out`. */
int stage_start(struct buf *out);
int stage_add(struct buf *out, const struct tile *tile, struct span bytes);

/* Where a walk is. */
struct stage_walk {
    struct span rest;
    struct tile tile;
    char path[TILE_PATH_MAX];
    struct span bytes;
};

/* False where the first line is another. */
bool stage_open(struct stage_walk *walk, struct span staging);
/* 0 and the next file; 1 at the end; -1 where the form is broken. */
int stage_next(struct stage_walk *walk);

/* Hashes again, from the bytes that are about to be written: the bundles hold the batch's entries
 * byte for byte, the tiles their leaf hashes, and the tree before them plus these leaves has
 * `root`. FAULT with code SEQUENCER_MISMATCH where anything differs: memory is faulty, nothing may
 * be signed. */
int stage_check(struct span staging, const struct merkle_stack *before,
                const struct audit_batch *batch, const struct hash *root,
                struct fault *why) NODISCARD;

#endif
