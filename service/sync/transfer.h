/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_TRANSFER_H
#define RAPPORTEUR_SERVICE_SYNC_TRANSFER_H

/*
 * What every outgoing HTTP request has in common, over libcurl on an event loop: only http and https, a
 * total deadline and a low-speed abort, no proxy, netrc or cookie of the environment, and the address
 * checked when the socket is opened, so that neither a redirect nor a second DNS answer leads to loopback
 * or a private network. fetch.h (lists) and webhooks.h stand on it; nothing else opens a socket outward.
 *
 *     struct fetch { struct transfer transfer; ... };                 first member
 *     r = transfer_init(&fetch->transfer, pool, &(struct transfer_options){.url = url, ...});
 *     curl_easy_setopt(fetch->transfer.easy, ...)                     what is its own
 *     r = transfer_begin(&fetch->transfer);                           ended() runs once, from the loop
 *     transfer_done(&fetch->transfer);                                cancels, or cleans up after the end
 */

#include "lib/base/attr.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct transfer;
struct transfer_pool;

/* Transfers of one loop; at most `connections` at once, the others wait their turn. Borrows the loop.
 * NULL without memory. */
struct transfer_pool *transfer_pool_new(struct loop *loop, long connections);
/* Transfers still there are dropped: their drop() runs and must free its owner. */
struct transfer_pool *transfer_pool_free(struct transfer_pool *pool);

struct transfer_options {
    const char *url;                        /* copied by libcurl */
    const char *ca_file;                    /* trusted instead of the system's; NULL or "": those */
    int64_t deadline_ms;
    bool allow_private_address;
    void (*ended)(struct transfer *transfer, CURLcode code);
    void (*drop)(struct transfer *transfer);
};

struct transfer {
    struct transfer_pool *pool;
    struct transfer *next;
    CURL *easy;
    bool allow_private, refused_address;
    char error[CURL_ERROR_SIZE];
    void (*ended)(struct transfer *transfer, CURLcode code);
    void (*drop)(struct transfer *transfer);
};

/* 0 or -ENOMEM; transfer_done in any case. */
int transfer_init(struct transfer *transfer, struct transfer_pool *pool,
                  const struct transfer_options *options) NODISCARD;
/* 0 or -EINVAL: libcurl takes no such transfer. */
int transfer_begin(struct transfer *transfer) NODISCARD;
void transfer_done(struct transfer *transfer);

/* Why it did not come to an answer, as a sentence. Borrows from the transfer. */
const char *transfer_failure(const struct transfer *transfer, CURLcode code);

/* True for an address that an outside name must not lead to: loopback, private, link-local, shared
 * (RFC 6598), multicast, unspecified, reserved, and IPv6 forms that hold such an IPv4 address. */
struct sockaddr;
bool fetch_address_private(const struct sockaddr *address);

#endif
