/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/matcher.h"

#include "lib/base/codec.h"
#include "lib/base/digest.h"
#include "lib/match/exact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTHS = 3 };

static const struct {
    enum signal_kind kind;
    size_t width;
} digests[WIDTHS] = {{SIGNAL_SHA256, 32}, {SIGNAL_SHA1, 20}, {SIGNAL_MD5, 16}};

struct exact {
    struct exact_set *sets[WIDTHS]; /* NULL where no entry is of that kind */
    struct span images[WIDTHS];     /* what a set borrows; empty: it owns its memory */
    void (*close)(struct span image);
    uint32_t total; /* refs are below it, whatever an image says */
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
            if (exact->images[i].len) {
                exact->close(exact->images[i]);
            }
        }
        free(exact);
    }
}

/* All that decides what lies where in the image of a kind. */
static void key_of(const struct match_source *source, size_t i, char key[SHA256_HEX_LEN + 1])
{
    uint8_t digest[SHA256_LEN];
    struct sha256 h;
    char line[64];
    int len = snprintf(line, sizeof(line), "exact 2 %s %u\n", signal_kind_words[digests[i].kind],
                       __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

    sha256_start(&h);
    sha256_add(&h, line, (size_t)len);
    for (size_t l = 0; l < source->list_count; l++) {
        sha256_add(&h, list_digest(source->lists[l]), SHA256_HEX_LEN);
        len = snprintf(line, sizeof(line), " %u\n", source->first[l]);
        sha256_add(&h, line, (size_t)len);
    }
    sha256_end(&h, digest);
    hex_encode(digest, sizeof(digest), key);
}

/* The set over a kept image of it. False: there is none that fits. */
static bool open_image(struct exact *exact, size_t i, const struct match_images *images, const char *key, size_t count)
{
    struct span image = images->open(images->arg, key);

    if (!image.len) {
        return false;
    }
    if (exact_set_open(&exact->sets[i], digests[i].width, image) == 0 && exact_set_count(exact->sets[i]) <= count) {
        exact->images[i] = image;
        return true;
    }
    exact->sets[i] = exact_set_free(exact->sets[i]);
    images->close(image);
    return false;
}

static int build_one(struct exact *exact, size_t i, const struct match_source *source, const struct match_images *images)
{
    struct source_feed from = {source, digests[i].kind, digests[i].width, {0}};
    struct exact_feed feed = {&from, feed_rewind, feed_next};
    size_t count = match_source_count(source, digests[i].kind);
    char key[SHA256_HEX_LEN + 1];
    struct exact_set *made;

    if (!images || count < images->min) {
        return exact_set_build(&exact->sets[i], digests[i].width, &feed);
    }
    key_of(source, i, key);
    if (open_image(exact, i, images, key, count)) {
        return 0;
    }
    if (exact_set_build(&made, digests[i].width, &feed) < 0) {
        return -ENOMEM;
    }
    images->save(images->arg, key, exact_set_image(made));
    if (open_image(exact, i, images, key, count)) {
        (void)exact_set_free(made);
    } else {
        exact->sets[i] = made;
    }
    return 0;
}

static int exact_build(void **ret, const struct match_source *source,
                       const struct match_options *options, struct faults *notes)
{
    struct exact *exact = calloc(1, sizeof(*exact));
    bool any = false;

    (void)notes;
    if (!exact) {
        return -ENOMEM;
    }
    exact->close = options->images ? options->images->close : NULL;
    exact->total = source->first[source->list_count];
    for (size_t i = 0; i < WIDTHS; i++) {
        if (match_source_count(source, digests[i].kind) == 0) {
            continue;
        }
        any = true;
        if (build_one(exact, i, source, options->images) < 0) {
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
            for (size_t n = 0; n < count && refs[n] < exact->total; n++) {
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
