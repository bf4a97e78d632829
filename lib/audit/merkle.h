/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_MERKLE_H
#define RAPPORTEUR_LIB_AUDIT_MERKLE_H

/*
 * The Merkle tree of RFC 6962 section 2.1: leaf SHA-256(0x00 || entry), node SHA-256(0x01 || left
 * || right), odd nodes not duplicated, root of nothing SHA-256(""). Pure functions of hashes.
 *
 * A node has coordinates (level, index): it is the root of the 2^level leaves from index * 2^level
 * on, all of them present. Every other subtree is folded from such nodes.
 *     struct merkle_stack tree = {0};
 *     merkle_leaf(entry, hash);  merkle_push(&tree, hash);  merkle_root(&tree, root);
 */

#include "lib/base/attr.h"
#include "lib/base/digest.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { MERKLE_MAX_DEPTH = 64, MERKLE_MAX_PROOF = 64 };

struct hash {
    uint8_t bytes[SHA256_LEN];
};

struct hash merkle_leaf(struct span entry);
struct hash merkle_node(const struct hash *left, const struct hash *right);
/* SHA-256 of nothing. */
struct hash merkle_empty(void);
bool hash_equal(const struct hash *a, const struct hash *b);

/* The right edge of a growing tree: the roots of its perfect subtrees, largest first. A plain
 * value; zero it to start from nothing. Appending costs two hashes on average. */
struct merkle_stack {
    uint64_t size;
    struct hash roots[MERKLE_MAX_DEPTH]; /* one for each set bit of size */
};

void merkle_push(struct merkle_stack *tree, const struct hash *leaf);
struct hash merkle_root(const struct merkle_stack *tree);

/* Gives node (level, index); 0 or negative errno or FAULT, which the caller below passes on. */
typedef int merkle_node_get(void *arg, unsigned level, uint64_t index, struct hash *ret);

/* The root of the first `size` leaves, from at most 64 nodes. */
int merkle_root_at(uint64_t size, merkle_node_get *get, void *arg, struct hash *ret) NODISCARD;

/* The audit path of leaf `index` in the tree of `size` (RFC 6962 2.1.1), leaf to root. index <
 * size. Writes at most MERKLE_MAX_PROOF hashes. */
int merkle_prove_inclusion(uint64_t index, uint64_t size, merkle_node_get *get, void *arg,
                           struct hash ret[MERKLE_MAX_PROOF], size_t *ret_count) NODISCARD;
/* The consistency proof from `old` to `size` (RFC 6962 2.1.2); empty for old 0 and old == size. */
int merkle_prove_consistency(uint64_t old, uint64_t size, merkle_node_get *get, void *arg,
                             struct hash ret[MERKLE_MAX_PROOF], size_t *ret_count) NODISCARD;

/* True when the proof shows that `leaf` is at `index` of the tree with that size and root. */
bool merkle_check_inclusion(uint64_t index, uint64_t size, const struct hash *leaf,
                            const struct hash *root, const struct hash *proof, size_t count);
/* True when the proof shows that the first `old` leaves of the new tree are the old tree. */
bool merkle_check_consistency(uint64_t old, uint64_t size, const struct hash *old_root,
                              const struct hash *root, const struct hash *proof, size_t count);

#endif
