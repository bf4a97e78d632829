/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/matcher.h"

#include "lib/match/tlsh.h"

#include <errno.h>
#include <stdlib.h>

enum { RATIOS = 256 };

/* Digests sorted by their ratio byte: where that alone is too far, none of them is compared. */
struct tlsh_set {
    uint32_t count, starts[RATIOS + 1];
    struct tlsh *digests;
    uint32_t *refs;
};

static void tlsh_done(void *self)
{
    struct tlsh_set *set = self;

    if (set) {
        free(set->digests);
        free(set->refs);
        free(set);
    }
}

static void fill(struct tlsh_set *set, const struct match_source *source)
{
    struct match_cursor cursor = {0};
    const struct list_entry *entry;
    uint32_t ref, at[RATIOS];
    struct tlsh digest;

    while ((entry = match_source_next(source, SIGNAL_TLSH, &cursor, &ref)) != NULL) {
        if (tlsh_read(&digest, entry->value)) {
            set->starts[digest.ratios + 1]++;
            set->count++;
        }
    }
    for (size_t i = 0; i < RATIOS; i++) {
        at[i] = set->starts[i];
        set->starts[i + 1] += set->starts[i];
    }
    cursor = (struct match_cursor){0};
    while ((entry = match_source_next(source, SIGNAL_TLSH, &cursor, &ref)) != NULL) {
        if (tlsh_read(&digest, entry->value)) {
            set->digests[at[digest.ratios]] = digest;
            set->refs[at[digest.ratios]++] = ref;
        }
    }
}

static int tlsh_build(void **ret, const struct match_source *source,
                      const struct match_options *options, struct faults *notes)
{
    size_t count = match_source_count(source, SIGNAL_TLSH);
    struct tlsh_set *set;

    (void)options;
    (void)notes;
    if (count == 0) {
        return 0;
    }
    set = calloc(1, sizeof(*set));
    if (!set) {
        return -ENOMEM;
    }
    set->digests = malloc(count * sizeof(*set->digests));
    set->refs = malloc(count * sizeof(*set->refs));
    if (!set->digests || !set->refs) {
        tlsh_done(set);
        return -ENOMEM;
    }
    fill(set, source);
    *ret = set;
    return 0;
}

static void compare_bucket(const struct tlsh_set *set, size_t bucket, const struct tlsh *query,
                           uint32_t hash, struct match_run *run)
{
    for (uint32_t i = set->starts[bucket]; i < set->starts[bucket + 1]; i++) {
        int distance = tlsh_distance(&set->digests[i], query);

        if (distance <= run->options->tlsh_distance) {
            match_run_found(run, &(struct match_find){.ref = set->refs[i],
                                                      .field = HIT_HASHES,
                                                      .index = hash,
                                                      .distance = distance});
        }
    }
}

static void tlsh_scan(const void *self, void *scratch, struct match_run *run)
{
    const struct tlsh_set *set = self;

    (void)scratch;
    for (size_t h = 0; h < run->content->hash_count; h++) {
        const struct content_hash *hash = &run->content->hashes[h];
        struct tlsh query;

        if (hash->kind != SIGNAL_TLSH || !tlsh_read(&query, hash->value)) {
            continue;
        }
        for (size_t bucket = 0; bucket < RATIOS; bucket++) {
            if (set->starts[bucket] < set->starts[bucket + 1] &&
                tlsh_ratio_distance((uint8_t)bucket, query.ratios) <= run->options->tlsh_distance) {
                compare_bucket(set, bucket, &query, (uint32_t)h, run);
            }
        }
    }
}

static size_t tlsh_bytes(const void *self)
{
    const struct tlsh_set *set = self;

    return sizeof(*set) + set->count * (sizeof(*set->digests) + sizeof(*set->refs));
}

const struct matcher tlsh_matcher = {
    .name = "tlsh",
    .build = tlsh_build,
    .scan = tlsh_scan,
    .free = tlsh_done,
    .bytes = tlsh_bytes,
};
