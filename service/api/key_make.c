/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/key_make.h"

#include "service/runtime/random.h"

#include <stdio.h>
#include <string.h>

void key_make(struct key_made *ret, const char *role)
{
    uint8_t id[8], secret[32];
    char hex[HEX_LEN(sizeof(secret)) + 1];

    random_bytes(id, sizeof(id));
    random_bytes(secret, sizeof(secret));
    random_bytes(ret->pseudonym_key, sizeof(ret->pseudonym_key));
    hex_encode(id, sizeof(id), ret->id);
    hex_encode(secret, sizeof(secret), hex);
    (void)snprintf(ret->role, sizeof(ret->role), "%s", role);
    (void)snprintf(ret->text, sizeof(ret->text), "rap_%s_%s_%s", role, ret->id, hex);
    sha256_of(hex, strlen(hex), ret->secret_sha256);
    bytes_wipe(secret, sizeof(secret));
    bytes_wipe(hex, sizeof(hex));
}

bool key_name_good(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
              c == '_' || c == '@' || c == '-')) {
            return false;
        }
    }
    return name.len >= 1 && name.len <= STORE_NAME_MAX;
}

struct store_key_put_args key_put_args(const struct key_made *made, struct span name, int64_t expires_ms,
                                       int64_t max_live, int64_t now_ms)
{
    return (struct store_key_put_args){
        .now_ms = now_ms, .id = span_of(made->id), .role = span_of(made->role), .name = name,
        .secret_sha256 = {(const char *)made->secret_sha256, SHA256_LEN},
        .pseudonym_key = {(const char *)made->pseudonym_key, PSEUDONYM_KEY_LEN},
        .expires_ms = expires_ms, .max_live = max_live};
}
