/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_BASE_DIGEST_H
#define RAPPORTEUR_LIB_BASE_DIGEST_H

/*
 * SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104), Ed25519 (RFC 8032) and constant-time comparison,
 * over libcrypto. Every call works on any thread; a sha256 context belongs to one thread at a time.
 *     struct sha256 h;  sha256_start(&h);  sha256_add(&h, p, n);  sha256_end(&h, out);
 * A failing libcrypto (no memory) aborts: nothing here could be answered honestly without it.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SHA256_LEN = 32,
    SHA256_HEX_LEN = 64,
    ED25519_SEED_LEN = 32,
    ED25519_PUBLIC_LEN = 32,
    ED25519_SIGNATURE_LEN = 64,
};

/* A plain value: no heap, may be dropped at any time. */
struct sha256 {
    uint64_t opaque[16];
};

void sha256_start(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *bytes, size_t len);
void sha256_end(struct sha256 *h, uint8_t out[SHA256_LEN]);
void sha256_of(const void *bytes, size_t len, uint8_t out[SHA256_LEN]);
/* Lower-case hex of the digest, NUL-terminated. */
void sha256_hex(const void *bytes, size_t len, char out[SHA256_HEX_LEN + 1]);

void hmac_sha256(struct span key, struct span message, uint8_t out[SHA256_LEN]);

/* The public key of a 32-byte seed. */
void ed25519_public(const uint8_t seed[ED25519_SEED_LEN], uint8_t out[ED25519_PUBLIC_LEN]);
void ed25519_sign(const uint8_t seed[ED25519_SEED_LEN], struct span message,
                  uint8_t out[ED25519_SIGNATURE_LEN]);
bool ed25519_verify(const uint8_t public_key[ED25519_PUBLIC_LEN], struct span message,
                    const uint8_t signature[ED25519_SIGNATURE_LEN]);

/* Equal, in a time that depends on the length only. */
bool bytes_equal_constant_time(const void *a, const void *b, size_t len);
/* Overwrites a secret in a way the compiler keeps. */
void bytes_wipe(void *secret, size_t len);

#endif
