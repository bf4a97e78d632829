/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/service/audit/memory_source.h"

#include "lib/audit/bundle.h"
#include "lib/base/clock.h"
#include "service/audit/sequencer.h"

#include <assert.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const int64_t first_ms = 1795467208123;

size_t memory_entry(uint64_t index, char into[512])
{
    static const char hex[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    uint64_t number = index / 4;
    char at[CLOCK_TEXT_LEN + 1], uuid[40];
    int len = 0;

    clock_text(first_ms + (int64_t)index * 7, at);
    (void)snprintf(uuid, sizeof(uuid), "01936f2e-7c00-7000-8a3b-%012llx",
                   (unsigned long long)(number & 0xffffffffffff));
    switch (index % 4) {
    case 0:
        len = snprintf(into, 512,
                       "{\"at\":\"%s\",\"case\":\"cas_%s\",\"category\":\"recruitment\",\"commit\":"
                       "{\"text\":\"%s\"},\"partner\":\"acme\",\"report\":\"rpt_%s\",\"type\":"
                       "\"report\",\"v\":1}",
                       at, uuid, hex, uuid);
        break;
    case 1:
        len = snprintf(into, 512,
                       "{\"at\":\"%s\",\"case\":\"cas_%s\",\"queue\":\"terrorism\",\"severity\":3,"
                       "\"snapshot\":\"%s\",\"type\":\"verdict\",\"v\":1}",
                       at, uuid, hex);
        break;
    case 2:
        len = snprintf(
            into, 512,
            "{\"at\":\"%s\",\"case\":\"cas_%s\",\"decision\":\"dec_%s\",\"outcome\":\"remove\","
            "\"reviewer\":\"0123456789abcdef0123456789abcdef\",\"type\":\"decision\",\"v\":1}",
            at, uuid, uuid);
        break;
    case 3:
        len = snprintf(into, 512,
                       "{\"at\":\"%s\",\"decision\":\"dec_%s\",\"effective_at\":\"%s\",\"measure\":"
                       "\"removed\",\"partner\":\"acme\",\"type\":\"effect\",\"v\":1}",
                       at, uuid, at);
        break;
    }
    return (size_t)len;
}

static int add_one(struct memory_source *store, uint64_t index, struct audit_batch *batch,
                   struct fault *why)
{
    static char largest[BUNDLE_ENTRY_MAX];
    char text[512];
    size_t len = memory_entry(index, text);
    struct span entry = {text, len};

    if (index == store->changed_at) {
        text[len / 2] ^= 1;
    } else if (index == store->formula_at) {
        memcpy(strstr(text, "acme"), "=1+1", 4);
    } else if (index == store->largest_at) {
        memset(largest, 'x', sizeof(largest));
        entry = (struct span){largest, sizeof(largest)};
    } else if (index == store->empty_at) {
        entry.len = 0;
    }
    return audit_batch_add(batch, index >= store->gap_at ? index + 1 : index, entry, why);
}

static int source_read(void *arg, struct audit_batch *batch, struct fault *why)
{
    struct memory_source *store = arg;
    uint64_t next = batch->next, size = atomic_load(&store->kept->size);
    int r = atomic_load(&store->read_error);

    atomic_fetch_add(&store->reads, 1);
    if (batch->from_anywhere && next < atomic_load(&store->kept->trimmed)) {
        next = atomic_load(&store->kept->trimmed);
    }
    for (; next < size && r == 0; next++) {
        r = add_one(store, next, batch, why);
    }
    return r == BUF_FULL ? 0 : r;
}

static int source_size(void *arg, uint64_t *ret, struct fault *why)
{
    (void)why;
    *ret = atomic_load(&((struct memory_source *)arg)->kept->size);
    return atomic_load(&((struct memory_source *)arg)->read_error);
}

static int source_trim(void *arg, uint64_t below)
{
    atomic_store(&((struct memory_source *)arg)->kept->trimmed, below);
    return 0;
}

static int source_raise(void *arg, uint64_t size, struct fault *why)
{
    struct memory_source *store = arg;

    (void)why;
    atomic_store(&store->raised_to, size);
    atomic_store(&store->kept->size, size);
    return 0;
}

static int source_mirror_get(void *arg, struct audit_mirror *ret, struct fault *why)
{
    struct memory_source *store = arg;

    (void)why;
    *ret = store->kept->mirror;
    return atomic_load(&store->mirror_error);
}

static int source_mirror_put(void *arg, uint64_t expect_epoch, const struct audit_mirror *next,
                             struct fault *why)
{
    struct memory_source *store = arg;
    int r = atomic_load(&store->mirror_error);

    (void)why;
    if (r) {
        return r;
    }
    if (store->kept->mirror.epoch != expect_epoch) {
        return SOURCE_FENCED;
    }
    store->kept->mirror = *next;
    if (atomic_load(&store->mirror_unknown) > 0) {
        atomic_fetch_sub(&store->mirror_unknown, 1);
        return -ETIMEDOUT;
    }
    return 0;
}

void memory_source_init(struct memory_source *store, struct memory_kept *kept)
{
    memset(store, 0, sizeof(*store));
    store->kept = kept ? kept : &store->own;
    store->gap_at = store->changed_at = store->largest_at = store->empty_at = store->formula_at =
        UINT64_MAX;
    store->source = (struct audit_source){.arg = store,
                                          .read = source_read,
                                          .size = source_size,
                                          .trim = source_trim,
                                          .raise = source_raise,
                                          .mirror_get = source_mirror_get,
                                          .mirror_put = source_mirror_put};
}

int memory_log(struct memory_source *store, const char *folder, uint64_t size, struct fault *why)
{
    struct sequencer_status status = {0};
    struct sequencer *sequencer = NULL;
    int r;

    atomic_store(&store->kept->size, size);
    r = sequencer_start(&sequencer,
                        &(struct sequencer_options){.folder = folder,
                                                    .origin = "example.org/audit/test",
                                                    .source = &store->source,
                                                    .integrate_ms = 10,
                                                    .publish_ms = 10,
                                                    .batch_entries = 500},
                        why);
    if (r) {
        return r;
    }
    /* Bounded by the test's own deadline. */
    do {
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 2000000}, NULL);
        sequencer_status(sequencer, &status);
    } while (status.state != SEQUENCER_FAILED && status.published_size < size);
    sequencer = sequencer_stop(sequencer);
    if (status.state == SEQUENCER_FAILED) {
        *why = status.why;
        return FAULT;
    }
    return 0;
}

char *memory_folder(void)
{
    char *folder = strdup("/tmp/rapporteur-audit-XXXXXX");
    const char *made = folder ? mkdtemp(folder) : NULL;

    assert(made);
    return folder;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

void memory_folder_done(char *folder)
{
    (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
}

char *memory_path(const char *folder, const char *name)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        abort();
    }
    return path;
}
