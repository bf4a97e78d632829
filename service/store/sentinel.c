/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/sentinel.h"

#include "service/store/reply.h"

#include <hiredis/hiredis.h>

#include <limits.h>
#include <string.h>

struct said {
    struct store_host primary;
    unsigned long long epoch, replicas;
};

static bool read_port(struct span text, int *ret)
{
    unsigned long long port;

    if (!span_to_u64(text, &port) || port == 0 || port > 65535) {
        return false;
    }
    *ret = (int)port;
    return true;
}

/* Names and values in turn; those asked for must all be there. */
static bool read_fields(const struct redisReply *reply, struct said *ret)
{
    struct reply_row row = reply_row(reply, 0);
    bool host = false, port = false, epoch = false;

    *ret = (struct said){.epoch = 0};
    while (reply_left(&row) >= 2) {
        struct span name = reply_span(&row), value = reply_span(&row);

        if (span_is(name, "ip") && value.len > 0 && value.len <= STORE_HOST_MAX) {
            memcpy(ret->primary.host, value.ptr, value.len);
            ret->primary.host[value.len] = '\0';
            host = true;
        } else if (span_is(name, "port")) {
            port = read_port(value, &ret->primary.port);
        } else if (span_is(name, "config-epoch")) {
            epoch = span_to_u64(value, &ret->epoch);
        } else if (span_is(name, "num-slaves") && !span_to_u64(value, &ret->replicas)) {
            return false;
        }
    }
    return !row.bad && host && port && epoch;
}

enum sentinel_said sentinel_read(struct sentinel_view *view, const struct redisReply *reply,
                                 size_t sentinels)
{
    struct said said;
    bool same;

    if (!reply || reply->type != REDIS_REPLY_ARRAY || !read_fields(reply, &said)) {
        return SENTINEL_NOTHING;
    }
    same = store_host_same(&said.primary, &view->primary);
    if (view->primary.port != 0 && said.epoch < view->epoch && ++view->lower <= sentinels / 2) {
        return SENTINEL_STALE;
    }
    *view = (struct sentinel_view){
        .primary = said.primary,
        .epoch = said.epoch,
        .replicas = said.replicas < INT_MAX ? (int)said.replicas : INT_MAX,
    };
    return same ? SENTINEL_SAME : SENTINEL_SWITCHED;
}

bool sentinel_switched(const struct redisReply *message, const char *name)
{
    struct reply_row row = reply_row(message, 0);
    struct span kind = reply_span(&row), text;

    if (row.bad || !span_is(kind, "message")) {
        return false; /* the answer to SUBSCRIBE itself */
    }
    (void)reply_span(&row); /* the channel */
    text = reply_span(&row);
    return !row.bad && span_is(span_cut(&text, ' '), name);
}
