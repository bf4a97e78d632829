/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines, caps, clients that leave, drain. Deadlines are short here; a client that waits for the
 * server's end waits at most WAIT_MS. */
#include "tests/unit/service/http/fixture.h"

#include <sys/resource.h>
#include <time.h>

#define H "Host: a\r\n"
#define LAST "Connection: close\r\n\r\n"

static struct http_limits short_limits(void)
{
    struct http_limits limits = http_limits_default();

    limits.head_ms = limits.body_ms = limits.idle_ms = 60;
    limits.handler_ms = 60;
    limits.reply_ms = 200;
    return limits;
}

/* Sends one byte every few milliseconds until the server answers or closes; then reads all. */
static char *drip(const struct fixture *fix, const char *head)
{
    int fd = client_connect(fix);

    client_send(fd, head);
    for (int i = 0; i < WAIT_MS; i++) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};

        if (poll(&ready, 1, 10) > 0) {
            return client_read_all(fd);
        }
        (void)!send(fd, "x", 1, MSG_NOSIGNAL);
    }
    fail_msg("still open");
    return NULL;
}

static void test_slow_clients(void **state)
{
    static const struct {
        const char *name, *head;
    } cases[] = {
        {"dripping target", "GET /"},
        {"dripping header", "GET /hello HTTP/1.1\r\n" H "X: "},
        {"dripping body", "POST /echo HTTP/1.1\r\n" H "Content-Length: 90000\r\n\r\n"},
        {"dripping chunk",
         "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\nffff\r\n"},
    };
    struct http_limits limits = short_limits();
    struct fixture fix;

    (void)state;
    fixture_start(&fix, &limits, NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *answer = drip(&fix, cases[i].head);

        EXPECT_IN(answer, "HTTP/1.1 408 Request Timeout\r\n");
        EXPECT_IN(answer, "HTTP_TOO_SLOW");
        EXPECT_IN(answer, "Connection: close");
        free(answer);
    }
    fixture_stop(&fix);
}

static void test_idle_is_closed_in_silence(void **state)
{
    struct http_limits limits = short_limits();
    struct fixture fix;
    char *answer;
    int fd;

    (void)state;
    fixture_start(&fix, &limits, NULL);
    answer = client_read_all(client_connect(&fix));
    assert_string_equal(answer, "");
    free(answer);
    fd = client_connect(&fix);
    client_send(fd, "GET /hello HTTP/1.1\r\n" H "\r\n");
    answer = client_read_all(fd);
    EXPECT_IN(answer, "{\"hello\"");
    assert_int_equal(count_of(answer, "HTTP/1.1 "), 1);
    free(answer);
    fixture_stop(&fix);
}

static void test_handler_deadline(void **state)
{
    struct http_limits limits = short_limits();
    struct fixture fix;
    char *answer;

    (void)state;
    limits.idle_ms = 10000;
    fixture_start(&fix, &limits, NULL);
    /* The late answer comes while the connection serves another, and goes nowhere. */
    answer = client_talk(&fix, "GET /later/150 HTTP/1.1\r\n" H "\r\nGET /hold HTTP/1.1\r\n" H "\r\n"
                               "GET /hello HTTP/1.1\r\n" H LAST);
    assert_int_equal(count_of(answer, "HTTP/1.1 503 Service Unavailable"), 2);
    assert_int_equal(count_of(answer, "\r\nRetry-After: 1\r\n"), 2);
    EXPECT_IN(answer, "TIMED_OUT");
    EXPECT_IN(answer, "{\"hello\"");
    assert_null(strstr(answer, "late"));
    free(answer);
    wait_for(&fix.cancelled, 1 + EXCHANGE_TIMED_OUT);
    wait_for(&fix.late, 1);
    assert_int_equal(atomic_load(&fix.released), 0); /* /hold still has it, until the server ends */
    fixture_stop(&fix);
    assert_int_equal(atomic_load(&fix.cancelled), 1 + EXCHANGE_SERVER_GONE);
    assert_int_equal(atomic_load(&fix.released), 1);
}

static void test_client_gone(void **state)
{
    static const struct linger hard = {.l_onoff = 1, .l_linger = 0};
    struct http_limits limits = http_limits_default();
    struct fixture fix;

    (void)state;
    fixture_start(&fix, &limits, NULL);
    for (int reset = 0; reset < 2; reset++) {
        int fd = client_connect(&fix);

        atomic_store(&fix.cancelled, 0);
        client_send(fd, "GET /hold HTTP/1.1\r\n" H "\r\n");
        if (reset) {
            assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)), 0);
        }
        (void)close(fd);
        wait_for(&fix.cancelled, 1 + EXCHANGE_CLIENT_GONE);
        wait_for(&fix.released, 1 + reset);
    }
    wait_for(&fix.finished, 2);
    assert_int_equal(atomic_load(&fix.last_status), 0);
    fixture_stop(&fix);
}

static void test_stream_to_one_who_does_not_read(void **state)
{
    struct http_limits limits = short_limits();
    struct fixture fix;
    int fd;

    (void)state;
    fixture_start(&fix, &limits, NULL);
    fd = client_connect(&fix);
    client_send(fd, "GET /stream/1000000000 HTTP/1.1\r\n" H "\r\n");
    wait_for(&fix.streams_done, 1); /* cut by the reply deadline */
    /* What the kernel's buffers took, and no more: far from the 1 GB asked for. */
    assert_true(atomic_load(&fix.produced) < 32 << 20);
    (void)close(fd);
    fixture_stop(&fix);
}

static void test_stream_of_any_length(void **state)
{
    enum { MEGABYTES = 256 };
    struct http_limits limits = http_limits_default();
    static char piece[1 << 16];
    size_t total = 0;
    struct fixture fix;
    ssize_t got;
    int fd;

    (void)state;
    fixture_start(&fix, &limits, NULL);
    fd = client_connect(&fix);
    client_send(fd, "GET /stream/268435456 HTTP/1.1\r\n" H LAST);
    while ((got = recv(fd, piece, sizeof(piece), 0)) > 0) {
        total += (size_t)got;
        /* Never further ahead of us than buffers are large: the answer is not held in memory. */
        assert_true(atomic_load(&fix.produced) < total + (32 << 20));
    }
    assert_int_equal(got, 0);
    assert_true(total > (size_t)MEGABYTES << 20);
    (void)close(fd);
    fixture_stop(&fix);
}

static void test_cap_per_address(void **state)
{
    struct http_limits limits = http_limits_default();
    struct fixture fix;
    char *answer;
    int first, second;

    (void)state;
    limits.connections_per_address_max = 2;
    fixture_start(&fix, &limits, NULL);
    first = client_connect(&fix);
    second = client_connect(&fix);
    answer = client_read_all(client_connect(&fix));
    EXPECT_IN(answer, "HTTP/1.1 429 Too Many Requests\r\n");
    EXPECT_IN(answer, "application/problem+json");
    EXPECT_IN(answer, "\"code\":\"TOO_MANY_CONNECTIONS\"}");
    free(answer);
    assert_int_equal(atomic_load(&fix.troubles), 1);
    /* One that ends makes room. */
    client_send(first, "GET /hello HTTP/1.1\r\n" H LAST);
    answer = client_read_all(first);
    free(answer);
    answer = client_talk(&fix, "GET /hello HTTP/1.1\r\n" H LAST);
    EXPECT_IN(answer, "200 OK");
    free(answer);
    (void)close(second);
    fixture_stop(&fix);
}

static void test_cap_of_all(void **state)
{
    struct http_limits limits = http_limits_default();
    struct pollfd ready = {.events = POLLIN};
    struct fixture fix;
    char *answer;
    int held[2];

    (void)state;
    limits.connections_max = 2;
    fixture_start(&fix, &limits, NULL);
    for (int i = 0; i < 2; i++) {
        held[i] = client_connect(&fix);
        client_send(held[i], "GET /hello HTTP/1.1\r\n" H "\r\n");
        answer = client_read_until(held[i], "world\"}");
        free(answer);
    }
    ready.fd = client_connect(&fix); /* in the kernel's queue */
    client_send(ready.fd, "GET /hello HTTP/1.1\r\n" H LAST);
    assert_int_equal(poll(&ready, 1, 100), 0);
    assert_int_equal(atomic_load(&fix.troubles), 1);
    (void)close(held[0]);
    answer = client_read_all(ready.fd);
    EXPECT_IN(answer, "200 OK");
    free(answer);
    (void)close(held[1]);
    fixture_stop(&fix);
}

static void test_cap_of_exchanges(void **state)
{
    struct http_limits limits = http_limits_default();
    struct fixture fix;
    char *answer;
    int fd;

    (void)state;
    limits.exchanges_max = 1;
    fixture_start(&fix, &limits, NULL);
    fd = client_connect(&fix);
    client_send(fd, "GET /hold HTTP/1.1\r\n" H "\r\n");
    do {
        answer = client_talk(&fix, "GET /hello HTTP/1.1\r\n" H LAST);
        free(answer);
    } while (atomic_load(&fix.last_status) != 503); /* until /hold has arrived */
    answer = client_talk(&fix, "GET /hello HTTP/1.1\r\n" H LAST);
    EXPECT_IN(answer, "\"code\":\"SERVER_BUSY\"");
    EXPECT_IN(answer, "\r\nRetry-After: 1\r\n");
    free(answer);
    (void)close(fd);
    fixture_stop(&fix);
}

/* At the limit of open files accepting pauses: no spinning, one word to the operator, and it goes
 * on. */
static void test_no_descriptor_left(void **state)
{
    struct http_limits limits = http_limits_default();
    struct rlimit files, none_left;
    struct fixture fix;
    clock_t began;
    char *answer;
    int fd, next;

    (void)state;
    fixture_start(&fix, &limits, NULL);
    fd = client_connect(&fix);
    client_send(fd, "GET /hello HTTP/1.1\r\n" H LAST);
    free(client_read_all(fd)); /* the server's thread has started */
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    next = dup(fd);
    (void)close(next);
    none_left = (struct rlimit){(rlim_t)next, files.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none_left), 0);
    began = clock();
    client_join(&fix, fd);
    wait_for(&fix.troubles, 1);
    (void)poll(NULL, 0, 300);
    assert_true(clock() - began < CLOCKS_PER_SEC / 10); /* of the whole process */
    assert_int_equal(atomic_load(&fix.troubles), 1);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    client_send(fd, "GET /hello HTTP/1.1\r\n" H LAST);
    answer = client_read_all(fd);
    EXPECT_IN(answer, "200 OK");
    free(answer);
    fixture_stop(&fix);
}

static void begin_drain(void *arg)
{
    loop_drain(arg, WAIT_MS);
}

static void test_drain(void **state)
{
    struct http_limits limits = http_limits_default();
    struct fixture fix;
    char *answer;
    int idle, busy;

    (void)state;
    fixture_start(&fix, &limits, NULL);
    idle = client_connect(&fix);
    client_send(idle, "GET /hello HTTP/1.1\r\n" H "\r\n");
    answer = client_read_until(idle, "world\"}");
    free(answer);
    busy = client_connect(&fix);
    client_send(busy, "GET /hello HTTP/1.1\r\n" H "\r\nGET /later/100 HTTP/1.1\r\n" H "\r\n");
    answer = client_read_until(busy, "world\"}");
    free(answer);
    assert_int_equal(loop_post(fix.loop, begin_drain, fix.loop), 0);
    answer = client_read_all(idle);
    assert_string_equal(answer, "");
    free(answer);
    answer = client_read_all(busy);
    EXPECT_IN(answer, "Connection: close\r\n");
    EXPECT_IN(answer, "late");
    free(answer);
    assert_int_equal(pthread_join(fix.thread, NULL), 0); /* the drain ends the loop by itself */
    assert_null(loop_drain_straggler(fix.loop));
    assert_int_equal(loop_drain_state(fix.loop), DRAIN_DONE);
    fix.server = http_server_free(fix.server);
    fix.loop = loop_free(fix.loop);
}

static void test_free_with_all_kinds_open(void **state)
{
    static const char *const requests[] = {
        "GET /ho",
        "GET /hold HTTP/1.1\r\n" H "\r\n",
        "POST /echo HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nabc",
        "GET /stream/1000000000 HTTP/1.1\r\n" H "\r\n",
        "",
    };
    struct http_limits limits = http_limits_default();
    int fds[COUNT_OF(requests)];
    struct fixture fix;

    (void)state;
    fixture_start(&fix, &limits, NULL);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        fds[i] = client_connect(&fix);
        client_send(fds[i], requests[i]);
    }
    free(client_talk(&fix, "GET /hello HTTP/1.1\r\n" H LAST));
    while (atomic_load(&fix.produced) == 0) {
        (void)poll(NULL, 0, 1);
    }
    fixture_stop(&fix);
    assert_int_equal(atomic_load(&fix.streams_done), 1);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        (void)close(fds[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow_clients),
        cmocka_unit_test(test_idle_is_closed_in_silence),
        cmocka_unit_test(test_handler_deadline),
        cmocka_unit_test(test_client_gone),
        cmocka_unit_test(test_stream_to_one_who_does_not_read),
        cmocka_unit_test(test_stream_of_any_length),
        cmocka_unit_test(test_cap_per_address),
        cmocka_unit_test(test_cap_of_all),
        cmocka_unit_test(test_cap_of_exchanges),
        cmocka_unit_test(test_no_descriptor_left),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_free_with_all_kinds_open),
    };

    return cmocka_run_group_tests_name("service/http/limits", tests, NULL, NULL);
}
