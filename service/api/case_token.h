/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_CASE_TOKEN_H
#define RAPPORTEUR_SERVICE_API_CASE_TOKEN_H

/*
 * The case token: with it a person without an account contests a decision and sees where the appeal
 * is (UN Guiding Principle 31(b)). It stands in the two letters of a decision, which the partner hands
 * on, and leads to that one decision only.
 *     apt_<party>_<decision without dec_>_<mac>       Authorization: Bearer apt_u_0197...
 * party: u the user, r who reported. mac: the first 16 bytes of HMAC-SHA-256 in hex, under the secret
 * that the store keeps for the partner's name; so nothing is stored for a token, and a token of one
 * partner says nothing of another's.
 */

#include "lib/base/id.h"
#include "service/api/keyring.h"

enum { CASE_TOKEN_LEN = 4 + 2 + 36 + 1 + 32 };

enum case_party { PARTY_USER, PARTY_REPORTER };

/* False when the partner has no key any more that could vouch for it. */
bool case_token_make(const struct keyring *ring, struct span partner, struct span decision, enum case_party party,
                     char into[CASE_TOKEN_LEN + 1]);

/* The decision a text of that form speaks of, before anything is known about it. */
struct case_token {
    char decision[ID_LEN + 1];
    enum case_party party;
    struct span text;                   /* borrowed */
};
bool case_token_read(struct span text, struct case_token *ret);
/* Whether it was made for this partner; in constant time. */
bool case_token_check(const struct keyring *ring, struct span partner, const struct case_token *token);

#endif
