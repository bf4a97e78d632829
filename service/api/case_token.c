/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/case_token.h"

#include "lib/base/codec.h"
#include "lib/base/digest.h"

#include <stdio.h>

enum { MAC_BYTES = 16, UUID_LEN = 36 };
static const char letters[] = {[PARTY_USER] = 'u', [PARTY_REPORTER] = 'r'};

/* All keys of one name share their secret, the revoked ones too. */
static const struct key *partner_key(const struct keyring *ring, struct span partner)
{
    for (size_t i = 0; ring && i < keyring_count(ring); i++) {
        const struct key *key = keyring_at(ring, i);

        if (key->role == ROLE_PARTNER && span_is(partner, key->name)) {
            return key;
        }
    }
    return NULL;
}

bool case_token_make(const struct keyring *ring, struct span partner, struct span decision, enum case_party party,
                     char into[CASE_TOKEN_LEN + 1])
{
    const struct key *key = partner_key(ring, partner);
    uint8_t mac[SHA256_LEN];
    char message[96], hex[2 * MAC_BYTES + 1];

    if (!key || decision.len != ID_LEN) {
        return false;
    }
    (void)snprintf(message, sizeof(message), "case token %c %.*s", letters[party], (int)decision.len, decision.ptr);
    hmac_sha256((struct span){(const char *)key->pseudonym_key, PSEUDONYM_KEY_LEN}, span_of(message), mac);
    hex_encode(mac, MAC_BYTES, hex);
    (void)snprintf(into, CASE_TOKEN_LEN + 1, "apt_%c_%.*s_%s", letters[party], UUID_LEN, decision.ptr + 4, hex);
    return true;
}

bool case_token_read(struct span text, struct case_token *ret)
{
    if (text.len != CASE_TOKEN_LEN || !span_starts(text, "apt_") || text.ptr[5] != '_' ||
        (text.ptr[4] != letters[PARTY_USER] && text.ptr[4] != letters[PARTY_REPORTER]) ||
        text.ptr[6 + UUID_LEN] != '_') {
        return false;
    }
    ret->party = text.ptr[4] == letters[PARTY_USER] ? PARTY_USER : PARTY_REPORTER;
    ret->text = text;
    (void)snprintf(ret->decision, sizeof(ret->decision), "dec_%.*s", UUID_LEN, text.ptr + 6);
    return id_read(span_of(ret->decision), "dec", NULL, NULL);
}

bool case_token_check(const struct keyring *ring, struct span partner, const struct case_token *token)
{
    char made[CASE_TOKEN_LEN + 1];

    return case_token_make(ring, partner, span_of(token->decision), token->party, made) &&
           bytes_equal_constant_time(made, token->text.ptr, CASE_TOKEN_LEN);
}
