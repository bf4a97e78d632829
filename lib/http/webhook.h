/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_HTTP_WEBHOOK_H
#define RAPPORTEUR_LIB_HTTP_WEBHOOK_H

/*
 * Standard Webhooks 1.0 without a network: secrets, signatures, and when to try again.
 *
 *     webhook_secret_text(secret, 32, text);                          whsec_MfKQ9r8GKY...
 *     r = webhook_sign(buf, secret, id, timestamp_s, body);           v1,K5oZfzN95Z9UVu1EsfQmfVN...
 *     pause = webhook_pause_ms(attempt, first_ms, random);
 *
 * The signature is HMAC-SHA-256 under the secret's bytes (not its text) over `id.timestamp.body`, in
 * base64 behind "v1,"; several stand in one header with a space between. A receiver accepts a message
 * when one of them fits and the timestamp is at most five minutes away.
 * Source: the Standard Webhooks specification, "Signature scheme" and "Deliverability and reliability".
 */

#include "lib/base/attr.h"
#include "lib/base/buf.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    WEBHOOK_SECRET_LEN = 32,            /* of those we make; 24 to 64 are read */
    WEBHOOK_SECRET_MIN = 24,
    WEBHOOK_SECRET_MAX = 64,
    WEBHOOK_SECRET_TEXT_MAX = 6 + 88,
    WEBHOOK_PAUSE_MAX_MS = 12 * 3600 * 1000,
};

/* "whsec_" and base64; `into` holds WEBHOOK_SECRET_TEXT_MAX + 1. len <= WEBHOOK_SECRET_MAX. */
void webhook_secret_text(const uint8_t *secret, size_t len, char into[WEBHOOK_SECRET_TEXT_MAX + 1]);
/* False for any other form or length. */
bool webhook_secret_read(struct span text, uint8_t into[WEBHOOK_SECRET_MAX], size_t *ret_len);

/* Appends one signature, behind a space when `out` has something already. 0, BUF_FULL or -ENOMEM. */
int webhook_sign(struct buf *out, struct span secret, struct span id, int64_t timestamp_s,
                 struct span body) NODISCARD;

/* How long to wait after attempt number `attempt` (1 is the first) has failed: first_ms, then four
 * times as long each time, at most twelve hours, spread by a quarter either way with `random`. With
 * five seconds that is 13 or 14 attempts in three days. */
int64_t webhook_pause_ms(int64_t attempt, int64_t first_ms, uint32_t random);

#endif
