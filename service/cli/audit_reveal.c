/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur audit reveal: a disclosed content against what its entry commits to. */
#include "lib/audit/receipt.h"
#include "lib/base/codec.h"
#include "lib/json/read.h"
#include "lib/report/report.h"
#include "service/audit/trail.h"
#include "service/cli/audit.h"
#include "service/runtime/file.h"
#include "service/store/sync.h"

#include <stdio.h>

enum { BODY_MAX = 8 << 20, RECEIPT_MAX = 1 << 20 };

struct disclosed {
    struct buf *body;
    uint8_t salt[COMMIT_KEY_LEN];
    uint64_t index;                 /* as the store counted it, or within the newest log */
    bool from_store;
};

static bool from_files(const struct audit_asked *asked, struct disclosed *ret)
{
    struct fault why;

    if (!hex_decode(span_of(asked->salt), ret->salt, sizeof(ret->salt))) {
        cli_say("a salt has %d hex digits", COMMIT_KEY_LEN * 2);
        return false;
    }
    ret->index = asked->entry;
    if (file_read(asked->body, ret->body, &why) != 0) {
        cli_say_fault(&why);
        return false;
    }
    return true;
}

static bool from_store(const struct audit_asked *asked, struct disclosed *ret, int *ret_exit)
{
    CLEANUP(settings_unrefp) struct settings *settings = cli_settings(&asked->options, ret_exit);
    CLEANUP(store_sync_freep) struct store_sync *store = settings ? cli_store(settings) : NULL;
    struct store_report stored;
    enum store_outcome outcome;

    if (!store) {
        *ret_exit = settings ? CLI_FAILED : *ret_exit;
        return false;
    }
    *ret_exit = CLI_FAILED;
    outcome = store_sync_report_get(store, &(struct store_id_args){.id = span_of(asked->name)}, &stored);
    if (outcome != STORE_OK) {
        cli_say("the report cannot be read: %s", store_outcome_words[outcome]);
        return false;
    }
    if (stored.erased || stored.salt.len != COMMIT_KEY_LEN || stored.index < 0) {
        cli_say("content and salt of this report were erased: its commitments prove nothing any more");
        return false;
    }
    memcpy(ret->salt, stored.salt.ptr, sizeof(ret->salt));
    ret->index = (uint64_t)stored.index;
    ret->from_store = true;
    return buf_add_span(ret->body, stored.body) == 0;
}

/* Where it is over all logs; from here on disclosed->index is the index within its log. */
static int place(const struct audit_trail *trail, struct disclosed *disclosed, uint64_t *ret, struct fault *why)
{
    bool found = true;

    if (disclosed->from_store) {
        found = audit_trail_find(trail, disclosed->index, ret) == 0;
    } else {
        *ret = audit_trail_newest(trail)->first + disclosed->index;
        found = disclosed->index < audit_trail_newest(trail)->head.size;
    }
    if (!found) {
        return fault_set(why, "LOG_RANGE", "", "entry %llu is not in the log, not yet or no longer",
                         (unsigned long long)disclosed->index);
    }
    (void)audit_trail_place(trail, *ret, &disclosed->index);
    return 0;
}

/* The entry's bytes, after its receipt was checked against the signed checkpoint. */
static int read_entry(const struct audit_asked *asked, struct disclosed *disclosed, struct audit_trail **trail,
                      struct span *ret, struct fault *why)
{
    CLEANUP(buf_freep) struct buf *proof = buf_new(RECEIPT_MAX);
    struct checkpoint checkpoint;
    struct receipt receipt;
    uint64_t position = 0;
    int r = audit_trail_open_as(trail, asked->folder, asked->vkey ? span_of(asked->vkey) : (struct span){NULL, 0}, why);

    r = r ? r : place(*trail, disclosed, &position, why);
    r = r ? r : proof ? audit_trail_receipt(*trail, position, proof, why) : -1;
    r = r ? r : receipt_read(&receipt, buf_span(proof), why);
    r = r ? r : audit_trail_entry(*trail, position, ret, why);
    return r ? r
             : receipt_check(&receipt, *ret, &audit_trail_place(*trail, position, &disclosed->index)->key, &checkpoint, why);
}

/* What stands behind the label in the disclosed body; ptr NULL: unknown label, or not there. */
static struct span value_of(const char *label, struct span body, const json_t *json)
{
    const json_t *content = json_object_get(json, "content");
    const json_t *value = NULL;

    if (strcmp(label, "body") == 0) {
        return body;
    }
    if (strcmp(label, "text") == 0) {
        value = json_object_get(content, "text");
    } else if (strcmp(label, "content_id") == 0) {
        value = json_object_get(content, "id");
    }
    return json_is_string(value) ? (struct span){json_string_value(value), json_string_length(value)}
                                 : (struct span){NULL, 0};
}

static int check(const struct disclosed *disclosed, struct span entry_bytes, bool as_json)
{
    CLEANUP(json_freep) json_t *json = NULL;
    CLEANUP(json_freep) json_t *commits = NULL;
    struct entry_view entry;
    struct span text;
    struct fault why;
    const char *label;
    json_t *hex, *result = json_object();
    bool good = entry_read(&entry, entry_bytes, &why) == 0;

    text = good ? entry_value(&entry, "commit") : (struct span){NULL, 0};
    commits = text.len ? json_loadb(text.ptr, text.len, 0, NULL) : NULL;
    good = json_object_size(commits) > 0;
    (void)json_read(&json, buf_span(disclosed->body), &json_read_limits_default, &why);
    json_object_foreach(commits, label, hex) {
        struct span value = value_of(label, buf_span(disclosed->body), json);
        bool holds = value.ptr && commit_check(disclosed->salt, span_of(label), value, span_of(json_string_value(hex)));

        good = good && holds;
        (void)json_object_set_new(result, label, json_boolean(holds));
        if (!as_json) {
            (void)printf("%s: %s\n", label, holds ? "is what the entry commits to" : "is NOT what the entry commits to");
        }
    }
    if (as_json) {
        cli_print_json(json_pack("{s:b, s:I, s:O}", "good", good, "index", (json_int_t)disclosed->index, "commit", result));
    } else if (!commits) {
        (void)printf("entry %llu commits to nothing\n", (unsigned long long)disclosed->index);
    }
    json_decref(result);
    return good ? CLI_DONE : CLI_FAILED;
}

int audit_reveal(const struct audit_asked *asked)
{
    CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
    CLEANUP(buf_freep) struct buf *body = buf_new(BODY_MAX);
    struct disclosed disclosed = {.body = body};
    bool files = asked->body && asked->salt && asked->has_entry;
    int exit_code = CLI_FAILED, r;
    struct span bytes;
    struct fault why;

    if (files == (asked->name[0] != '\0')) {
        return cli_usage(&cli_command_audit);
    }
    if (!body || !(files ? from_files(asked, &disclosed) : from_store(asked, &disclosed, &exit_code))) {
        return exit_code;
    }
    r = read_entry(asked, &disclosed, &trail, &bytes, &why);
    if (r) {
        if (r == FAULT) {
            cli_say_fault(&why);
        }
        return CLI_FAILED;
    }
    return check(&disclosed, bytes, asked->options.json);
}
