/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/embedded_files.h"

#include "service/store/where.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_MAX_BYTES = 8 << 20, TAIL = 4096 };

static void name_file(char into[EMBEDDED_PATH_MAX], const char *folder, const char *name)
{
    (void)snprintf(into, EMBEDDED_PATH_MAX, "%.480s/%s", folder, name);
}

/* Characters that its configuration file or our URL would read otherwise. */
static bool path_ok(const char *path)
{
    for (; *path; path++) {
        if ((unsigned char)*path < 0x20 || strchr("\"\\?", *path)) {
            return false;
        }
    }
    return true;
}

int files_init(struct embedded_files *files, const char *state_dir, struct fault *why)
{
    char state[PATH_MAX];

    if (!realpath(state_dir, state)) {
        return -errno;
    }
    if (strlen(state) + strlen("/redis/redis.sock") > STORE_PATH_MAX || !path_ok(state)) {
        return fault_set(
            why, "STORE_SOCKET_PATH", "state_dir",
            "the path of the state folder is limited to %d bytes, without ? \" \\: its "
            "socket's name must fit into a socket address",
            STORE_PATH_MAX - (int)strlen("/redis/redis.sock"));
    }
    name_file(files->folder, state, "redis");
    name_file(files->conf, files->folder, "redis.conf");
    name_file(files->socket, files->folder, "redis.sock");
    name_file(files->pid, files->folder, "redis.pid");
    name_file(files->log, files->folder, "redis.log");
    name_file(files->lock, files->folder, "lock");
    if (mkdir(files->folder, 0700) != 0 && errno != EEXIST) {
        return -errno;
    }
    return chmod(files->folder, 0700) == 0 ? 0 : -errno;
}

int files_lock(const struct embedded_files *files)
{
    int fd = open(files->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600), r;

    if (fd < 0) {
        return -errno;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        r = -errno;
        (void)close(fd);
        return r;
    }
    return fd;
}

static long log_size(const struct embedded_files *files)
{
    struct stat found;

    return stat(files->log, &found) == 0 ? (long)found.st_size : 0;
}

int files_write_conf(const struct embedded_files *files, int64_t max_memory_bytes)
{
    int fd = open(files->conf, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), r;
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (!out) {
        r = -errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        return r;
    }
    if (log_size(files) > LOG_MAX_BYTES) {
        (void)unlink(files->log);
    }
    (void)fprintf(out,
                  "# Written by the service at each start.\n"
                  "port 0\nunixsocket \"%s\"\nunixsocketperm 700\ndir \"%s\"\npidfile \"%s\"\n"
                  "logfile \"%s\"\ndaemonize no\nsupervised no\nloglevel notice\n"
                  "appendonly yes\nappendfsync always\nno-appendfsync-on-rewrite no\n"
                  "aof-load-truncated yes\naof-use-rdb-preamble yes\nsave \"\"\n"
                  /* A rewrite takes a core from those who serve: seldom, and without squeezing bytes. */
                  "auto-aof-rewrite-min-size 256mb\nrdbcompression no\n"
                  "maxmemory %" PRId64 "\nmaxmemory-policy noeviction\n"
                  /* Cases stay in the compact form of a hash even with long content ids. */
                  "hash-max-listpack-value 1024\nmaxclients 1000\nshutdown-timeout 0\n",
                  files->socket, files->folder, files->pid, files->log, max_memory_bytes);
    r = ferror(out) ? -EIO : 0;
    return fclose(out) == 0 ? r : -errno;
}

static size_t read_start(const char *path, char *into, size_t cap)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, into, cap - 1) : 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    into[got > 0 ? got : 0] = '\0';
    return got > 0 ? (size_t)got : 0;
}

pid_t files_leftover(const struct embedded_files *files)
{
    char text[32], path[64], words[2048];
    long pid;
    size_t len;

    if (read_start(files->pid, text, sizeof(text)) == 0) {
        return 0;
    }
    pid = strtol(text, NULL, 10);
    if (pid <= 1 || pid > INT_MAX || kill((pid_t)pid, 0) != 0) {
        return 0;
    }
    (void)snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
    len = read_start(path, words, sizeof(words));
    for (size_t i = 0; i + 1 < len; i++) {
        words[i] = words[i] ? words[i] : ' ';
    }
    return strstr(words, "redis-server") && strstr(words, files->folder) ? (pid_t)pid : 0;
}

static size_t read_log(const struct embedded_files *files, long from, char *into, size_t cap)
{
    FILE *in = fopen(files->log, "re");
    size_t got = 0;

    if (in && fseek(in, from, SEEK_SET) == 0) {
        got = fread(into, 1, cap - 1, in);
    }
    if (in) {
        (void)fclose(in);
    }
    into[got] = '\0';
    return got;
}

void files_log_last(const struct embedded_files *files, char *into, size_t cap)
{
    long size = log_size(files);
    char tail[TAIL], *line;
    size_t len = read_log(files, size > TAIL - 1 ? size - (TAIL - 1) : 0, tail, sizeof(tail));

    while (len > 0 && isspace((unsigned char)tail[len - 1])) {
        tail[--len] = '\0';
    }
    line = strrchr(tail, '\n');
    (void)snprintf(into, cap, "%s", line ? line + 1 : tail);
    for (char *c = into; *c; c++) {
        *c = isprint((unsigned char)*c) ? *c : '?';
    }
}
