/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/command.h"

#include "service/store/keys.h"
#include "service/store/script.h"
#include "service/store/slots.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* Room in front for "*N\r\n", since N is known only at the end. */
enum { HEAD = 16, ROOM = 4096 };

#define LOG_ENTRIES_MAX 500000
#define RETRY_MS (48LL * 3600 * 1000)

struct command_common command_common(int64_t max_log_entries, int64_t retry_ms, unsigned shards)
{
    return (struct command_common){
        .max_log_entries = max_log_entries > 0 ? max_log_entries : LOG_ENTRIES_MAX,
        .retry_ms = retry_ms > 0 ? retry_ms : RETRY_MS,
        .shards = shards > 0 ? shards : 1,
    };
}

void command_init(struct command *command, size_t max_bytes)
{
    static const char room[HEAD];

    *command = (struct command){.slot = -1};
    buf_init(&command->buf, max_bytes + HEAD);
    (void)buf_reserve(&command->buf, max_bytes < ROOM ? max_bytes : ROOM);
    (void)buf_add(&command->buf, room, HEAD);
}

void command_done(struct command *command)
{
    buf_done(&command->buf);
}

void command_span(struct command *command, struct span word)
{
    (void)buf_add_char(&command->buf, '$');
    (void)buf_add_int(&command->buf, (int64_t)word.len);
    (void)buf_add(&command->buf, "\r\n", 2);
    (void)buf_add_span(&command->buf, word);
    (void)buf_add(&command->buf, "\r\n", 2);
    command->words++;
}

void command_text(struct command *command, const char *word)
{
    command_span(command, span_of(word));
}

void command_int(struct command *command, int64_t word)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRId64, word);
    command_text(command, text);
}

void command_bool(struct command *command, bool word)
{
    command_text(command, word ? "1" : "0");
}

void command_key(struct command *command, const char *key)
{
    command_text(command, key);
    command->slot = (int)slot_of_key(span_of(key));
}

void command_function(struct command *command, const char *operation, unsigned shard,
                      const struct command_common *common)
{
    char name[SCRIPT_NAME_MAX], tag[TAG_MAX];

    if (shard >= common->shards || shard >= STORE_SHARDS_MAX) {
        command->unknown = true;
        shard = 0;
    }
    script_function(name, operation);
    key_tag(tag, shard);
    command_text(command, "FCALL");
    command_text(command, name);
    command_text(command, "1");
    command_key(command, tag);
    command->shard = shard;
    command->function = true;
    command_int(command, common->now_ms);
    command_int(command, common->max_log_entries);
    command_int(command, common->retry_ms);
}

bool command_check(struct command *command, bool ok)
{
    command->refused |= !ok;
    return ok;
}

int command_end(struct command *command, struct span *ret)
{
    char head[HEAD + 8];
    int len = snprintf(head, sizeof(head), "*%zu\r\n", command->words);
    int r = buf_status(&command->buf);

    if (command->refused) {
        return -EINVAL;
    }
    if (command->unknown) {
        return -ENOENT;
    }
    if (r != 0) {
        return r == BUF_FULL ? -E2BIG : -ENOMEM;
    }
    assert(len > 0 && len <= HEAD);
    memcpy(command->buf.data + HEAD - len, head, (size_t)len);
    *ret = span_sub(buf_span(&command->buf), (size_t)(HEAD - len), command->buf.len);
    return 0;
}
