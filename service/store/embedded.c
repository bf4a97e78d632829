/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/embedded.h"

#include "service/store/aof_tail.h"
#include "service/store/embedded_files.h"
#include "service/store/embedded_process.h"
#include "service/store/link.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MS 60000
#define STOP_MS 10000
enum { BACKOFF_MIN_MS = 100, BACKOFF_MAX_MS = 2000, STEADY_MS = 60000, TERM_AGAIN_MS = 500 };

struct embedded {
    struct embedded_files files;
    char program[EMBEDDED_PATH_MAX];
    char url[EMBEDDED_PATH_MAX + sizeof("unix:")];
    int64_t stop_ms, ready_ms, backoff_ms, started_ms, next_ms;
    pid_t pid; /* 0 while down */
    int lock, status;
    uint64_t cut_bytes; /* of the append-only file's torn end, at the last start */
};

/* Waits for the child up to `ms`: true when it has ended. */
static bool wait_ended(struct embedded *redis, int64_t ms)
{
    int64_t end = link_now_ms() + ms;

    for (;;) {
        pid_t got = waitpid(redis->pid, &redis->status, WNOHANG);

        if (got == redis->pid || (got < 0 && errno == ECHILD)) {
            redis->pid = 0;
            return true;
        }
        if (link_now_ms() >= end) {
            return false;
        }
        process_sleep_ms(10);
    }
}

static void stop(struct embedded *redis)
{
    int64_t end = link_now_ms() + redis->stop_ms;

    if (redis->pid == 0) {
        return;
    }
    /* Said again now and then: Redis forgets a SIGTERM that comes while it writes its first file.
     */
    do {
        (void)kill(redis->pid, SIGTERM);
    } while (!wait_ended(redis, TERM_AGAIN_MS) && link_now_ms() < end);
    if (redis->pid != 0) {
        (void)kill(redis->pid, SIGKILL);
        (void)wait_ended(redis, INT64_MAX / 2 - link_now_ms());
    }
}

struct embedded *embedded_free(struct embedded *redis)
{
    if (redis) {
        stop(redis);
        if (redis->lock >= 0) {
            (void)unlink(redis->files.pid);
            (void)close(redis->lock);
        }
        free(redis);
    }
    return NULL;
}

static int spawn(struct embedded *redis, struct fault *why)
{
    int r;

    r = aof_repair(redis->files.folder, &redis->cut_bytes, why);
    if (r != 0) {
        return r;
    }
    r = process_start(redis->program, redis->files.conf, &redis->pid);
    redis->started_ms = link_now_ms();
    if (r == -ENOENT || r == -EACCES) {
        return fault_set(why, "STORE_NO_REDIS", "store.redis_server",
                         "%s cannot be run: install the package redis-server", redis->program);
    }
    return r;
}

static int wait_ready(struct embedded *redis, struct fault *why)
{
    int64_t end = link_now_ms() + redis->ready_ms;
    char line[160];

    for (;;) {
        if (process_answers(redis->files.socket)) {
            return 0;
        }
        if (wait_ended(redis, 0)) {
            files_log_last(&redis->files, line, sizeof(line));
            return fault_set(why, "STORE_START", redis->files.log,
                             "redis-server ended at its start: %s", line);
        }
        if (link_now_ms() >= end) {
            files_log_last(&redis->files, line, sizeof(line));
            return fault_set(why, "STORE_START", redis->files.log,
                             "redis-server did not answer within %lld ms: %s",
                             (long long)redis->ready_ms, line);
        }
        process_sleep_ms(10);
    }
}

/* A server of ours whose service was killed: it is about to end by itself, or is helped. */
static int end_leftover(struct embedded *redis, struct fault *why)
{
    static const struct {
        int signal_number;
        int64_t wait_ms;
    } steps[] = {{0, 1000}, {SIGTERM, 3000}, {SIGKILL, 5000}};
    pid_t pid = files_leftover(&redis->files);

    for (size_t i = 0; pid > 0 && i < COUNT_OF(steps); i++) {
        int64_t end = link_now_ms() + steps[i].wait_ms;

        if (steps[i].signal_number != 0) {
            (void)kill(pid, steps[i].signal_number);
        }
        while (files_leftover(&redis->files) == pid && link_now_ms() < end) {
            process_sleep_ms(10);
        }
        pid = files_leftover(&redis->files);
    }
    if (pid > 0 || process_answers(redis->files.socket)) {
        return fault_set(why, "STORE_LEFTOVER", redis->files.socket,
                         "another redis-server holds this folder and does not end: stop it");
    }
    (void)unlink(redis->files.socket);
    return 0;
}

static int take_lock(struct embedded *redis, struct fault *why)
{
    redis->lock = files_lock(&redis->files);
    if (redis->lock == -EWOULDBLOCK) {
        return fault_set(why, "STORE_LEFTOVER", redis->files.folder,
                         "another service runs on this state folder: stop it, or choose another");
    }
    return redis->lock < 0 ? redis->lock : 0;
}

static int prepare(struct embedded *redis, const struct embedded_options *options,
                   struct fault *why)
{
    int r = files_init(&redis->files, options->state_dir, why);

    if (r != 0) {
        return r;
    }
    (void)snprintf(redis->url, sizeof(redis->url), "unix:%s", redis->files.socket);
    if (!process_find(options->program, redis->program, sizeof(redis->program))) {
        return fault_set(why, "STORE_NO_REDIS", "store.redis_server",
                         "redis-server was not found: install the package redis-server "
                         "(apt-get install redis-server), or set store.url to a running one");
    }
    r = take_lock(redis, why);
    r = r == 0 ? end_leftover(redis, why) : r;
    return r == 0 ? files_write_conf(&redis->files, options->max_memory_bytes) : r;
}

int embedded_start(struct embedded **ret, const struct embedded_options *options, struct fault *why)
{
    CLEANUP(embedded_freep) struct embedded *redis = calloc(1, sizeof(*redis));
    int r;

    if (!redis) {
        return -ENOMEM;
    }
    redis->lock = -1;
    redis->ready_ms = options->ready_ms > 0 ? options->ready_ms : READY_MS;
    redis->stop_ms = options->stop_ms > 0 ? options->stop_ms : STOP_MS;
    redis->backoff_ms = BACKOFF_MIN_MS;
    r = prepare(redis, options, why);
    r = r == 0 ? spawn(redis, why) : r;
    r = r == 0 ? wait_ready(redis, why) : r;
    if (r != 0) {
        return r;
    }
    *ret = TAKE(redis);
    return 0;
}

const char *embedded_url(const struct embedded *redis)
{
    return redis->url;
}

pid_t embedded_pid(const struct embedded *redis)
{
    return redis->pid;
}

int embedded_last_status(const struct embedded *redis)
{
    return redis->status;
}

bool embedded_rewrite(struct embedded *redis)
{
    return redis->pid && process_rewrites(redis->files.socket);
}

uint64_t embedded_cut_bytes(const struct embedded *redis)
{
    return redis->cut_bytes;
}

enum embedded_state embedded_watch(struct embedded *redis, int64_t now_ms)
{
    struct fault why;

    if (redis->pid != 0 && !wait_ended(redis, 0)) {
        if (now_ms - redis->started_ms > STEADY_MS) {
            redis->backoff_ms = BACKOFF_MIN_MS;
        }
        return EMBEDDED_UP;
    }
    if (redis->next_ms == 0) {
        redis->next_ms = now_ms + redis->backoff_ms;
        redis->backoff_ms =
            redis->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : redis->backoff_ms * 2;
        return EMBEDDED_DIED;
    }
    if (now_ms < redis->next_ms) {
        return EMBEDDED_WAITING;
    }
    redis->next_ms = 0;
    if (spawn(redis, &why) != 0) {
        redis->pid = 0;
        redis->next_ms = now_ms + redis->backoff_ms;
        return EMBEDDED_WAITING;
    }
    return EMBEDDED_RESTARTED;
}
