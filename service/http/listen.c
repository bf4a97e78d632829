/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/connection.h"

#include "lib/http/syntax.h"
#include "service/runtime/loop.h"

#include <event2/listener.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, PAUSE_MS = 500, UNIX_MODE = 0660, HOST_MAX = 64, PORT_TEXT_MAX = 6 };

static const char too_many[] =
    "HTTP/1.1 429 Too Many Requests\r\n"
    "Content-Type: application/problem+json\r\n"
    "Retry-After: 5\r\nConnection: close\r\nContent-Length: 161\r\n\r\n"
    "{\"type\":\"/problems/TOO_MANY_CONNECTIONS\",\"title\":\"Too Many Requests\","
    "\"status\":429,\"detail\":\"this address has too many connections\","
    "\"code\":\"TOO_MANY_CONNECTIONS\"}";

static void set_accepting(struct http_server *server, bool on)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        (void)(on ? evconnlistener_enable(server->listeners[i])
                  : evconnlistener_disable(server->listeners[i]));
    }
    server->paused = !on;
}

void listen_resume(struct http_server *server)
{
    if (server->paused && !server->draining && !loop_timer_running(server->pause) &&
        server->connection_count < server->limits.connections_max) {
        set_accepting(server, true);
    }
}

void listen_close(struct http_server *server)
{
    while (server->listener_count > 0) {
        size_t last = --server->listener_count;

        evconnlistener_free(server->listeners[last]);
        if (server->unix_paths[last]) {
            (void)unlink(server->unix_paths[last]);
            free(server->unix_paths[last]);
        }
    }
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
                      int from_len, void *arg)
{
    struct http_server *server = arg;
    char text[ADDRESS_TEXT_MAX] = "unknown";
    struct address address;

    (void)listener;
    (void)from_len;
    address_read(from, &address, text);
    if (!address_table_take(server->addresses, &address,
                            server->limits.connections_per_address_max)) {
        server_trouble(server, "an address has too many connections; its next ones are refused", 0);
        if (!server->options.tls) {
            (void)!send(fd, too_many, sizeof(too_many) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        (void)close(fd);
        return;
    }
    if (connection_new(server, fd, &address, text) < 0) {
        address_table_give(server->addresses, &address);
        (void)close(fd);
        return;
    }
    if (server->connection_count >= server->limits.connections_max) {
        set_accepting(server, false);
        server_trouble(server, "all connections are in use; no more are accepted until one ends",
                       0);
    }
}

/* Most likely no descriptor is left. Without a pause the loop would try again at once, for ever. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    struct http_server *server = arg;

    (void)listener;
    server_trouble(server, "connections cannot be accepted; trying again", errno);
    set_accepting(server, false);
    loop_timer_start(server->pause, PAUSE_MS);
}

/* Takes fd. */
static int add_listener(struct http_server *server, int fd, const char *unix_path,
                        struct fault *why)
{
    size_t at = server->listener_count;
    struct evconnlistener *listener;
    char *path = NULL;

    if (at == LISTENERS_MAX) {
        (void)close(fd);
        return fault_set(why, "LISTEN_ADDRESS", "", "at most %d addresses", LISTENERS_MAX);
    }
    if (unix_path) {
        path = strdup(unix_path);
        if (!path) {
            (void)close(fd);
            return -ENOMEM;
        }
    }
    listener = evconnlistener_new(loop_base(server->loop), on_accept, server,
                                  LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (!listener) {
        free(path);
        (void)close(fd);
        return -ENOMEM;
    }
    evconnlistener_set_error_cb(listener, on_accept_error);
    server->listeners[at] = listener;
    server->unix_paths[at] = path;
    server->listener_count++;
    return 0;
}

int http_server_listen_fd(struct http_server *server, int fd, struct fault *why)
{
    static const int on = 1;
    int type = 0, listening = 0;
    socklen_t len = sizeof(type);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_STREAM ||
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 || !listening) {
        (void)close(fd);
        return fault_set(why, "LISTEN_ADDRESS", "",
                         "the descriptor given is not a listening stream socket");
    }
    /* Inherited by what it accepts; fails on Unix sockets, which have no need of it. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)evutil_make_socket_nonblocking(fd);
    return add_listener(server, fd, NULL, why);
}

static int refuse_bind(struct fault *why, const char *address, int error)
{
    return fault_set(why, "LISTEN_BIND", address, "cannot listen there: %s", strerror(error));
}

static int bind_tcp(const struct addrinfo *info, bool both, int *ret_fd)
{
    static const int on = 1, off = 0;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error;

    if (fd < 0) {
        return -errno;
    }
    if (info->ai_family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, both ? &off : &on, sizeof(int));
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) {
        *ret_fd = fd;
        return 0;
    }
    error = errno;
    (void)close(fd);
    return -error;
}

/* "host:port" or "[host]:port" cut into its parts. */
static bool split_address(struct span address, char host[HOST_MAX], char port[PORT_TEXT_MAX])
{
    size_t colon = address.len;
    struct span name, number;

    while (colon > 0 && address.ptr[colon - 1] != ':') {
        colon--;
    }
    if (colon == 0) {
        return false;
    }
    name = span_sub(address, 0, colon - 1);
    number = span_sub(address, colon, address.len);
    if (name.len > 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']') {
        name = span_sub(name, 1, name.len - 2);
    }
    if (name.len == 0 || name.len >= HOST_MAX || number.len == 0 || number.len >= PORT_TEXT_MAX) {
        return false;
    }
    memcpy(host, name.ptr, name.len);
    host[name.len] = '\0';
    memcpy(port, number.ptr, number.len);
    port[number.len] = '\0';
    return strspn(port, "0123456789") == number.len && strtoul(port, NULL, 10) <= UINT16_MAX;
}

static int listen_tcp(struct http_server *server, const char *address, struct fault *why)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    char host[HOST_MAX], port[PORT_TEXT_MAX];
    struct addrinfo *info = NULL;
    bool both;
    int fd = -1, r;

    if (!split_address(span_of(address), host, port)) {
        return fault_set(why, "LISTEN_ADDRESS", address,
                         "an address looks like 127.0.0.1:8080, [::1]:8080, *:8080 or unix:/path");
    }
    both = strcmp(host, "*") == 0;
    if (getaddrinfo(both ? "::" : host, port, &hints, &info) != 0) {
        return fault_set(why, "LISTEN_ADDRESS", address, "the host must be a numeric address or *");
    }
    r = bind_tcp(info, both, &fd);
    freeaddrinfo(info);
    if (r == -EAFNOSUPPORT && both && getaddrinfo("0.0.0.0", port, &hints, &info) == 0) {
        r = bind_tcp(info, false, &fd); /* a machine without IPv6 */
        freeaddrinfo(info);
    }
    return r < 0 ? refuse_bind(why, address, -r) : add_listener(server, fd, NULL, why);
}

/* A socket file that nobody answers is left over from a crash. */
static void remove_stale(const struct sockaddr_un *name)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return;
    }
    if (connect(fd, (const struct sockaddr *)name, sizeof(*name)) != 0 && errno == ECONNREFUSED) {
        (void)unlink(name->sun_path);
    }
    (void)close(fd);
}

static int listen_unix(struct http_server *server, const char *address, struct fault *why)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct span path = span_of(strchr(address, ':') + 1);
    int fd, error;

    if (path.len == 0 || path.len >= sizeof(name.sun_path)) {
        return fault_set(why, "LISTEN_ADDRESS", address, "a socket path has 1 to %zu bytes",
                         sizeof(name.sun_path) - 1);
    }
    memcpy(name.sun_path, path.ptr, path.len);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return refuse_bind(why, address, errno);
    }
    remove_stale(&name);
    /* No one can connect between bind and chmod: it does not listen yet. */
    if (bind(fd, (const struct sockaddr *)&name, sizeof(name)) != 0 ||
        chmod(name.sun_path, UNIX_MODE) != 0 || listen(fd, BACKLOG) != 0) {
        error = errno;
        (void)close(fd);
        return refuse_bind(why, address, error);
    }
    return add_listener(server, fd, name.sun_path, why);
}

int http_server_listen(struct http_server *server, const char *address, struct fault *why)
{
    return span_starts(span_of(address), "unix:") ? listen_unix(server, address, why)
                                                  : listen_tcp(server, address, why);
}

int http_server_fd(const struct http_server *server)
{
    return server->listener_count > 0 ? evconnlistener_get_fd(server->listeners[0]) : -1;
}

unsigned http_server_port(const struct http_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        struct sockaddr_storage name = {0};
        struct sockaddr_in in;
        socklen_t len = sizeof(name);

        if (getsockname(evconnlistener_get_fd(server->listeners[i]), (struct sockaddr *)&name,
                        &len) == 0 &&
            (name.ss_family == AF_INET || name.ss_family == AF_INET6)) {
            memcpy(&in, &name, sizeof(in)); /* the port lies at the same place in both */
            return ntohs(in.sin_port);
        }
    }
    return 0;
}
