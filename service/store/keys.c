/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/keys.h"

#include "lib/base/codec.h"
#include "lib/base/digest.h"
#include "service/store/ops.h"

#include <assert.h>
#include <stdio.h>

static_assert(SHORT_DIGEST_LEN == BASE64URL_LEN(16), "16 bytes in base64url");

void key_tag(char into[TAG_MAX], unsigned shard)
{
    assert(shard < STORE_SHARDS_MAX);
    (void)snprintf(into, TAG_MAX, "{s%02u}", shard);
}

unsigned key_shard(struct span partner, struct span content_id, unsigned shards)
{
    uint8_t digest[SHA256_LEN];
    uint64_t number = 0;
    struct sha256 h;

    assert(shards >= 1);
    sha256_start(&h);
    sha256_add(&h, partner.ptr, partner.len);
    sha256_add(&h, "", 1);
    sha256_add(&h, content_id.ptr, content_id.len);
    sha256_end(&h, digest);
    for (int i = 0; i < 8; i++) {
        number = number << 8 | digest[i];
    }
    return (unsigned)(number % shards);
}

void key_short(char into[SHORT_DIGEST_LEN + 1], const char *kind, struct span owner,
               struct span what)
{
    uint8_t digest[SHA256_LEN];
    struct sha256 h;

    sha256_start(&h);
    sha256_add(&h, kind, strlen(kind) + 1);
    sha256_add(&h, owner.ptr, owner.len);
    sha256_add(&h, "", 1);
    sha256_add(&h, what.ptr, what.len);
    sha256_end(&h, digest);
    base64url_encode(digest, 16, into);
}

static bool all_of(struct span text, const char *letters, size_t min, size_t max)
{
    if (text.len < min || text.len > max) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\0' || !strchr(letters, text.ptr[i])) {
            return false;
        }
    }
    return true;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

bool key_name_ok(struct span name)
{
    return all_of(name, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "_.@-", 1, STORE_NAME_MAX);
}

bool key_queue_ok(struct span queue)
{
    return all_of(queue, LOWER DIGITS "-", 1, STORE_QUEUE_NAME_MAX);
}

bool key_language_ok(struct span language)
{
    return all_of(language, LOWER, 2, 3);
}
