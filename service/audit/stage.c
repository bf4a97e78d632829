/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/stage.h"

#include "lib/audit/bundle.h"

#include <stdlib.h>

static const char first_line[] = "rapporteur staging v1\n";

int stage_start(struct buf *out)
{
    buf_clear(out);
    return buf_add_text(out, first_line);
}

int stage_add(struct buf *out, const struct tile *tile, struct span bytes)
{
    char path[TILE_PATH_MAX];

    tile_path(path, tile);
    (void)buf_add_format(out, "%s %zu\n", path, bytes.len);
    return buf_add_span(out, bytes);
}

bool stage_open(struct stage_walk *walk, struct span staging)
{
    if (!span_starts(staging, first_line)) {
        return false;
    }
    walk->rest = span_sub(staging, strlen(first_line), staging.len);
    return true;
}

int stage_next(struct stage_walk *walk)
{
    struct span line, path;
    unsigned long long len;

    if (walk->rest.len == 0) {
        return 1;
    }
    line = span_cut(&walk->rest, '\n');
    if (!walk->rest.ptr) {
        return -1;
    }
    path = span_cut(&line, ' ');
    if (!line.ptr || !span_to_u64(line, &len) || len > walk->rest.len ||
        !tile_read_path(path, &walk->tile)) {
        return -1;
    }
    memcpy(walk->path, path.ptr, path.len);
    walk->path[path.len] = '\0';
    walk->bytes = span_sub(walk->rest, 0, len);
    walk->rest = (struct span){walk->rest.ptr + len, walk->rest.len - len};
    return 0;
}

static int mismatch(struct fault *why, const char *path)
{
    return fault_set(why, "SEQUENCER_MISMATCH", path,
                     "hashing again what is to be written gives another result: "
                     "nothing was signed, check this machine's memory");
}

struct again {
    struct merkle_stack tree;
    uint64_t first; /* index of the batch's first entry */
    const struct audit_batch *batch;
    struct hash leaves[TILE_WIDTH]; /* of the bundle seen last */
    uint64_t bundle_index;
};

/* Entries before the batch are hashed too: their tile must agree; new ones are pushed. */
static bool again_bundle(struct again *again, const struct stage_walk *walk)
{
    struct span entries[TILE_WIDTH];

    if (bundle_read(walk->bytes, walk->tile.width, entries, NULL) != 0) {
        return false;
    }
    again->bundle_index = walk->tile.index;
    for (unsigned i = 0; i < walk->tile.width; i++) {
        uint64_t index = walk->tile.index * TILE_WIDTH + i;

        again->leaves[i] = merkle_leaf(entries[i]);
        if (index < again->first) {
            continue;
        }
        if (index != again->tree.size || index - again->first >= again->batch->count ||
            !span_equal(entries[i],
                        audit_batch_entry(again->batch, (size_t)(index - again->first)))) {
            return false;
        }
        merkle_push(&again->tree, &again->leaves[i]);
    }
    return true;
}

int stage_check(struct span staging, const struct merkle_stack *before,
                const struct audit_batch *batch, const struct hash *root, struct fault *why)
{
    struct again again = {
        .tree = *before, .first = before->size, .batch = batch, .bundle_index = UINT64_MAX};
    struct stage_walk walk;
    struct hash is;
    int r;

    if (!stage_open(&walk, staging)) {
        return mismatch(why, "staging");
    }
    /* The edge puts each bundle right before its tile of level 0. */
    while ((r = stage_next(&walk)) == 0) {
        bool good = true;

        if (walk.tile.level == TILE_ENTRIES) {
            good = again_bundle(&again, &walk);
        } else if (walk.tile.level == 0) {
            good = walk.tile.index == again.bundle_index &&
                   walk.bytes.len == (size_t)walk.tile.width * SHA256_LEN &&
                   memcmp(walk.bytes.ptr, again.leaves, walk.bytes.len) == 0;
        }
        if (!good) {
            return mismatch(why, walk.path);
        }
    }
    is = merkle_root(&again.tree);
    if (r < 0 || again.tree.size != before->size + batch->count || !hash_equal(&is, root)) {
        return mismatch(why, "staging");
    }
    return 0;
}
