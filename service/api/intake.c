/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/intake.h"

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/rights/taxonomy.h"
#include "service/api/entries.h"
#include "service/api/features.h"
#include "service/runtime/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Compact JSON in the arena. */
static struct span dump(struct arena *arena, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    struct span copy = text ? arena_copy(arena, span_of(text)) : (struct span){NULL, 0};

    free(text);
    return copy;
}

static struct span copy_id(struct arena *arena, const char kind[4], int64_t now_ms, unsigned shard)
{
    struct id id = random_id(kind, now_ms, shard);

    return arena_copy(arena, span_of(id.text));
}

struct span intake_person(struct arena *arena, const uint8_t key[PSEUDONYM_KEY_LEN], const char *role, struct span name)
{
    char scope[REPORT_MAX_PERSON + 16], pseudonym[PSEUDONYM_HEX_LEN + 1];

    if (!name.len) {
        return (struct span){"", 0};
    }
    (void)snprintf(scope, sizeof(scope), "%s:%.*s", role, (int)name.len, name.ptr);
    pseudonym_make(key, span_of(scope), pseudonym);
    return arena_copy(arena, span_of(pseudonym));
}

/* A fact that the verdict rests on and nothing else keeps. */
static json_t *history_json(const struct flag_history *history)
{
    json_t *json = json_pack("{s:I, s:I}", "reports", (json_int_t)history->reports, "reporters",
                             (json_int_t)history->reporters);

    api_set_time(json, "since", history->since_ms);
    return json;
}

int intake_prepare(struct exchange *ex, struct arena *arena, const struct report *report,
                   struct span body, const struct flag_history *history, struct span retry_key,
                   int64_t now_ms, struct store_submit_report *ret)
{
    struct api *api = api_of(ex);
    struct span partner = span_of(caller_of(ex)->name);
    unsigned shard = store_shard_of(api->store, partner, report->content.id);
    uint8_t *salt = arena_alloc(arena, COMMIT_KEY_LEN);
    bool used = api->rules_use_history;
    struct api_verdict verdict;
    int r;

    *ret = (struct store_submit_report){0};
    if (!salt) {
        return -ENOMEM;
    }
    r = api_evaluate(api, report, history, now_ms, &verdict);
    if (r) {
        return r;
    }
    random_bytes(salt, COMMIT_KEY_LEN);
    if (used) {
        (void)json_object_set_new(verdict.json, "history", history_json(history));
    }
    *ret = (struct store_submit_report){
        .partner = partner, .content_id = report->content.id,
        .report_id = copy_id(arena, "rpt", now_ms, shard), .case_id = copy_id(arena, "cas", now_ms, shard),
        .retry_key = retry_key, .body = body, .salt = {(const char *)salt, COMMIT_KEY_LEN},
        .verdict = dump(arena, verdict.json),
        .queue = arena_copy(arena, verdict.verdict->queue),
        .language = arena_copy(arena, span_of(report->content.language)), .severity = verdict.verdict->severity,
        .deadline_ms = verdict.verdict->due_ms, .needs_second = verdict.verdict->needs_second,
        .harm = span_of(harm_words[report->category]), .history_used = used,
        .history_reports = history->reports, .history_reporters = history->reporters,
        .reporter = intake_person(arena, caller_of(ex)->pseudonym_key, "reporter", report->origin.reporter),
        .author = intake_person(arena, caller_of(ex)->pseudonym_key, "author", report->content.author)};
    json_decref(verdict.json);
    if (!ret->report_id.ptr || !ret->case_id.ptr || !ret->verdict.ptr || !ret->queue.ptr || !ret->language.ptr ||
        !ret->reporter.ptr || !ret->author.ptr) {
        return -ENOMEM;
    }
    r = features_of(arena, &report->content, &ret->features, &ret->pictures);
    r = r ? r : features_cited(arena, snapshot_matches(api->snapshot), verdict.hits, &ret->cited);
    if (r) {
        return r;
    }
    ret->entry_report = entries_report(ex, arena, report, body, ret->report_id.ptr, salt, now_ms);
    ret->entry_verdict =
        entries_verdict(ex, arena, ret->report_id.ptr, verdict.verdict, verdict.hits, used ? history : NULL, now_ms);
    return ret->entry_report.ptr && ret->entry_verdict.ptr ? 0 : -ENOMEM;
}

static void add_word(struct buf *out, const char *name, struct span value)
{
    (void)buf_add_text(out, name);
    (void)buf_add_span(out, value);
    (void)buf_add_char(out, '"');
}

int intake_answer(struct buf *out, const struct store_submitted_report *stored)
{
    char deadline[CLOCK_TEXT_LEN + 1];

    add_word(out, "\"report\":\"", stored->report_id);
    add_word(out, ",\"case\":\"", stored->case_id);
    (void)buf_add_text(out, stored->joined ? ",\"joined\":true" : ",\"joined\":false");
    add_word(out, ",\"queue\":\"", stored->queue);
    (void)buf_add_text(out, ",\"severity\":");
    (void)buf_add_int(out, stored->severity);
    if (stored->deadline_ms > 0 && stored->deadline_ms <= CLOCK_MAX_MS) {
        clock_text(stored->deadline_ms, deadline);
        add_word(out, ",\"deadline\":\"", span_of(deadline));
    }
    (void)buf_add_text(out, ",\"durable\":\"local\",\"log_index\":");
    return buf_add_int(out, stored->report_index);
}
