/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/reader.h"

#include "lib/audit/bundle.h"
#include "lib/audit/receipt.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* One file held in memory. */
struct held {
    struct tile tile; /* width 0: nothing held */
    struct buf bytes;
};

struct audit_reader {
    int folder;
    struct note_key key;
    struct checkpoint head;
    struct buf checkpoint;
    struct held tile, bundle;
    struct span entries[TILE_WIDTH]; /* of the bundle held */
};

struct audit_reader *audit_reader_free(struct audit_reader *reader)
{
    if (reader) {
        buf_done(&reader->checkpoint);
        buf_done(&reader->tile.bytes);
        buf_done(&reader->bundle.bytes);
        if (reader->folder >= 0) {
            (void)close(reader->folder);
        }
        free(reader);
    }
    return NULL;
}

uint64_t audit_reader_size(const struct audit_reader *reader)
{
    return reader->head.size;
}

const struct checkpoint *audit_reader_head(const struct audit_reader *reader)
{
    return &reader->head;
}

const struct note_key *audit_reader_key(const struct audit_reader *reader)
{
    return &reader->key;
}

struct span audit_reader_checkpoint(const struct audit_reader *reader)
{
    return buf_span(&reader->checkpoint);
}

/* -ENOENT is left to the caller. */
static int read_file(int folder, const char *path, struct buf *out, struct fault *why)
{
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t got = 0;
    size_t room;

    if (fd < 0) {
        return -errno;
    }
    buf_clear(out);
    do {
        /* In steps, so that a small file takes a small buffer; one byte past the ceiling tells. */
        char *into;

        room = out->max - out->len < 16384 ? out->max - out->len : 16384;
        into = room ? buf_reserve(out, room) : NULL;
        if (!into) {
            (void)close(fd);
            return room ? -ENOMEM
                        : fault_set(why, "LOG_TOO_LARGE", path, "the file has more than %zu bytes",
                                    out->max - 1);
        }
        got = read(fd, into, room);
        if (got > 0) {
            buf_grew(out, (size_t)got);
        }
    } while (got > 0 || (got < 0 && errno == EINTR));
    (void)close(fd);
    return got < 0 ? -EIO : 0;
}

static int missing(int r, const char *path, struct fault *why)
{
    return r == -ENOENT || r == -ENOTDIR
               ? fault_set(why, "LOG_MISSING", path, "the log has no such file")
               : r;
}

static int load_key(struct audit_reader *reader, struct fault *why)
{
    struct span line;
    struct buf text;
    int r;

    buf_init(&text, NOTE_VKEY_MAX + 2);
    r = missing(read_file(reader->folder, "vkey", &text, why), "vkey", why);
    if (r == 0) {
        line = buf_span(&text);
        if (line.len && line.ptr[line.len - 1] == '\n') {
            line.len--;
        }
        r = note_key_read(&reader->key, line, why);
    }
    buf_done(&text);
    return r;
}

int audit_reader_refresh(struct audit_reader *reader, struct fault *why)
{
    struct checkpoint head;
    struct buf text;
    int r;

    buf_init(&text, NOTE_MAX_BYTES + 1);
    r = missing(read_file(reader->folder, "checkpoint", &text, why), "checkpoint", why);
    if (r == 0) {
        r = checkpoint_open(&head, buf_span(&text), &reader->key, why);
    }
    if (r || head.size < reader->head.size) {
        buf_done(&text);
        return r;
    }
    buf_done(&reader->checkpoint);
    reader->checkpoint = text;
    reader->head = head;
    return 0;
}

int audit_reader_open(struct audit_reader **ret, const char *folder, struct fault *why)
{
    return audit_reader_open_as(ret, folder, (struct span){NULL, 0}, why);
}

static int open_folder(struct audit_reader **ret, const char *folder, struct fault *why)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = calloc(1, sizeof(*reader));

    if (!reader) {
        return -ENOMEM;
    }
    buf_init(&reader->checkpoint, NOTE_MAX_BYTES + 1);
    buf_init(&reader->tile.bytes, TILE_BYTES + 1);
    buf_init(&reader->bundle.bytes, BUNDLE_MAX_BYTES + 1);
    reader->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (reader->folder < 0) {
        return missing(-errno, folder, why);
    }
    *ret = TAKE(reader);
    return 0;
}

int audit_reader_open_as(struct audit_reader **ret, const char *folder, struct span vkey,
                         struct fault *why)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    int r = open_folder(&reader, folder, why);

    if (r == 0) {
        r = vkey.len ? note_key_read(&reader->key, vkey, why) : load_key(reader, why);
    }
    if (r == 0) {
        r = audit_reader_refresh(reader, why);
    }
    if (r == 0) {
        *ret = TAKE(reader);
    }
    return r;
}

int audit_reader_open_under(struct audit_reader **ret, const char *folder,
                            const struct note_key *key, struct span checkpoint, struct fault *why)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    int r = open_folder(&reader, folder, why);

    if (r == 0) {
        reader->key = *key;
        r = checkpoint_open(&reader->head, checkpoint, key, why);
    }
    r = r ? r : buf_add_span(&reader->checkpoint, checkpoint);
    if (r == 0) {
        *ret = TAKE(reader);
    }
    return r;
}

/* Cuts the beginning that a partial of that width would have. */
static int cut(struct held *held, struct fault *why, const char *path)
{
    size_t len = (size_t)held->tile.width * SHA256_LEN;

    if (held->tile.level == TILE_ENTRIES) {
        struct span rest = buf_span(&held->bytes), entry;

        for (unsigned i = 0; i < held->tile.width; i++) {
            if (!bundle_next(&rest, &entry)) {
                return fault_set(why, "LOG_BUNDLE", path, "the bundle ends inside entry %u", i);
            }
        }
        len = held->bytes.len - rest.len;
    }
    if (len < held->bytes.len) {
        held->bytes.len = len;
    }
    return 0;
}

int audit_reader_tile(struct audit_reader *reader, const struct tile *tile, struct span *ret,
                      struct fault *why)
{
    struct held *held = tile->level == TILE_ENTRIES ? &reader->bundle : &reader->tile;
    struct tile full = {.level = tile->level, .index = tile->index, .width = TILE_WIDTH};
    char path[TILE_PATH_MAX];
    int r;

    if (held->tile.width == tile->width && held->tile.index == tile->index &&
        held->tile.level == tile->level) {
        *ret = buf_span(&held->bytes);
        return 0;
    }
    held->tile.width = 0;
    tile_path(path, tile);
    r = read_file(reader->folder, path, &held->bytes, why);
    if ((r == -ENOENT || r == -ENOTDIR) && tile->width < TILE_WIDTH) {
        /* Partials may be gone once the full one is there. */
        tile_path(path, &full);
        r = read_file(reader->folder, path, &held->bytes, why);
    }
    r = missing(r, path, why);
    if (r) {
        return r;
    }
    held->tile = *tile;
    r = cut(held, why, path);
    if (r) {
        held->tile.width = 0;
        return r;
    }
    *ret = buf_span(&held->bytes);
    return 0;
}

int audit_reader_entry(struct audit_reader *reader, uint64_t index, struct span *ret,
                       struct fault *why)
{
    struct tile tile = {.level = TILE_ENTRIES, .index = index / TILE_WIDTH};
    struct span bytes;
    int r;

    if (index >= reader->head.size) {
        return fault_set(why, "LOG_RANGE", "", "there is no entry %llu in a log of %llu",
                         (unsigned long long)index, (unsigned long long)reader->head.size);
    }
    tile.width = tile_width(TILE_ENTRIES, tile.index, reader->head.size);
    if (reader->bundle.tile.width != tile.width || reader->bundle.tile.index != tile.index) {
        r = audit_reader_tile(reader, &tile, &bytes, why);
        if (r) {
            return r;
        }
        if (bundle_read(bytes, tile.width, reader->entries, why) != 0) {
            char path[TILE_PATH_MAX];

            reader->bundle.tile.width = 0;
            tile_path(path, &tile);
            return fault_set(why, "LOG_BUNDLE", path, "the bundle does not hold %u entries",
                             tile.width);
        }
    }
    *ret = reader->entries[index % TILE_WIDTH];
    return 0;
}

struct nodes {
    struct audit_reader *reader;
    struct fault *why;
};

/* A node out of the tile that holds it or, above the tile's own level, folded from its hashes. */
static int node_of_tile(void *arg, unsigned level, uint64_t index, struct hash *ret)
{
    struct nodes *nodes = arg;
    unsigned height = level % TILE_HEIGHT, count = 1U << height;
    uint64_t first = index << height; /* in hashes of the tile's level */
    struct tile tile = {.level = (int)(level / TILE_HEIGHT), .index = first / TILE_WIDTH};
    struct hash row[TILE_WIDTH];
    struct span bytes;
    int r;

    tile.width = tile_width(tile.level, tile.index, nodes->reader->head.size);
    assert(first % TILE_WIDTH + count <= tile.width);
    r = audit_reader_tile(nodes->reader, &tile, &bytes, nodes->why);
    if (r) {
        return r;
    }
    if (bytes.len != (size_t)tile.width * SHA256_LEN) {
        char path[TILE_PATH_MAX];

        tile_path(path, &tile);
        return fault_set(nodes->why, "LOG_MISSING", path,
                         "the tile has not the length its place asks for");
    }
    memcpy(row, bytes.ptr + first % TILE_WIDTH * SHA256_LEN, count * sizeof(row[0]));
    for (; count > 1; count /= 2) {
        for (unsigned i = 0; i < count / 2; i++) {
            row[i] = merkle_node(&row[2 * i], &row[2 * i + 1]);
        }
    }
    *ret = row[0];
    return 0;
}

int audit_reader_root(struct audit_reader *reader, uint64_t size, struct hash *ret,
                      struct fault *why)
{
    struct nodes nodes = {reader, why};

    if (size > reader->head.size) {
        return fault_set(why, "LOG_RANGE", "", "the log has %llu entries, not %llu",
                         (unsigned long long)reader->head.size, (unsigned long long)size);
    }
    return merkle_root_at(size, node_of_tile, &nodes, ret);
}

int audit_reader_consistency(struct audit_reader *reader, uint64_t old,
                             struct hash ret[MERKLE_MAX_PROOF], size_t *ret_count,
                             struct fault *why)
{
    struct nodes nodes = {reader, why};

    if (old > reader->head.size) {
        return fault_set(why, "LOG_RANGE", "", "the log has %llu entries, not %llu",
                         (unsigned long long)reader->head.size, (unsigned long long)old);
    }
    return merkle_prove_consistency(old, reader->head.size, node_of_tile, &nodes, ret, ret_count);
}

int audit_reader_inclusion(struct audit_reader *reader, uint64_t index, struct hash ret[MERKLE_MAX_PROOF],
                           size_t *ret_count, struct fault *why)
{
    struct nodes nodes = {reader, why};

    if (index >= reader->head.size) {
        return fault_set(why, "LOG_RANGE", "", "there is no entry %llu in a log of %llu",
                         (unsigned long long)index, (unsigned long long)reader->head.size);
    }
    return merkle_prove_inclusion(index, reader->head.size, node_of_tile, &nodes, ret, ret_count);
}

int audit_reader_receipt(struct audit_reader *reader, uint64_t index, struct buf *out,
                         struct fault *why)
{
    struct receipt receipt = {.index = index, .checkpoint = buf_span(&reader->checkpoint)};
    int r = audit_reader_inclusion(reader, index, receipt.proof, &receipt.proof_count, why);

    return r ? r : receipt_write(out, &receipt);
}
