/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/matcher.h"

#include "lib/match/pdq.h"

#include <errno.h>
#include <stdlib.h>

struct pdq_set {
    struct pdq_index *index;
    uint32_t *refs;
    uint32_t count;
};

struct pdq_scan {
    const struct pdq_set *set;
    struct match_run *run;
    uint32_t hash;
};

static void pdq_done(void *self)
{
    struct pdq_set *set = self;

    if (set) {
        (void)pdq_index_free(set->index);
        free(set->refs);
        free(set);
    }
}

static int fill(struct pdq_set *set, struct pdq *hashes, const struct match_source *source)
{
    struct match_cursor cursor = {0};
    const struct list_entry *entry;
    uint32_t ref;

    while ((entry = match_source_next(source, SIGNAL_PDQ, &cursor, &ref)) != NULL) {
        if (pdq_read(&hashes[set->count], entry->value)) {
            set->refs[set->count++] = ref;
        }
    }
    return pdq_index_build(&set->index, hashes, set->count, PDQ_BY_LOAD);
}

static int pdq_build(void **ret, const struct match_source *source,
                     const struct match_options *options, struct faults *notes)
{
    size_t count = match_source_count(source, SIGNAL_PDQ);
    struct pdq_set *set;
    struct pdq *hashes;
    int r;

    (void)options;
    (void)notes;
    if (count == 0) {
        return 0;
    }
    set = calloc(1, sizeof(*set));
    hashes = malloc(count * sizeof(*hashes));
    if (set) {
        set->refs = malloc(count * sizeof(*set->refs));
    }
    r = set && hashes && set->refs ? fill(set, hashes, source) : -ENOMEM;
    free(hashes);
    if (r < 0) {
        pdq_done(set);
        return r;
    }
    *ret = set;
    return 0;
}

static void found(void *arg, uint32_t i, int distance)
{
    struct pdq_scan *scan = arg;

    match_run_found(scan->run, &(struct match_find){.ref = scan->set->refs[i],
                                                    .field = HIT_HASHES,
                                                    .index = scan->hash,
                                                    .distance = distance});
}

static void pdq_scan(const void *self, void *scratch, struct match_run *run)
{
    struct pdq_scan scan = {self, run, 0};

    (void)scratch;
    for (size_t h = 0; h < run->content->hash_count; h++) {
        const struct content_hash *hash = &run->content->hashes[h];
        struct pdq query;

        /* A hash of unknown quality is compared: leaving it out would miss what nobody measured. */
        if (hash->kind != SIGNAL_PDQ || !pdq_read(&query, hash->value) ||
            (hash->quality >= 0 && hash->quality < run->options->pdq_min_quality)) {
            continue;
        }
        scan.hash = (uint32_t)h;
        pdq_index_find(scan.set->index, &query, run->options->pdq_distance, found, &scan);
    }
}

static size_t pdq_bytes(const void *self)
{
    const struct pdq_set *set = self;

    return sizeof(*set) + set->count * sizeof(*set->refs) + pdq_index_bytes(set->index);
}

const struct matcher pdq_matcher = {
    .name = "pdq",
    .build = pdq_build,
    .scan = pdq_scan,
    .free = pdq_done,
    .bytes = pdq_bytes,
};
