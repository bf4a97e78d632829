/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/merkle.h"

#include <assert.h>

struct hash merkle_leaf(struct span entry)
{
    struct sha256 h;
    struct hash ret;

    sha256_start(&h);
    sha256_add(&h, "\x00", 1);
    sha256_add(&h, entry.ptr, entry.len);
    sha256_end(&h, ret.bytes);
    return ret;
}

struct hash merkle_node(const struct hash *left, const struct hash *right)
{
    uint8_t both[1 + 2 * SHA256_LEN];
    struct hash ret;

    both[0] = 1;
    memcpy(both + 1, left->bytes, SHA256_LEN);
    memcpy(both + 1 + SHA256_LEN, right->bytes, SHA256_LEN);
    sha256_of(both, sizeof(both), ret.bytes);
    return ret;
}

struct hash merkle_empty(void)
{
    struct hash ret;

    sha256_of("", 0, ret.bytes);
    return ret;
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return memcmp(a->bytes, b->bytes, SHA256_LEN) == 0;
}

void merkle_push(struct merkle_stack *tree, const struct hash *leaf)
{
    unsigned at = (unsigned)__builtin_popcountll(tree->size);
    struct hash hash = *leaf;

    assert(tree->size < UINT64_MAX);
    for (uint64_t size = tree->size; size & 1; size >>= 1) {
        at--;
        hash = merkle_node(&tree->roots[at], &hash);
    }
    tree->roots[at] = hash;
    tree->size++;
}

struct hash merkle_root(const struct merkle_stack *tree)
{
    unsigned at = (unsigned)__builtin_popcountll(tree->size);
    struct hash hash;

    if (at == 0) {
        return merkle_empty();
    }
    hash = tree->roots[--at];
    while (at > 0) {
        at--;
        hash = merkle_node(&tree->roots[at], &hash);
    }
    return hash;
}

/* The largest power of two below n, as its exponent; n >= 2. */
static unsigned split_level(uint64_t n)
{
    return 63U - (unsigned)__builtin_clzll(n - 1);
}

/* The root of leaves from..from+count; `from` is a multiple of the power of two at or above count,
 * so each perfect part of it is a node. */
static int range_root(uint64_t from, uint64_t count, merkle_node_get *get, void *arg,
                      struct hash *ret)
{
    struct hash parts[MERKLE_MAX_DEPTH], hash;
    size_t used = 0;

    assert(count > 0);
    while (count > 0) {
        unsigned level = 63U - (unsigned)__builtin_clzll(count);
        int r = get(arg, level, from >> level, &parts[used]);

        if (r) {
            return r;
        }
        used++;
        from += UINT64_C(1) << level;
        count -= UINT64_C(1) << level;
    }
    hash = parts[--used];
    while (used > 0) {
        used--;
        hash = merkle_node(&parts[used], &hash);
    }
    *ret = hash;
    return 0;
}

int merkle_root_at(uint64_t size, merkle_node_get *get, void *arg, struct hash *ret)
{
    if (size == 0) {
        *ret = merkle_empty();
        return 0;
    }
    return range_root(0, size, get, arg, ret);
}

static void reverse(struct hash *list, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct hash other = list[i];

        list[i] = list[count - 1 - i];
        list[count - 1 - i] = other;
    }
}

int merkle_prove_inclusion(uint64_t index, uint64_t size, merkle_node_get *get, void *arg,
                           struct hash ret[MERKLE_MAX_PROOF], size_t *ret_count)
{
    uint64_t from = 0;
    size_t count = 0;

    assert(index < size);
    /* From the root down; the other half of each split is one hash of the path. */
    while (size > 1) {
        uint64_t half = UINT64_C(1) << split_level(size);
        bool left = index - from < half;
        int r = left ? range_root(from + half, size - half, get, arg, &ret[count])
                     : range_root(from, half, get, arg, &ret[count]);

        if (r) {
            return r;
        }
        count++;
        from = left ? from : from + half;
        size = left ? half : size - half;
    }
    reverse(ret, count);
    *ret_count = count;
    return 0;
}

int merkle_prove_consistency(uint64_t old, uint64_t size, merkle_node_get *get, void *arg,
                             struct hash ret[MERKLE_MAX_PROOF], size_t *ret_count)
{
    uint64_t from = 0;
    size_t count = 0;
    bool whole = true; /* the old tree's root itself is known to the other side */
    int r;

    assert(old <= size);
    *ret_count = 0;
    if (old == 0 || old == size) {
        return 0;
    }
    while (old != size) {
        uint64_t half = UINT64_C(1) << split_level(size);
        bool left = old <= half;

        r = left ? range_root(from + half, size - half, get, arg, &ret[count])
                 : range_root(from, half, get, arg, &ret[count]);
        if (r) {
            return r;
        }
        count++;
        whole = whole && left;
        from = left ? from : from + half;
        size = left ? half : size - half;
        old = left ? old : old - half;
    }
    if (!whole) {
        r = range_root(from, size, get, arg, &ret[count]);
        if (r) {
            return r;
        }
        count++;
    }
    reverse(ret, count);
    *ret_count = count;
    return 0;
}

/* RFC 9162 section 2.1.3.2. */
bool merkle_check_inclusion(uint64_t index, uint64_t size, const struct hash *leaf,
                            const struct hash *root, const struct hash *proof, size_t count)
{
    struct hash hash = *leaf;
    uint64_t at = index, last = size - 1;

    if (index >= size) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (last == 0) {
            return false;
        }
        if ((at & 1) || at == last) {
            hash = merkle_node(&proof[i], &hash);
            while (!(at & 1) && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = merkle_node(&hash, &proof[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && hash_equal(&hash, root);
}

/* RFC 9162 section 2.1.4.2. */
bool merkle_check_consistency(uint64_t old, uint64_t size, const struct hash *old_root,
                              const struct hash *root, const struct hash *proof, size_t count)
{
    uint64_t at = old - 1, last = size - 1;
    struct hash was, is;
    size_t i = 0;

    if (old > size) {
        return false;
    }
    if (old == 0) {
        struct hash empty = merkle_empty();

        return count == 0 && hash_equal(old_root, &empty) && (size > 0 || hash_equal(root, &empty));
    }
    if (old == size) {
        return count == 0 && hash_equal(old_root, root);
    }
    for (; at & 1; at >>= 1, last >>= 1) {
    }
    if (at == 0) {
        was = is = *old_root; /* a power of two: its root is left out of the proof */
    } else if (count > 0) {
        was = is = proof[i++];
    } else {
        return false;
    }
    for (; i < count; i++) {
        if (last == 0) {
            return false;
        }
        if ((at & 1) || at == last) {
            was = merkle_node(&proof[i], &was);
            is = merkle_node(&proof[i], &is);
            while (!(at & 1) && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            is = merkle_node(&is, &proof[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && hash_equal(&was, old_root) && hash_equal(&is, root);
}
