/* SPDX-License-Identifier: Apache-2.0 */
/* GET, POST /v1/keys and DELETE /v1/keys/{id}: shown once, revocable at once, two live keys to rotate. */
#include "lib/base/codec.h"
#include "lib/json/field.h"
#include "service/api/entries.h"
#include "service/api/key_make.h"
#include "service/api/reviewer.h"

#include <stdio.h>
#include <stdlib.h>

/* Live keys of one role and name: the old and the new one while rotating. */
enum { LIVE_KEYS_MAX = 2 };

struct making {
    struct exchange *ex;
    struct key_made made;
    bool created;
};

static void ring_read(void *arg, enum store_outcome outcome, const struct store_keys *keys)
{
    struct making *m = arg;
    struct api *api = api_of(m->ex);
    struct keyring *ring = outcome == STORE_OK ? keyring_new(keys) : NULL;

    /* Without a fresh ring the key works a second later, when the poll has seen it. */
    if (ring) {
        slot_put(&api->app->keyring, ring);
    }
    if (m->created) {
        api_answer_json(m->ex, 201, json_pack("{s:s, s:s, s:s}", "id", m->made.id, "role", m->made.role, "key",
                                              m->made.text));
        bytes_wipe(&m->made, sizeof(m->made));
    } else {
        exchange_reply(m->ex, 204);
    }
}

static void changed(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct making *m = arg;

    (void)result;
    if (outcome != STORE_OK && outcome != STORE_AGAIN) {
        api_answer_store(m->ex, outcome);
    } else if (!store_keys_list(api_of(m->ex)->store, &(struct store_none_args){0}, ring_read, m)) {
        api_answer_no_memory(m->ex);
    }
}

void keys_create(struct exchange *ex)
{
    static const char *const names[] = {"role", "name", "expires_at", "may"};
    struct making *m = arena_alloc(exchange_arena(ex), sizeof(*m));
    json_t *body = m ? api_body(ex) : NULL;
    struct faults faults = {0};
    struct fields at;
    struct span name;
    int role = 0;
    int64_t expires_ms = 0, now = loop_now_ms();
    struct store_key_put_args args;
    char *may = NULL;

    if (!body) {
        if (!m) {
            api_answer_no_memory(ex);
        }
        return;
    }
    if (fields_open(&at, body, "", &faults)) {
        fields_known(&at, names, COUNT_OF(names));
        (void)field_word(&at, "role", REQUIRED, role_words, ROLE_COUNT, &role);
        if (field_string(&at, "name", REQUIRED, 1, STORE_NAME_MAX, &name) && !key_name_good(name)) {
            (void)field_fault(&at, "name", "FIELD_VALUE", "a name has letters, digits and . _ @ -");
        }
        if (field_time(&at, "expires_at", OPTIONAL, &expires_ms) && expires_ms <= now) {
            (void)field_fault(&at, "expires_at", "FIELD_RANGE", "must lie ahead");
        }
        may = faults.count ? NULL : reviewer_read(&at, (enum role)role);
    }
    if (faults.count) {
        free(may);
        api_answer_faults(ex, &faults);
        return;
    }
    m->ex = ex;
    m->created = true;
    key_make(&m->made, role_words[role]);
    args = key_put_args(&m->made, name, expires_ms, LIVE_KEYS_MAX, now);
    args.entry = entries_key(ex, m->made.id, role_words[role], "create", now);
    args.attributes = may ? span_of(may) : (struct span){0};
    if (!args.entry.ptr || (json_object_get(body, "may") && !may) ||
        !store_key_put(api_of(ex)->store, &args, changed, m)) {
        api_answer_no_memory(ex);
    }
    free(may);
}

void keys_revoke(struct exchange *ex)
{
    struct making *m = arena_alloc(exchange_arena(ex), sizeof(*m));
    int64_t now = loop_now_ms();
    struct store_key_revoke_args args = {.now_ms = now, .id = http_request_param(exchange_request(ex), "id")};
    struct keyring *ring = slot_take(&api_of(ex)->app->keyring);
    const char *role = NULL;

    for (size_t i = 0; ring && i < keyring_count(ring); i++) {
        if (span_is(args.id, keyring_at(ring, i)->id)) {
            role = role_words[keyring_at(ring, i)->role];
        }
    }
    (void)keyring_unref(ring);
    if (!role) {
        api_answer_store(ex, STORE_NOT_FOUND);
        return;
    }
    if (m) {
        m->ex = ex;
        args.entry = entries_key(ex, api_text(ex, args.id), role, "revoke", now);
    }
    if (!m || !args.entry.ptr || !store_key_revoke(api_of(ex)->store, &args, changed, m)) {
        api_answer_no_memory(ex);
    }
}

void keys_list(struct exchange *ex)
{
    struct keyring *ring = slot_take(&api_of(ex)->app->keyring);
    json_t *list = json_array();

    for (size_t i = 0; ring && i < keyring_count(ring); i++) {
        const struct key *key = keyring_at(ring, i);
        json_t *one = json_pack("{s:s, s:s, s:s}", "id", key->id, "role", role_words[key->role], "name", key->name);

        api_set_time(one, "created_at", key->created_ms);
        api_set_time(one, "revoked_at", key->revoked_ms);
        api_set_time(one, "expires_at", key->expires_ms);
        if (key->may) {
            (void)json_object_set_new(one, "may", json_loads(key->may, JSON_REJECT_DUPLICATES, NULL));
        }
        (void)json_array_append_new(list, one);
    }
    (void)keyring_unref(ring);
    api_answer_json(ex, 200, json_pack("{s:o}", "keys", list));
}
