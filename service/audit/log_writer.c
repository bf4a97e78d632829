/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/log_writer_internal.h"

#include "service/audit/durable.h"
#include "service/audit/reader.h"
#include "service/audit/stage.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct log_writer *log_writer_free(struct log_writer *writer)
{
    if (writer) {
        writer->edge = edge_free(writer->edge);
        buf_done(&writer->staging);
        buf_done(&writer->checkpoint);
        note_signer_wipe(&writer->signer);
        if (writer->lock >= 0) {
            (void)close(writer->lock);
        }
        if (writer->root >= 0) {
            (void)close(writer->root);
        }
        free(writer->folder);
        free(writer);
    }
    return NULL;
}

const struct checkpoint *log_writer_head(const struct log_writer *writer)
{
    return &writer->state.head;
}

uint64_t log_writer_published(const struct log_writer *writer)
{
    return writer->published;
}

struct span log_writer_checkpoint(const struct log_writer *writer)
{
    return buf_span(&writer->checkpoint);
}

const struct note_key *log_writer_key(const struct log_writer *writer)
{
    return &writer->signer.key;
}

static int stage_put(void *arg, const struct tile *tile, struct span bytes)
{
    return stage_add(arg, tile, bytes);
}

/* Appends the batch to the edge; what has to be written is in writer->staging. */
static int build(struct log_writer *writer, const struct audit_batch *batch)
{
    int r = stage_start(&writer->staging);

    for (size_t i = 0; i < batch->count && r == 0; i++) {
        r = edge_append(writer->edge, audit_batch_entry(batch, i), stage_put, &writer->staging);
    }
    return r ? r : edge_partials(writer->edge, stage_put, &writer->staging);
}

static int write_state(struct log_writer *writer, const struct log_state *state, struct fault *why)
{
    struct buf bytes;
    int r;

    buf_init(&bytes, STATE_MAX_BYTES);
    r = log_state_write(&bytes, state, &writer->signer, why);
    if (r == 0) {
        r = durable_write(writer->root, "private/state", buf_span(&bytes), 0600, why);
    }
    buf_done(&bytes);
    return r;
}

int log_writer_commit(struct log_writer *writer, const struct audit_batch *batch, struct fault *why)
{
    struct merkle_stack before = *edge_tree(writer->edge);
    struct log_state next = writer->state;
    int r;

    assert(writer->spread && batch->next == before.size + batch->count);
    r = build(writer, batch);
    if (r) {
        return r == BUF_FULL ? -ENOMEM : r;
    }
    next.head.size = edge_tree(writer->edge)->size;
    next.head.root = merkle_root(edge_tree(writer->edge));
    next.has_staging = true;
    r = stage_check(buf_span(&writer->staging), &before, batch, &next.head.root, why);
    if (r) {
        return r;
    }
    sha256_of(writer->staging.data, writer->staging.len, next.staging);
    r = durable_write(writer->root, "private/staging", buf_span(&writer->staging), 0600, why);
    if (r == 0) {
        r = write_state(writer, &next, why);
    }
    if (r == 0) {
        writer->state = next;
        writer->spread = false;
    }
    return r;
}

int log_writer_spread(struct log_writer *writer, struct fault *why)
{
    struct stage_walk walk;
    struct durable set;
    int r = 0, next;

    if (!stage_open(&walk, buf_span(&writer->staging))) {
        return fault_set(why, "SEQUENCER_STATE", "private/staging",
                         "the staging file is not in its form");
    }
    durable_start(&set, writer->root);
    while (r == 0 && (next = stage_next(&walk)) != 1) {
        char path[TILE_PATH_MAX + 8];

        if (next < 0) {
            r = fault_set(why, "SEQUENCER_STATE", "private/staging",
                          "the staging file is not in its form");
            break;
        }
        (void)snprintf(path, sizeof(path), "log/%s", walk.path);
        r = durable_put_once(&set, path, walk.bytes, why);
    }
    r = durable_finish(&set, r, why);
    if (r == 0) {
        writer->spread = true;
        buf_clear(&writer->staging);
        /* Left behind it would only be removed at the next start. */
        (void)unlinkat(writer->root, "private/staging", 0);
    }
    return r;
}

int log_writer_sign(struct log_writer *writer, struct buf *out, struct fault *why)
{
    assert(writer->spread);
    return checkpoint_sign(out, &writer->state.head, &writer->signer, 1, why);
}

int log_writer_publish(struct log_writer *writer, struct span note, struct fault *why)
{
    struct checkpoint head;
    struct buf bytes;
    int r = checkpoint_open(&head, note, &writer->signer.key, why);

    if (r) {
        return r;
    }
    assert(head.size >= writer->published && head.size <= writer->state.head.size);
    buf_init(&bytes, NOTE_MAX_BYTES);
    r = buf_add_span(&bytes, note);
    r = r ? -ENOMEM : durable_write(writer->root, "log/checkpoint", note, 0644, why);
    if (r) {
        buf_done(&bytes);
        return r;
    }
    buf_done(&writer->checkpoint);
    writer->checkpoint = bytes;
    writer->published = head.size;
    return 0;
}

int log_writer_compare(struct log_writer *writer, const struct audit_batch *batch,
                       struct fault *why)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    char folder[4096];
    uint64_t first = batch->next - batch->count;
    struct buf head;
    int r;

    if ((size_t)snprintf(folder, sizeof(folder), "%s/log", writer->folder) >= sizeof(folder)) {
        return -ENAMETOOLONG;
    }
    buf_init(&head, NOTE_MAX_BYTES);
    r = log_writer_sign(writer, &head, why);
    r = r ? r : audit_reader_open_under(&reader, folder, &writer->signer.key, buf_span(&head), why);
    buf_done(&head);
    for (size_t i = 0; i < batch->count && r == 0 && first + i < audit_reader_size(reader); i++) {
        struct span entry;

        r = audit_reader_entry(reader, first + i, &entry, why);
        if (r == 0 && !span_equal(entry, audit_batch_entry(batch, i))) {
            r = fault_set(
                why, "SEQUENCER_STREAM", "stream",
                "the store has other bytes for entry %llu than the log: it was set back and has "
                "given out indexes twice",
                (unsigned long long)(first + i));
        }
    }
    return r;
}
