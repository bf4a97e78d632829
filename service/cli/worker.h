/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_CLI_WORKER_H
#define RAPPORTEUR_SERVICE_CLI_WORKER_H

/*
 * One worker: a thread with its own event loop, listeners, store connections and evaluation scratch.
 * worker_new prepares it on the caller's thread (so that a bad address is said before the service
 * claims to be ready); worker_start begins its thread; worker_drain asks it to end, worker_join waits
 * until it has. Workers wake each other through their loops (app_wake), so all of them are joined
 * before the first is freed.
 */

#include "service/api/app.h"
#include "service/http/server.h"

struct worker;

struct worker_options {
    struct app *app;                    /* borrowed */
    const struct settings *settings;    /* borrowed for the call */
    const char *store_url;
    size_t index;                       /* its place in app->loops */
    SSL_CTX *tls;                       /* NULL: plain */
};

int worker_new(struct worker **ret, const struct worker_options *options, struct fault *why) NODISCARD;
/* Listens on what another worker already bound: by address (SO_REUSEPORT), or its port when that was 0,
 * or a dup of its Unix socket. NULL: as the settings say. */
int worker_listen(struct worker *worker, const struct settings *settings, struct worker *first,
                  struct fault *why) NODISCARD;
int worker_start(struct worker *worker) NODISCARD;
/* Asks the worker to drain; returns at once. Any thread. */
void worker_drain(struct worker *worker, int64_t deadline_ms);
/* Returns when its loop has ended; at once when it was never started. */
void worker_join(struct worker *worker);
/* Every other worker must have been joined: a running one may still post to this one's loop. */
struct worker *worker_free(struct worker *worker);
unsigned worker_port(const struct worker *worker);

#endif
