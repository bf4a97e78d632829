/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_FETCH_H
#define RAPPORTEUR_SERVICE_SYNC_FETCH_H

/*
 * One HTTP(S) GET over libcurl on an event loop, for sources that we do not trust: only http and
 * https, at most 3 redirects, a total deadline and a low-speed abort, the body counted as it is after
 * decompression, the address checked when the socket is opened (so neither a redirect nor a second
 * DNS answer leads to loopback or a private network), no proxy or netrc of the environment.
 *     r = fetch_start(&fetch, pool, &(struct fetch_options){.url = url, .max_bytes = 64 << 20,
 *                     .deadline_ms = 30000, .done = done, .arg = source}, &why);
 * done runs once, from the loop, unless the fetch is freed first; it frees the fetch itself.
 */

#include "lib/base/attr.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct fetch;
struct transfer_pool;                   /* transfer.h; fetches still running when it is freed are dropped
                                           without their callback */

enum fetch_outcome {
    FETCH_OK,               /* 200 and a whole body */
    FETCH_UNCHANGED,        /* 304 to our ETag */
    FETCH_FAILED,           /* *why says what: FETCH_STATUS, FETCH_TOO_LARGE, FETCH_DEADLINE, FETCH_ADDRESS,
                               FETCH_TRANSFER; the place is fetch_shown_url() */
};

struct fetch_options {
    const char *url;                    /* copied */
    const char *etag;                   /* sent as If-None-Match; NULL or "": none */
    const char *token;                  /* sent as Bearer; NULL: none */
    int64_t deadline_ms, max_bytes;
    bool allow_private_address;
    /* body and etag are valid during the call. */
    void (*done)(void *arg, enum fetch_outcome outcome, struct span body, const char *etag,
                 const struct fault *why);
    void *arg;
};

/* 0, FAULT (FETCH_URL) or -ENOMEM; done never runs before this returns. */
int fetch_start(struct fetch **ret, struct transfer_pool *pool, const struct fetch_options *options,
                struct fault *why) NODISCARD;
/* Cancels. */
struct fetch *fetch_free(struct fetch *fetch);

/* A URL for logs and answers: scheme, host and path, without user and query, which may hold secrets. */
void fetch_shown_url(const char *url, char into[FAULT_PLACE_MAX]);

#endif
