/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/intake.h"

#include "service/api/entries.h"
#include "service/runtime/random.h"

#include <errno.h>
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

int intake_prepare(struct exchange *ex, struct arena *arena, const struct report *report,
                   struct span body, const struct flag_history *history, struct span retry_key,
                   int64_t now_ms, struct intake *ret)
{
    struct api *api = api_of(ex);
    struct span partner = span_of(caller_of(ex)->name);
    unsigned shard = store_shard_of(api->store, partner, report->content.id);
    uint8_t *salt = arena_alloc(arena, COMMIT_KEY_LEN);
    struct api_verdict verdict;
    int r;

    *ret = (struct intake){0};
    if (!salt) {
        return -ENOMEM;
    }
    r = api_evaluate(api, report, history, now_ms, &verdict);
    if (r) {
        return r;
    }
    random_bytes(salt, COMMIT_KEY_LEN);
    ret->verdict = verdict.json;
    if (history) {                      /* a fact that the verdict rests on and nothing else keeps */
        (void)json_object_set_new(verdict.json, "history",
                                  json_pack("{s:I, s:I}", "reports", (json_int_t)history->reports, "reporters",
                                            (json_int_t)history->reporters));
    }
    ret->row = (struct store_submit_report){
        .partner = partner, .content_id = report->content.id,
        .report_id = copy_id(arena, "rpt", now_ms, shard), .case_id = copy_id(arena, "cas", now_ms, shard),
        .retry_key = retry_key, .body = body, .salt = {(const char *)salt, COMMIT_KEY_LEN},
        .verdict = dump(arena, verdict.json),
        .queue = arena_copy(arena, verdict.verdict->queue),
        .language = arena_copy(arena, span_of(report->content.language)), .severity = verdict.verdict->severity,
        .deadline_ms = verdict.verdict->due_ms, .needs_second = verdict.verdict->needs_second};
    if (!ret->row.report_id.ptr || !ret->row.case_id.ptr || !ret->row.verdict.ptr || !ret->row.queue.ptr ||
        !ret->row.language.ptr) {
        intake_done(ret);
        return -ENOMEM;
    }
    ret->row.entry_report = entries_report(ex, arena, report, body, ret->row.report_id.ptr, salt, now_ms);
    ret->row.entry_verdict =
        entries_verdict(ex, arena, ret->row.report_id.ptr, verdict.verdict, verdict.hits, history, now_ms);
    if (!ret->row.entry_report.ptr || !ret->row.entry_verdict.ptr) {
        intake_done(ret);
        return -ENOMEM;
    }
    return 0;
}

void intake_done(struct intake *intake)
{
    json_decref(intake->verdict);
    intake->verdict = NULL;
}

json_t *intake_answer(const struct store_submitted_report *stored, json_t *verdict)
{
    json_t *answer = json_object();

    api_set_span(answer, "report", stored->report_id);
    api_set_span(answer, "case", stored->case_id);
    (void)json_object_set_new(answer, "joined", json_boolean(stored->joined));
    api_set_span(answer, "queue", stored->queue);
    (void)json_object_set_new(answer, "severity", json_integer(stored->severity));
    api_set_time(answer, "deadline", stored->deadline_ms);
    (void)json_object_set_new(answer, "durable", json_string("local"));
    (void)json_object_set_new(answer, "log_index", json_integer(stored->report_index));
    (void)json_object_set(answer, "verdict", verdict ? verdict : json_null());
    return answer;
}
