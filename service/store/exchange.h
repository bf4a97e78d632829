/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_EXCHANGE_H
#define RAPPORTEUR_SERVICE_STORE_EXCHANGE_H

/*
 * The inside of store_sync: one command, one reply, on the one blocking connection. For sync.c,
 * prepare.c and log.c.
 */

#include "service/store/command.h"
#include "service/store/sync.h"

struct redisReply;

/*
 * Sends and waits. STORE_OK and *ret (borrowed until the next exchange), even when the reply is an
 * error; STORE_BUSY: could not connect, nothing sent; STORE_UNKNOWN: no answer came; STORE_BROKEN:
 * the command breaks the contract. Loads the functions when they are missing and sends again.
 */
enum store_outcome exchange(struct store_sync *sync, struct command *command,
                            const struct redisReply **ret);
/* The same for a command of plain words. */
enum store_outcome exchange_words(struct store_sync *sync, const char *const *words, size_t count,
                                  const struct redisReply **ret);
/* FUNCTION LOAD REPLACE. */
enum store_outcome exchange_load(struct store_sync *sync, const struct redisReply **ret);
const struct command_common *exchange_common(const struct store_sync *sync);
void exchange_set_shards(struct store_sync *sync, unsigned shards);
/* Why the last connect failed, for a sentence; "" when it did not. */
const char *exchange_error(const struct store_sync *sync);

#endif
