/* SPDX-License-Identifier: Apache-2.0 */
#include "service/cli/worker.h"

#include "service/api/api.h"
#include "service/runtime/log.h"
#include "service/runtime/metrics.h"
#include "service/runtime/random.h"
#include "service/store/store.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct worker {
    struct app *app;
    struct loop *loop;
    struct store *store;
    struct api *api;
    struct http_server *server;
    pthread_t thread;
    bool started;
    int64_t drain_ms;
};

static void finished(void *arg, const struct http_summary *summary)
{
    (void)arg;
    metrics_add(METRIC_REQUESTS, summary->status >= 100 && summary->status < 600 ? (unsigned)summary->status / 100 : 0, 1);
    metrics_observe(METRIC_REQUEST_SECONDS, (double)summary->duration_ms / 1000.0);
    if (summary->status >= 500) {
        log_warn("request failed", LOG_STR("request", summary->id), LOG_INT("status", summary->status),
                 LOG_STR("code", summary->code ? summary->code : ""),
                 LOG_STR("route", summary->route ? summary->route->pattern : ""));
    }
}

static void trouble(void *arg, const char *what, int error)
{
    char reason[128];

    (void)arg;
    log_warn(what, LOG_STR("error", error ? strerror_r(error, reason, sizeof(reason)) : ""));
}

static struct http_limits limits_of(const struct settings *settings)
{
    struct http_limits limits = http_limits_default();

    limits.head_ms = settings->head_ms;
    limits.body_ms = settings->body_ms;
    limits.idle_ms = settings->idle_ms;
    limits.reply_ms = settings->reply_ms;
    limits.handler_ms = settings->handler_ms;
    limits.connections_max = (size_t)settings->connections_max;
    limits.connections_per_address_max = (size_t)settings->connections_per_address;
    limits.exchanges_max = (size_t)settings->store_in_flight;
    return limits;
}

static int make_store(struct worker *worker, const struct worker_options *options, struct fault *why)
{
    const struct settings *s = options->settings;
    uint32_t seed;

    random_bytes(&seed, sizeof(seed));
    return store_new(&worker->store, loop_base(worker->loop),
                     &(struct store_options){.url = options->store_url, .shards = options->app->shards,
                                             .connections = (unsigned)s->store_connections,
                                             .timeout_ms = s->store_deadline_ms,
                                             .max_calls = (size_t)s->store_in_flight,
                                             .max_log_entries = s->backlog_max,
                                             .retry_ms = s->idempotency_ms, .jitter_seed = seed}, why);
}

int worker_new(struct worker **ret, const struct worker_options *options, struct fault *why)
{
    struct worker *worker = calloc(1, sizeof(*worker));
    struct app *app = options->app;
    int r;

    if (!worker) {
        return -ENOMEM;
    }
    worker->app = app;
    r = loop_new(&worker->loop);
    r = r ? r : make_store(worker, options, why);
    r = r ? r : api_new(&worker->api, app, worker->loop, worker->store);
    if (r == 0) {
        struct http_server_options server = {.loop = worker->loop, .routes = api_routes, .route_count = api_route_count,
                                             .arg = worker->api, .limits = limits_of(options->settings),
                                             .tls = options->tls, .workers = (unsigned)options->settings->workers + 1,
                                             .finished = finished, .trouble = trouble};

        r = http_server_new(&worker->server, &server, why);
    }
    if (r) {
        (void)worker_free(worker);
        return r;
    }
    app->loops[options->index] = worker->loop;
    app->wake[options->index] = api_wake;
    app->wake_arg[options->index] = worker->api;
    *ret = worker;
    return 0;
}

/* The address with the port that `first` got when 0 was asked for. */
static void same_port(const char *address, unsigned port, char into[300])
{
    size_t len = strlen(address);

    if (len > 2 && strcmp(address + len - 2, ":0") == 0) {
        (void)snprintf(into, 300, "%.*s:%u", (int)len - 2, address, port);
    } else {
        (void)snprintf(into, 300, "%s", address);
    }
}

int worker_listen(struct worker *worker, const struct settings *settings, struct worker *first, struct fault *why)
{
    for (size_t i = 0; i < settings->http_listen_count; i++) {
        char address[300];
        int r;

        same_port(settings->http_listen[i], first ? http_server_port(first->server) : 0, address);
        if (!first) {
            (void)snprintf(address, sizeof(address), "%s", settings->http_listen[i]);
        }
        if (first && strncmp(address, "unix:", 5) == 0) {
            int fd = i == 0 ? dup(http_server_fd(first->server)) : -1;

            /* A Unix socket has one listener: further ones stay with the first worker. */
            r = fd >= 0 ? http_server_listen_fd(worker->server, fd, why) : 0;
        } else {
            r = http_server_listen(worker->server, address, why);
        }
        if (r) {
            return r;
        }
    }
    return 0;
}

static void *thread_main(void *arg)
{
    struct worker *worker = arg;
    int r = loop_run(worker->loop);

    if (r) {
        log_error("a worker's event loop failed", LOG_INT("error", -r));
    }
    if (loop_drain_straggler(worker->loop)) {
        log_warn("stopped before everything had finished", LOG_STR("state", loop_drain_straggler(worker->loop)));
    }
    return NULL;
}

int worker_start(struct worker *worker)
{
    sigset_t all, before;
    int r;

    /* Signals belong to the main thread. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&worker->thread, NULL, thread_main, worker);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    worker->started = r == 0;
    return -r;
}

static void begin_drain(void *arg)
{
    struct worker *worker = arg;

    api_wake(worker->api);                      /* long polls answer what they have */
    loop_drain(worker->loop, worker->drain_ms);
}

void worker_drain(struct worker *worker, int64_t deadline_ms)
{
    worker->drain_ms = deadline_ms;
    if (loop_post(worker->loop, begin_drain, worker) != 0) {
        log_warn("a worker could not be asked to stop; its connections are cut");
    }
}

void worker_join(struct worker *worker)
{
    if (worker->started) {
        (void)pthread_join(worker->thread, NULL);
        worker->started = false;
    }
}

struct worker *worker_free(struct worker *worker)
{
    if (worker) {
        worker_join(worker);
        worker->server = http_server_free(worker->server);
        worker->store = store_free(worker->store);
        worker->api = api_free(worker->api);
        worker->loop = loop_free(worker->loop);
        free(worker);
    }
    return NULL;
}

unsigned worker_port(const struct worker *worker)
{
    return http_server_port(worker->server);
}
