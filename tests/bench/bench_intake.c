/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load for POST /v1/reports: keep-alive connections on one epoll loop, one request in flight each, every
 * report new (its own content id and Idempotency-Key). bench_intake.sh starts the service and calls it:
 *     bench_intake PORT KEY CONNECTIONS LINES SECONDS MARK
 * LINES 1: one JSON report of 1 KB a POST; more: NDJSON of that many. MARK makes ids of this run unlike
 * those of others. Prints reports/s, p50 and p99 in ms of a POST, and how many answers were not 202 or 200.
 */
#include "lib/base/buf.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, LINES_MAX = 1000, REPORT_BYTES = 1024, ANSWER_MAX = 1 << 20, SAMPLES_MAX = 1 << 22 };

struct connection {
    int fd;
    char *in;
    size_t got, sent;
    struct buf out;
    int64_t begun_ns;
};

static struct run {
    const char *key, *mark;
    uint16_t port;
    size_t connections, lines, samples, wrong;
    uint64_t next;
    uint32_t *latency_us;
} run;

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(1);
}

/* A report of exactly REPORT_BYTES: its text fills what the rest leaves. */
static void add_report(struct buf *out, uint64_t number)
{
    static const char words[] = "harbour morning bread river window seven letters garden market yellow stone paper ";
    char head[400], tail[400];
    int head_len = snprintf(head, sizeof(head), "{\"content\":{\"id\":\"%s-%llu\",\"type\":\"post\",\"language\":\"en\",\"text\":\"",
                            run.mark, (unsigned long long)number);
    int tail_len = snprintf(tail, sizeof(tail),
                            "\"},\"category\":\"incitement\",\"reason\":\"sent by a benchmark\",\"urgency\":\"routine\","
                            "\"origin\":{\"kind\":\"user_notice\",\"good_faith\":true,\"state_actor\":null},"
                            "\"jurisdictions\":[\"DE\"],\"reported_at\":\"2026-01-20T20:02:00Z\"}");

    (void)buf_add_text(out, head);
    for (size_t i = 0; i < (size_t)(REPORT_BYTES - head_len - tail_len); i++) {
        (void)buf_add_char(out, words[i % (sizeof(words) - 1)]);
    }
    (void)buf_add_text(out, tail);
}

static void build(struct connection *c)
{
    size_t body = run.lines * (REPORT_BYTES + 1) - 1;
    char head[600];

    buf_clear(&c->out);
    (void)snprintf(head, sizeof(head),
                   "POST /v1/reports HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nIdempotency-Key: \"%s-%llu\"\r\n"
                   "Content-Type: application/%s\r\nContent-Length: %zu\r\n\r\n",
                   run.key, run.mark, (unsigned long long)run.next, run.lines == 1 ? "json" : "x-ndjson", body);
    (void)buf_add_text(&c->out, head);
    for (size_t i = 0; i < run.lines; i++) {
        if (i) {
            (void)buf_add_char(&c->out, '\n');
        }
        add_report(&c->out, run.next++);
    }
    c->got = c->sent = 0;
    c->begun_ns = now_ns();
}

static void push(struct connection *c)
{
    while (c->sent < c->out.len) {
        ssize_t n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0) {
            return;             /* epoll says when there is room, or that it is gone */
        }
        c->sent += (size_t)n;
    }
}

/* Whether the whole answer is here. */
static bool complete(struct connection *c)
{
    char *end, *length;

    c->in[c->got] = 0;
    end = strstr(c->in, "\r\n\r\n");
    length = end ? strstr(c->in, "Content-Length: ") : NULL;
    return length && c->got >= (size_t)(end + 4 - c->in) + strtoul(length + strlen("Content-Length: "), NULL, 10);
}

static size_t accepted(const struct connection *c)
{
    size_t count = 0;

    if (run.lines == 1) {
        return strncmp(c->in, "HTTP/1.1 202 ", 13) == 0;
    }
    for (const char *at = c->in; (at = strstr(at, "\"status\":202")); at++) {
        count++;
    }
    return count;
}

static void pull(struct connection *c, bool more)
{
    ssize_t n = recv(c->fd, c->in + c->got, ANSWER_MAX - 1 - c->got, MSG_DONTWAIT);

    if (n == 0) {
        (void)fprintf(stderr, "the service closed a connection: %.300s\n", c->in);
        exit(1);
    }
    if (n < 0) {
        return;
    }
    c->got += (size_t)n;
    if (!complete(c)) {
        return;
    }
    if (accepted(c) != run.lines && run.wrong++ == 0) {
        (void)fprintf(stderr, "answer: %.600s\n", c->in);
    }
    if (run.samples < SAMPLES_MAX) {
        run.latency_us[run.samples++] = (uint32_t)((now_ns() - c->begun_ns) / 1000);
    }
    if (more) {
        build(c);
        push(c);
    }
}

static void open_one(struct connection *c, int epoll)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(run.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event want = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    int on = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    c->in = malloc(ANSWER_MAX);
    buf_init(&c->out, 4 << 20);
    if (!c->in || c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        die("connect");
    }
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    build(c);
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &want) != 0) {
        die("epoll_ctl");
    }
}

static int by_size(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

static void drive(int epoll, double seconds)
{
    int64_t begun = now_ns(), end = begun + (int64_t)(seconds * 1e9), now;
    struct epoll_event events[256];

    while ((now = now_ns()) < end) {
        int count = epoll_wait(epoll, events, COUNT_OF(events), 100);

        for (int i = 0; i < count; i++) {
            push(events[i].data.ptr);
            pull(events[i].data.ptr, true);
        }
    }
    if (run.samples == 0) {
        (void)fprintf(stderr, "no answer at all\n");
        exit(1);
    }
    qsort(run.latency_us, run.samples, sizeof(*run.latency_us), by_size);
    (void)printf("%.0f %.2f %.2f %zu\n", (double)(run.samples * run.lines) / ((double)(now - begun) / 1e9),
                 run.latency_us[run.samples / 2] / 1000.0, run.latency_us[run.samples * 99 / 100] / 1000.0, run.wrong);
}

int main(int argc, char **argv)
{
    static struct connection connections[CONNECTIONS_MAX];
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    if (argc != 7) {
        (void)fprintf(stderr, "usage: bench_intake PORT KEY CONNECTIONS LINES SECONDS MARK\n");
        return 2;
    }
    run = (struct run){.key = argv[2], .mark = argv[6], .port = (uint16_t)strtoul(argv[1], NULL, 10),
                       .connections = strtoul(argv[3], NULL, 10), .lines = strtoul(argv[4], NULL, 10),
                       .latency_us = malloc(SAMPLES_MAX * sizeof(uint32_t))};
    if (run.connections < 1 || run.connections > CONNECTIONS_MAX || run.lines < 1 || run.lines > LINES_MAX || !run.latency_us) {
        return 2;
    }
    for (size_t i = 0; i < run.connections; i++) {
        open_one(&connections[i], epoll);
    }
    drive(epoll, strtod(argv[5], NULL));
    return run.wrong != 0;
}
