/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/erasures: a person asks to be forgotten. Shard by shard, page by page; the cases that may go are erased
 * by the housekeeping within seconds, those that must stay are named. */
#include "lib/json/field.h"
#include "service/api/entries.h"
#include "service/api/intake.h"

#include <stdio.h>

enum { KEPT_SHOWN = 1000 };

static const char *const person_words[] = {[STORE_AUTHOR] = "author", [STORE_REPORTER] = "reporter"};

struct erasing {
    struct exchange *ex;
    enum store_person kind;
    struct span person, entry;
    unsigned shard;
    char after[ID_LEN + 1];
    int64_t now_ms, cases, reports, kept, log_index;
    json_t *shown;
};

static void erasing_free(void *arg)
{
    struct erasing *e = arg;

    json_decref(e->shown);
}

static void ask(struct erasing *e);

static void answer(struct erasing *e)
{
    json_t *body = json_pack("{s:I, s:I, s:I, s:O}", "cases", (json_int_t)e->cases, "reports", (json_int_t)e->reports,
                             "kept_count", (json_int_t)e->kept, "kept", e->shown);

    if (e->log_index >= 0) {
        (void)json_object_set_new(body, "log_index", json_integer((json_int_t)e->log_index));
    }
    api_answer_json(e->ex, 202, body);
}

static void asked(void *arg, enum store_outcome outcome, const struct store_forgotten *result)
{
    struct erasing *e = arg;

    if (outcome != STORE_OK) {
        api_answer_store(e->ex, outcome);
        return;
    }
    e->cases += result->cases;
    e->reports += result->reports;
    e->kept += (int64_t)result->kept_count;
    e->log_index = e->log_index >= 0 ? e->log_index : result->index;
    for (size_t i = 0; i < result->kept_count && json_array_size(e->shown) < KEPT_SHOWN; i++) {
        json_t *one = json_pack("{s:s}", "why", result->kept[i].open ? "under_review" : "preserved");

        api_set_span(one, "case", result->kept[i].case_id);
        api_set_time(one, "until", result->kept[i].until_ms);
        (void)json_array_append_new(e->shown, one);
    }
    (void)snprintf(e->after, sizeof(e->after), "%.*s", (int)result->next.len, result->next.len ? result->next.ptr : "");
    if (!e->after[0] && ++e->shard == store_shards(api_of(e->ex)->store)) {
        answer(e);
    } else {
        ask(e);
    }
}

static void ask(struct erasing *e)
{
    struct store_forget_args args = {.now_ms = e->now_ms, .shard = e->shard, .kind = e->kind, .person = e->person,
                                     .after = span_of(e->after), .limit = STORE_FORGET_MAX, .entry = e->entry};

    if (!store_forget(api_of(e->ex)->store, &args, asked, e)) {
        api_answer_no_memory(e->ex);
    }
}

/* The pseudonym of a person that a partner named; false where there is no such partner. */
static bool find_person(struct erasing *e, struct span partner, struct span id)
{
    struct keyring *ring = slot_take(&api_of(e->ex)->app->keyring);
    const struct key *found = NULL;

    for (size_t i = 0; ring && i < keyring_count(ring) && !found; i++) {
        const struct key *key = keyring_at(ring, i);

        found = key->role == ROLE_PARTNER && span_is(partner, key->name) ? key : NULL;
    }
    e->person = found ? intake_person(exchange_arena(e->ex), found->pseudonym_key, person_words[e->kind], id)
                      : (struct span){NULL, 0};
    (void)keyring_unref(ring);
    return found != NULL;
}

static bool read_body(struct erasing *e, struct span *ret_partner, struct span *ret_id)
{
    static const char *const names[] = {"subject", "partner"}, *const subject_names[] = {"kind", "id"};
    json_t *body = api_body(e->ex);
    struct faults faults = {0};
    struct fields at, subject;
    int kind = 0;

    if (!body) {
        return false;
    }
    *ret_partner = span_of(caller_of(e->ex)->name);
    if (fields_open(&at, body, "", &faults)) {
        bool admin = caller_of(e->ex)->role == ROLE_ADMIN;

        fields_known(&at, names, admin ? 2 : 1);
        if (admin) {
            (void)field_string(&at, "partner", REQUIRED, 1, STORE_NAME_MAX, ret_partner);
        }
        if (field_object(&at, "subject", REQUIRED, &subject)) {
            fields_known(&subject, subject_names, COUNT_OF(subject_names));
            (void)field_word(&subject, "kind", REQUIRED, person_words, COUNT_OF(person_words), &kind);
            (void)field_string(&subject, "id", REQUIRED, 1, REPORT_MAX_PERSON, ret_id);
        }
    }
    if (faults.count) {
        api_answer_faults(e->ex, &faults);
        return false;
    }
    e->kind = (enum store_person)kind;
    return true;
}

void erasures_create(struct exchange *ex)
{
    struct erasing *e = arena_alloc(exchange_arena(ex), sizeof(*e));
    struct span partner, id = {NULL, 0};

    if (!e) {
        api_answer_no_memory(ex);
        return;
    }
    *e = (struct erasing){.ex = ex, .now_ms = loop_now_ms(), .log_index = -1, .shown = json_array()};
    exchange_defer(ex, erasing_free, e);
    if (!read_body(e, &partner, &id)) {
        return;
    }
    if (!find_person(e, partner, id)) {
        exchange_problem(ex, 404, "NOT_FOUND", "there is no partner of that name", NULL);
        return;
    }
    e->entry = entries_erasure(ex, e->now_ms);
    if (!e->shown || !e->person.ptr || !e->entry.ptr) {
        api_answer_no_memory(ex);
        return;
    }
    ask(e);
}
