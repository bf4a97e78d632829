/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/webhook_message.h"

#include "lib/audit/entry.h"
#include "lib/base/clock.h"
#include "lib/base/codec.h"
#include "lib/base/digest.h"
#include "lib/http/webhook.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void notice_cursor_text(int64_t position, char into[NOTICE_CURSOR_MAX])
{
    char decimal[24];
    int len = snprintf(decimal, sizeof(decimal), "%lld", (long long)position);

    into[0] = 'n';
    base64url_encode(decimal, (size_t)len, into + 1);
}

bool notice_cursor_read(struct span text, int64_t *ret)
{
    uint8_t decimal[24];
    unsigned long long value;
    size_t len;

    if (!span_starts(text, "n") || !base64url_decode(span_sub(text, 1, text.len), decimal, 20, &len) ||
        !span_to_u64((struct span){(const char *)decimal, len}, &value) || value > INT64_MAX) {
        return false;
    }
    *ret = (int64_t)value;
    return true;
}

/* The stored notice is JSON of our own making and goes in as it is. */
int webhook_notice_body(struct buf *out, const struct store_webhook_message *message)
{
    char cursor[NOTICE_CURSOR_MAX], at[CLOCK_TEXT_LEN + 1];

    notice_cursor_text(message->cursor, cursor);
    clock_text(message->at_ms, at);
    (void)buf_add_format(out,
                         "{\"type\":\"notice.%.*s\",\"timestamp\":\"%s\",\"data\":{\"cursor\":\"%s\",\"kind\":\"%.*s\","
                         "\"at\":\"%s\",\"notice\":",
                         (int)message->kind.len, message->kind.ptr, at, cursor, (int)message->kind.len,
                         message->kind.ptr, at);
    (void)buf_add_span(out, message->bytes);
    (void)buf_add_text(out, "}}");
    return buf_status(out);
}

int webhook_test_body(struct buf *out, int64_t now_ms)
{
    char at[CLOCK_TEXT_LEN + 1];

    clock_text(now_ms, at);
    return buf_add_format(out, "{\"type\":\"webhook.test\",\"timestamp\":\"%s\",\"data\":{}}", at);
}

int webhook_headers(char into[WEBHOOK_HEADERS][WEBHOOK_HEADER_MAX], const struct webhook_signer *signer,
                    const char *id, int64_t now_ms, struct span body)
{
    CLEANUP(buf_freep) struct buf *signature = buf_new(WEBHOOK_HEADER_MAX - 32);
    int64_t now_s = now_ms / 1000;
    int r = signature ? webhook_sign(signature, signer->secret, span_of(id), now_s, body) : -ENOMEM;

    if (r == 0 && signer->old_secret.len && signer->old_secret_until_ms > now_ms) {
        r = webhook_sign(signature, signer->old_secret, span_of(id), now_s, body);
    }
    if (r) {
        return r;
    }
    (void)snprintf(into[0], WEBHOOK_HEADER_MAX, "webhook-id: %s", id);
    (void)snprintf(into[1], WEBHOOK_HEADER_MAX, "webhook-timestamp: %lld", (long long)now_s);
    (void)snprintf(into[2], WEBHOOK_HEADER_MAX, "webhook-signature: %s", signature->data);
    return 0;
}

static const char *part_problem(CURLU *url, bool allow_http)
{
    char *scheme = NULL, *host = NULL, *extra = NULL;
    const char *problem = NULL;

    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        (strcmp(scheme, "https") != 0 && !(allow_http && strcmp(scheme, "http") == 0))) {
        problem = allow_http ? "must begin with https:// or http://" : "must begin with https://";
    } else if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK || !host[0]) {
        problem = "names no host";
    } else if (curl_url_get(url, CURLUPART_USER, &extra, 0) == CURLUE_OK) {
        problem = "must carry no user or password; the signature says who sends";
    } else if (curl_url_get(url, CURLUPART_FRAGMENT, &extra, 0) == CURLUE_OK) {
        problem = "must carry no fragment";
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(extra);
    return problem;
}

int webhook_url_check(struct span url, bool allow_http, struct fault *why)
{
    const char *problem = "is not an absolute URL";
    char *text = strndup(url.ptr, url.len);
    CURLU *parts = curl_url();

    if (!text || !parts) {
        problem = "cannot be read: out of memory";
    } else if (url.len > STORE_WEBHOOK_URL_MAX || memchr(url.ptr, '\0', url.len)) {
        problem = "is longer than 2048 bytes, or has a NUL";
    } else if (curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK) {
        problem = part_problem(parts, allow_http);
    }
    curl_url_cleanup(parts);
    free(text);
    return problem ? fault_set(why, "WEBHOOK_URL", "/url", "%s", problem) : 0;
}

int webhook_entry(struct buf *out, const char *action, struct span partner, struct span url, struct span actor,
                  int64_t now_ms)
{
    CLEANUP(entry_freep) struct entry *entry = entry_new(ENTRY_CONFIG, now_ms);
    char digest[SHA256_HEX_LEN + 1];
    struct fault why;

    sha256_hex(url.ptr, url.len, digest);
    entry_text(entry, "action", span_of(action));
    entry_text(entry, "actor", actor);
    entry_text(entry, "digest", span_of(digest));
    entry_text(entry, "partner", partner);
    return entry_write(entry, out, &why);
}
