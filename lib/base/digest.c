/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/digest.h"

#include "lib/base/codec.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <assert.h>
#include <stdlib.h>

/*
 * The one-value SHA-256 of libcrypto is deprecated for providers' sake, but it is the only one that
 * needs no heap, and at 94 ns a tree node against 130 it is the fastest measured. Its result is the
 * same; it never fails.
 */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static_assert(sizeof(SHA256_CTX) <= sizeof(struct sha256), "the context fits into our value");

void sha256_start(struct sha256 *h)
{
    (void)SHA256_Init((SHA256_CTX *)(void *)h->opaque);
}

void sha256_add(struct sha256 *h, const void *bytes, size_t len)
{
    (void)SHA256_Update((SHA256_CTX *)(void *)h->opaque, bytes, len);
}

void sha256_end(struct sha256 *h, uint8_t out[SHA256_LEN])
{
    (void)SHA256_Final(out, (SHA256_CTX *)(void *)h->opaque);
}

void sha256_of(const void *bytes, size_t len, uint8_t out[SHA256_LEN])
{
    struct sha256 h;

    sha256_start(&h);
    sha256_add(&h, bytes, len);
    sha256_end(&h, out);
}

void sha256_hex(const void *bytes, size_t len, char out[SHA256_HEX_LEN + 1])
{
    uint8_t digest[SHA256_LEN];

    sha256_of(bytes, len, digest);
    hex_encode(digest, sizeof(digest), out);
}

/* libcrypto out of memory or without its algorithms. */
static void must(bool worked)
{
    if (!worked) {
        abort();
    }
}

void hmac_sha256(struct span key, struct span message, uint8_t out[SHA256_LEN])
{
    /* NULL would mean "the key of last time". */
    const char *key_bytes = key.len ? key.ptr : "";

    must(HMAC(EVP_sha256(), key_bytes, (int)key.len, (const unsigned char *)message.ptr, message.len,
              out, NULL) != NULL);
}

static EVP_PKEY *private_key(const uint8_t seed[ED25519_SEED_LEN])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519_SEED_LEN);

    must(key != NULL);
    return key;
}

void ed25519_public(const uint8_t seed[ED25519_SEED_LEN], uint8_t out[ED25519_PUBLIC_LEN])
{
    EVP_PKEY *key = private_key(seed);
    size_t len = ED25519_PUBLIC_LEN;

    must(EVP_PKEY_get_raw_public_key(key, out, &len) == 1);
    EVP_PKEY_free(key);
}

void ed25519_sign(const uint8_t seed[ED25519_SEED_LEN], struct span message,
                  uint8_t out[ED25519_SIGNATURE_LEN])
{
    EVP_PKEY *key = private_key(seed);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t len = ED25519_SIGNATURE_LEN;

    must(ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
         EVP_DigestSign(ctx, out, &len, (const unsigned char *)message.ptr, message.len) == 1);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
}

bool ed25519_verify(const uint8_t public_key[ED25519_PUBLIC_LEN], struct span message,
                    const uint8_t signature[ED25519_SIGNATURE_LEN])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, ED25519_PUBLIC_LEN);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good;

    must(ctx != NULL);
    /* A key that is no point of the curve is foreign input, not our failure. */
    good = key && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
           EVP_DigestVerify(ctx, signature, ED25519_SIGNATURE_LEN,
                            (const unsigned char *)message.ptr, message.len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good;
}

bool bytes_equal_constant_time(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void bytes_wipe(void *secret, size_t len)
{
    OPENSSL_cleanse(secret, len);
}
