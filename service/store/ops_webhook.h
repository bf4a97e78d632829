/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_OPS_WEBHOOK_H
#define RAPPORTEUR_SERVICE_STORE_OPS_WEBHOOK_H

/*
 * Webhook endpoints: one a partner, in shard 0, as ops.h says. An endpoint reads its partner's stream of
 * notices: what it took and has not delivered waits by the time of its next attempt, so neither a crash nor
 * an endpoint that is switched off loses a notice. Secrets are kept as they are, for they sign.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORE_WEBHOOKS_MAX = 2000, STORE_WEBHOOK_URL_MAX = 2048, STORE_WEBHOOK_TAKE_MAX = 64,
       STORE_WEBHOOK_FAILURE_MAX = 256 };

enum webhook_state {
    WEBHOOK_ACTIVE,
    WEBHOOK_GONE,           /* answered 410 */
    WEBHOOK_FAILING,        /* no success for as long as a notice is tried */
    WEBHOOK_OPERATOR,       /* switched off by an operator */
    WEBHOOK_STATE_COUNT
};
extern const char *const webhook_state_words[WEBHOOK_STATE_COUNT];

/* ---- webhook_put: makes an endpoint or changes its URL; LIMIT past STORE_WEBHOOKS_MAX ---- */
struct store_webhook_put_args {
    int64_t now_ms;
    struct span partner, url;
    struct span secret;                 /* 24-64 bytes; used only when the endpoint is new */
    struct span entry;
};
struct store_webhook_number {
    int64_t number;                     /* put: 1 when it was made; replay: behind which cursor it begins */
};

/* ---- webhook_change ---- */
enum webhook_change { WEBHOOK_ROTATE, WEBHOOK_ENABLE, WEBHOOK_DISABLE, WEBHOOK_DELETE, WEBHOOK_REPLAY,
                      WEBHOOK_CHANGE_COUNT };
struct store_webhook_change_args {
    int64_t now_ms;
    struct span partner;
    enum webhook_change what;
    struct span secret;                 /* rotate: the new one */
    int64_t number;                     /* rotate: when the old one ends, ms; replay: behind which cursor */
    int64_t since_ms;                   /* replay: from this time on; 0: by the cursor */
    struct span entry;                  /* empty: none */
};

/* ---- webhooks: one partner's (NOT_FOUND without one) or all ---- */
struct store_webhooks_args {
    struct span partner;                /* empty: all */
};
struct store_webhook {
    struct span partner, url, secret, old_secret;
    int64_t old_secret_until_ms;        /* the older secret signs too until then */
    enum webhook_state state;
    int64_t disabled_ms, created_ms, taken;     /* taken: the cursor of the newest notice taken */
    int64_t last_success_ms, last_failure_ms, last_status;
    struct span last_failure;
    int64_t failures_in_row, delivered, given_up, waiting;
};
struct store_webhooks {
    const struct store_webhook *webhooks;
    size_t count;
};

/* ---- webhook_due: which partners have something to deliver ---- */
struct store_webhook_due_args {
    int64_t now_ms;
    size_t limit;                       /* 1-STORE_WEBHOOKS_MAX */
    bool sums;
};
struct store_webhook_due {
    int64_t waiting, disabled;          /* over all endpoints; -1 when not asked for */
    const struct span *partners;
    size_t count;
};

/* ---- webhook_take: STATE when switched off ---- */
struct store_webhook_take_args {
    int64_t now_ms, again_ms;           /* due again after again_ms when nobody says what became of it */
    struct span partner;
    size_t limit;                       /* 1-STORE_WEBHOOK_TAKE_MAX */
};
struct store_webhook_message {
    int64_t cursor, at_ms, attempt;     /* attempt: 1 is the first */
    struct span kind, bytes;
};
struct store_webhook_taken {
    struct span url, secret, old_secret;
    int64_t old_secret_until_ms;
    const struct store_webhook_message *messages;
    size_t count;
};

/* ---- webhook_done: what became of one message ---- */
enum webhook_result { WEBHOOK_DELIVERED, WEBHOOK_REFUSED, WEBHOOK_GONE_410, WEBHOOK_RESULT_COUNT };
enum webhook_fate { WEBHOOK_FATE_DELIVERED, WEBHOOK_FATE_WAITS, WEBHOOK_FATE_GIVEN_UP, WEBHOOK_FATE_DISABLED,
                    WEBHOOK_FATE_COUNT };
struct store_webhook_done_args {
    int64_t now_ms;
    struct span partner;
    int64_t cursor, status;             /* HTTP status, 0: none came */
    enum webhook_result result;
    struct span failure;                /* a sentence, STORE_WEBHOOK_FAILURE_MAX at most */
    int64_t next_ms, patience_ms;       /* when to try again; for how long in all */
    struct span entry;                  /* written when it is switched off by this */
};
struct store_webhook_word {
    enum webhook_fate fate;
};

#endif
