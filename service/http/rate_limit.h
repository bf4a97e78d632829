/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_HTTP_RATE_LIMIT_H
#define RAPPORTEUR_SERVICE_HTTP_RATE_LIMIT_H

/*
 * A token bucket; time is an argument. A policy grants `quota` units per `window_s` seconds, and a
 * bucket that was left alone holds a whole quota.
 *     rate_limit_init(&bucket, &policy, now_ms);
 *     if (!rate_limit_take(&bucket, &policy, loop_steady_ms(), 1)) -> 429
 *     rate_limit_headers(ex, &bucket, &policy, loop_steady_ms());
 * Headers: draft-ietf-httpapi-ratelimit-headers-11 (RateLimit: "default";r=50;t=30 and
 * RateLimit-Policy: "default";q=100;w=60), and Retry-After (RFC 9110 10.2.3) when nothing is left.
 */

#include <stdbool.h>
#include <stdint.h>

struct exchange;

struct rate_policy {
    const char *name;  /* "default": letters, digits and '-', at most 32 */
    uint32_t quota;    /* units per window, at least 1 */
    uint32_t window_s; /* at least 1 */
};

struct rate_limit {
    double tokens;
    int64_t seen_ms;
};

void rate_limit_init(struct rate_limit *bucket, const struct rate_policy *policy, int64_t now_ms);
/* Takes `cost` units if they are there; otherwise false and nothing is taken. A clock that goes
 * back gives nothing. A cost above the quota is never there. */
bool rate_limit_take(struct rate_limit *bucket, const struct rate_policy *policy, int64_t now_ms,
                     double cost);
/* Whole units left, and whole seconds (rounded up) until the bucket is full again. */
uint32_t rate_limit_left(const struct rate_limit *bucket, const struct rate_policy *policy,
                         int64_t now_ms);
uint32_t rate_limit_full_s(const struct rate_limit *bucket, const struct rate_policy *policy,
                           int64_t now_ms);
/* Whole seconds (rounded up, at least 1) until `cost` units are there. */
uint32_t rate_limit_wait_s(const struct rate_limit *bucket, const struct rate_policy *policy,
                           int64_t now_ms, double cost);

/* Puts RateLimit and RateLimit-Policy on the answer to come, Retry-After too when less than one
 * unit is left. */
void rate_limit_headers(struct exchange *ex, const struct rate_limit *bucket,
                        const struct rate_policy *policy, int64_t now_ms);

#endif
