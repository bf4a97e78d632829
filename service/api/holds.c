/* SPDX-License-Identifier: Apache-2.0 */
/* Holds on a case's content: GET, POST /v1/cases/{id}/holds, DELETE /v1/cases/{id}/holds/{hold}. */
#include "lib/json/field.h"
#include "lib/rights/personal_data.h"
#include "service/api/entries.h"
#include "service/runtime/random.h"

#include <stdio.h>

/* As long as a proceeding may need it; who needs longer says so again. */
#define HOLD_MAX_MS (731 * 86400000LL)
enum { HOLD_TEXT_MAX = 200 };

struct holding {
    struct exchange *ex;
    struct span case_id, authority, reference;
    struct id hold;
    int64_t until_ms, now_ms;
};

/* What goes into the log says which body asks in which matter, and no person. */
static void check_text(struct fields *at, const char *name, struct span text)
{
    struct personal_data found;

    if (personal_data_find(text, 0, &found)) {
        (void)field_fault(at, name, "JUST_PERSONAL_DATA", "holds %s at byte %zu: name the body and its file, no person",
                          personal_data_words[found.kind], found.start);
    }
}

static void placed(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct holding *h = arg;
    json_t *answer;

    if (outcome == STORE_STATE) {
        exchange_problem(h->ex, 409, "CONTENT_ERASED", "the content of this case is gone already", NULL);
    } else if (outcome == STORE_LIMIT) {
        exchange_problem(h->ex, 409, "TOO_MANY_HOLDS", "a case has 16 holds at most; release one that is not needed", NULL);
    } else if (outcome != STORE_OK) {
        api_answer_store(h->ex, outcome);
    } else {
        answer = json_pack("{s:s, s:I}", "hold", h->hold.text, "log_index", (json_int_t)result->index);
        api_set_span(answer, "case", h->case_id);
        api_set_time(answer, "until", h->until_ms);
        api_answer_json(h->ex, 201, answer);
    }
}

static bool read_body(struct holding *h, struct faults *faults)
{
    static const char *const names[] = {"authority", "reference", "until"};
    json_t *body = api_body(h->ex);
    struct fields at;

    if (!body) {
        return false;
    }
    if (fields_open(&at, body, "", faults)) {
        fields_known(&at, names, COUNT_OF(names));
        if (field_string(&at, "authority", REQUIRED, 2, HOLD_TEXT_MAX, &h->authority)) {
            check_text(&at, "authority", h->authority);
        }
        if (field_string(&at, "reference", REQUIRED, 2, HOLD_TEXT_MAX, &h->reference)) {
            check_text(&at, "reference", h->reference);
        }
        if (field_time(&at, "until", REQUIRED, &h->until_ms) &&
            (h->until_ms <= h->now_ms || h->until_ms > h->now_ms + HOLD_MAX_MS)) {
            (void)field_fault(&at, "until", "FIELD_RANGE", "a hold ends ahead, and within two years; it may be placed again");
        }
    }
    if (faults->count) {
        api_answer_faults(h->ex, faults);
        return false;
    }
    return true;
}

void holds_create(struct exchange *ex)
{
    struct holding *h = arena_alloc(exchange_arena(ex), sizeof(*h));
    struct faults faults = {0};
    struct store_hold_args args;
    unsigned shard = 0;

    if (!h) {
        api_answer_no_memory(ex);
        return;
    }
    *h = (struct holding){.ex = ex, .now_ms = loop_now_ms()};
    if (!api_id_param(ex, "id", "cas", &h->case_id) || !read_body(h, &faults)) {
        return;
    }
    (void)id_read(h->case_id, "cas", &shard, NULL);
    h->hold = random_id("hld", h->now_ms, shard);
    args = (struct store_hold_args){.now_ms = h->now_ms, .case_id = h->case_id, .hold_id = span_of(h->hold.text),
                                    .authority = h->authority, .reference = h->reference, .until_ms = h->until_ms,
                                    .pseudonym = span_of(caller_of(ex)->pseudonym)};
    args.entry = entries_hold(ex, &(struct entries_hold){.hold_id = args.hold_id, .case_id = h->case_id,
                                                         .authority = h->authority, .reference = h->reference,
                                                         .until_ms = h->until_ms}, h->now_ms);
    if (!args.entry.ptr || !store_hold(api_of(ex)->store, &args, placed, h)) {
        api_answer_no_memory(ex);
    }
}

static void released(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct exchange *ex = arg;

    (void)result;
    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
        return;
    }
    exchange_reply(ex, 204);
}

void holds_release(struct exchange *ex)
{
    struct store_hold_release_args args = {.now_ms = loop_now_ms()};

    if (!api_id_param(ex, "id", "cas", &args.case_id) || !api_id_param(ex, "hold", "hld", &args.hold_id)) {
        return;
    }
    args.entry = entries_hold(ex, &(struct entries_hold){.hold_id = args.hold_id, .case_id = args.case_id}, args.now_ms);
    if (!args.entry.ptr || !store_hold_release(api_of(ex)->store, &args, released, ex)) {
        api_answer_no_memory(ex);
    }
}

static void listed(void *arg, enum store_outcome outcome, const struct store_holds *result)
{
    struct exchange *ex = arg;
    json_t *answer, *list;

    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
        return;
    }
    list = json_array();
    for (size_t i = 0; i < result->count; i++) {
        const struct store_hold *from = &result->holds[i];
        json_t *one = json_pack("{s:b}", "in_force", from->until_ms > loop_now_ms());

        api_set_span(one, "hold", from->id);
        api_set_span(one, "authority", from->authority);
        api_set_span(one, "reference", from->reference);
        api_set_span(one, "placed_by", from->pseudonym);
        api_set_time(one, "placed_at", from->placed_ms);
        api_set_time(one, "until", from->until_ms);
        (void)json_array_append_new(list, one);
    }
    answer = json_pack("{s:b, s:b, s:o}", "erased", result->erased, "erasure_asked", result->asked, "holds", list);
    api_set_span(answer, "case", http_request_param(exchange_request(ex), "id"));
    api_set_time(answer, "preserved_until", result->preserved_ms);
    api_set_time(answer, "erased_by", result->look_ms);
    api_answer_json(ex, 200, answer);
}

void holds_read(struct exchange *ex)
{
    struct store_id_args args;

    if (!api_id_param(ex, "id", "cas", &args.id)) {
        return;
    }
    if (!store_holds(api_of(ex)->store, &args, listed, ex)) {
        api_answer_no_memory(ex);
    }
}
