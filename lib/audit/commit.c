/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/commit.h"

#include "lib/base/codec.h"

#include <assert.h>

/* HMAC over label || 0x00 || bytes without putting them together: bytes may be a whole document.
 * The construction of RFC 2104 for keys of at most one block. */
static void keyed(const uint8_t key[32], struct span label, struct span bytes,
                  uint8_t out[SHA256_LEN])
{
    uint8_t pad[64], inner[SHA256_LEN];
    struct sha256 h;

    for (size_t i = 0; i < sizeof(pad); i++) {
        pad[i] = (uint8_t)((i < 32 ? key[i] : 0) ^ 0x36);
    }
    sha256_start(&h);
    sha256_add(&h, pad, sizeof(pad));
    sha256_add(&h, label.ptr, label.len);
    sha256_add(&h, "\x00", 1);
    sha256_add(&h, bytes.ptr, bytes.len);
    sha256_end(&h, inner);
    for (size_t i = 0; i < sizeof(pad); i++) {
        pad[i] ^= 0x36 ^ 0x5c;
    }
    sha256_start(&h);
    sha256_add(&h, pad, sizeof(pad));
    sha256_add(&h, inner, sizeof(inner));
    sha256_end(&h, out);
    bytes_wipe(pad, sizeof(pad));
    bytes_wipe(&h, sizeof(h));
}

void commit_make(const uint8_t key[COMMIT_KEY_LEN], struct span label, struct span bytes,
                 char into[COMMIT_HEX_LEN + 1])
{
    uint8_t digest[SHA256_LEN];

    assert(label.len >= 1 && label.len <= COMMIT_LABEL_MAX && !memchr(label.ptr, 0, label.len));
    keyed(key, label, bytes, digest);
    hex_encode(digest, sizeof(digest), into);
}

bool commit_check(const uint8_t key[COMMIT_KEY_LEN], struct span label, struct span bytes,
                  struct span hex)
{
    uint8_t given[SHA256_LEN], digest[SHA256_LEN];

    if (label.len == 0 || label.len > COMMIT_LABEL_MAX || memchr(label.ptr, 0, label.len) ||
        !hex_decode(hex, given, sizeof(given))) {
        return false;
    }
    keyed(key, label, bytes, digest);
    return bytes_equal_constant_time(given, digest, sizeof(digest));
}

void pseudonym_make(const uint8_t key[PSEUDONYM_KEY_LEN], struct span scope,
                    char into[PSEUDONYM_HEX_LEN + 1])
{
    uint8_t digest[SHA256_LEN];

    keyed(key, SPAN("pseudonym"), scope, digest);
    hex_encode(digest, PSEUDONYM_HEX_LEN / 2, into);
}
