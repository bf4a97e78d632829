/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/partner_notice.h"

#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "lib/rights/notice.h"
#include "service/api/case_token.h"

#include <errno.h>
#include <stdlib.h>

/* Members of the record that only reviewers and auditors see. */
static const char *const kept_back[] = {"reviewer_pid", "second_pid", "second"};

/* By what the user knows the item: its address, else the platform's own id. */
static const char *item_of(struct exchange *ex, const struct store_case *from)
{
    const char *item = api_text(ex, from->content_id);

    for (size_t i = 0; i < from->reports_len; i++) {
        json_t *body = api_stored_json(from->reports[i].body);
        struct span url = json_span(json_object_get(json_object_get(body, "content"), "url"));

        if (url.len) {
            item = api_text(ex, url);
        }
        json_decref(body);
        if (url.len) {
            break;
        }
    }
    return item;
}

static bool is_restriction(const json_t *record)
{
    int outcome = word_index(outcome_words, OUTCOME_COUNT, json_span(json_object_get(record, "outcome")));

    return outcome >= 0 && outcome_is_restriction((enum outcome)outcome);
}

/* When the user may be told; 0: now. */
static int64_t withheld_until(const struct notice_input *input)
{
    struct span text = json_span(json_object_get(json_object_get(input->record, "notice"), "withheld_until"));
    int64_t until = 0;

    return (clock_read(text, &until) || clock_read_date(text, &until)) && until > input->now_ms ? until : 0;
}

/* When the state behind it may be named; 0: now, or there is none. */
static int64_t undisclosed_until(const struct notice_input *input)
{
    const json_t *disclosure = json_object_get(input->state_actor, "disclosure");
    int64_t until = 0;

    return clock_read(json_span(json_object_get(disclosure, "prohibited_until")), &until) && until > input->now_ms ? until
                                                                                                                   : 0;
}

/* What both letters of a decision are made with. */
struct letters {
    struct exchange *ex;
    json_t *notice;
    const struct keyring *ring;
    struct span partner, decision;
    struct faults *faults;
};

/* Who has no account contests with the token of the letter. */
static void add_token(const struct letters *letters, json_t *letter, enum case_party party)
{
    char token[CASE_TOKEN_LEN + 1];

    if (case_token_make(letters->ring, letters->partner, letters->decision, party, token)) {
        (void)json_object_set_new(letter, "case_token", json_string(token));
    }
}

/* The letter to the user of a restriction, or of its reversal: 0, FAULT or -ENOMEM; *ret NULL: none is owed. */
static int user_letter(json_t **ret, const struct letters *letters, const struct notice_input *input)
{
    int r = 0;

    *ret = NULL;
    if (json_object_get(input->record, "full_due_at")) {
        return 0;               /* it comes with the full record: nothing is known yet that could be said */
    }
    if (is_restriction(input->record)) {
        r = notice_user(ret, input, letters->faults);
    } else if (json_object_get(input->record, "remedy")) {
        r = notice_reversal(ret, input);
    }
    if (r == 0 && *ret) {
        add_token(letters, *ret, PARTY_USER);
    }
    return r;
}

/* The user's letter as it may be sent at `due_ms`, with what leads to its case. */
static int hold_letter(const struct letters *letters, struct notice_input input, int64_t due_ms, struct store_held *ret)
{
    static const char *const common[] = {"decision", "case", "content_id", "reports", "outcome"};
    struct arena *arena = exchange_arena(letters->ex);
    json_t *letter = NULL, *held = json_object();
    char *text = NULL;
    int r;

    input.now_ms = due_ms;
    r = user_letter(&letter, letters, &input);
    for (size_t i = 0; i < COUNT_OF(common); i++) {
        (void)json_object_set(held, common[i], json_object_get(letters->notice, common[i]));
    }
    if (letter) {
        (void)json_object_set_new(held, "user_notice", letter);
        text = json_dumps(held, JSON_COMPACT);
        *ret = (struct store_held){due_ms, text ? arena_copy(arena, span_of(text)) : (struct span){NULL, 0}};
        r = ret->notice.ptr ? 0 : -ENOMEM;
    }
    free(text);
    json_decref(held);
    return r;
}

/* The letter to the user, now or when the law allows it. */
static int add_user_letter(const struct letters *letters, const struct notice_input *input,
                           struct store_held held[STORE_HELD_MAX])
{
    int64_t withheld = withheld_until(input), undisclosed = undisclosed_until(input);
    json_t *letter = NULL;
    int r;

    if (withheld) {
        r = hold_letter(letters, *input, withheld, &held[0]);
        api_set_time(letters->notice, "user_notice_withheld_until", held[0].due_ms);
    } else {
        r = user_letter(&letter, letters, input);
        if (letter) {
            (void)json_object_set_new(letters->notice, "user_notice", letter);
        }
    }
    return r == 0 && undisclosed > withheld ? hold_letter(letters, *input, undisclosed, &held[1]) : r;
}

/* Adds the letters: 0, FAULT or -ENOMEM. */
static int add_letters(const struct letters *letters, const struct notice_input *input,
                       struct store_held held[STORE_HELD_MAX])
{
    json_t *letter = NULL;
    int r = add_user_letter(letters, input, held);

    r = r ? r : notice_reporter(&letter, input, letters->faults);
    if (r == 0) {
        add_token(letters, letter, PARTY_REPORTER);
        (void)json_object_set_new(letters->notice, "reporter_notice", letter);
    }
    return r;
}

static json_t *shown_record(const json_t *record)
{
    /* jansson copies from a non-const object and does not change it. */
    json_t *shown = json_copy((json_t *)(uintptr_t)record);

    for (size_t i = 0; i < COUNT_OF(kept_back); i++) {
        (void)json_object_del(shown, kept_back[i]);
    }
    return shown;
}

struct span partner_notice(struct exchange *ex, const struct store_case *from, const char *decision_id,
                           const json_t *record, const struct policy *policy, struct store_held held[STORE_HELD_MAX],
                           struct faults *faults)
{
    struct notice_input input = {
        .record = record, .policy = policy, .item = item_of(ex, from),
        .state_actor = json_object_get(json_object_get(record, "origin"), "state_actor"),
        .now_ms = loop_now_ms()};
    struct keyring *ring = slot_take(&api_of(ex)->app->keyring);
    json_t *notice = json_object(), *reports = json_array();
    struct letters letters = {.ex = ex, .notice = notice, .ring = ring, .partner = from->partner,
                              .decision = span_of(decision_id), .faults = faults};
    struct span done = {NULL, 0};
    char *text = NULL;

    for (size_t i = 0; i < from->reports_len; i++) {
        (void)json_array_append_new(reports, json_stringn(from->reports[i].id.ptr, from->reports[i].id.len));
    }
    (void)json_object_set_new(notice, "decision", json_string(decision_id));
    api_set_span(notice, "case", from->id);
    api_set_span(notice, "content_id", from->content_id);
    (void)json_object_set_new(notice, "reports", reports);
    (void)json_object_set(notice, "outcome", json_object_get(record, "outcome"));
    (void)json_object_set_new(notice, "justification", shown_record(record));
    if (json_object_get(record, "full_due_at")) {
        (void)json_object_set(notice, "user_notice_due_at", json_object_get(record, "full_due_at"));
    }
    if (json_object_get(record, "remedy")) {
        (void)json_object_set(notice, "remedy", json_object_get(record, "remedy"));
    }
    if (add_letters(&letters, &input, held) == 0) {
        text = json_dumps(notice, JSON_COMPACT);
    }
    json_decref(notice);
    (void)keyring_unref(ring);
    if (text) {
        done = arena_copy(exchange_arena(ex), span_of(text));
    }
    free(text);
    return done;
}
