/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_WEBHOOKS_H
#define RAPPORTEUR_SERVICE_SYNC_WEBHOOKS_H

/*
 * Delivers notices to the partners' endpoints (Standard Webhooks 1.0), on a thread and loop of its own with
 * its own store connection.
 *     r = webhooks_start(&webhooks, &options, &why);
 *     webhooks_stop(webhooks);     before the workers: takes nothing more, waits for what is under way
 *     webhooks_free(webhooks);     after them
 *
 * Promised: every notice is delivered at least once, whatever crashes; a receiver may get one twice (same
 * webhook-id), and not always in the order of the stream. Not promised: order. A notice is tried again with
 * growing pauses for `patience_ms`; then it is given up if others came through meanwhile, else the endpoint is
 * switched off and keeps all that waits. 410 switches it off at once.
 *
 * One receiver never delays another: each endpoint has its own queue in the store and at most
 * WEBHOOKS_PER_ENDPOINT messages under way, more than one of them only while less than half of `in_flight` is
 * used; an attempt ends after `deadline_ms`. As long as fewer than `in_flight` receivers hang at once, each
 * has a place.
 */

#include "lib/base/attr.h"
#include "lib/base/fault.h"
#include "service/store/store.h"
#include "service/sync/post.h"

#include <stdbool.h>
#include <stdint.h>

enum { WEBHOOKS_PER_ENDPOINT = 4 };

struct webhooks;

struct webhooks_options {
    struct store_options store;         /* its url must live until webhooks_free */
    const char *ca_file;                /* copied; "" the system's */
    int64_t deadline_ms, in_flight, patience_ms, first_pause_ms;
    bool allow_private_address, allow_http;
};

int webhooks_start(struct webhooks **ret, const struct webhooks_options *options, struct fault *why) NODISCARD;
void webhooks_stop(struct webhooks *webhooks);
struct webhooks *webhooks_free(struct webhooks *webhooks);

bool webhooks_allow_http(const struct webhooks *webhooks);

/* One message outside the queue: whether an endpoint works. The caller owns it until done, which runs on the
 * webhooks' thread. */
struct webhook_try {
    char *url;
    char headers[3][256];               /* as webhook_headers writes them */
    struct span body;
    struct post_result result;
    void (*done)(struct webhook_try *attempt);
};
/* Any thread. 0, or -ESHUTDOWN and the like: then done does not run. */
int webhooks_try(struct webhooks *webhooks, struct webhook_try *attempt) NODISCARD;

#endif
