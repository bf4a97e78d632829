/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_EXCHANGE_H
#define RAPPORTEUR_SERVICE_STORE_EXCHANGE_H

/*
 * The inside of store_sync: one command, one reply, on a blocking connection to the right server. For
 * sync.c, prepare.c and log.c.
 */

#include "service/store/command.h"
#include "service/store/sync.h"
#include "service/store/where.h"

struct redisReply;

/*
 * Sends and waits. STORE_OK and *ret (borrowed until the next exchange), even when the reply is an
 * error; STORE_BUSY: could not connect, nothing sent; STORE_UNKNOWN: no answer came, or too few
 * replicas have a change; STORE_BROKEN: the command breaks the contract. Loads the functions when they
 * are missing and sends again. With Sentinels or a cluster it is tried, with pauses, until the timeout
 * while it surely was not done: the primary is not known, the slot is on the move.
 */
enum store_outcome exchange(struct store_sync *sync, struct command *command,
                            const struct redisReply **ret);
/* The same for a command of plain words; the first one with a hash tag "{sNN}" is its key, without one
 * the command goes to the server chosen with exchange_choose. */
enum store_outcome exchange_words(struct store_sync *sync, const char *const *words, size_t count,
                                  const struct redisReply **ret);
/* FUNCTION LOAD REPLACE, at the chosen server. */
enum store_outcome exchange_load(struct store_sync *sync, const struct redisReply **ret);
/* How many servers hold data (a cluster has several; 0: none can be asked), and which of them the
 * commands without a key go to. */
size_t exchange_servers(struct store_sync *sync);
void exchange_choose(struct store_sync *sync, size_t server);
/* What was read of that shard is on the wanted number of replicas: nothing that may still be lost is
 * handed on. STORE_OK or STORE_BUSY. */
enum store_outcome exchange_settle(struct store_sync *sync, unsigned shard);
const struct store_where *exchange_where(const struct store_sync *sync);
const struct command_common *exchange_common(const struct store_sync *sync);
void exchange_set_shards(struct store_sync *sync, unsigned shards);
/* Why the last connect failed, for a sentence; "" when it did not. */
const char *exchange_error(const struct store_sync *sync);

#endif
