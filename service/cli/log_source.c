/* SPDX-License-Identifier: Apache-2.0 */
#include "service/cli/log_source.h"

#include "service/store/log.h"

#include <assert.h>
#include <errno.h>

static_assert(sizeof(struct hash) == STORE_LOG_ROOT_LEN, "a root is what the mirror holds");

struct reading {
    struct audit_batch *batch;
    uint64_t offset;
    struct fault *why;
};

static int add(void *arg, uint64_t index, struct span entry)
{
    struct reading *reading = arg;

    return audit_batch_add(reading->batch, index - reading->offset, entry, reading->why);
}

/* -EBADMSG cannot be mended by asking again. */
static int result(int r, struct fault *why)
{
    if (r == -EBADMSG) {
        return fault_set(why, "STREAM_FORM", "stream", "the store's log holds what no function of ours writes");
    }
    return r;
}

static int source_read(void *arg, struct audit_batch *batch, struct fault *why)
{
    struct log_source *source = arg;
    struct reading reading = {.batch = batch, .offset = source->offset, .why = why};
    /* The first entry of a later log never came from the store: that number is the last of the log before. */
    uint64_t from = source->later && batch->next == 0 ? 1 : batch->next;
    size_t count;
    int r = store_log_read(source->store, source->shard, from + source->offset, batch->max_count, add, &reading, &count);

    return r == BUF_FULL ? 0 : result(r, why);
}

static int source_size(void *arg, uint64_t *ret, struct fault *why)
{
    struct log_source *source = arg;
    uint64_t last, counter;
    int r = store_log_last(source->store, source->shard, &last, &counter);

    if (r == 0) {
        *ret = counter > source->offset ? counter - source->offset : 0;
    }
    return result(r, why);
}

static int source_trim(void *arg, uint64_t below)
{
    struct log_source *source = arg;

    return store_log_trim(source->store, source->shard, below + source->offset);
}

static int source_raise(void *arg, uint64_t size, struct fault *why)
{
    struct log_source *source = arg;

    return result(store_log_raise(source->store, source->shard, size + source->offset), why);
}

static int source_mirror_get(void *arg, struct audit_mirror *ret, struct fault *why)
{
    struct log_source *source = arg;
    struct store_log_mirror mirror;
    int r = store_log_mirror_get(source->store, source->shard, &mirror);

    if (r == 0) {
        *ret = (struct audit_mirror){.epoch = mirror.epoch};
        ret->size = mirror.size > source->offset ? mirror.size - source->offset : 0;
        memcpy(&ret->root, mirror.root, sizeof(ret->root));
        if (source->later && ret->size == 1 && hash_equal(&ret->root, &source->before)) {
            ret->root = source->first;      /* the last word of the log before: ours has not begun */
        }
    }
    return result(r, why);
}

static int source_mirror_put(void *arg, uint64_t expect_epoch, const struct audit_mirror *next, struct fault *why)
{
    struct log_source *source = arg;
    struct store_log_mirror mirror = {.epoch = next->epoch, .size = next->size + source->offset};
    int r;

    memcpy(mirror.root, &next->root, sizeof(mirror.root));
    r = store_log_mirror_put(source->store, source->shard, expect_epoch, &mirror);
    return r == -ESTALE ? SOURCE_FENCED : result(r, why);
}

void log_source_init(struct log_source *source, struct store_sync *store, unsigned shard)
{
    *source = (struct log_source){.store = store, .shard = shard};
    source->source = (struct audit_source){.arg = source, .read = source_read, .size = source_size,
                                           .trim = source_trim, .raise = source_raise,
                                           .mirror_get = source_mirror_get, .mirror_put = source_mirror_put};
}

void log_source_follow(struct log_source *source, const struct trail_begin *begin, struct span first)
{
    source->later = true;
    source->offset = begin->serial - 1;
    source->before = begin->head.root;
    source->first = merkle_leaf(first);
}

void log_source_done(struct log_source *source)
{
    source->store = store_sync_free(source->store);
}
