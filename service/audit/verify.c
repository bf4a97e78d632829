/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/verify.h"

#include "lib/audit/bundle.h"
#include "lib/base/clock.h"
#include "service/audit/reader.h"
#include "service/audit/verify_refs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LEVELS = 8, BACK_MS = 60000, MAX_OLDER = 64, PROGRESS_BUNDLES = 16 };

struct walk {
    const struct audit_verify_options *options;
    struct audit_verify_result *result;
    struct audit_reader *reader;
    struct verify_refs *refs; /* NULL: not asked for */
    uint64_t size;
    int64_t back_ms;
    struct hash rows[LEVELS][TILE_WIDTH];
    unsigned widths[LEVELS]; /* hashes in each row so far */
    uint64_t tiles[LEVELS];  /* full tiles of each level so far */
};

/* RFC 6962 section 2.1, word for word: the writer folds a stack instead. */
static struct hash tree_hash(const struct hash *leaves, size_t count)
{
    struct hash left, right;
    size_t half = 1;

    if (count == 1) {
        return leaves[0];
    }
    while (half * 2 < count) {
        half *= 2;
    }
    left = tree_hash(leaves, half);
    right = tree_hash(leaves + half, count - half);
    return merkle_node(&left, &right);
}

/* The tile's file holds exactly these hashes. */
static int compare_tile(struct walk *walk, int level, uint64_t index, unsigned width,
                        struct fault *why)
{
    struct tile tile = {.level = level, .index = index, .width = width};
    struct span bytes;
    int r = audit_reader_tile(walk->reader, &tile, &bytes, why);

    if (r) {
        return r;
    }
    walk->result->files++;
    if (bytes.len != width * sizeof(struct hash) ||
        memcmp(bytes.ptr, walk->rows[level], bytes.len) != 0) {
        char path[TILE_PATH_MAX];
        unsigned at = 0;

        tile_path(path, &tile);
        while (at < width && (at + 1) * sizeof(struct hash) <= bytes.len &&
               memcmp(bytes.ptr + at * sizeof(struct hash), &walk->rows[level][at],
                      sizeof(struct hash)) == 0) {
            at++;
        }
        if (level == 0 && at < width) {
            walk->result->has_bad = true;
            walk->result->bad_index = index * TILE_WIDTH + at;
        }
        return fault_set(why, "VERIFY_TILE", path,
                         "hash %u of the tile is not that of what lies below it", at);
    }
    return 0;
}

/* A row of 256: compare, then its root is a hash of the row above. */
static int close_rows(struct walk *walk, struct fault *why)
{
    for (int level = 0; level < LEVELS && walk->widths[level] == TILE_WIDTH; level++) {
        int r = compare_tile(walk, level, walk->tiles[level], TILE_WIDTH, why);

        if (r) {
            return r;
        }
        if (level + 1 < LEVELS) {
            walk->rows[level + 1][walk->widths[level + 1]++] =
                tree_hash(walk->rows[level], TILE_WIDTH);
        }
        walk->tiles[level]++;
        walk->widths[level] = 0;
    }
    return 0;
}

static int check_time(struct walk *walk, const struct entry_view *entry, struct fault *why)
{
    struct audit_verify_result *result = walk->result;
    bool first = result->entries == 0;

    if (!first && entry->at_ms < result->last_ms - walk->back_ms) {
        char latest[CLOCK_TEXT_LEN + 1];

        clock_text(result->last_ms, latest);
        return fault_set(why, "VERIFY_TIME", "/at",
                         "an earlier entry is of %s, more than %lld ms later", latest,
                         (long long)walk->back_ms);
    }
    if (first || entry->at_ms > result->last_ms) {
        result->last_ms = entry->at_ms;
    }
    if (first || entry->at_ms < result->first_ms) {
        result->first_ms = entry->at_ms;
    }
    return 0;
}

static int check_entry(struct walk *walk, struct span bytes, struct fault *why)
{
    struct entry_view entry = {0};
    int r = entry_read(&entry, bytes, why);

    if (r == 0) {
        r = check_time(walk, &entry, why);
    }
    if (r == 0 && walk->refs && !walk->options->refs && walk->result->entries == 0 &&
        entry.type == ENTRY_LOG) {
        verify_refs_partial(walk->refs);
    }
    if (r == 0 && walk->refs) {
        r = verify_refs_entry(walk->refs, &entry, why);
    }
    if (r) {
        struct span id = entry_id(&entry);

        walk->result->has_bad = true;
        walk->result->bad_index = walk->result->entries;
        (void)snprintf(walk->result->bad_id, sizeof(walk->result->bad_id), "%.*s", (int)id.len,
                       id.ptr ? id.ptr : "");
        return r;
    }
    walk->result->counts[entry.type]++;
    walk->result->entries++;
    return 0;
}

static int check_bundle(struct walk *walk, uint64_t index, struct fault *why)
{
    struct tile tile = {.level = TILE_ENTRIES,
                        .index = index,
                        .width = tile_width(TILE_ENTRIES, index, walk->size)};
    struct span bytes, entries[TILE_WIDTH];
    char path[TILE_PATH_MAX];
    int r = audit_reader_tile(walk->reader, &tile, &bytes, why);

    if (r) {
        return r;
    }
    walk->result->files++;
    if (bundle_read(bytes, tile.width, entries, why) != 0) {
        tile_path(path, &tile);
        walk->result->has_bad = true;
        walk->result->bad_index = index * TILE_WIDTH;
        return fault_set(why, "LOG_BUNDLE", path, "the bundle does not hold %u entries",
                         tile.width);
    }
    for (unsigned i = 0; i < tile.width; i++) {
        walk->rows[0][i] = merkle_leaf(entries[i]);
    }
    walk->widths[0] = tile.width;
    /* The hashes first: of an entry that was changed it is the change that has to be told. */
    r = tile.width == TILE_WIDTH ? close_rows(walk, why)
                                 : compare_tile(walk, 0, index, tile.width, why);
    for (unsigned i = 0; i < tile.width && r == 0; i++) {
        r = check_entry(walk, entries[i], why);
    }
    return r;
}

/* The open tiles above level 0, and the root over all that was hashed. */
static int check_root(struct walk *walk, struct fault *why)
{
    const struct checkpoint *head = audit_reader_head(walk->reader);
    struct hash carry = merkle_empty();
    bool has_carry = false;

    for (int level = 0; level < LEVELS; level++) {
        struct hash row[TILE_WIDTH + 1];
        unsigned width = walk->widths[level];
        int r =
            level > 0 && width > 0 ? compare_tile(walk, level, walk->tiles[level], width, why) : 0;

        if (r) {
            return r;
        }
        memcpy(row, walk->rows[level], width * sizeof(row[0]));
        if (has_carry) {
            row[width++] = carry; /* the unfinished subtree stands last */
        }
        if (width > 0) {
            carry = tree_hash(row, width);
            has_carry = true;
        }
    }
    if (!hash_equal(&carry, &head->root)) {
        return fault_set(why, "VERIFY_ROOT", "checkpoint",
                         "the entries give another root than the checkpoint of "
                         "%llu entries",
                         (unsigned long long)head->size);
    }
    return 0;
}

static int check_older(struct walk *walk, size_t at, struct fault *why)
{
    struct checkpoint older;
    struct hash root;
    char place[32];
    int r = checkpoint_open(&older, walk->options->older[at], audit_reader_key(walk->reader), why);

    (void)snprintf(place, sizeof(place), "older %zu", at + 1);
    if (r) {
        return r;
    }
    if (older.size > walk->size) {
        return fault_set(why, "VERIFY_OLDER", place,
                         "it has %llu entries, this log only %llu: entries were cut off",
                         (unsigned long long)older.size, (unsigned long long)walk->size);
    }
    r = audit_reader_root(walk->reader, older.size, &root, why);
    if (r == 0 && !hash_equal(&root, &older.root)) {
        r = fault_set(why, "VERIFY_OLDER", place,
                      "its %llu entries are not the first ones of this log",
                      (unsigned long long)older.size);
    }
    return r;
}

/* Those who watch the log agree with its checkpoint. */
static int check_witnesses(struct walk *walk, struct fault *why)
{
    const struct witness_policy *policy = walk->options->policy;
    struct note note;
    int r;

    if (!policy) {
        return 0;
    }
    r = witness_policy_log(policy, audit_reader_key(walk->reader), why);
    r = r ? r : note_read(&note, audit_reader_checkpoint(walk->reader), why);
    return r ? r : witness_policy_check(policy, &note, &walk->result->cosigned, why);
}

static int check_all(struct walk *walk, struct fault *why)
{
    uint64_t bundles = walk->size / TILE_WIDTH + (walk->size % TILE_WIDTH > 0);
    int r = 0;

    for (uint64_t i = 0; i < bundles && r == 0; i++) {
        r = check_bundle(walk, i, why);
        if (r == 0 && walk->options->progress && (i % PROGRESS_BUNDLES == 0 || i + 1 == bundles)) {
            walk->options->progress(walk->options->progress_arg, walk->result->entries, walk->size);
        }
    }
    if (r == 0) {
        r = check_root(walk, why);
    }
    for (size_t i = 0; i < walk->options->older_count && r == 0; i++) {
        r = check_older(walk, i, why);
    }
    return r;
}

int audit_verify(const struct audit_verify_options *options, struct audit_verify_result *ret,
                 struct fault *why)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    CLEANUP(verify_refs_freep) struct verify_refs *refs = NULL;
    struct walk walk = {.options = options,
                        .result = ret,
                        .back_ms = options->back_ms ? options->back_ms : BACK_MS};
    int r;

    *ret = (struct audit_verify_result){0};
    if (options->older_count > MAX_OLDER) {
        return -E2BIG;
    }
    r = audit_reader_open_as(&reader, options->folder, options->vkey, why);
    if (r) {
        return r;
    }
    refs = options->no_references || options->refs ? NULL : verify_refs_new();
    if (!refs && !options->no_references && !options->refs) {
        return -ENOMEM;
    }
    walk.reader = reader;
    walk.refs = options->refs ? options->refs : refs;
    walk.size = audit_reader_size(reader);
    ret->head = *audit_reader_head(reader);
    ret->key = *audit_reader_key(reader);
    r = check_witnesses(&walk, why);
    return r ? r : check_all(&walk, why);
}
