/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_WEBHOOK_MESSAGE_H
#define RAPPORTEUR_SERVICE_SYNC_WEBHOOK_MESSAGE_H

/*
 * What a webhook says and where it may go. Pure: no network, no clock.
 * The body is {"type": "notice.<kind>", "timestamp": when the notice was written, "data": {...}} with `data` as
 * the same notice stands in GET /v1/notices: cursor, kind, at, notice. webhook-id is "ntc_" and the number of
 * the notice: the same for every attempt and every replay, so that a receiver knows what it has.
 */

#include "lib/base/attr.h"
#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "service/store/ops.h"

enum { NOTICE_CURSOR_MAX = 48, WEBHOOK_ID_MAX = 64, WEBHOOK_BODY_MAX = 256 << 10, WEBHOOK_HEADERS = 3,
       WEBHOOK_HEADER_MAX = 256 };

/* Cursors of notices, opaque to clients: "n" and base64url of the decimal position. */
void notice_cursor_text(int64_t position, char into[NOTICE_CURSOR_MAX]);
bool notice_cursor_read(struct span text, int64_t *ret);

/* 0, BUF_FULL or -ENOMEM. */
int webhook_notice_body(struct buf *out, const struct store_webhook_message *message) NODISCARD;
int webhook_test_body(struct buf *out, int64_t now_ms) NODISCARD;

/* The three headers of Standard Webhooks; both secrets sign while the older one is valid. */
struct webhook_signer {
    struct span secret, old_secret;
    int64_t old_secret_until_ms;
};
int webhook_headers(char into[WEBHOOK_HEADERS][WEBHOOK_HEADER_MAX], const struct webhook_signer *signer,
                    const char *id, int64_t now_ms, struct span body) NODISCARD;

/* 0, or FAULT WEBHOOK_URL: absolute https (http too where it is allowed), a host, no user, no fragment, at most
 * STORE_WEBHOOK_URL_MAX bytes. The address is checked when the socket is opened, never here. */
int webhook_url_check(struct span url, bool allow_http, struct fault *why) NODISCARD;

/* The audit entry of a change to an endpoint: type config, with the digest of the URL, the partner, what was
 * done and by whom. 0 or an error of entry_write. */
int webhook_entry(struct buf *out, const char *action, struct span partner, struct span url, struct span actor,
                  int64_t now_ms) NODISCARD;

#endif
