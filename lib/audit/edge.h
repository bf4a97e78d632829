/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_EDGE_H
#define RAPPORTEUR_LIB_AUDIT_EDGE_H

/*
 * The right edge of a log: all that is needed to append to it, whatever its size - the open entry
 * bundle, the open tile of each level and the tree's stack. Appending produces files; the edge only
 * says their names and bytes.
 *     edge_append(edge, entry, put, arg);     calls put for each tile and bundle that became full
 *     edge_partials(edge, put, arg);          calls put for every partial one at this size
 *     struct hash root = merkle_root(edge_tree(edge));
 */

#include "lib/audit/merkle.h"
#include "lib/audit/tile.h"
#include "lib/base/attr.h"
#include "lib/base/fault.h"

struct edge;

/* Takes one file; 0 or an error that edge_append and edge_partials pass on. Bytes are borrowed for
 * the call. */
typedef int edge_put(void *arg, const struct tile *tile, struct span bytes);

struct edge *edge_new(void);
struct edge *edge_free(struct edge *edge);
DEFINE_CLEANUP(struct edge *, edge_free);

const struct merkle_stack *edge_tree(const struct edge *edge);

/* -EMSGSIZE for an entry over 65535 bytes. After an error the edge is no longer usable. */
int edge_append(struct edge *edge, struct span entry, edge_put *put, void *arg) NODISCARD;
int edge_partials(const struct edge *edge, edge_put *put, void *arg) NODISCARD;

/* Gives the bytes of one file of the log as they are now; borrowed until the next call. */
typedef int edge_get(void *arg, const struct tile *tile, struct span *ret);

/* The edge of a log of `size` entries, read from its partial tiles and the full ones above them,
 * and checked: every open tile agrees with the level below it, the open bundle with its leaf
 * hashes, the last full bundle with its tile, and all with `root`. Codes: EDGE_TILE, EDGE_BUNDLE,
 * EDGE_ROOT (place: the file), beside what get returns. */
int edge_load(struct edge **ret, uint64_t size, const struct hash *root, edge_get *get, void *arg,
              struct fault *why) NODISCARD;

#endif
