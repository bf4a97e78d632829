/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_UNIT_SERVICE_SYNC_ORIGIN_H
#define RAPPORTEUR_TESTS_UNIT_SERVICE_SYNC_ORIGIN_H

/*
 * A web server of one thread on a free loopback port that answers each path with given bytes, for
 * tests that fetch. The test changes `bodies` under origin_lock only.
 *     origin_start(&origin);  origin_put(&origin, "/a", "HTTP/1.1 200 OK\r\n\r\nhello");  origin_stop(&origin);
 */

#include "tests/support/support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ORIGIN_PATHS = 12, ORIGIN_REQUEST_MAX = 4096 };

struct origin {
    int fd, stop[2];
    int port;
    pthread_t thread;
    pthread_mutex_t lock;
    struct origin_path {
        const char *path;
        struct span bytes;
        bool hold;                          /* the connection stays open until the end */
    } paths[ORIGIN_PATHS];
    size_t count;
    int requests;
    char last[ORIGIN_REQUEST_MAX];          /* the newest request's head */
    char url[64];
};

static inline void origin_set(struct origin *origin, const char *path, struct span bytes, bool hold)
{
    size_t i = 0;

    (void)pthread_mutex_lock(&origin->lock);
    while (i < origin->count && strcmp(origin->paths[i].path, path) != 0) {
        i++;
    }
    assert_true(i < ORIGIN_PATHS);
    origin->paths[i] = (struct origin_path){path, bytes, hold};
    origin->count += i == origin->count;
    (void)pthread_mutex_unlock(&origin->lock);
}

static inline void origin_put(struct origin *origin, const char *path, const char *bytes)
{
    origin_set(origin, path, span_of(bytes), false);
}

static inline void origin_answer(struct origin *origin, int fd)
{
    char head[ORIGIN_REQUEST_MAX] = "";
    struct span bytes = SPAN("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    size_t len = 0;
    bool hold = false;

    while (len + 1 < sizeof(head) && !strstr(head, "\r\n\r\n")) {
        ssize_t got = read(fd, head + len, sizeof(head) - 1 - len);

        if (got <= 0) {
            return;
        }
        len += (size_t)got;
        head[len] = '\0';
    }
    (void)pthread_mutex_lock(&origin->lock);
    memcpy(origin->last, head, len + 1);
    origin->requests++;
    for (size_t i = 0; i < origin->count; i++) {
        size_t path_len = strlen(origin->paths[i].path);

        if (strncmp(head + 4, origin->paths[i].path, path_len) == 0 && strchr(" ?", head[4 + path_len])) {
            bytes = origin->paths[i].bytes;
            hold = origin->paths[i].hold;
        }
    }
    (void)pthread_mutex_unlock(&origin->lock);
    (void)send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
    if (hold) {
        (void)poll(&(struct pollfd){.fd = origin->stop[0], .events = POLLIN}, 1, -1);
    }
}

static inline void *origin_run(void *arg)
{
    struct origin *origin = arg;

    for (;;) {
        int fd = accept(origin->fd, NULL, NULL);

        if (fd < 0) {
            return NULL;
        }
        origin_answer(origin, fd);
        (void)shutdown(fd, SHUT_RDWR);
        (void)close(fd);
    }
}

static inline void origin_start(struct origin *origin)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(address);

    *origin = (struct origin){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_int_equal(bind(origin->fd, (const struct sockaddr *)(const void *)&address, sizeof(address)), 0);
    assert_int_equal(listen(origin->fd, 16), 0);
    assert_int_equal(getsockname(origin->fd, (struct sockaddr *)(void *)&address, &len), 0);
    origin->port = ntohs(address.sin_port);
    (void)snprintf(origin->url, sizeof(origin->url), "http://127.0.0.1:%d", origin->port);
    assert_int_equal(pipe(origin->stop), 0);
    assert_int_equal(pthread_mutex_init(&origin->lock, NULL), 0);
    assert_int_equal(pthread_create(&origin->thread, NULL, origin_run, origin), 0);
}

static inline void origin_stop(struct origin *origin)
{
    (void)shutdown(origin->fd, SHUT_RDWR);
    (void)close(origin->stop[1]);
    (void)pthread_join(origin->thread, NULL);
    (void)close(origin->stop[0]);
    (void)close(origin->fd);
    (void)pthread_mutex_destroy(&origin->lock);
}

static inline bool origin_was_told(struct origin *origin, const char *part)
{
    bool told;

    (void)pthread_mutex_lock(&origin->lock);
    told = strstr(origin->last, part) != NULL;
    (void)pthread_mutex_unlock(&origin->lock);
    return told;
}

static inline int origin_requests(struct origin *origin)
{
    int requests;

    (void)pthread_mutex_lock(&origin->lock);
    requests = origin->requests;
    (void)pthread_mutex_unlock(&origin->lock);
    return requests;
}

#endif
