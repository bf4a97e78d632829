/* SPDX-License-Identifier: Apache-2.0 */
/* The server over real sockets: answers, order, refusals, bodies, streams. */
#include "tests/unit/service/http/fixture.h"

#include <sys/stat.h>
#include <sys/un.h>

#define H "Host: a\r\n"
#define LAST "Connection: close\r\n\r\n"

static struct fixture fix;

static int start(void **state)
{
    struct http_limits limits = http_limits_default();

    (void)state;
    fixture_start(&fix, &limits, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fix);
    return 0;
}

static void test_answer(void **state)
{
    char *answer = client_talk(&fix, "GET /hello HTTP/1.1\r\n" H LAST);

    (void)state;
    EXPECT_IN(answer, "HTTP/1.1 200 OK\r\nDate: ");
    EXPECT_IN(answer, "\r\nX-Request-Id: req_");
    EXPECT_IN(answer, "\r\nX-Content-Type-Options: nosniff\r\n");
    EXPECT_IN(answer, "\r\nCache-Control: no-store\r\n");
    EXPECT_IN(answer, "\r\nContent-Type: application/json\r\n");
    EXPECT_IN(answer, "\r\nConnection: close\r\n");
    EXPECT_IN(answer, "\r\nContent-Length: 17\r\n\r\n{\"hello\":\"world\"}");
    free(answer);
}

static void test_headers_of_handlers(void **state)
{
    char *answer = client_talk(&fix, "GET /headers HTTP/1.1\r\n" H LAST);

    (void)state;
    EXPECT_IN(answer, "HTTP/1.1 204 No Content\r\n");
    EXPECT_IN(answer, "\r\nX-Good: yes\r\n");
    EXPECT_IN(answer, "\r\nCache-Control: max-age=60\r\n");
    assert_null(strstr(answer, "Evil"));
    assert_null(strstr(answer, "no-store"));
    assert_null(strstr(answer, "Content-Length"));
    free(answer);
}

static void test_keep_alive_and_order(void **state)
{
    /* Three at once; the first is answered last by its handler, and must still come first. */
    char *answer = client_talk(&fix, "GET /later/60 HTTP/1.1\r\n" H "\r\n"
                                     "POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\ntwo"
                                     "GET /later/1 HTTP/1.1\r\n" H "\r\n"
                                     "GET /hello HTTP/1.1\r\n" H LAST);
    const char *first = strstr(answer, "\r\n\r\nlate"), *second = strstr(answer, "\r\n\r\ntwo"),
               *third = strstr(answer, "\r\n\r\n{\"hello\"");

    (void)state;
    assert_int_equal(count_of(answer, "HTTP/1.1 200 OK"), 4);
    assert_int_equal(count_of(answer, "Connection: close"), 1);
    assert_true(first && second && third && first < second && second < third);
    free(answer);
}

static void test_many_pipelined(void **state)
{
    CLEANUP(buf_freep) struct buf *requests = buf_new(1 << 20);
    char *answer;

    (void)state;
    for (int i = 0; i < 500; i++) {
        (void)buf_add_text(requests, "GET /hello HTTP/1.1\r\n" H "\r\n");
    }
    (void)buf_add_text(requests, "GET /hello HTTP/1.1\r\n" H LAST);
    answer = client_talk(&fix, requests->data);
    assert_int_equal(count_of(answer, "{\"hello\":\"world\"}"), 501);
    free(answer);
}

static void test_head(void **state)
{
    char *answer = client_talk(&fix, "HEAD /hello HTTP/1.1\r\n" H "\r\n"
                                     "HEAD /nowhere HTTP/1.1\r\n" H "\r\n"
                                     "HEAD /stream/100 HTTP/1.1\r\n" H "\r\n"
                                     "HEAD /hello HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nGET /"
                                     "GET /hello HTTP/1.1\r\n" H LAST);

    (void)state;
    assert_int_equal(count_of(answer, "HTTP/1.1 "), 5);
    assert_int_equal(count_of(answer, "Content-Length: 17\r\n"), 3);
    assert_int_equal(count_of(answer, "404 Not Found"), 1);
    assert_int_equal(count_of(answer, "Transfer-Encoding: chunked"), 1);
    assert_int_equal(count_of(answer, "{"), 1);
    free(answer);
}

static void test_refusals_before_handlers(void **state)
{
    static const struct {
        const char *name, *request, *status, *code;
        bool closes; /* also without being asked */
    } cases[] = {
        {"unknown path", "GET /nowhere HTTP/1.1\r\n" H "\r\n", "404 Not Found", "NOT_FOUND", false},
        {"other method", "DELETE /hello HTTP/1.1\r\n" H "\r\n", "405 Method Not Allowed",
         "METHOD_NOT_ALLOWED", false},
        {"dot segments", "GET /../x HTTP/1.1\r\n" H "\r\n", "400 Bad Request", "HTTP_TARGET",
         false},
        {"declared body too large", "POST /echo HTTP/1.1\r\n" H "Content-Length: 100001\r\n\r\n",
         "413 Content Too Large", "HTTP_BODY_TOO_LARGE", true},
        {"body where none is taken", "GET /hello HTTP/1.1\r\n" H "Content-Length: 8193\r\n\r\n",
         "413 Content Too Large", "HTTP_BODY_TOO_LARGE", true},
        {"two lengths",
         "POST /echo HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
         "400 Bad Request", "HTTP_FRAMING", true},
        {"no Host", "GET /hello HTTP/1.1\r\n\r\n", "400 Bad Request", "HTTP_HOST", true},
        {"bare LF", "GET /hello HTTP/1.1\n", "400 Bad Request", "HTTP_LINE_END", true},
        {"chunked nonsense", "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
         "400 Bad Request", "HTTP_CHUNK", true},
        {"no key", "POST /guarded HTTP/1.1\r\n" H "Content-Length: 1000000000\r\n\r\n",
         "401 Unauthorized", "AUTH_MISSING", true},
        {"no key, client waits for 100",
         "POST /guarded HTTP/1.1\r\n" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n",
         "401 Unauthorized", "AUTH_MISSING", true},
        {"wrong expectation", "POST /echo HTTP/1.1\r\n" H "Expect: tea\r\n\r\n",
         "417 Expectation Failed", "HTTP_EXPECTATION", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char request[1024], *answer;

        /* A connection that goes on is told to end by a second request. */
        (void)snprintf(request, sizeof(request), "%s%s", cases[i].request,
                       cases[i].closes ? "" : "GET /hello HTTP/1.1\r\n" H LAST);
        answer = client_talk(&fix, request);
        EXPECT_IN(answer, cases[i].status);
        EXPECT_IN(answer, "Content-Type: application/problem+json");
        EXPECT_IN(answer, cases[i].code);
        assert_int_equal(count_of(answer, "{\"hello\""), cases[i].closes ? 0 : 1);
        assert_int_equal(count_of(answer, "Connection: close"), 1);
        assert_null(strstr(answer, "100 Continue"));
        free(answer);
    }
}

static void test_problem_names_the_request(void **state)
{
    char *answer = client_talk(&fix, "POST /guarded HTTP/1.1\r\n" H "Content-Length: 0\r\n" LAST);
    char *id = strstr(answer, "X-Request-Id: req_");
    char instance[64];

    (void)state;
    assert_non_null(id);
    (void)snprintf(instance, sizeof(instance), "\"instance\":\"%.40s\"",
                   id + strlen("X-Request-Id: "));
    EXPECT_IN(answer, instance);
    EXPECT_IN(answer, "\r\nWWW-Authenticate: Bearer\r\n");
    EXPECT_IN(answer,
              "{\"type\":\"/problems/AUTH_MISSING\",\"title\":\"Unauthorized\",\"status\":401,"
              "\"detail\":\"no key\",\"code\":\"AUTH_MISSING\",");
    free(answer);
}

static void test_allow(void **state)
{
    char *answer = client_talk(&fix, "PUT /hello HTTP/1.1\r\n" H LAST);

    (void)state;
    EXPECT_IN(answer, "\r\nAllow: GET, HEAD\r\n");
    free(answer);
    answer = client_talk(&fix, "OPTIONS * HTTP/1.1\r\n" H LAST);
    EXPECT_IN(answer, "204 No Content");
    free(answer);
}

static void test_unread_body_is_skipped(void **state)
{
    /* What the guarded route did not read must not become a request. */
    char *answer = client_talk(&fix, "POST /guarded HTTP/1.1\r\n" H "Content-Length: 37\r\n\r\n"
                                     "GET /later/0 HTTP/1.1\r\n" H "\r\nx\r\n"
                                     "GET /hello HTTP/1.1\r\n" H LAST);

    (void)state;
    assert_int_equal(count_of(answer, "HTTP/1.1 "), 2);
    EXPECT_IN(answer, "401 Unauthorized");
    EXPECT_IN(answer, "{\"hello\"");
    assert_null(strstr(answer, "late"));
    free(answer);
}

static void test_bodies(void **state)
{
    CLEANUP(buf_freep) struct buf *request = buf_new(1 << 20);
    char *answer;

    (void)state;
    (void)buf_add_text(request, "POST /echo HTTP/1.1\r\n" H "Content-Length: 100000\r\n" LAST);
    for (int i = 0; i < 100000; i++) {
        (void)buf_add_char(request, (char)('a' + i % 26));
    }
    answer = client_talk(&fix, request->data);
    assert_string_equal(strstr(answer, "\r\n\r\n"), strstr(request->data, "\r\n\r\n"));
    free(answer);
    answer = client_talk(&fix, "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n" LAST
                               "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n");
    EXPECT_IN(answer, "\r\n\r\nabcde");
    free(answer);
    answer = client_talk(&fix, "POST /echo HTTP/1.1\r\n" H LAST);
    EXPECT_IN(answer, "Content-Length: 0\r\n");
    free(answer);
}

static void test_continue(void **state)
{
    int fd = client_connect(&fix);
    char *answer;

    (void)state;
    client_send(fd,
                "POST /echo HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 2\r\n" LAST);
    answer = client_read_until(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    free(answer);
    client_send(fd, "ok");
    answer = client_read_all(fd);
    EXPECT_IN(answer, "\r\n\r\nok");
    free(answer);
}

static void test_admit_later(void **state)
{
    char *answer = client_talk(
        &fix, "POST /slow-admit HTTP/1.1\r\n" H "Content-Length: 10\r\n\r\n0123456789"
              "POST /slow-admit HTTP/1.1\r\n" H "Content-Length: 11\r\n\r\n0123456789a");

    (void)state;
    EXPECT_IN(answer, "\r\n\r\n0123456789");
    EXPECT_IN(answer, "413 Content Too Large"); /* admit had lowered the route's limit */
    free(answer);
}

static void test_answers_of_two_connections_stay_apart(void **state)
{
    int held = client_connect(&fix);
    char *answer, *other;

    (void)state;
    client_send(held, "GET /hold HTTP/1.1\r\n" H LAST);
    do { /* until /hold has arrived */
        answer =
            client_talk(&fix, "GET /hello HTTP/1.1\r\n" H "\r\nGET /release HTTP/1.1\r\n" H LAST);
        assert_int_equal(count_of(answer, "{\"hello\""), 1);
        other = strstr(answer, "404 Not Found");
        free(answer);
    } while (other);
    answer = client_read_all(held);
    assert_int_equal(count_of(answer, "HTTP/1.1 "), 1);
    EXPECT_IN(answer, "\r\n\r\nreleased");
    free(answer);
}

static void test_half_closed_client_gets_its_answer(void **state)
{
    int fd = client_connect(&fix);
    char *answer;

    (void)state;
    client_send(fd, "GET /later/20 HTTP/1.1\r\n" H "\r\nGET /hello HTTP/1.1\r\n" H "\r\n");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    answer = client_read_all(fd);
    EXPECT_IN(answer, "late");
    EXPECT_IN(answer, "{\"hello\"");
    free(answer);
}

static void test_http_1_0(void **state)
{
    char *answer = client_talk(&fix, "GET /hello HTTP/1.0\r\n\r\n");

    (void)state;
    EXPECT_IN(answer, "Connection: close\r\n");
    free(answer);
    answer = client_talk(
        &fix,
        "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /stream/40000 HTTP/1.0\r\n\r\n");
    EXPECT_IN(answer, "Connection: keep-alive\r\n");
    assert_null(strstr(answer, "chunked"));
    assert_int_equal(strlen(strstr(strstr(answer, "text/plain"), "\r\n\r\n")), 4 + 40000);
    free(answer);
}

static void test_stream(void **state)
{
    enum { BYTES = 3000000 };
    char *answer = client_talk(&fix, "GET /stream/3000000 HTTP/1.1\r\n" H
                                     "\r\nGET /hello HTTP/1.1\r\n" H LAST);
    size_t found = 0;

    (void)state;
    for (const char *at = strstr(answer, "\r\n\r\n"); at && *at && !strstr("H", (char[]){*at, 0});
         at++) {
        found += *at == 'x';
    }
    assert_int_equal(found, BYTES);
    EXPECT_IN(answer, "\r\nTransfer-Encoding: chunked\r\n\r\n4000\r\nxxxx");
    EXPECT_IN(answer, "x\r\n0\r\n\r\nHTTP/1.1 200 OK");
    EXPECT_IN(answer, "{\"hello\"");
    free(answer);
    answer = client_talk(&fix, "GET /stream/100000?wait HTTP/1.1\r\n" H LAST);
    EXPECT_IN(answer, "x\r\n0\r\n\r\n");
    free(answer);
}

static void test_failed_stream_is_cut(void **state)
{
    char *answer = client_talk(&fix, "GET /stream/40000?fail HTTP/1.1\r\n" H "\r\n");

    (void)state;
    assert_null(strstr(answer, "0\r\n\r\n"));
    wait_for(&fix.streams_done, 1);
    free(answer);
}

static void test_unix_socket(void **state)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct http_limits limits = http_limits_default();
    char folder[] = "/tmp/test-http-XXXXXX", address[64], *answer;
    struct fixture own;
    struct stat about;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(address, sizeof(address), "unix:%s/s", folder);
    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s/s", folder);
    /* Left over from a crash: bound, and nobody listens. */
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    (void)close(fd);
    fixture_start_at(&own, &limits, NULL, address);
    assert_int_equal(stat(name.sun_path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0660);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    client_send(fd, "GET /hello HTTP/1.1\r\n" H LAST);
    answer = client_read_all(fd);
    EXPECT_IN(answer, "{\"hello\"");
    free(answer);
    fixture_stop(&own);
    assert_int_not_equal(access(name.sun_path, F_OK), 0);
    (void)rmdir(folder);
}

static void test_refused_options(void **state)
{
    static const struct {
        const char *address, *code;
    } cases[] = {
        {"127.0.0.1", "LISTEN_ADDRESS"},
        {"localhost:80", "LISTEN_ADDRESS"},
        {"127.0.0.1:65536", "LISTEN_ADDRESS"},
        {"127.0.0.1:x", "LISTEN_ADDRESS"},
        {":80", "LISTEN_ADDRESS"},
        {"unix:", "LISTEN_ADDRESS"},
        {"192.0.2.1:0", "LISTEN_BIND"},
        {"unix:/nonexistent/s", "LISTEN_BIND"},
    };
    struct http_route open_route = {.method = "GET", .pattern = "/open", .handler = answer_hello};
    struct http_server_options options = {
        .routes = &open_route, .route_count = 1, .limits = http_limits_default()};
    CLEANUP(loop_freep) struct loop *loop = NULL;
    CLEANUP(http_server_freep) struct http_server *server = NULL;
    struct fault why;

    (void)state;
    assert_int_equal(loop_new(&loop), 0);
    options.loop = loop;
    assert_int_equal(http_server_new(&server, &options, &why), FAULT);
    assert_string_equal(why.code, "ROUTE_ADMIT");
    options.workers = 1U << 30;
    assert_int_equal(http_server_new(&server, &options, &why), FAULT);
    assert_string_equal(why.code, "LIMIT_FILES");
    options.workers = 1;
    open_route.admit = http_admit_everyone;
    assert_int_equal(http_server_new(&server, &options, &why), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(http_server_listen(server, cases[i].address, &why), FAULT);
        assert_string_equal(why.code, cases[i].code);
    }
    assert_int_equal(http_server_listen_fd(server, dup(0), &why), FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_headers_of_handlers),
        cmocka_unit_test(test_keep_alive_and_order),
        cmocka_unit_test(test_many_pipelined),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_refusals_before_handlers),
        cmocka_unit_test(test_problem_names_the_request),
        cmocka_unit_test(test_allow),
        cmocka_unit_test(test_unread_body_is_skipped),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_continue),
        cmocka_unit_test(test_admit_later),
        cmocka_unit_test(test_answers_of_two_connections_stay_apart),
        cmocka_unit_test(test_half_closed_client_gets_its_answer),
        cmocka_unit_test(test_http_1_0),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_failed_stream_is_cut),
        cmocka_unit_test(test_unix_socket),
        cmocka_unit_test(test_refused_options),
    };

    return cmocka_run_group_tests_name("service/http/server", tests, start, stop);
}
