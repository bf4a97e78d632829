/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_EMBEDDED_H
#define RAPPORTEUR_SERVICE_STORE_EMBEDDED_H

/*
 * A private redis-server as our child: AOF with appendfsync always, noeviction, no TCP port, a Unix
 * socket (mode 700) in <state>/redis/. It ends when we end, however we end (PDEATHSIG), is started
 * again with back-off when it dies, and is stopped with us.
 *     r = embedded_start(&redis, &(struct embedded_options){.state_dir = "/var/lib/rapporteur"}, &why);
 *     store_new(&store, base, &(struct store_options){.url = embedded_url(redis)}, &why);
 *     once a second, or on SIGCHLD, from the same thread: embedded_watch(redis, now_ms);
 * PDEATHSIG follows the THREAD that forked: start and watch from the main thread.
 * A server left over on the socket (we were killed and it has not ended yet) is waited for, then ended
 * by its pidfile, and never shared.
 */

#include "lib/base/attr.h"
#include "lib/base/fault.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct embedded;

struct embedded_options {
    const char *state_dir;              /* exists; <state_dir>/redis is made, mode 700 */
    const char *program;                /* NULL: redis-server of PATH, then /usr/bin, /usr/local/bin */
    int64_t max_memory_bytes;           /* 0: no ceiling */
    int64_t ready_ms;                   /* how long loading may take; 0: 60,000 */
    int64_t stop_ms;                    /* SIGTERM to SIGKILL; 0: 10,000 */
};

/*
 * Starts it and waits until it answers. 0, -errno or FAULT: STORE_NO_REDIS (the program is missing:
 * names the package), STORE_SOCKET_PATH (state_dir too long for a socket), STORE_LEFTOVER (a server
 * of somebody else holds the folder), STORE_START (it ended or did not answer in time; the last line
 * of its log is quoted), STORE_AOF (its file is damaged: names file and offset).
 */
int embedded_start(struct embedded **ret, const struct embedded_options *options, struct fault *why);
/* SIGTERM, then SIGKILL after stop_ms; reaps; removes nothing but the pidfile. */
struct embedded *embedded_free(struct embedded *redis);
DEFINE_CLEANUP(struct embedded *, embedded_free);

const char *embedded_url(const struct embedded *redis);     /* unix:/... */
pid_t embedded_pid(const struct embedded *redis);           /* 0 while it is down */

enum embedded_state {
    EMBEDDED_UP,            /* runs, nothing happened */
    EMBEDDED_DIED,          /* just seen dead; will be started again after the back-off */
    EMBEDDED_WAITING,       /* back-off runs */
    EMBEDDED_RESTARTED      /* just started again (it may still be loading) */
};
/* Never blocks. now_ms: monotonic. Back-off 100 ms doubling to 2 s, back to 100 ms after a minute up. */
enum embedded_state embedded_watch(struct embedded *redis, int64_t now_ms);
/* Writes the append-only file anew, in the background: what was erased since is not in it any more. False: not now;
 * ask again. */
bool embedded_rewrite(struct embedded *redis);
/* How the last one ended: exit status or signal, as wait(2) gives it. */
int embedded_last_status(const struct embedded *redis);
/* Bytes of unfinished, never acknowledged work cut off the append-only file at the last start
 * (aof_tail.h); not 0: worth a log line. */
uint64_t embedded_cut_bytes(const struct embedded *redis);

#endif
