/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_KEYRING_H
#define RAPPORTEUR_SERVICE_API_KEYRING_H

/*
 * The API keys as one immutable table, shared by all workers through a slot. The record is Redis;
 * a change anywhere raises the store's key generation, which is asked once a second, so a key that
 * another process revoked stops working within a second, and one revoked here at once.
 * Secrets are held as SHA-256 only.
 */

#include "lib/audit/commit.h"
#include "lib/base/digest.h"
#include "service/store/ops.h"

#include <stdbool.h>
#include <stdint.h>

enum role { ROLE_PARTNER, ROLE_REVIEWER, ROLE_SENIOR, ROLE_AUDITOR, ROLE_ADMIN, ROLE_METRICS, ROLE_COUNT };
extern const char *const role_words[ROLE_COUNT];

struct keyring;

/* One key; strings NUL-terminated, owned by the ring. */
struct key {
    char id[65], name[STORE_NAME_MAX + 1];
    enum role role;
    uint8_t secret_sha256[SHA256_LEN];
    uint8_t pseudonym_key[PSEUDONYM_KEY_LEN];
    int64_t created_ms, revoked_ms, expires_ms;     /* 0: not */
    char *may;                                      /* JSON (reviewer.h), owned by the ring; NULL: nothing */
};

/* From what the store lists; keys with a role this version does not know are left out.
 * NULL without memory. */
struct keyring *keyring_new(const struct store_keys *keys);
struct keyring *keyring_ref(struct keyring *ring);
struct keyring *keyring_unref(struct keyring *ring);
int64_t keyring_generation(const struct keyring *ring);
size_t keyring_count(const struct keyring *ring);
const struct key *keyring_at(const struct keyring *ring, size_t i);

/* The live key with that id and secret, compared in constant time; NULL for any other. An unknown id
 * takes as long as a wrong secret. */
const struct key *keyring_check(const struct keyring *ring, struct span role, struct span id,
                                struct span secret, int64_t now_ms);

#endif
