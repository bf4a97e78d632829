/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/features.h"

#include "lib/base/digest.h"
#include "lib/match/pdq.h"
#include "lib/match/url.h"

#include <errno.h>
#include <stdio.h>

struct found {
    char features[STORE_FEATURES_MAX * STORE_FEATURE_LEN], pictures[STORE_PICTURES_MAX * STORE_PICTURE_HASH_LEN];
    size_t features_len, pictures_len;
};

/* Once, as long as there is room. */
static void add(char *into, size_t *len, size_t max, const void *one, size_t one_len)
{
    for (size_t i = 0; i < *len; i += one_len) {
        if (memcmp(into + i, one, one_len) == 0) {
            return;
        }
    }
    if (*len + one_len <= max) {
        memcpy(into + *len, one, one_len);
        *len += one_len;
    }
}

static void add_digest(struct found *found, char kind, const char *text, size_t len)
{
    uint8_t digest[SHA256_LEN];
    char feature[STORE_FEATURE_LEN];

    sha256_of(text, len, digest);
    feature[0] = kind;
    memcpy(feature + 1, digest, sizeof(feature) - 1);
    add(found->features, &found->features_len, sizeof(found->features), feature, sizeof(feature));
}

static void add_url(struct found *found, struct span text)
{
    char room[URL_ROOM], spelling[URL_HOST_MAX + URL_ROOM + 16];
    struct url url;
    int len;

    if (!url_read(&url, text, room)) {
        return;
    }
    len = snprintf(spelling, sizeof(spelling), "%.*s:%u%.*s", (int)url.host.len, url.host.ptr, (unsigned)url.port,
                   (int)url.rest.len, url.rest.ptr);
    add_digest(found, 'u', spelling, (size_t)len);
}

static void add_hash(struct found *found, const struct content_hash *hash)
{
    char spelling[80];
    size_t at = 0;
    struct pdq pdq;

    if (hash->kind == SIGNAL_PDQ) {
        if ((hash->quality < 0 || hash->quality >= FEATURES_PDQ_QUALITY) && pdq_read(&pdq, hash->value)) {
            add(found->pictures, &found->pictures_len, sizeof(found->pictures), pdq.word, sizeof(pdq.word));
        }
        return;
    }
    if (hash->kind == SIGNAL_TLSH) {
        return;
    }
    spelling[at++] = (char)('0' + hash->kind);
    for (size_t i = 0; i < hash->value.len && at < sizeof(spelling); i++) {
        char c = hash->value.ptr[i];

        spelling[at++] = (char)(c >= 'A' && c <= 'F' ? c | 0x20 : c);
    }
    add_digest(found, 'h', spelling, at);
}

int features_of(struct arena *arena, const struct content *content, struct span *ret_features,
                struct span *ret_pictures)
{
    struct found found = {.features_len = 0};

    if (content->url.len) {
        add_url(&found, content->url);
    }
    for (size_t i = 0; i < content->url_count; i++) {
        add_url(&found, content->urls[i]);
    }
    for (size_t i = 0; i < content->hash_count; i++) {
        add_hash(&found, &content->hashes[i]);
    }
    *ret_features = arena_copy(arena, (struct span){found.features, found.features_len});
    *ret_pictures = arena_copy(arena, (struct span){found.pictures, found.pictures_len});
    return ret_features->ptr && ret_pictures->ptr ? 0 : -ENOMEM;
}

static bool reopens(const struct match_set *set, struct span list)
{
    for (size_t i = 0; i < match_set_list_count(set); i++) {
        const struct list_head *head = list_head(match_set_list(set, i));

        if (head->reopens && span_equal(head->id, list)) {
            return true;
        }
    }
    return false;
}

int features_cited(struct arena *arena, const struct match_set *set, const struct hits *hits, struct span *ret)
{
    char names[STORE_CITED_MAX * (STORE_CITED_NAME_MAX + 1)];
    size_t len = 0, count = 0;

    for (size_t i = 0; i < hits->count && count < STORE_CITED_MAX; i++) {
        const struct hit *hit = &hits->list[i];
        bool doubled = i > 0 && span_equal(hit->list, hit[-1].list) && span_equal(hit->entry, hit[-1].entry);

        if (hit->mode != LIST_LIVE || doubled || !reopens(set, hit->list)) {
            continue;
        }
        len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%.*s/%.*s", count++ ? "\n" : "",
                                (int)hit->list.len, hit->list.ptr, (int)hit->entry.len, hit->entry.ptr);
    }
    *ret = len ? arena_copy(arena, (struct span){names, len}) : (struct span){"", 0};
    return ret->ptr ? 0 : -ENOMEM;
}
