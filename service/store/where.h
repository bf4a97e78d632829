/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_WHERE_H
#define RAPPORTEUR_SERVICE_STORE_WHERE_H

/*
 * Where the record is: the setting `store.url`.
 *     embedded                                    a private server of ours (embedded.h)
 *     unix:/run/redis/redis.sock                  unix:/path?db=1
 *     redis://[user:password@]host[:6379][/db]    TCP; IPv6 in brackets; parts percent-encoded
 *     redis+sentinel://[user:password@]host[:26379],host,.../name[/db]
 *         a primary called `name` that these Sentinels watch; user and password are those of the
 *         primary, ?sentinel_user= and ?sentinel_password= those of the Sentinels
 *     redis+cluster://[user:password@]host[:6379],host,...
 *         Redis Cluster; the hosts are where to begin, the map says the rest
 * ?replicas=N after the last three: how many replicas must have a change before it is answered
 * (WAIT); 0 to 8, for redis:// 0 where it is not said, else 1. rediss:// is refused with a sentence:
 * the client library has no TLS (a local stunnel gives it).
 * A password may be given; better is a Unix socket with its file rights.
 */

#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <stdbool.h>

enum store_kind { STORE_EMBEDDED, STORE_UNIX, STORE_TCP, STORE_SENTINEL, STORE_CLUSTER };
enum {
    STORE_PATH_MAX = 104, STORE_HOST_MAX = 256, STORE_AUTH_MAX = 128, STORE_HOSTS_MAX = 16,
    STORE_REPLICAS_MAX = 8
};

struct store_auth {
    char user[STORE_AUTH_MAX + 1], password[STORE_AUTH_MAX + 1];   /* empty: none */
};
struct store_host {
    char host[STORE_HOST_MAX + 1];
    int port;
};

struct store_where {
    enum store_kind kind;
    char path[STORE_PATH_MAX + 1];      /* of the socket; sun_path's limit */
    struct store_host hosts[STORE_HOSTS_MAX];   /* the server, the Sentinels or the cluster's seeds */
    size_t host_count;
    char name[STORE_AUTH_MAX + 1];      /* of the primary, as the Sentinels call it */
    struct store_auth auth, sentinel_auth;
    int db;                             /* 0-15 */
    int replicas;
};

/* 0 or FAULT (STORE_URL). The sentence never repeats a password. */
int store_where_read(struct store_where *ret, struct span url, struct fault *why);

/* One server of it: as `where`, but of kind STORE_TCP at that host. */
struct store_where store_where_at(const struct store_where *where, const struct store_host *host);

bool store_host_same(const struct store_host *a, const struct store_host *b);
/* "127.0.0.1:6379", "[::1]:6379" or, as Redis says it, "::1:6379": the last colon divides; a cluster
 * bus port after '@' and a host name after ',' are left out. false: it is none. */
bool store_host_read(struct store_host *ret, struct span text);

#endif
