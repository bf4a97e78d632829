/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/where.h"

#include "lib/base/buf.h"
#include "lib/base/codec.h"

#include <stdio.h>

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

static int read_host(struct store_where *where, struct span text, struct fault *why)
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
    where->port = 6379;
    if (port.ptr && (read_number(port, 65535, &where->port) != 0 || where->port == 0)) {
        return fault_set(why, code, "", "the port is a number from 1 to 65535");
    }
    if (host.len == 0 || !copy_part(where->host, STORE_HOST_MAX, host)) {
        return fault_set(why, code, "", "redis:// wants a host name or address of at most %d bytes",
                         STORE_HOST_MAX);
    }
    return 0;
}

static int read_auth(struct store_where *where, struct span text, struct fault *why)
{
    struct span password = text, user = span_cut(&password, ':');

    if (!password.ptr) {
        return fault_set(why, code, "", "before the @ stand user:password, or :password");
    }
    if (!copy_part(where->user, STORE_AUTH_MAX, user) ||
        !copy_part(where->password, STORE_AUTH_MAX, password) || where->password[0] == '\0') {
        return fault_set(why, code, "", "user and password have at most %d bytes, percent-encoded",
                         STORE_AUTH_MAX);
    }
    return 0;
}

static int read_tcp(struct store_where *where, struct span rest, struct fault *why)
{
    struct span db = rest, place = span_cut(&db, '/');
    const char *at = memrchr(place.ptr ? place.ptr : "", '@', place.len);
    int r;

    where->kind = STORE_TCP;
    if (db.ptr && db.len > 0 && read_number(db, 15, &where->db) != 0) {
        return fault_set(why, code, "", "the database is a number from 0 to 15");
    }
    if (at) {
        size_t len = (size_t)(at - place.ptr);

        r = read_auth(where, span_sub(place, 0, len), why);
        if (r != 0) {
            return r;
        }
        place = span_sub(place, len + 1, place.len);
    }
    return read_host(where, place, why);
}

int store_where_read(struct store_where *ret, struct span url, struct fault *why)
{
    static const struct {
        const char *prefix, *why;
    } refused[] = {
        {"redis+sentinel:", "Sentinel is not spoken yet: give the primary as redis://host:port"},
        {"redis+cluster:", "Redis Cluster is not spoken yet: give one server as redis://host:port"},
        {"rediss:",
         "the Redis client library has no TLS: run stunnel beside the service and give its "
         "local end as redis://127.0.0.1:port"},
    };
    struct store_where where = {.kind = STORE_EMBEDDED};
    int r = 0;

    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        if (span_starts(url, refused[i].prefix)) {
            return fault_set(why, code, "", "%s", refused[i].why);
        }
    }
    if (span_starts(url, "unix:")) {
        r = read_unix(&where, span_sub(url, 5, url.len), why);
    } else if (span_starts(url, "redis://")) {
        r = read_tcp(&where, span_sub(url, 8, url.len), why);
    } else if (!span_is(url, "embedded")) {
        r = fault_set(why, code, "", "the store is embedded, unix:/path or redis://host:port/db");
    }
    if (r == 0) {
        *ret = where;
    }
    return r;
}
