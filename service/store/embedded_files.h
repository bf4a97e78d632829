/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_EMBEDDED_FILES_H
#define RAPPORTEUR_SERVICE_STORE_EMBEDDED_FILES_H

/*
 * The folder of the embedded server, <state>/redis (mode 700): redis.conf, written at each start;
 * redis.sock; redis.pid; redis.log; lock, held by the service that runs it; appendonlydir/, the data.
 */

#include "lib/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { EMBEDDED_PATH_MAX = 512 };

struct embedded_files {
    char folder[EMBEDDED_PATH_MAX], conf[EMBEDDED_PATH_MAX], socket[EMBEDDED_PATH_MAX];
    char pid[EMBEDDED_PATH_MAX], log[EMBEDDED_PATH_MAX], lock[EMBEDDED_PATH_MAX];
};

/* Names the files and makes the folder. 0, -errno, FAULT (STORE_SOCKET_PATH). */
int files_init(struct embedded_files *files, const char *state_dir, struct fault *why);
/* A descriptor that holds the folder for this process, or -errno; -EWOULDBLOCK: another has it. */
int files_lock(const struct embedded_files *files);
int files_write_conf(const struct embedded_files *files, int64_t max_memory_bytes);

/* A live redis-server of this folder after its pidfile; 0 none. Another program that got the same
 * process id is not taken for it. */
pid_t files_leftover(const struct embedded_files *files);

/* The last line of the log, printable, cut to fit; "" when there is none. */
void files_log_last(const struct embedded_files *files, char *into, size_t cap);
#endif
