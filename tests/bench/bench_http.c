/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our server beside a bare evhttp one, both on one thread and loopback, driven by wrk in the same
 * run: GET of 17 bytes of JSON, and POST of 1 KB. Rounds alternate, so that whatever else the
 * machine does hits both; the ratio of the medians is what counts. CPU is the server's own, user
 * and system. bench_http [rounds] [seconds]
 */
#include "service/http/server.h"
#include "service/runtime/loop.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONNECTIONS = 64, ROUNDS_MAX = 15 };

static const char answer[] = "{\"hello\":\"world\"}";

static void answer_ours(struct exchange *ex)
{
    exchange_reply_bytes(ex, 200, "application/json", SPAN("{\"hello\":\"world\"}"));
}

static void serve_ours(int port_fd)
{
    static const struct http_route routes[] = {
        {.method = "GET",
         .pattern = "/hello",
         .handler = answer_ours,
         .admit = http_admit_everyone},
        {.method = "POST",
         .pattern = "/hello",
         .handler = answer_ours,
         .admit = http_admit_everyone,
         .body_max = 4096},
    };
    struct http_server_options options = {
        .routes = routes, .route_count = 2, .limits = http_limits_default()};
    struct http_server *server;
    struct fault why;
    unsigned port;

    options.limits.connections_per_address_max = 0;
    if (loop_new(&options.loop) < 0 || http_server_new(&server, &options, &why) != 0 ||
        http_server_listen(server, "127.0.0.1:0", &why) != 0) {
        _exit(1);
    }
    port = http_server_port(server);
    (void)!write(port_fd, &port, sizeof(port));
    (void)loop_run(options.loop);
}

static void answer_evhttp(struct evhttp_request *request, void *arg)
{
    struct evbuffer *body = evbuffer_new();

    (void)arg;
    (void)evbuffer_add(body, answer, sizeof(answer) - 1);
    (void)evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
                            "application/json");
    evhttp_send_reply(request, 200, "OK", body);
    evbuffer_free(body);
}

static void serve_evhttp(int port_fd)
{
    struct event_base *base = event_base_new();
    struct evhttp *http = evhttp_new(base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    struct sockaddr_in name;
    socklen_t len = sizeof(name);
    unsigned port;

    (void)getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&name, &len);
    port = ntohs(name.sin_port);
    evhttp_set_gencb(http, answer_evhttp, NULL);
    (void)!write(port_fd, &port, sizeof(port));
    (void)event_base_dispatch(base);
}

struct figure {
    double per_second, cpu_us;
};

/* Runs wrk against it: requests a second, and their number. */
static double drive(unsigned port, const char *script, int seconds, double *ret_count)
{
    char command[256], line[256];
    double per_second = 0;
    FILE *wrk;

    (void)snprintf(command, sizeof(command), "wrk -t1 -c%d -d%ds %s http://127.0.0.1:%u/hello 2>&1",
                   CONNECTIONS, seconds, script, port);
    wrk = popen(command, "r");
    while (wrk && fgets(line, sizeof(line), wrk)) {
        (void)sscanf(line, "Requests/sec: %lf", &per_second);
        (void)sscanf(line, " %lf requests in", ret_count);
    }
    if (!wrk || pclose(wrk) != 0 || per_second <= 0) {
        (void)fprintf(stderr, "wrk did not run (apt-get install wrk)\n");
        exit(1);
    }
    return per_second;
}

static struct figure measure(void (*serve)(int port_fd), const char *script, int seconds)
{
    struct figure figure = {0};
    struct rusage used;
    double count = 1;
    unsigned port = 0;
    int ends[2];
    pid_t child;

    if (pipe(ends) != 0) {
        exit(1);
    }
    child = fork();
    if (child == 0) {
        serve(ends[1]);
        _exit(1);
    }
    if (child < 0 || read(ends[0], &port, sizeof(port)) != sizeof(port)) {
        exit(1);
    }
    figure.per_second = drive(port, script, seconds, &count);
    (void)kill(child, SIGKILL);
    (void)wait4(child, NULL, 0, &used);
    figure.cpu_us = ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
                     (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) /
                    count;
    (void)close(ends[0]);
    (void)close(ends[1]);
    return figure;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void compare(const char *name, const char *script, int rounds, int seconds)
{
    double speed[ROUNDS_MAX], cpu[ROUNDS_MAX];

    for (int i = 0; i < rounds; i++) {
        struct figure ours = measure(serve_ours, script, seconds);
        struct figure theirs = measure(serve_evhttp, script, seconds);

        speed[i] = ours.per_second / theirs.per_second;
        cpu[i] = ours.cpu_us / theirs.cpu_us;
        (void)printf(
            "%s round %d: ours %.0f/s %.1f us, evhttp %.0f/s %.1f us, ratio %.2f, cpu %.2f\n", name,
            i + 1, ours.per_second, ours.cpu_us, theirs.per_second, theirs.cpu_us, speed[i],
            cpu[i]);
    }
    qsort(speed, (size_t)rounds, sizeof(double), by_size);
    qsort(cpu, (size_t)rounds, sizeof(double), by_size);
    (void)printf("%s: median ratio %.2f (aim >= 0.90), CPU a request %.2f of evhttp's\n", name,
                 speed[rounds / 2], cpu[rounds / 2]);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3;
    int seconds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 3;
    char script[] = "/tmp/bench-http-XXXXXX", option[64];
    int fd = mkstemp(script);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    assert(file && rounds > 0 && rounds <= ROUNDS_MAX);
    (void)fprintf(file, "wrk.method = 'POST'\nwrk.body = string.rep('x', 1024)\n");
    (void)fclose(file);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)snprintf(option, sizeof(option), "-s %s", script);
    compare("GET", "", rounds, seconds);
    compare("POST 1 KB", option, rounds, seconds);
    (void)unlink(script);
    return 0;
}
