/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur audit shard list | close | delete: the logs of one service, one after another. */
#include "lib/base/clock.h"
#include "lib/base/codec.h"
#include "service/audit/close.h"
#include "service/cli/audit.h"
#include "service/runtime/loop.h"
#include "service/store/sync.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TREE_FDS = 8, DAY_MS = 86400000 };

static int failed(int r, const struct fault *why)
{
    if (r == FAULT) {
        cli_say_fault(why);
    } else {
        cli_say("out of memory");
    }
    return CLI_FAILED;
}

/* ---- list ---- */

static int64_t tree_bytes; /* of the walk under way: nftw hands nothing through */

static int add_size(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)path;
    (void)at;
    tree_bytes += kind == FTW_F ? (int64_t)about->st_size : 0;
    return 0;
}

static json_t *log_json(const struct audit_trail *trail, size_t at)
{
    const struct trail_log *log = audit_trail_log(trail, at);
    char root[HEX_LEN(sizeof(struct hash)) + 1], time[CLOCK_TEXT_LEN + 1];
    json_t *one;

    tree_bytes = 0;
    (void)nftw(log->folder, add_size, TREE_FDS, FTW_PHYS);
    hex_encode(&log->head.root, sizeof(struct hash), root);
    one = json_pack("{s:s, s:s, s:s, s:I, s:s, s:I}", "name", log->name, "state",
                    trail_state_words[log->state], "origin", log->head.origin, "size",
                    (json_int_t)log->head.size, "root", root, "bytes", (json_int_t)tree_bytes);
    if (at + 1 < audit_trail_count(trail)) {
        clock_text(audit_trail_log(trail, at + 1)->begin.closed_ms, time);
        (void)json_object_set_new(one, "closed_at", json_string(time));
    }
    return one;
}

static int list(const struct audit_asked *asked)
{
    CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
    json_t *all = json_array();
    struct fault why;
    int r = audit_trail_open(&trail, asked->folder, &why);

    if (r) {
        json_decref(all);
        return failed(r, &why);
    }
    for (size_t i = 0; i < audit_trail_count(trail); i++) {
        (void)json_array_append_new(all, log_json(trail, i));
    }
    if (asked->options.json) {
        cli_print_json(json_pack("{s:o, s:b}", "logs", all, "whole", !audit_trail_cut(trail)));
        return CLI_DONE;
    }
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *one = json_array_get(all, i);
        const char *closed = json_string_value(json_object_get(one, "closed_at"));

        (void)printf("%s %s %lld entries, root %s, %lld bytes, %s%s%s\n",
                     json_string_value(json_object_get(one, "name")),
                     json_string_value(json_object_get(one, "state")),
                     (long long)json_integer_value(json_object_get(one, "size")),
                     json_string_value(json_object_get(one, "root")),
                     (long long)json_integer_value(json_object_get(one, "bytes")),
                     json_string_value(json_object_get(one, "origin")), closed ? ", closed " : "",
                     closed ? closed : "");
    }
    json_decref(all);
    return CLI_DONE;
}

/* ---- close ---- */

/* Held to the end of the process: no service may start meanwhile. */
static bool take_state_dir(const struct settings *settings)
{
    char path[4200];
    int fd;

    (void)snprintf(path, sizeof(path), "%s/lock", settings->state_dir);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
        cli_say(fd < 0 ? "%s is no state folder of a service"
                       : "a service runs on %s: stop it first",
                settings->state_dir);
        return false;
    }
    return true;
}

static int close_newest(const struct audit_asked *asked, const struct settings *settings)
{
    struct audit_closed closed = {0};
    struct fault why;
    struct buf vkey;
    int r;

    if (!take_state_dir(settings)) {
        return CLI_FAILED;
    }
    r = audit_close(asked->folder, settings->log_origin, loop_now_ms(), &closed, &why);
    if (r) {
        return failed(r, &why);
    }
    buf_init(&vkey, NOTE_VKEY_MAX + 1);
    r = note_key_write(&vkey, &closed.next);
    if (r == 0 && asked->options.json) {
        cli_print_json(json_pack("{s:s, s:I, s:s, s:s%}", "closed", closed.head.origin, "size",
                                 (json_int_t)closed.head.size, "begun", closed.next.name, "vkey",
                                 vkey.data, vkey.len));
    } else if (r == 0) {
        (void)printf("closed %s at %llu entries\nbegun %s\n%.*s\n", closed.head.origin,
                     (unsigned long long)closed.head.size, closed.next.name, (int)vkey.len,
                     vkey.data);
        cli_say(
            "give the new public key to witnesses, partners and auditors, then start the service");
    }
    buf_done(&vkey);
    return r ? failed(r, &why) : CLI_DONE;
}

/* ---- delete ---- */

/* In the log in use, and durable, before anything goes. */
static int record(const struct settings *settings, const struct trail_log *log)
{
    CLEANUP(store_sync_freep) struct store_sync *store = cli_store(settings);
    CLEANUP(buf_freep) struct buf *out = buf_new(ENTRY_MAX_BYTES);
    CLEANUP(entry_freep) struct entry *entry = NULL;
    struct store_append_args args = {.now_ms = loop_now_ms()};
    char root[HEX_LEN(sizeof(struct hash)) + 1];
    struct store_changed changed;
    enum store_outcome outcome;
    struct fault why;
    int r;

    if (!store) {
        return CLI_FAILED;
    }
    hex_encode(&log->head.root, sizeof(struct hash), root);
    entry = entry_new(ENTRY_LOG, args.now_ms);
    entry_text(entry, "log", span_of(log->head.origin));
    entry_text(entry, "action", SPAN("delete"));
    entry_int(entry, "size", (int64_t)log->head.size);
    entry_text(entry, "root", span_of(root));
    entry_text(entry, "actor", SPAN("system")); /* whoever has the machine has the files */
    r = out ? entry_write(entry, out, &why) : -1;
    if (r) {
        return failed(r, &why);
    }
    args.entry = buf_span(out);
    outcome = store_sync_append(store, &args, &changed);
    if (outcome != STORE_OK) {
        cli_say("the store answered: %s; nothing was deleted", store_outcome_words[outcome]);
        return CLI_FAILED;
    }
    return CLI_DONE;
}

static int delete_one(const struct audit_asked *asked, const struct settings *settings)
{
    CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
    const struct trail_log *log = NULL;
    struct fault why;
    int r = audit_trail_open(&trail, asked->folder, &why);

    r = r ? r
          : audit_delete_check(trail, span_of(asked->what), settings->log_keep_days * DAY_MS,
                               loop_now_ms(), &log, &why);
    if (r) {
        return failed(r, &why);
    }
    if (log->state != TRAIL_DELETED && record(settings, log) != CLI_DONE) {
        return CLI_FAILED;
    }
    r = audit_delete(log, &why);
    if (r) {
        return failed(r, &why);
    }
    (void)printf("deleted %s: %llu entries; its last checkpoint and key stay\n", log->head.origin,
                 (unsigned long long)log->head.size);
    return CLI_DONE;
}

int audit_shard(const struct audit_asked *asked)
{
    CLEANUP(settings_unrefp) struct settings *settings = NULL;
    bool named = asked->what[0] != '\0';
    int exit_code;

    if (strcmp(asked->name, "list") == 0 && !named) {
        return list(asked);
    }
    if (asked->log || !((strcmp(asked->name, "close") == 0 && !named) ||
                        (strcmp(asked->name, "delete") == 0 && named))) {
        return cli_usage(&cli_command_audit);
    }
    settings = cli_settings(&asked->options, &exit_code);
    if (!settings) {
        return exit_code;
    }
    return named ? delete_one(asked, settings) : close_newest(asked, settings);
}
