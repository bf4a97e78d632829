/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/edge.h"

#include "lib/audit/bundle.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* 8 levels of 256 are 2^64 entries. */
enum { LEVELS = 8 };

struct edge {
    struct merkle_stack tree;
    struct hash open[LEVELS]
                    [TILE_WIDTH]; /* the open tile of each level; its width follows from size */
    struct buf bundle;            /* the open bundle */
};

struct edge *edge_new(void)
{
    struct edge *edge = calloc(1, sizeof(*edge));

    if (edge) {
        buf_init(&edge->bundle, BUNDLE_MAX_BYTES);
    }
    return edge;
}

struct edge *edge_free(struct edge *edge)
{
    if (edge) {
        buf_done(&edge->bundle);
        free(edge);
    }
    return NULL;
}

const struct merkle_stack *edge_tree(const struct edge *edge)
{
    return &edge->tree;
}

static struct span tile_bytes(const struct edge *edge, int level, unsigned width)
{
    return (struct span){(const char *)edge->open[level], (size_t)width * SHA256_LEN};
}

/* The root of a full tile: 256 hashes folded in place of a copy, level by level. */
static struct hash full_root(const struct hash tile[TILE_WIDTH])
{
    struct hash row[TILE_WIDTH / 2];

    for (unsigned i = 0; i < TILE_WIDTH / 2; i++) {
        row[i] = merkle_node(&tile[2 * i], &tile[2 * i + 1]);
    }
    for (unsigned width = TILE_WIDTH / 4; width > 0; width /= 2) {
        for (unsigned i = 0; i < width; i++) {
            row[i] = merkle_node(&row[2 * i], &row[2 * i + 1]);
        }
    }
    return row[0];
}

static int put_full(int level, uint64_t index, struct span bytes, edge_put *put, void *arg)
{
    struct tile tile = {.level = level, .index = index, .width = TILE_WIDTH};

    return put(arg, &tile, bytes);
}

/* Called when tree.size has just become a multiple of 256. */
static int close_tiles(struct edge *edge, edge_put *put, void *arg)
{
    uint64_t count = edge->tree.size / TILE_WIDTH; /* full tiles of this level */
    int r = put_full(TILE_ENTRIES, count - 1, buf_span(&edge->bundle), put, arg);

    buf_clear(&edge->bundle);
    for (int level = 0; level < LEVELS && r == 0; level++) {
        r = put_full(level, count - 1, tile_bytes(edge, level, TILE_WIDTH), put, arg);
        if (level + 1 < LEVELS) {
            edge->open[level + 1][(count - 1) % TILE_WIDTH] = full_root(edge->open[level]);
        }
        if (count % TILE_WIDTH) {
            break;
        }
        count /= TILE_WIDTH;
    }
    return r;
}

int edge_append(struct edge *edge, struct span entry, edge_put *put, void *arg)
{
    struct hash leaf;
    int r;

    if (entry.len > BUNDLE_ENTRY_MAX) {
        return -EMSGSIZE;
    }
    r = bundle_add(&edge->bundle, entry);
    if (r) {
        return -ENOMEM; /* the ceiling holds 256 of the largest entries */
    }
    leaf = merkle_leaf(entry);
    edge->open[0][edge->tree.size % TILE_WIDTH] = leaf;
    merkle_push(&edge->tree, &leaf);
    return edge->tree.size % TILE_WIDTH ? 0 : close_tiles(edge, put, arg);
}

int edge_partials(const struct edge *edge, edge_put *put, void *arg)
{
    uint64_t size = edge->tree.size;
    struct tile tile = {
        .level = TILE_ENTRIES, .index = size / TILE_WIDTH, .width = (unsigned)(size % TILE_WIDTH)};
    int r = tile.width ? put(arg, &tile, buf_span(&edge->bundle)) : 0;

    for (int level = 0; level < LEVELS && size > 0 && r == 0; level++, size /= TILE_WIDTH) {
        tile = (struct tile){
            .level = level, .index = size / TILE_WIDTH, .width = (unsigned)(size % TILE_WIDTH)};
        if (tile.width) {
            r = put(arg, &tile, tile_bytes(edge, level, tile.width));
        }
    }
    return r;
}

/* One file with the length it must have (0: any), borrowed. */
static int get_tile(const struct tile *tile, size_t len, edge_get *get, void *arg, struct span *ret,
                    struct fault *why)
{
    char path[TILE_PATH_MAX];
    int r = get(arg, tile, ret);

    if (r == 0 && len && ret->len != len) {
        tile_path(path, tile);
        return fault_set(why, tile->level == TILE_ENTRIES ? "EDGE_BUNDLE" : "EDGE_TILE", path,
                         "%zu bytes where the log's size asks for %zu", ret->len, len);
    }
    return r;
}

/* The bundle's entries hash to the hashes of its tile. */
static int check_bundle(const struct tile *tile, struct span bytes, const struct hash *leaves,
                        struct fault *why)
{
    struct span entries[TILE_WIDTH];
    char path[TILE_PATH_MAX];
    int r = bundle_read(bytes, tile->width, entries, why);

    tile_path(path, tile);
    if (r) {
        return fault_set(why, "EDGE_BUNDLE", path, "the bundle does not hold %u entries",
                         tile->width);
    }
    for (unsigned i = 0; i < tile->width; i++) {
        struct hash leaf = merkle_leaf(entries[i]);

        if (!hash_equal(&leaf, &leaves[i])) {
            return fault_set(why, "EDGE_BUNDLE", path,
                             "entry %u of the bundle has another hash than its tile", i);
        }
    }
    return 0;
}

/* Reads the open tile of each level. */
static int load_tiles(struct edge *edge, uint64_t size, edge_get *get, void *arg, struct fault *why)
{
    uint64_t count = size;

    for (int level = 0; level < LEVELS && count > 0; level++, count /= TILE_WIDTH) {
        struct tile tile = {
            .level = level, .index = count / TILE_WIDTH, .width = (unsigned)(count % TILE_WIDTH)};
        struct span bytes;
        int r;

        if (tile.width == 0) {
            continue;
        }
        r = get_tile(&tile, (size_t)tile.width * SHA256_LEN, get, arg, &bytes, why);
        if (r) {
            return r;
        }
        memcpy(edge->open[level], bytes.ptr, bytes.len);
    }
    return 0;
}

/* The last full tile of each level hashes to the last hash of the level above it. */
static int check_full_tiles(struct edge *edge, uint64_t size, edge_get *get, void *arg,
                            struct fault *why)
{
    struct hash hashes[TILE_WIDTH], below = {{0}};
    uint64_t count = size / TILE_WIDTH;
    bool pending = false; /* `below` is still to be found in this level's last full tile */

    for (int level = 0; level + 1 < LEVELS && count > 0; level++, count /= TILE_WIDTH) {
        struct tile tile = {.level = level, .index = count - 1, .width = TILE_WIDTH};
        struct span bytes;
        char path[TILE_PATH_MAX];
        int r = get_tile(&tile, TILE_BYTES, get, arg, &bytes, why);

        if (r) {
            return r;
        }
        memcpy(hashes, bytes.ptr, TILE_BYTES);
        tile_path(path, &tile);
        if (pending && !hash_equal(&below, &hashes[TILE_WIDTH - 1])) {
            return fault_set(why, "EDGE_TILE", path,
                             "the tile's last hash is not that of the tile below it");
        }
        below = full_root(hashes);
        pending = count % TILE_WIDTH == 0;
        if (!pending && !hash_equal(&below, &edge->open[level + 1][count % TILE_WIDTH - 1])) {
            return fault_set(why, "EDGE_TILE", path,
                             "the tile does not hash to what the level above it says");
        }
        if (level == 0) {
            tile.level = TILE_ENTRIES;
            r = get_tile(&tile, 0, get, arg, &bytes, why);
            if (r == 0) {
                r = check_bundle(&tile, bytes, hashes, why);
            }
            if (r) {
                return r;
            }
        }
    }
    return 0;
}

/* The open bundle, checked against the open tile of level 0. */
static int load_bundle(struct edge *edge, uint64_t size, edge_get *get, void *arg,
                       struct fault *why)
{
    struct tile tile = {
        .level = TILE_ENTRIES, .index = size / TILE_WIDTH, .width = (unsigned)(size % TILE_WIDTH)};
    struct span bytes;
    int r;

    if (tile.width == 0) {
        return 0;
    }
    r = get_tile(&tile, 0, get, arg, &bytes, why);
    if (r == 0) {
        r = check_bundle(&tile, bytes, edge->open[0], why);
    }
    if (r == 0 && buf_add_span(&edge->bundle, bytes) != 0) {
        r = -ENOMEM;
    }
    return r;
}

/* Every perfect subtree of the tree lies in an open tile; its root is folded from it. */
static void load_stack(struct edge *edge, uint64_t size)
{
    unsigned used = 0;

    edge->tree.size = size;
    for (int bit = 63; bit >= 0; bit--) {
        struct hash row[TILE_WIDTH];
        unsigned width, from, level = (unsigned)bit / TILE_HEIGHT;

        if (!(size >> bit & 1)) {
            continue;
        }
        width = 1U << ((unsigned)bit % TILE_HEIGHT);
        from = (unsigned)(size >> (level * TILE_HEIGHT)) % TILE_WIDTH & ~(2 * width - 1);
        memcpy(row, &edge->open[level][from], width * sizeof(row[0]));
        for (; width > 1; width /= 2) {
            for (unsigned i = 0; i < width / 2; i++) {
                row[i] = merkle_node(&row[2 * i], &row[2 * i + 1]);
            }
        }
        edge->tree.roots[used++] = row[0];
    }
}

int edge_load(struct edge **ret, uint64_t size, const struct hash *root, edge_get *get, void *arg,
              struct fault *why)
{
    CLEANUP(edge_freep) struct edge *edge = edge_new();
    struct hash is;
    int r;

    if (!edge) {
        return -ENOMEM;
    }
    r = load_tiles(edge, size, get, arg, why);
    if (r == 0) {
        r = check_full_tiles(edge, size, get, arg, why);
    }
    if (r == 0) {
        r = load_bundle(edge, size, get, arg, why);
    }
    if (r) {
        return r;
    }
    load_stack(edge, size);
    is = merkle_root(&edge->tree);
    if (!hash_equal(&is, root)) {
        return fault_set(why, "EDGE_ROOT", "",
                         "the tiles give another root than the signed one at size %llu",
                         (unsigned long long)size);
    }
    *ret = TAKE(edge);
    return 0;
}
