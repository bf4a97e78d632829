/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_COMMAND_H
#define RAPPORTEUR_SERVICE_STORE_COMMAND_H

/*
 * One command in the Redis protocol (RESP2: "*N" and N counted strings), written word by word.
 *     command_init(&command, 1 << 20);
 *     command_function(&command, "claim", shard, &common);
 *     command_span(&command, args->reviewer);
 *     r = command_end(&command, &bytes);        then send `bytes`
 * The first failure sticks: command_end reports it.
 */

#include "lib/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct command {
    struct buf buf;
    size_t words;
    unsigned shard;     /* of command_function */
    int slot;           /* of a cluster; -1: no key */
    bool function;      /* may not run while its slot is on the move (slots.h) */
    bool reads;         /* changes nothing: need not wait for replicas */
    bool refused;       /* an argument breaks the contract of ops.h */
    bool unknown;       /* an id is not of ours: there can be no such thing */
};

/* What every function gets first. */
struct command_common {
    int64_t now_ms, max_log_entries, retry_ms;
    unsigned shards;
};

/* 0 stands for the defaults: 500,000 entries, 48 h, 1 shard. now_ms stays 0. */
struct command_common command_common(int64_t max_log_entries, int64_t retry_ms, unsigned shards);

void command_init(struct command *command, size_t max_bytes);
void command_done(struct command *command);

void command_span(struct command *command, struct span word);
void command_text(struct command *command, const char *word);
void command_int(struct command *command, int64_t word);
void command_bool(struct command *command, bool word);

/* A word that is a key: says which slot the command belongs to. */
void command_key(struct command *command, const char *key);

/* FCALL rap_<operation>_<version> 1 {sNN} now max_log_entries retry_ms */
void command_function(struct command *command, const char *operation, unsigned shard,
                      const struct command_common *common);

/* Marks the command as refused unless `ok`; returns ok. */
bool command_check(struct command *command, bool ok);

/* The whole command; borrows from it. 0; -EINVAL refused, -ENOENT an unknown id,
 * -E2BIG past the ceiling, -ENOMEM. */
int command_end(struct command *command, struct span *ret);

#endif
