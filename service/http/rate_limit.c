/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/rate_limit.h"

#include "service/http/message.h"

#include <stdio.h>

enum { HEADER_MAX = 128 };

static double per_ms(const struct rate_policy *policy)
{
    return (double)policy->quota / ((double)policy->window_s * 1000.0);
}

static double tokens_at(const struct rate_limit *bucket, const struct rate_policy *policy,
                        int64_t now_ms)
{
    double tokens = bucket->tokens;

    if (now_ms > bucket->seen_ms) {
        tokens += (double)(now_ms - bucket->seen_ms) * per_ms(policy);
    }
    return tokens < (double)policy->quota ? tokens : (double)policy->quota;
}

static uint32_t seconds_for(const struct rate_policy *policy, double missing)
{
    double seconds = missing > 0 ? missing / per_ms(policy) / 1000.0 : 0;
    uint32_t whole = seconds < (double)UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;

    return (double)whole < seconds ? whole + 1 : whole;
}

void rate_limit_init(struct rate_limit *bucket, const struct rate_policy *policy, int64_t now_ms)
{
    *bucket = (struct rate_limit){.tokens = policy->quota, .seen_ms = now_ms};
}

bool rate_limit_take(struct rate_limit *bucket, const struct rate_policy *policy, int64_t now_ms,
                     double cost)
{
    bucket->tokens = tokens_at(bucket, policy, now_ms);
    if (now_ms > bucket->seen_ms) {
        bucket->seen_ms = now_ms;
    }
    if (bucket->tokens < cost) {
        return false;
    }
    bucket->tokens -= cost;
    return true;
}

uint32_t rate_limit_left(const struct rate_limit *bucket, const struct rate_policy *policy,
                         int64_t now_ms)
{
    return (uint32_t)tokens_at(bucket, policy, now_ms);
}

uint32_t rate_limit_full_s(const struct rate_limit *bucket, const struct rate_policy *policy,
                           int64_t now_ms)
{
    return seconds_for(policy, (double)policy->quota - tokens_at(bucket, policy, now_ms));
}

uint32_t rate_limit_wait_s(const struct rate_limit *bucket, const struct rate_policy *policy,
                           int64_t now_ms, double cost)
{
    uint32_t seconds = seconds_for(policy, cost - tokens_at(bucket, policy, now_ms));

    return seconds > 0 ? seconds : 1;
}

void rate_limit_headers(struct exchange *ex, const struct rate_limit *bucket,
                        const struct rate_policy *policy, int64_t now_ms)
{
    uint32_t left = rate_limit_left(bucket, policy, now_ms);
    char text[HEADER_MAX];

    (void)snprintf(text, sizeof(text), "\"%.32s\";q=%u;w=%u", policy->name, policy->quota,
                   policy->window_s);
    (void)exchange_header_text(ex, "RateLimit-Policy", text);
    (void)snprintf(text, sizeof(text), "\"%.32s\";r=%u;t=%u", policy->name, left,
                   rate_limit_full_s(bucket, policy, now_ms));
    (void)exchange_header_text(ex, "RateLimit", text);
    if (left == 0) {
        (void)snprintf(text, sizeof(text), "%u", rate_limit_wait_s(bucket, policy, now_ms, 1));
        (void)exchange_header_text(ex, "Retry-After", text);
    }
}
