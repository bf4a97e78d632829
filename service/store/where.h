/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_WHERE_H
#define RAPPORTEUR_SERVICE_STORE_WHERE_H

/*
 * Where the record is: the setting `store.url`.
 *     embedded                                    a private server of ours (embedded.h)
 *     unix:/run/redis/redis.sock                  unix:/path?db=1
 *     redis://[user:password@]host[:6379][/db]    TCP; IPv6 in brackets; parts percent-encoded
 * A password may be given; better is a Unix socket with its file rights. redis+sentinel:// and
 * redis+cluster:// are refused with a sentence: this version speaks to one server. rediss:// too:
 * the client library has no TLS (a local stunnel gives it).
 */

#include "lib/base/fault.h"
#include "lib/base/span.h"

enum store_kind { STORE_EMBEDDED, STORE_UNIX, STORE_TCP };
enum { STORE_PATH_MAX = 104, STORE_HOST_MAX = 256, STORE_AUTH_MAX = 128 };

struct store_where {
    enum store_kind kind;
    char path[STORE_PATH_MAX + 1];      /* of the socket; sun_path's limit */
    char host[STORE_HOST_MAX + 1];
    int port;
    char user[STORE_AUTH_MAX + 1], password[STORE_AUTH_MAX + 1];   /* empty: none */
    int db;                             /* 0-15 */
};

/* 0 or FAULT (STORE_URL). The sentence never repeats a password. */
int store_where_read(struct store_where *ret, struct span url, struct fault *why);

#endif
