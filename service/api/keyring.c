/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/keyring.h"

#include "lib/json/field.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

const char *const role_words[ROLE_COUNT] = {"partner", "reviewer", "senior", "auditor", "admin", "metrics"};

struct keyring {
    atomic_int refs;
    int64_t generation;
    size_t count;
    struct key keys[];              /* sorted by id */
};

static void copy_text(char *into, size_t cap, struct span text)
{
    (void)snprintf(into, cap, "%.*s", (int)text.len, text.len ? text.ptr : "");
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct key *)a)->id, ((const struct key *)b)->id);
}

struct keyring *keyring_new(const struct store_keys *keys)
{
    struct keyring *ring = calloc(1, sizeof(*ring) + keys->count * sizeof(ring->keys[0]));

    if (!ring) {
        return NULL;
    }
    atomic_init(&ring->refs, 1);
    ring->generation = keys->generation;
    for (size_t i = 0; i < keys->count; i++) {
        const struct store_key *from = &keys->keys[i];
        struct key *key = &ring->keys[ring->count];
        int role = word_index(role_words, ROLE_COUNT, from->role);

        if (role < 0 || from->secret_sha256.len != SHA256_LEN ||
            from->pseudonym_key.len != PSEUDONYM_KEY_LEN) {
            continue;
        }
        key->role = (enum role)role;
        copy_text(key->id, sizeof(key->id), from->id);
        copy_text(key->name, sizeof(key->name), from->name);
        memcpy(key->secret_sha256, from->secret_sha256.ptr, SHA256_LEN);
        memcpy(key->pseudonym_key, from->pseudonym_key.ptr, PSEUDONYM_KEY_LEN);
        key->created_ms = from->created_ms;
        key->revoked_ms = from->revoked_ms;
        key->expires_ms = from->expires_ms;
        key->may = from->attributes.len ? strndup(from->attributes.ptr, from->attributes.len) : NULL;
        if (from->attributes.len && !key->may) {        /* a limit forgotten would be a limit broken */
            ring->count++;
            return keyring_unref(ring);
        }
        ring->count++;
    }
    qsort(ring->keys, ring->count, sizeof(ring->keys[0]), compare_keys);
    return ring;
}

struct keyring *keyring_ref(struct keyring *ring)
{
    atomic_fetch_add(&ring->refs, 1);
    return ring;
}

struct keyring *keyring_unref(struct keyring *ring)
{
    if (ring && atomic_fetch_sub(&ring->refs, 1) == 1) {
        for (size_t i = 0; i < ring->count; i++) {
            free(ring->keys[i].may);
        }
        bytes_wipe(ring->keys, ring->count * sizeof(ring->keys[0]));
        free(ring);
    }
    return NULL;
}

int64_t keyring_generation(const struct keyring *ring)
{
    return ring->generation;
}

size_t keyring_count(const struct keyring *ring)
{
    return ring->count;
}

const struct key *keyring_at(const struct keyring *ring, size_t i)
{
    return &ring->keys[i];
}

const struct key *keyring_check(const struct keyring *ring, struct span role, struct span id,
                                struct span secret, int64_t now_ms)
{
    static const struct key nobody;
    uint8_t digest[SHA256_LEN];
    struct key wanted = {0};
    const struct key *found;
    bool right;

    sha256_of(secret.ptr, secret.len, digest);
    copy_text(wanted.id, sizeof(wanted.id), id);
    found = ring->count ? bsearch(&wanted, ring->keys, ring->count, sizeof(wanted), compare_keys) : NULL;
    right = bytes_equal_constant_time(digest, found ? found->secret_sha256 : nobody.secret_sha256,
                                      SHA256_LEN);
    if (!found || !right || !span_is(role, role_words[found->role]) || id.len != strlen(found->id) ||
        found->revoked_ms || (found->expires_ms && found->expires_ms <= now_ms)) {
        return NULL;
    }
    return found;
}
