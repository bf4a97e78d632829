/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/webhook.h"

#include "lib/base/codec.h"
#include "lib/base/digest.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define PREFIX "whsec_"

void webhook_secret_text(const uint8_t *secret, size_t len, char into[WEBHOOK_SECRET_TEXT_MAX + 1])
{
    assert(len <= WEBHOOK_SECRET_MAX);
    memcpy(into, PREFIX, sizeof(PREFIX));
    base64_encode(secret, len, into + strlen(PREFIX));
}

bool webhook_secret_read(struct span text, uint8_t into[WEBHOOK_SECRET_MAX], size_t *ret_len)
{
    return span_starts(text, PREFIX) &&
           base64_decode(span_sub(text, strlen(PREFIX), text.len), into, WEBHOOK_SECRET_MAX, ret_len) &&
           *ret_len >= WEBHOOK_SECRET_MIN;
}

int webhook_sign(struct buf *out, struct span secret, struct span id, int64_t timestamp_s, struct span body)
{
    CLEANUP(buf_freep) struct buf *message = buf_new(id.len + body.len + 32);
    char text[BASE64_LEN(SHA256_LEN) + 1];
    uint8_t mac[SHA256_LEN];

    if (!message || buf_add_span(message, id) || buf_add_format(message, ".%lld.", (long long)timestamp_s) ||
        buf_add_span(message, body)) {
        return -ENOMEM;
    }
    hmac_sha256(secret, buf_span(message), mac);
    base64_encode(mac, sizeof(mac), text);
    return buf_add_format(out, "%sv1,%s", out->len ? " " : "", text);
}

int64_t webhook_pause_ms(int64_t attempt, int64_t first_ms, uint32_t random)
{
    int64_t pause = first_ms;

    for (int64_t i = 1; i < attempt && pause < WEBHOOK_PAUSE_MAX_MS; i++) {
        pause *= 4;
    }
    if (pause > WEBHOOK_PAUSE_MAX_MS) {
        pause = WEBHOOK_PAUSE_MAX_MS;
    }
    return pause * 3 / 4 + (int64_t)((uint64_t)pause / 2 * (random >> 16) / 65536);
}
