/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/embedded_process.h"

#include "lib/base/span.h"

#include <hiredis/hiredis.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void process_sleep_ms(int64_t ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)nanosleep(&time, NULL);
}

static bool runnable(char *into, size_t cap, struct span folder, const char *name)
{
    int len = snprintf(into, cap, "%.*s/%s", (int)folder.len, folder.ptr, name);

    return len > 0 && (size_t)len < cap && access(into, X_OK) == 0;
}

bool process_find(const char *wanted, char *into, size_t cap)
{
    const char *name = wanted ? wanted : "redis-server";
    struct span path = span_of(getenv("PATH"));

    if (strchr(name, '/')) {
        return (size_t)snprintf(into, cap, "%s", name) < cap && access(into, X_OK) == 0;
    }
    while (path.ptr) {
        struct span folder = span_cut(&path, ':');

        if (folder.len > 0 && runnable(into, cap, folder, name)) {
            return true;
        }
    }
    return runnable(into, cap, SPAN("/usr/bin"), name) ||
           runnable(into, cap, SPAN("/usr/local/bin"), name);
}

/* In the child, between fork and exec: only what is safe there. */
static void become(const char *program, const char *conf, pid_t parent, int report)
{
    char *const argv[] = {strdupa(program), strdupa(conf), NULL};
    int null = open("/dev/null", O_RDWR);
    sigset_t none;
    int error;

    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) {
        _exit(1); /* the parent ended before the line above */
    }
    (void)setpgid(0, 0); /* Ctrl-C at a terminal is for the service, which stops us */
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)dup2(null, 0);
    (void)dup2(null, 1);
    (void)dup2(null, 2);
    (void)dup2(report, 3);
    (void)fcntl(3, F_SETFD, FD_CLOEXEC);
    (void)close_range(4, ~0U, 0);
    (void)execv(program, argv);
    error = errno;
    (void)!write(3, &error, sizeof(error));
    _exit(127);
}

int process_start(const char *program, const char *conf, pid_t *ret)
{
    int report[2], error = 0;
    pid_t parent = getpid(), pid;
    ssize_t got;

    if (pipe2(report, O_CLOEXEC) != 0) {
        return -errno;
    }
    pid = fork();
    if (pid == 0) {
        become(program, conf, parent, report[1]);
    }
    (void)close(report[1]);
    if (pid < 0) {
        error = errno;
        (void)close(report[0]);
        return -error;
    }
    do {
        got = read(report[0], &error, sizeof(error)); /* nothing: exec closed the pipe */
    } while (got < 0 && errno == EINTR);
    (void)close(report[0]);
    if (got == (ssize_t)sizeof(error)) {
        (void)waitpid(pid, NULL, 0);
        return -error;
    }
    *ret = pid;
    return 0;
}

/* The server's answer to one command is this status, or begins with it. */
static bool answers(const char *socket_path, const char *command, const char *status)
{
    struct timeval limit = {.tv_usec = 200000};
    struct redisContext *context = redisConnectUnixWithTimeout(socket_path, limit);
    struct redisReply *reply = NULL;
    bool ok;

    if (context && !context->err && redisSetTimeout(context, limit) == REDIS_OK) {
        reply = redisCommand(context, command);
    }
    ok = reply && reply->type == REDIS_REPLY_STATUS && strncmp(reply->str, status, strlen(status)) == 0;
    if (reply) {
        freeReplyObject(reply);
    }
    if (context) {
        redisFree(context);
    }
    return ok;
}

bool process_answers(const char *socket_path)
{
    return answers(socket_path, "PING", "PONG");
}

bool process_rewrites(const char *socket_path)
{
    return answers(socket_path, "BGREWRITEAOF", "Background append only file rewriting");
}
