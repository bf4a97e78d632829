/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_UNIT_SERVICE_HTTP_FIXTURE_H
#define RAPPORTEUR_TESTS_UNIT_SERVICE_HTTP_FIXTURE_H

/*
 * A real server on a free loopback port in a thread of its own, and blocking clients in the test's.
 *     struct fixture fix;
 *     fixture_start(&fix, &limits, NULL);
 *     int fd = client_connect(&fix);
 *     client_send(fd, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
 *     char *answer = client_read_all(fd);
 *     fixture_stop(&fix);
 * No client waits longer than WAIT_MS for anything.
 */

#include "tests/support/support.h"

#include "lib/base/buf.h"
#include "service/http/server.h"
#include "service/runtime/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 10000, STREAM_PIECE = 16384 };

struct fixture {
    struct loop *loop;
    struct http_server *server;
    pthread_t thread;
    unsigned port;
    atomic_int cancelled; /* notices, as 1 + enum exchange_cancel of the last */
    atomic_int released;  /* defers run */
    atomic_int finished;  /* summaries */
    atomic_int last_status;
    atomic_int streams_done;
    atomic_size_t produced;
    atomic_int troubles;
    atomic_int late;       /* answers of /later given */
    struct exchange *held; /* what /hold got; loop's thread only */
};

static UNUSED void answer_hello(struct exchange *ex)
{
    json_t *value = json_pack("{s:s}", "hello", "world");

    exchange_reply_json(ex, 200, value);
    json_decref(value);
}

static UNUSED void answer_echo(struct exchange *ex)
{
    exchange_reply_bytes(ex, 200, "application/octet-stream", exchange_request(ex)->body);
}

struct delayed {
    struct fixture *fix;
    struct loop_timer *timer;
    struct exchange *ex;
};

static UNUSED void on_delay_over(void *arg)
{
    struct delayed *delayed = arg;
    struct exchange *ex = delayed->ex;

    (void)loop_timer_free(delayed->timer);
    atomic_fetch_add(&delayed->fix->late, 1);
    free(delayed);
    exchange_reply_bytes(ex, 200, "text/plain", SPAN("late"));
}

/* /later/{ms}: answers after so many milliseconds. */
static UNUSED void answer_later(struct exchange *ex)
{
    struct fixture *fix = exchange_arg(ex);
    struct delayed *delayed = malloc(sizeof(*delayed));
    unsigned long long ms = 0;

    assert_true(span_to_u64(http_request_param(exchange_request(ex), "ms"), &ms));
    delayed->fix = fix;
    delayed->ex = ex;
    delayed->timer = loop_timer_new(fix->loop, on_delay_over, delayed);
    loop_timer_start(delayed->timer, (int64_t)ms);
}

static UNUSED void count_release(void *arg)
{
    struct fixture *fix = arg;

    atomic_fetch_add(&fix->released, 1);
}

static UNUSED void on_held_cancelled(struct exchange *ex, enum exchange_cancel why, void *arg)
{
    struct fixture *fix = arg;

    if (why != EXCHANGE_TIMED_OUT) { /* that one answers later, into the void */
        fix->held = NULL;
        exchange_drop(ex);
    }
    atomic_store(&fix->cancelled, 1 + (int)why);
}

/* /hold: never answers by itself. */
static UNUSED void answer_hold(struct exchange *ex)
{
    struct fixture *fix = exchange_arg(ex);

    fix->held = ex;
    exchange_defer(ex, count_release, fix);
    exchange_on_cancel(ex, on_held_cancelled, fix);
}

static UNUSED enum http_admission refuse_key(struct exchange *ex)
{
    exchange_problem(ex, 401, "AUTH_MISSING", "no key", NULL);
    return ADMIT_ANSWERED;
}

static UNUSED void go_on_admitting(void *arg)
{
    exchange_admit(arg);
}

static UNUSED enum http_admission admit_in_next_turn(struct exchange *ex)
{
    struct fixture *fix = exchange_arg(ex);

    exchange_set_body_max(ex, 10);
    assert_int_equal(loop_post(fix->loop, go_on_admitting, ex), 0);
    return ADMIT_LATER;
}

/* /release: answers what /hold got, from another connection's handler. */
static UNUSED void answer_release(struct exchange *ex)
{
    struct fixture *fix = exchange_arg(ex);
    struct exchange *held = fix->held;

    fix->held = NULL;
    if (held) {
        exchange_reply_bytes(held, 200, "text/plain", SPAN("released"));
    }
    exchange_reply_bytes(ex, held ? 200 : 404, "text/plain", SPAN("done"));
}

struct stream {
    struct fixture *fix;
    struct exchange *ex;
    size_t left;
    bool wait, fail;
};

static UNUSED void resume_stream(void *arg)
{
    exchange_stream_resume(arg);
}

static UNUSED int produce_x(void *arg, struct buf *out)
{
    struct stream *stream = arg;
    size_t len = stream->left < STREAM_PIECE ? stream->left : STREAM_PIECE;
    char *into = buf_reserve(out, len);

    assert_non_null(into);
    memset(into, 'x', len);
    buf_grew(out, len);
    stream->left -= len;
    atomic_fetch_add(&stream->fix->produced, len);
    if (stream->left == 0) {
        return stream->fail ? -EIO : STREAM_END;
    }
    if (stream->wait) {
        assert_int_equal(loop_post(stream->fix->loop, resume_stream, stream->ex), 0);
        return STREAM_WAIT;
    }
    return STREAM_MORE;
}

static UNUSED void end_stream(void *arg)
{
    struct stream *stream = arg;

    atomic_fetch_add(&stream->fix->streams_done, 1);
    free(stream);
}

/* /stream/{bytes}?wait: so many x. */
static UNUSED void answer_stream(struct exchange *ex)
{
    const struct http_request *request = exchange_request(ex);
    struct stream *stream = calloc(1, sizeof(*stream));
    unsigned long long bytes = 0;

    assert_true(span_to_u64(http_request_param(request, "bytes"), &bytes));
    stream->fix = exchange_arg(ex);
    stream->ex = ex;
    stream->left = bytes;
    stream->wait = http_request_query(request, "wait").ptr != NULL;
    stream->fail = http_request_query(request, "fail").ptr != NULL;
    exchange_reply_stream(ex, 200, "text/plain", produce_x, end_stream, stream);
}

static UNUSED void answer_headers(struct exchange *ex)
{
    assert_int_equal(exchange_header_text(ex, "X-Good", "yes"), 0);
    assert_int_equal(exchange_header_text(ex, "X-Bad", "a\r\nX-Evil: b"), FAULT);
    assert_int_equal(exchange_header_text(ex, "Content-Length", "5"), FAULT);
    assert_int_equal(exchange_header_text(ex, "Cache-Control", "max-age=60"), 0);
    exchange_reply(ex, 204);
}

static const struct http_route test_routes[] = {
    {.method = "GET", .pattern = "/hello", .handler = answer_hello, .admit = http_admit_everyone},
    {.method = "POST",
     .pattern = "/echo",
     .handler = answer_echo,
     .admit = http_admit_everyone,
     .body_max = 100000},
    {.method = "GET",
     .pattern = "/later/{ms}",
     .handler = answer_later,
     .admit = http_admit_everyone},
    {.method = "GET", .pattern = "/hold", .handler = answer_hold, .admit = http_admit_everyone},
    {.method = "GET",
     .pattern = "/release",
     .handler = answer_release,
     .admit = http_admit_everyone},
    {.method = "POST",
     .pattern = "/guarded",
     .handler = answer_echo,
     .admit = refuse_key,
     .body_max = 1 << 30},
    {.method = "POST",
     .pattern = "/slow-admit",
     .handler = answer_echo,
     .admit = admit_in_next_turn},
    {.method = "GET",
     .pattern = "/stream/{bytes}",
     .handler = answer_stream,
     .admit = http_admit_everyone},
    {.method = "GET",
     .pattern = "/headers",
     .handler = answer_headers,
     .admit = http_admit_everyone},
};

static UNUSED void count_finished(void *arg, const struct http_summary *summary)
{
    struct fixture *fix = arg;

    atomic_store(&fix->last_status, summary->status);
    atomic_fetch_add(&fix->finished, 1);
}

static UNUSED void count_trouble(void *arg, const char *what, int error)
{
    struct fixture *fix = arg;

    (void)what;
    (void)error;
    atomic_fetch_add(&fix->troubles, 1);
}

static UNUSED void *fixture_run(void *arg)
{
    struct fixture *fix = arg;

    assert_int_equal(loop_run(fix->loop), 0);
    return NULL;
}

static UNUSED void fixture_start_at(struct fixture *fix, const struct http_limits *limits,
                                    SSL_CTX *tls, const char *address)
{
    struct http_server_options options = {
        .routes = test_routes,
        .route_count = COUNT_OF(test_routes),
        .arg = fix,
        .limits = *limits,
        .tls = tls,
        .finished = count_finished,
        .trouble = count_trouble,
    };
    struct fault why = {0};

    memset(fix, 0, sizeof(*fix));
    assert_int_equal(loop_new(&fix->loop), 0);
    options.loop = fix->loop;
    assert_int_equal(http_server_new(&fix->server, &options, &why), 0);
    assert_int_equal(http_server_listen(fix->server, address, &why), 0);
    fix->port = http_server_port(fix->server);
    assert_int_equal(pthread_create(&fix->thread, NULL, fixture_run, fix), 0);
}

static UNUSED void fixture_start(struct fixture *fix, const struct http_limits *limits,
                                 SSL_CTX *tls)
{
    fixture_start_at(fix, limits, tls, "127.0.0.1:0");
    assert_int_not_equal(fix->port, 0);
}

static UNUSED void stop_loop(void *arg)
{
    loop_stop(arg);
}

static UNUSED void fixture_stop(struct fixture *fix)
{
    int r = loop_post(fix->loop, stop_loop, fix->loop);

    assert_true(r == 0 || r == -ESHUTDOWN); /* a drain has ended it */
    assert_int_equal(pthread_join(fix->thread, NULL), 0);
    fix->server = http_server_free(fix->server);
    fix->loop = loop_free(fix->loop);
}

/* Until *what is at least `least`, looking every millisecond. */
static UNUSED void wait_for(atomic_int *what, int least)
{
    for (int waited = 0; atomic_load(what) < least; waited++) {
        assert_true(waited < WAIT_MS);
        (void)poll(NULL, 0, 1);
    }
}

static UNUSED void client_join(const struct fixture *fix, int fd)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)fix->port)};
    struct timeval wait = {.tv_sec = WAIT_MS / 1000};

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
}

static UNUSED int client_connect(const struct fixture *fix)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    client_join(fix, fd);
    return fd;
}

static UNUSED void client_send_bytes(int fd, const void *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

        assert_true(sent > 0);
        bytes = (const char *)bytes + sent;
        len -= (size_t)sent;
    }
}

static UNUSED void client_send(int fd, const char *text)
{
    client_send_bytes(fd, text, strlen(text));
}

/* All up to the end of the connection, which it closes; fails when the end does not come. */
static UNUSED char *client_read_all(int fd)
{
    struct buf all;
    ssize_t got;

    buf_init(&all, 1 << 30);
    (void)buf_add_text(&all, "");
    do {
        char *into = buf_reserve(&all, 65536);

        assert_non_null(into);
        got = recv(fd, into, 65536, 0);
        if (got > 0) {
            buf_grew(&all, (size_t)got);
        }
    } while (got > 0);
    if (got < 0 && errno != ECONNRESET) {
        fail_msg("no end of the connection: %s, after: %.300s", strerror(errno),
                 all.data ? all.data : "");
    }
    (void)close(fd);
    (void)buf_add(&all, "", 1);
    return buf_take(&all);
}

/* Reads until `text` has been seen. */
static UNUSED char *client_read_until(int fd, const char *text)
{
    struct buf all;

    buf_init(&all, 1 << 20);
    do {
        char piece[4096];
        ssize_t got = recv(fd, piece, sizeof(piece), 0);

        if (got <= 0) {
            fail_msg("'%s' did not come, but: %s", text, all.data ? all.data : "");
        }
        (void)buf_add(&all, piece, (size_t)got);
    } while (!strstr(all.data, text));
    return buf_take(&all);
}

/* One connection: sends all, reads all. */
static UNUSED char *client_talk(const struct fixture *fix, const char *request)
{
    int fd = client_connect(fix);

    client_send(fd, request);
    return client_read_all(fd);
}

static UNUSED size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    while ((text = strstr(text, part)) != NULL) {
        count++;
        text += strlen(part);
    }
    return count;
}

#define EXPECT_IN(text, part)                                                                      \
    do {                                                                                           \
        if (!strstr(text, part)) {                                                                 \
            fail_msg("'%s' is not in: %.600s", part, text);                                        \
        }                                                                                          \
    } while (0)

#endif
