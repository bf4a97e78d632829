/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/where.h"

#include "lib/base/buf.h"
#include "lib/base/codec.h"

#include <stdio.h>
#include <string.h>

static const char code[] = "STORE_URL";

static int read_number(struct span text, unsigned long long max, int *ret)
{
    unsigned long long number;

    if (!span_to_u64(text, &number) || number > max) {
        return FAULT;
    }
    *ret = (int)number;
    return 0;
}

/* A percent-encoded part into a fixed field. */
static bool copy_part(char *into, size_t cap, struct span part)
{
    struct buf text;
    bool ok;

    buf_init(&text, cap);
    ok = percent_decode(&text, part) && text.len <= cap && buf_status(&text) == 0 &&
         !memchr(text.data ? text.data : "", '\0', text.len);
    if (ok) {
        memcpy(into, text.data ? text.data : "", text.len);
        into[text.len] = '\0';
    }
    buf_done(&text);
    return ok;
}

static int read_unix(struct store_where *where, struct span rest, struct fault *why)
{
    struct span path = span_cut(&rest, '?');

    where->kind = STORE_UNIX;
    if (rest.ptr && (!span_starts(rest, "db=") ||
                     read_number(span_sub(rest, 3, rest.len), 15, &where->db) != 0)) {
        return fault_set(why, code, "", "after a socket path only ?db=0 to ?db=15 may stand");
    }
    if (path.len == 0 || path.ptr[0] != '/' || path.len > STORE_PATH_MAX ||
        memchr(path.ptr, '\0', path.len)) {
        return fault_set(why, code, "", "unix: wants an absolute socket path of at most %d bytes",
                         STORE_PATH_MAX);
    }
    memcpy(where->path, path.ptr, path.len);
    return 0;
}

static bool read_port(struct span text, int *ret)
{
    return read_number(text, 65535, ret) == 0 && *ret != 0;
}

static int read_host(struct store_host *host_ret, struct span text, int port_default,
                     struct fault *why)
{
    struct span host = text, port = {NULL, 0};

    if (text.len > 0 && text.ptr[0] == '[') {
        const char *end = memchr(text.ptr, ']', text.len);
        size_t at = end ? (size_t)(end - text.ptr) : text.len;

        host = span_sub(text, 1, end ? at - 1 : 0);
        port = span_sub(text, at + 1, text.len);
        if (port.len > 0 && port.ptr[0] != ':') {
            host.len = 0;
        } else if (port.len > 0) {
            port = span_sub(port, 1, port.len);
        } else {
            port.ptr = NULL;
        }
    } else {
        port = text;
        host = span_cut(&port, ':');
    }
    host_ret->port = port_default;
    if (port.ptr && !read_port(port, &host_ret->port)) {
        return fault_set(why, code, "", "the port is a number from 1 to 65535");
    }
    if (host.len == 0 || !copy_part(host_ret->host, STORE_HOST_MAX, host)) {
        return fault_set(why, code, "", "a host name or address of at most %d bytes is wanted",
                         STORE_HOST_MAX);
    }
    return 0;
}

static int read_hosts(struct store_where *where, struct span list, int port, struct fault *why)
{
    int r = 0;

    while (r == 0 && list.ptr) {
        if (where->host_count == STORE_HOSTS_MAX) {
            return fault_set(why, code, "", "at most %d hosts can be given", STORE_HOSTS_MAX);
        }
        r = read_host(&where->hosts[where->host_count++], span_cut(&list, ','), port, why);
    }
    return r;
}

static int read_auth(struct store_auth *auth, struct span text, struct fault *why)
{
    struct span password = text, user = span_cut(&password, ':');

    if (!password.ptr) {
        return fault_set(why, code, "", "before the @ stand user:password, or :password");
    }
    if (!copy_part(auth->user, STORE_AUTH_MAX, user) ||
        !copy_part(auth->password, STORE_AUTH_MAX, password) || auth->password[0] == '\0') {
        return fault_set(why, code, "", "user and password have at most %d bytes, percent-encoded",
                         STORE_AUTH_MAX);
    }
    return 0;
}

/* replicas=1&sentinel_user=..&sentinel_password=.. */
static int read_query(struct store_where *where, struct span query, struct fault *why)
{
    while (query.ptr) {
        struct span value = span_cut(&query, '&'), name = span_cut(&value, '=');
        bool sentinel = where->kind == STORE_SENTINEL;
        bool ok = false;

        if (value.ptr && span_is(name, "replicas")) {
            ok = read_number(value, STORE_REPLICAS_MAX, &where->replicas) == 0;
        } else if (value.ptr && sentinel && span_is(name, "sentinel_user")) {
            ok = copy_part(where->sentinel_auth.user, STORE_AUTH_MAX, value);
        } else if (value.ptr && sentinel && span_is(name, "sentinel_password")) {
            ok = copy_part(where->sentinel_auth.password, STORE_AUTH_MAX, value);
        }
        if (!ok) {
            return fault_set(
                why, code, "", "after the ? stand replicas=0 to replicas=%d%s, joined by &",
                STORE_REPLICAS_MAX, sentinel ? ", sentinel_user=, sentinel_password=" : "");
        }
    }
    return 0;
}

static int read_db(struct store_where *where, struct span db, struct fault *why)
{
    if (db.ptr && db.len > 0 && read_number(db, 15, &where->db) != 0) {
        return fault_set(why, code, "", "the database is a number from 0 to 15");
    }
    return 0;
}

/* What follows the hosts: /db, /name/db, or nothing. */
static int read_path(struct store_where *where, struct span path, struct fault *why)
{
    struct span name;

    if (where->kind == STORE_TCP) {
        return read_db(where, path, why);
    }
    if (where->kind == STORE_CLUSTER) {
        return path.ptr && path.len > 0
                   ? fault_set(why, code, "", "a cluster has database 0 only: leave out the path")
                   : 0;
    }
    name = span_cut(&path, '/');
    if (name.len == 0 || !copy_part(where->name, STORE_AUTH_MAX, name)) {
        return fault_set(why, code, "",
                         "after the Sentinels stands the primary's name: "
                         "redis+sentinel://host:26379,host:26379/name");
    }
    return read_db(where, path, why);
}

static int read_network(struct store_where *where, struct span rest, int port, struct fault *why)
{
    struct span query = rest, path = span_cut(&query, '?'), place = span_cut(&path, '/');
    const char *at = memrchr(place.ptr ? place.ptr : "", '@', place.len);
    int r = 0;

    where->replicas = where->kind != STORE_TCP;
    if (at) {
        size_t len = (size_t)(at - place.ptr);

        r = read_auth(&where->auth, span_sub(place, 0, len), why);
        place = span_sub(place, len + 1, place.len);
    }
    r = r == 0 ? read_hosts(where, place, port, why) : r;
    if (r == 0 && where->kind == STORE_TCP && where->host_count > 1) {
        return fault_set(why, code, "",
                         "redis:// names one host; several are redis+sentinel:// or "
                         "redis+cluster://");
    }
    r = r == 0 ? read_path(where, path, why) : r;
    return r == 0 ? read_query(where, query, why) : r;
}

int store_where_read(struct store_where *ret, struct span url, struct fault *why)
{
    static const struct {
        const char *prefix;
        enum store_kind kind;
        int port;
    } kinds[] = {
        {"redis://", STORE_TCP, 6379},
        {"redis+sentinel://", STORE_SENTINEL, 26379},
        {"redis+cluster://", STORE_CLUSTER, 6379},
    };
    struct store_where where = {.kind = STORE_EMBEDDED};
    int r = FAULT;

    if (span_starts(url, "rediss:")) {
        return fault_set(why, code, "",
                         "the Redis client library has no TLS: run stunnel beside the service and "
                         "give its local end as redis://127.0.0.1:port");
    }
    if (span_starts(url, "unix:")) {
        r = read_unix(&where, span_sub(url, 5, url.len), why);
    } else if (span_is(url, "embedded")) {
        r = 0;
    } else {
        (void)fault_set(why, code, "",
                        "the store is embedded, unix:/path, redis://host:port/db, "
                        "redis+sentinel://host,host/name or redis+cluster://host,host");
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (span_starts(url, kinds[i].prefix)) {
            where.kind = kinds[i].kind;
            r = read_network(&where, span_sub(url, strlen(kinds[i].prefix), url.len), kinds[i].port,
                             why);
        }
    }
    if (r == 0) {
        *ret = where;
    }
    return r;
}

struct store_where store_where_at(const struct store_where *where, const struct store_host *host)
{
    struct store_where one = *where;

    one.kind = STORE_TCP;
    one.hosts[0] = *host;
    one.host_count = 1;
    return one;
}

bool store_host_same(const struct store_host *a, const struct store_host *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

bool store_host_read(struct store_host *ret, struct span text)
{
    struct span place = span_cut(&text, ',');
    const char *colon;
    struct span host;

    place = span_cut(&place, '@');
    colon = memrchr(place.ptr ? place.ptr : "", ':', place.len);
    if (!colon) {
        return false;
    }
    host = span_sub(place, 0, (size_t)(colon - place.ptr));
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']') {
        host = span_sub(host, 1, host.len - 2);
    }
    if (host.len == 0 || host.len > STORE_HOST_MAX || memchr(host.ptr, '\0', host.len) ||
        !read_port(span_sub(place, (size_t)(colon - place.ptr) + 1, place.len), &ret->port)) {
        return false;
    }
    memcpy(ret->host, host.ptr, host.len);
    ret->host[host.len] = '\0';
    return true;
}
