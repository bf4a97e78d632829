/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/reports with one JSON report; NDJSON goes to batch.c. GET /v1/reports/{id} is in cases.c. */
#include "lib/base/buf.h"
#include "service/api/batch.h"
#include "service/api/intake.h"
#include "service/runtime/metrics.h"

#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MAX = 4 << 20 };

/* Between the first call to the store and the answer. */
struct submission {
    struct exchange *ex;
    struct report *report;
    struct store_retry retry;
    struct store_submit_report row;
    unsigned tries;                     /* judged again because of other reports on the same content */
    int64_t now_ms;
};

static void submission_free(void *arg)
{
    struct submission *s = arg;

    (void)report_free(s->report);
    free(s);
}

/* `verdict`: JSON text as the store has it, or empty. */
static void answer(struct submission *s, const struct store_submitted_report *stored, struct span verdict)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(ANSWER_MAX);
    struct exchange *ex = s->ex;
    char location[64];

    (void)snprintf(location, sizeof(location), "/v1/reports/%.*s", (int)stored->report_id.len,
                   stored->report_id.ptr);
    (void)exchange_header_text(ex, "Location", location);
    if (stored->outcome == STORE_AGAIN) {
        (void)exchange_header_text(ex, "Idempotency-Replayed", "true");
    }
    metrics_add(METRIC_REPORTS, stored->outcome == STORE_AGAIN ? REPORT_REPEATED : REPORT_ACCEPTED, 1);
    if (out) {
        (void)buf_add_char(out, '{');
        (void)intake_answer(out, stored);
        (void)buf_add_text(out, ",\"verdict\":");
        (void)buf_add_span(out, verdict.len ? verdict : SPAN("null"));
        (void)buf_add_char(out, '}');
    }
    if (!out || buf_status(out)) {
        api_answer_no_memory(ex);
        return;
    }
    exchange_reply_bytes(ex, 202, "application/json", buf_span(out));
}

/* A repeated request gets the first answer again: with the verdict that was stored then. */
struct repeat {
    struct submission *submission;
    struct store_submitted_report stored;
};

static void stored_verdict_read(void *arg, enum store_outcome outcome, const struct store_report *report)
{
    struct repeat *repeat = arg;
    struct submission *s = repeat->submission;

    if (outcome != STORE_OK) {
        api_answer_store(s->ex, outcome);
    } else {
        answer(s, &repeat->stored, report->verdict);
    }
}

static void answer_repeat(struct submission *s, const struct store_submitted_report *stored)
{
    struct api *api = api_of(s->ex);
    struct repeat *repeat = arena_alloc(exchange_arena(s->ex), sizeof(*repeat));

    if (!repeat) {
        api_answer_no_memory(s->ex);
        return;
    }
    *repeat = (struct repeat){.submission = s, .stored = *stored};
    repeat->stored.report_id = span_of(api_text(s->ex, stored->report_id));
    repeat->stored.case_id = span_of(api_text(s->ex, stored->case_id));
    repeat->stored.queue = span_of(api_text(s->ex, stored->queue));
    if (!store_report_get(api->store, &(struct store_id_args){.id = repeat->stored.report_id},
                          stored_verdict_read, repeat)) {
        api_answer_no_memory(s->ex);
    }
}

static void submit(struct submission *s, const struct flag_history *history);

static void submitted(void *arg, enum store_outcome outcome, const struct store_submitted *result)
{
    struct submission *s = arg;
    const struct store_submitted_report *stored = outcome == STORE_OK ? &result->reports[0] : NULL;

    if (stored && stored->outcome == STORE_OK) {
        app_wake(api_of(s->ex)->app);
        answer(s, stored, s->row.verdict);
    } else if (stored && stored->outcome == STORE_AGAIN) {
        answer_repeat(s, stored);
    } else if (stored && stored->outcome == STORE_STALE && s->tries++ < INTAKE_TRIES_MAX) {
        submit(s, &(struct flag_history){stored->reports, stored->reporters, stored->since_ms});
    } else {
        enum store_outcome said = stored ? stored->outcome : outcome;

        metrics_add(METRIC_REPORTS, said == STORE_MISMATCH ? REPORT_REFUSED : REPORT_UNAVAILABLE, 1);
        api_answer_store(s->ex, said == STORE_STALE ? STORE_BUSY : said);
    }
}

/* Most content is new, so the first try judges it as that; one call is then all. */
static void submit(struct submission *s, const struct flag_history *history)
{
    struct exchange *ex = s->ex;
    struct api *api = api_of(ex);

    if (!api_refresh(api) ||
        intake_prepare(ex, exchange_arena(ex), s->report, exchange_request(ex)->body, history,
                       s->retry.key, s->now_ms, &s->row) != 0 ||
        !store_submit(api->store,
                      &(struct store_submit_args){.now_ms = s->now_ms, .reports = &s->row, .count = 1},
                      submitted, s)) {
        api_answer_no_memory(ex);
    }
}

static void create_one(struct exchange *ex)
{
    json_t *body = api_body(ex);
    struct submission *s;
    struct faults faults = {0};
    int r;

    if (!body) {
        metrics_add(METRIC_REPORTS, REPORT_REFUSED, 1);
        return;
    }
    s = calloc(1, sizeof(*s));
    if (!s) {
        api_answer_no_memory(ex);
        return;
    }
    *s = (struct submission){.ex = ex, .now_ms = exchange_request(ex)->received_ms};
    exchange_defer(ex, submission_free, s);
    if (!api_retry(ex, true, &s->retry)) {
        metrics_add(METRIC_REPORTS, REPORT_REFUSED, 1);
        return;
    }
    r = report_read(&s->report, body, s->now_ms, &faults);
    if (r == FAULT) {
        metrics_add(METRIC_REPORTS, REPORT_REFUSED, 1);
        api_answer_faults(ex, &faults);
        return;
    }
    if (r < 0) {
        api_answer_no_memory(ex);
        return;
    }
    submit(s, &(struct flag_history){0});
}

void reports_create(struct exchange *ex)
{
    struct span type = http_request_header(exchange_request(ex), "content-type");

    if (span_equal_nocase(span_trim(span_cut(&type, ';')), SPAN("application/x-ndjson"))) {
        batch_create(ex);
    } else {
        create_one(ex);
    }
}
