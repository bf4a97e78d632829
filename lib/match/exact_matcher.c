/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/matcher.h"

#include "lib/base/codec.h"
#include "lib/match/exact.h"

#include <errno.h>
#include <stdlib.h>

enum { WIDTHS = 3 };

static const struct {
    enum signal_kind kind;
    size_t width;
} digests[WIDTHS] = {{SIGNAL_SHA256, 32}, {SIGNAL_SHA1, 20}, {SIGNAL_MD5, 16}};

struct exact {
    struct exact_set *sets[WIDTHS]; /* NULL where no entry is of that kind */
};

struct source_feed {
    const struct match_source *source;
    enum signal_kind kind;
    size_t width;
    struct match_cursor cursor;
};

static void feed_rewind(void *arg)
{
    ((struct source_feed *)arg)->cursor = (struct match_cursor){0};
}

static bool feed_next(void *arg, uint8_t key[32], uint32_t *ret_ref)
{
    struct source_feed *feed = arg;
    const struct list_entry *entry;

    while ((entry = match_source_next(feed->source, feed->kind, &feed->cursor, ret_ref)) != NULL) {
        if (hex_decode(entry->value, key, feed->width)) {
            return true;
        }
    }
    return false;
}

static void exact_done(void *self)
{
    struct exact *exact = self;

    if (exact) {
        for (size_t i = 0; i < WIDTHS; i++) {
            (void)exact_set_free(exact->sets[i]);
        }
        free(exact);
    }
}

static int exact_build(void **ret, const struct match_source *source,
                       const struct match_options *options, struct faults *notes)
{
    struct exact *exact = calloc(1, sizeof(*exact));
    bool any = false;

    (void)options;
    (void)notes;
    if (!exact) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < WIDTHS; i++) {
        struct source_feed from = {source, digests[i].kind, digests[i].width, {0}};
        struct exact_feed feed = {&from, feed_rewind, feed_next};

        if (match_source_count(source, digests[i].kind) == 0) {
            continue;
        }
        any = true;
        if (exact_set_build(&exact->sets[i], digests[i].width, &feed) < 0) {
            exact_done(exact);
            return -ENOMEM;
        }
    }
    if (!any) {
        exact_done(exact);
        exact = NULL;
    }
    *ret = exact;
    return 0;
}

static void exact_scan(const void *self, void *scratch, struct match_run *run)
{
    const struct exact *exact = self;

    (void)scratch;
    for (size_t h = 0; h < run->content->hash_count; h++) {
        const struct content_hash *hash = &run->content->hashes[h];

        for (size_t i = 0; i < WIDTHS; i++) {
            const uint32_t *refs;
            uint8_t key[32];
            size_t count = 0;

            if (digests[i].kind != hash->kind || !exact->sets[i] ||
                !hex_decode(hash->value, key, digests[i].width)) {
                continue;
            }
            refs = exact_set_find(exact->sets[i], key, &count);
            for (size_t n = 0; n < count; n++) {
                match_run_found(run, &(struct match_find){.ref = refs[n],
                                                          .field = HIT_HASHES,
                                                          .index = (uint32_t)h});
            }
        }
    }
}

static size_t exact_bytes(const void *self)
{
    const struct exact *exact = self;
    size_t bytes = sizeof(*exact);

    for (size_t i = 0; i < WIDTHS; i++) {
        bytes += exact->sets[i] ? exact_set_image(exact->sets[i]).len : 0;
    }
    return bytes;
}

const struct matcher exact_matcher = {
    .name = "exact",
    .build = exact_build,
    .scan = exact_scan,
    .free = exact_done,
    .bytes = exact_bytes,
};
