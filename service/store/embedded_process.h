/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_EMBEDDED_PROCESS_H
#define RAPPORTEUR_SERVICE_STORE_EMBEDDED_PROCESS_H

/* The embedded server as a process: find the program, start it so that it ends with us, ask it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The program's path: `wanted` as it is when it holds a '/', else (NULL: "redis-server") the first
 * runnable one in PATH, /usr/bin, /usr/local/bin. False: there is none. */
bool process_find(const char *wanted, char *into, size_t cap);

/* Runs "program conf" in a process group of its own, with no file of ours open, that gets SIGTERM when
 * this thread ends. 0, or -errno, of fork or of execv. */
int process_start(const char *program, const char *conf, pid_t *ret);

/* A server answers PING with PONG on this socket; waits 200 ms at most. */
bool process_answers(const char *socket_path);
/* It begins to write its file anew, or will when the writing under way is done; waits 200 ms at most. */
bool process_rewrites(const char *socket_path);

void process_sleep_ms(int64_t ms);

#endif
