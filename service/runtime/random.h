/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_RUNTIME_RANDOM_H
#define RAPPORTEUR_SERVICE_RUNTIME_RANDOM_H

/*
 * Random bytes of the kernel (getrandom(2)), for keys, salts and ids. Any thread. A kernel that gives
 * none ends the process: nothing secret could be made.
 */

#include "lib/base/id.h"

#include <stddef.h>

void random_bytes(void *into, size_t len);

/* A new id of that kind, now, for that shard. */
struct id random_id(const char kind[4], int64_t now_ms, unsigned shard);

#endif
