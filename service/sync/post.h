/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_POST_H
#define RAPPORTEUR_SERVICE_SYNC_POST_H

/*
 * One POST of JSON to a receiver that nobody here trusts, over transfer.h: no redirect is followed, of the
 * answer only the status and Retry-After count, and no more than POST_ANSWER_MAX bytes of it are read.
 *     post = post_start(pool, &(struct post_options){.url = url, .headers = headers, .header_count = 3,
 *                       .body = body, .deadline_ms = 15000, .done = done, .arg = delivery});
 * done runs once, from the loop; it must not free the post, which frees itself afterwards.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transfer_pool;

enum { POST_ANSWER_MAX = 64 << 10, POST_FAILURE_MAX = 256, POST_RETRY_AFTER_MAX_MS = 3600 * 1000 };

struct post_result {
    int64_t status;                     /* 0: no answer */
    int64_t retry_after_ms;             /* of Retry-After in seconds, POST_RETRY_AFTER_MAX_MS at most; 0 */
    int64_t took_ms;
    bool accepted;                      /* 2xx */
    bool dropped;                       /* the pool was freed: nothing is known */
    char failure[POST_FAILURE_MAX];     /* a sentence; "" when accepted */
};

struct post_options {
    const char *url, *ca_file;
    const char *const *headers;         /* "name: value" */
    size_t header_count;
    struct span body;                   /* copied */
    int64_t deadline_ms;
    bool allow_private_address;
    void (*done)(void *arg, const struct post_result *result);
    void *arg;
};

/* 0, or -ENOMEM or -EINVAL: then done does not run. */
int post_start(struct transfer_pool *pool, const struct post_options *options);

#endif
