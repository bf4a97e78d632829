/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_OPERATION_H
#define RAPPORTEUR_SERVICE_STORE_OPERATION_H

/*
 * One operation of operations.def as two conversions, both without I/O: arguments to a command, a
 * reply to a result. store.c and sync.c send what these write and hand out what these read.
 */

#include "lib/base/arena.h"
#include "service/store/command.h"
#include "service/store/ops.h"
#include "service/store/reply.h"

struct operation {
    const char *name;
    size_t result_size;
    /* `args` is the operation's own struct. What breaks the contract of ops.h marks the command. */
    void (*encode)(struct command *command, const void *args, const struct command_common *common);
    /* *result is zeroed before; arrays come from the arena, spans borrow from the reply. */
    enum store_outcome (*decode)(const struct redisReply *reply, struct arena *arena, void *result);
};

#define STORE_OPERATION(name, args_type, result_type) extern const struct operation operation_##name;
#include "service/store/operations.def"
#undef STORE_OPERATION

/* It changes nothing, and nothing is done outside on what it says: it need not wait for replicas.
 * (notices is not among them: partners act on what they get.) */
bool operation_reads(const struct operation *operation);

/* Shared by the op_*.c files. */
void encode_begin(struct command *command, const char *name, unsigned shard, int64_t now_ms,
                  const struct command_common *common);
/* The shard inside an id of that kind; marks the command as about something unknown when it is none. */
unsigned encode_shard(struct command *command, struct span id, const char kind[4]);
void encode_id(struct command *command, struct span id, const char kind[4]);
void encode_name(struct command *command, struct span name);
void encode_queue(struct command *command, struct span queue);
void encode_queue_or_none(struct command *command, struct span queue);
void encode_limited(struct command *command, struct span bytes, size_t max);
void encode_time(struct command *command, int64_t ms);
void encode_clearance(struct command *command, int clearance);
/* Retry key as its short digest or "", and the digest. `owner` is whose key it is. */
void encode_retry(struct command *command, const struct store_retry *retry, const char *kind,
                  struct span owner);

void encode_held(struct command *command, const struct store_held held[STORE_HELD_MAX]);

enum store_outcome decode_decided(const struct redisReply *reply, struct arena *arena, void *result);
enum store_outcome decode_changed(const struct redisReply *reply, struct arena *arena, void *result);
/* One report out of an array of record_reply (common.lua); false when the body does not match its
 * digest. */
bool decode_report(struct reply_row *row, struct store_report *ret);

#endif
