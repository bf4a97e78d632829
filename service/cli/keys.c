/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur keys create | list | revoke: API keys, straight in the store. */
#include "lib/audit/entry.h"
#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "service/api/key_make.h"
#include "service/api/keyring.h"
#include "service/cli/command.h"
#include "service/runtime/loop.h"
#include "service/store/sync.h"

#include <stdio.h>

enum { OPTION_ROLE = 100, OPTION_NAME, OPTION_EXPIRES };

struct asked {
    const char *role, *name;
    int64_t expires_ms;
};

static bool take(void *arg, int option, const char *value)
{
    struct asked *asked = arg;

    switch (option) {
    case OPTION_ROLE:
        asked->role = value;
        return word_index(role_words, ROLE_COUNT, span_of(value)) >= 0;
    case OPTION_NAME:
        asked->name = value;
        return key_name_good(span_of(value));
    case OPTION_EXPIRES:
        return clock_read(span_of(value), &asked->expires_ms) || clock_read_date(span_of(value), &asked->expires_ms);
    default:
        return false;
    }
}

static int write_entry(struct buf *out, const char *key_id, const char *role, const char *action, int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_KEY, now_ms);
    struct fault why;
    int r;

    entry_text(entry, "key", span_of(key_id));
    entry_text(entry, "role", span_of(role));
    entry_text(entry, "action", span_of(action));
    entry_text(entry, "actor", SPAN("system"));     /* whoever has the machine has the store */
    r = entry_write(entry, out, &why);
    (void)entry_free(entry);
    return r;
}

static int failed(enum store_outcome outcome)
{
    cli_say(outcome == STORE_NOT_FOUND ? "there is no such key"
            : outcome == STORE_LIMIT   ? "this name has two live keys of this role; revoke one first"
                                       : "the store answered: %s",
            store_outcome_words[outcome]);
    return CLI_FAILED;
}

static int create(struct store_sync *store, const struct asked *asked, bool json)
{
    CLEANUP(buf_freep) struct buf *entry = buf_new(ENTRY_MAX_BYTES);
    struct key_made made;
    struct store_changed changed;
    struct store_key_put_args args;
    enum store_outcome outcome;
    int64_t now = loop_now_ms();

    key_make(&made, asked->role);
    args = key_put_args(&made, span_of(asked->name), asked->expires_ms, 2, now);
    if (!entry || write_entry(entry, made.id, asked->role, "create", now) != 0) {
        cli_say("out of memory");
        return CLI_FAILED;
    }
    args.entry = buf_span(entry);
    outcome = store_sync_key_put(store, &args, &changed);
    if (outcome != STORE_OK) {
        return failed(outcome);
    }
    if (json) {
        cli_print_json(json_pack("{s:s, s:s, s:s, s:s}", "id", made.id, "role", asked->role, "name", asked->name,
                                 "key", made.text));
    } else {
        (void)printf("%s\n", made.text);
        cli_say("shown once; `rapporteur keys revoke %s` ends it", made.id);
    }
    bytes_wipe(&made, sizeof(made));
    return CLI_DONE;
}

static int list(struct store_sync *store, bool json)
{
    struct store_keys keys;
    enum store_outcome outcome = store_sync_keys_list(store, &(struct store_none_args){0}, &keys);
    json_t *all = json_array();

    if (outcome != STORE_OK) {
        json_decref(all);
        return failed(outcome);
    }
    for (size_t i = 0; i < keys.count; i++) {
        const struct store_key *key = &keys.keys[i];
        char created[CLOCK_TEXT_LEN + 1];

        clock_text(key->created_ms, created);
        if (json) {
            (void)json_array_append_new(all, json_pack("{s:s%, s:s%, s:s%, s:s, s:b}", "id", key->id.ptr, key->id.len,
                                                       "role", key->role.ptr, key->role.len, "name", key->name.ptr,
                                                       key->name.len, "created_at", created, "revoked",
                                                       key->revoked_ms != 0));
        } else {
            (void)printf("%-16.*s  %-9.*s %-24.*s %s%s\n", (int)key->id.len, key->id.ptr, (int)key->role.len,
                         key->role.ptr, (int)key->name.len, key->name.ptr, created,
                         key->revoked_ms ? "  revoked" : "");
        }
    }
    if (json) {
        cli_print_json(json_pack("{s:o}", "keys", all));
    } else {
        json_decref(all);
    }
    return CLI_DONE;
}

/* The role of a key, for its entry; empty when there is no such key. */
static void role_of(struct store_sync *store, const char *id, char into[20])
{
    struct store_keys keys;

    into[0] = '\0';
    if (store_sync_keys_list(store, &(struct store_none_args){0}, &keys) != STORE_OK) {
        return;
    }
    for (size_t i = 0; i < keys.count; i++) {
        if (span_is(keys.keys[i].id, id)) {
            (void)snprintf(into, 20, "%.*s", (int)keys.keys[i].role.len, keys.keys[i].role.ptr);
        }
    }
}

static int revoke(struct store_sync *store, const char *id)
{
    CLEANUP(buf_freep) struct buf *entry = buf_new(ENTRY_MAX_BYTES);
    int64_t now = loop_now_ms();
    struct store_key_revoke_args args = {.now_ms = now, .id = span_of(id)};
    struct store_changed changed;
    enum store_outcome outcome;
    char role[20];

    role_of(store, id, role);
    if (!role[0]) {
        return failed(STORE_NOT_FOUND);
    }
    if (!entry || write_entry(entry, id, role, "revoke", now) != 0) {
        cli_say("out of memory");
        return CLI_FAILED;
    }
    args.entry = buf_span(entry);
    outcome = store_sync_key_revoke(store, &args, &changed);
    if (outcome != STORE_OK && outcome != STORE_AGAIN) {
        return failed(outcome);
    }
    (void)printf("revoked %s\n", id);
    return CLI_DONE;
}

static int run(int argc, char **argv)
{
    static const struct option own[] = {{"role", required_argument, NULL, OPTION_ROLE},
                                        {"name", required_argument, NULL, OPTION_NAME},
                                        {"expires", required_argument, NULL, OPTION_EXPIRES},
                                        {0}};
    CLEANUP(settings_unrefp) struct settings *settings = NULL;
    struct asked asked = {0};
    struct cli_options options;
    struct store_sync *store;
    const char *action;
    int exit_code;

    if (!cli_options(argc, argv, &cli_command_keys, own, take, &asked, &options, &exit_code)) {
        return exit_code;
    }
    action = optind < argc ? argv[optind] : "";
    if (!((strcmp(action, "create") == 0 && asked.role && asked.name) || strcmp(action, "list") == 0 ||
          (strcmp(action, "revoke") == 0 && optind + 1 < argc))) {
        return cli_usage(&cli_command_keys);
    }
    settings = cli_settings(&options, &exit_code);
    if (!settings) {
        return exit_code;
    }
    store = cli_store(settings);
    if (!store) {
        return CLI_FAILED;
    }
    exit_code = strcmp(action, "create") == 0   ? create(store, &asked, options.json)
                : strcmp(action, "revoke") == 0 ? revoke(store, argv[optind + 1])
                                                : list(store, options.json);
    (void)store_sync_free(store);
    return exit_code;
}

const struct cli_command cli_command_keys = {
    "keys", "make, list and revoke API keys",
    "usage: rapporteur keys create --role ROLE --name NAME [--expires TIME]\n"
    "       rapporteur keys list\n"
    "       rapporteur keys revoke ID\n"
    "Roles: partner, reviewer, senior, auditor, admin, metrics. NAME is the partner or person the key\n"
    "stands for; a name may have two live keys of a role, so that they can be rotated. A key is shown\n"
    "once; the store keeps its SHA-256. The service must be running when its store is embedded.\n"
    "options: --config FILE, --json, --help\n"
    "exit: 0 done, 1 failed, 2 usage, 78 bad settings\n",
    run};
