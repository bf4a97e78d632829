/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/log_writer_internal.h"

#include "service/audit/durable.h"
#include "service/audit/key_file.h"
#include "service/audit/reader.h"
#include "service/audit/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned long long count_of(uint64_t n)
{
    return n;
}

/* The folder, its two parts and the lock. */
static int open_folder(struct log_writer *writer, struct fault *why)
{
    char text[128];
    int r;

    if (mkdir(writer->folder, 0700) != 0 && errno != EEXIST) {
        return fault_set(why, "SEQUENCER_IO", writer->folder, "mkdir failed: %s",
                         strerror_r(errno, text, sizeof(text)));
    }
    writer->root = open(writer->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (writer->root < 0) {
        return fault_set(why, "SEQUENCER_IO", writer->folder, "open failed: %s",
                         strerror_r(errno, text, sizeof(text)));
    }
    r = durable_folder(writer->root, "private", 0700, why);
    if (r == 0) {
        r = durable_folder(writer->root, "log", 0755, why);
    }
    if (r) {
        return r;
    }
    writer->lock =
        openat(writer->root, "private/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (writer->lock < 0) {
        return fault_set(why, "SEQUENCER_IO", "private/lock", "open failed: %s",
                         strerror_r(errno, text, sizeof(text)));
    }
    if (flock(writer->lock, LOCK_EX | LOCK_NB) != 0) {
        return fault_set(why, "SEQUENCER_LOCKED", writer->folder,
                         "another process writes this log: two would sign two histories");
    }
    return 0;
}

/* The key file, and the vkey file that is served. */
static int load_key(struct log_writer *writer, const char *origin, struct fault *why)
{
    int r = key_file_load(&writer->signer, writer->root, origin, NOTE_ED25519, why);

    if (r == FAULT && strcmp(why->code, "KEY_FILE") == 0) {
        struct fault inner = *why;

        return fault_set(why, "SEQUENCER_KEY", inner.place, "%s", inner.text);
    }
    return r ? r : key_file_show(writer->root, "log/vkey", &writer->signer.key, why);
}

/* What was last published: *ret_there false where nothing was. */
static int load_published(struct log_writer *writer, struct checkpoint *ret, bool *ret_there,
                          struct fault *why)
{
    int r = durable_read(writer->root, "log/checkpoint", &writer->checkpoint, why);

    *ret_there = r == 0;
    if (r == -ENOENT) {
        return 0;
    }
    return r ? r : checkpoint_open(ret, buf_span(&writer->checkpoint), &writer->signer.key, why);
}

/* A log that never had an entry. */
static int start_empty(struct log_writer *writer, const struct audit_mirror *mirror, bool published,
                       const struct checkpoint *head, struct fault *why)
{
    struct buf bytes;
    int r;

    if ((published && head->size > 0) || faccessat(writer->root, "log/tile", F_OK, 0) == 0) {
        return fault_set(why, "SEQUENCER_STATE", "private/state",
                         "the state file is missing but the log has "
                         "entries: restore private/ or begin another log");
    }
    if (mirror->size > 0) {
        return fault_set(why, "SEQUENCER_ROLLED_BACK", "private/state",
                         "this folder holds no log, the store "
                         "remembers one of %llu entries: the disk was set back",
                         count_of(mirror->size));
    }
    (void)snprintf(writer->state.head.origin, sizeof(writer->state.head.origin), "%s",
                   writer->signer.key.name);
    writer->state.head.size = 0;
    writer->state.head.root = merkle_empty();
    buf_init(&bytes, STATE_MAX_BYTES);
    r = log_state_write(&bytes, &writer->state, &writer->signer, why);
    if (r == 0) {
        r = durable_write(writer->root, "private/state", buf_span(&bytes), 0600, why);
    }
    buf_done(&bytes);
    return r;
}

static int load_state(struct log_writer *writer, const struct audit_mirror *mirror, bool published,
                      const struct checkpoint *head, struct fault *why)
{
    struct buf bytes;
    int r;

    buf_init(&bytes, STATE_MAX_BYTES);
    r = durable_read(writer->root, "private/state", &bytes, why);
    if (r == -ENOENT) {
        r = start_empty(writer, mirror, published, head, why);
    } else if (r == 0) {
        r = log_state_read(&writer->state, buf_span(&bytes), &writer->signer.key, why);
        if (r == FAULT) {
            struct fault inner = *why;

            r = fault_set(why, "SEQUENCER_STATE", "private/state", "%s", inner.text);
        }
    }
    buf_done(&bytes);
    return r;
}

/* Published and mirrored must not be ahead of the state, nor differ from it. */
static int check_ahead(const struct log_writer *writer, const struct audit_mirror *mirror,
                       bool published, const struct checkpoint *head, struct fault *why)
{
    const struct checkpoint *state = &writer->state.head;

    if (published && head->size > state->size) {
        return fault_set(why, "SEQUENCER_OLD_STATE", "private/state",
                         "the state has %llu entries, the "
                         "published checkpoint %llu: the state is from a backup",
                         count_of(state->size), count_of(head->size));
    }
    if (published && head->size == state->size && !hash_equal(&head->root, &state->root)) {
        return fault_set(why, "SEQUENCER_OLD_STATE", "private/state",
                         "state and published checkpoint have "
                         "different roots at %llu entries",
                         count_of(state->size));
    }
    if (mirror->size > state->size) {
        return fault_set(why, "SEQUENCER_ROLLED_BACK", "private/state",
                         "the state has %llu entries, the store "
                         "remembers %llu: the disk was set back",
                         count_of(state->size), count_of(mirror->size));
    }
    if (mirror->size > 0 && mirror->size == state->size &&
        !hash_equal(&mirror->root, &state->root)) {
        return fault_set(why, "SEQUENCER_ROLLED_BACK", "private/state",
                         "the store remembers another root at "
                         "%llu entries",
                         count_of(state->size));
    }
    return 0;
}

/* Does the last step again where its staging file is still there. */
static int redo(struct log_writer *writer, struct fault *why)
{
    uint8_t digest[SHA256_LEN];
    int r;

    if (!writer->state.has_staging) {
        return 0;
    }
    r = durable_read(writer->root, "private/staging", &writer->staging, why);
    if (r == -ENOENT) {
        return 0; /* its files were durable before it was removed */
    }
    if (r) {
        return r;
    }
    sha256_of(writer->staging.data, writer->staging.len, digest);
    if (memcmp(digest, writer->state.staging, sizeof(digest)) != 0) {
        /* Of a step that was never committed: it will be made anew from the store. */
        buf_clear(&writer->staging);
        return 0;
    }
    return log_writer_spread(writer, why);
}

struct edge_files {
    struct log_writer *writer;
    struct buf bytes;
    struct fault *why;
};

static int edge_file(void *arg, const struct tile *tile, struct span *ret)
{
    struct edge_files *files = arg;
    char name[TILE_PATH_MAX], path[TILE_PATH_MAX + 8];
    int r;

    tile_path(name, tile);
    (void)snprintf(path, sizeof(path), "log/%s", name);
    buf_clear(&files->bytes);
    r = durable_read(files->writer->root, path, &files->bytes, files->why);
    if (r == -ENOENT) {
        return fault_set(files->why, "SEQUENCER_EDGE", path,
                         "a file of the log's right edge is missing");
    }
    *ret = buf_span(&files->bytes);
    return r;
}

static int load_edge(struct log_writer *writer, struct fault *why)
{
    struct edge_files files = {.writer = writer, .why = why};
    int r;

    buf_init(&files.bytes, 256 * 65537 + 1);
    r = edge_load(&writer->edge, writer->state.head.size, &writer->state.head.root, edge_file,
                  &files, why);
    buf_done(&files.bytes);
    if (r == FAULT && strncmp(why->code, "EDGE_", 5) == 0) {
        struct fault inner = *why;

        r = fault_set(why, "SEQUENCER_EDGE", inner.place, "%s", inner.text);
    }
    return r;
}

/* The published tree is a beginning of ours: its root comes out of our tiles. */
static int check_published(struct log_writer *writer, const struct checkpoint *head,
                           struct fault *why)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    char folder[4096];
    struct hash root;
    int r;

    if ((size_t)snprintf(folder, sizeof(folder), "%s/log", writer->folder) >= sizeof(folder)) {
        return -ENAMETOOLONG;
    }
    r = audit_reader_open(&reader, folder, why);
    if (r == 0) {
        r = audit_reader_root(reader, head->size, &root, why);
    }
    if (r == 0 && !hash_equal(&root, &head->root)) {
        r = fault_set(why, "SEQUENCER_EDGE", "log/checkpoint",
                      "the tiles give another root than the published "
                      "checkpoint at %llu entries",
                      count_of(head->size));
    }
    return r;
}

static int start(struct log_writer *writer, const char *origin, const struct audit_mirror *mirror,
                 struct fault *why)
{
    struct checkpoint head = {0};
    bool published = false;
    int r = open_folder(writer, why);

    if (r == 0) {
        r = load_key(writer, origin, why);
    }
    if (r == 0) {
        r = load_published(writer, &head, &published, why);
    }
    if (r == 0) {
        r = load_state(writer, mirror, published, &head, why);
    }
    if (r == 0) {
        r = check_ahead(writer, mirror, published, &head, why);
    }
    if (r == 0) {
        r = redo(writer, why);
    }
    if (r == 0) {
        r = load_edge(writer, why);
    }
    if (r == 0 && published && head.size > 0) {
        r = check_published(writer, &head, why);
    }
    if (r) {
        return r;
    }
    writer->spread = true;
    (void)unlinkat(writer->root, "private/staging", 0);
    writer->published = head.size;
    return 0;
}

int log_writer_open(struct log_writer **ret, const char *folder, const char *origin,
                    const struct audit_mirror *mirror, struct fault *why)
{
    CLEANUP(log_writer_freep) struct log_writer *writer = calloc(1, sizeof(*writer));
    struct fault unused;
    int r;

    if (!writer) {
        return -ENOMEM;
    }
    writer->root = writer->lock = -1;
    writer->swept = UINT64_MAX;
    buf_init(&writer->staging, STAGE_MAX_BYTES);
    buf_init(&writer->checkpoint, NOTE_MAX_BYTES);
    writer->folder = strdup(folder);
    if (!writer->folder) {
        return -ENOMEM;
    }
    r = start(writer, origin, mirror, why ? why : &unused);
    if (r == 0) {
        *ret = TAKE(writer);
    }
    return r;
}
