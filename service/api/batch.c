/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/batch.h"

#include "lib/base/buf.h"
#include "lib/json/read.h"
#include "lib/rights/justification.h"
#include "service/api/intake.h"
#include "service/runtime/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Two calls of 100 keep Redis busy while the next hundred is judged; one such call costs one fsync
 * and blocks others for about 2 ms, so more in a call would hurt single reports. */
enum { GROUP_MAX = STORE_SUBMIT_MAX, GROUPS_IN_FLIGHT = 2, ARENA_MAX = 32 << 20, LINE_RESULT_MAX = 64 << 10 };

struct line {
    struct span bytes;
    char *result;                       /* heap JSON text; NULL for a blank line */
};

struct batch {
    struct exchange *ex;
    struct store_retry retry;
    struct line *lines;
    size_t count, next;                 /* next: first line not yet looked at */
    unsigned in_flight;
    int64_t now_ms;
    bool failed;                        /* out of memory: the whole request is answered 503 */
};

/* Up to GROUP_MAX reports of one call. */
struct group {
    struct batch *batch;
    struct arena *arena;
    struct report *reports[GROUP_MAX];
    size_t lines[GROUP_MAX];
    struct store_submit_report rows[GROUP_MAX];
    bool known[GROUP_MAX];              /* the store knows this reporter on this content */
    size_t count;
    unsigned tries;                     /* judged again because of other reports on the same content */
};

static void batch_free(void *arg)
{
    struct batch *batch = arg;

    for (size_t i = 0; i < batch->count; i++) {
        free(batch->lines[i].result);
    }
    free(batch->lines);
    free(batch);
}

static void group_free(struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        (void)report_free(group->reports[i]);
    }
    (void)arena_free(group->arena);
    free(group);
}

/* Takes `result`. */
static void set_result(struct batch *batch, size_t line, json_t *result)
{
    batch->lines[line].result = json_dumps(result, JSON_COMPACT);
    if (!batch->lines[line].result) {
        batch->failed = true;
    }
    json_decref(result);
}

static void set_problem(struct batch *batch, size_t line, int status, const char *code, const char *detail,
                        const struct faults *faults)
{
    json_t *result = json_pack("{s:i, s:i, s:s, s:s}", "line", (int)line + 1, "status", status, "code", code,
                               "detail", detail);
    json_t *errors = json_array();

    for (size_t i = 0; faults && i < faults->count; i++) {
        (void)json_array_append_new(errors, json_pack("{s:s, s:s, s:s}", "pointer", faults->list[i].place,
                                                      "code", faults->list[i].code, "detail",
                                                      faults->list[i].text));
    }
    if (json_array_size(errors)) {
        (void)json_object_set(result, "errors", errors);
    }
    json_decref(errors);
    metrics_add(METRIC_REPORTS, status >= 500 ? REPORT_UNAVAILABLE : REPORT_REFUSED, 1);
    set_result(batch, line, result);
}

static void set_stored(struct batch *batch, size_t line, const struct store_submitted_report *stored)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(LINE_RESULT_MAX);

    metrics_add(METRIC_REPORTS, stored->outcome == STORE_AGAIN ? REPORT_REPEATED : REPORT_ACCEPTED, 1);
    if (out) {
        (void)buf_add_char(out, '{');
        (void)intake_answer(out, stored);
        (void)buf_add_format(out, ",\"line\":%zu,\"status\":202}", line + 1);
        batch->lines[line].result = buf_status(out) ? NULL : strndup(out->data, out->len);
    }
    batch->failed = batch->failed || !batch->lines[line].result;
}

static void set_outcome(struct batch *batch, size_t line, enum store_outcome outcome)
{
    switch (outcome) {
    case STORE_MISMATCH:
        set_problem(batch, line, 422, "IDEMPOTENCY_MISMATCH",
                    "this Idempotency-Key and line came before with another report", NULL);
        break;
    case STORE_BUSY:
        set_problem(batch, line, 503, "STORE_BUSY", "not stored; repeat this line", NULL);
        break;
    default:
        set_problem(batch, line, 503, "STORE_UNKNOWN",
                    "it may have been stored; repeat the request with the same Idempotency-Key", NULL);
        break;
    }
}

static void answer(struct batch *batch)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(64 << 20);

    for (size_t i = 0; out && i < batch->count; i++) {
        if (batch->lines[i].result) {
            (void)buf_add_text(out, batch->lines[i].result);
            (void)buf_add_char(out, '\n');
        }
    }
    if (!out || buf_status(out) || batch->failed) {
        api_answer_no_memory(batch->ex);
        return;
    }
    exchange_reply_bytes(batch->ex, 200, "application/x-ndjson", buf_span(out));
}

static void go_on(struct batch *batch);
static struct span line_key(struct batch *batch, struct arena *arena, size_t line);
static void submitted(void *arg, enum store_outcome outcome, const struct store_submitted *result);

/* Whether row `k` comes from somebody whom neither the store nor an earlier row on the same content knows. */
static bool is_new_reporter(const struct group *group, size_t k)
{
    for (size_t j = 0; j < k; j++) {
        if (span_equal(group->reports[j]->content.id, group->reports[k]->content.id) &&
            span_equal(group->rows[j].reporter, group->rows[k].reporter)) {
            return false;
        }
    }
    return !group->known[k];
}

/* Judges row `i` beside `found` reports and those on the same content that stand before it in its group. */
static int judge(struct group *group, size_t i, struct flag_history found)
{
    struct batch *batch = group->batch;
    size_t line = group->lines[i];

    for (size_t k = 0; k < i && api_of(batch->ex)->rules_use_history; k++) {
        if (span_equal(group->reports[k]->content.id, group->reports[i]->content.id)) {
            found.reports++;
            found.reporters += found.reporters < STORE_REPORTERS_MAX && is_new_reporter(group, k);
            found.since_ms = found.since_ms ? found.since_ms : batch->now_ms;
        }
    }
    return intake_prepare(batch->ex, group->arena, group->reports[i], batch->lines[line].bytes, &found,
                          line_key(batch, group->arena, line), batch->now_ms, &group->rows[i]);
}

static bool send(struct group *group)
{
    struct batch *batch = group->batch;

    if (!store_submit(api_of(batch->ex)->store,
                      &(struct store_submit_args){
                          .now_ms = batch->now_ms, .reports = group->rows, .count = group->count},
                      submitted, group)) {
        batch->failed = true;
        group_free(group);
        return false;
    }
    batch->in_flight++;
    return true;
}

/* Judges what is left in the group again, each beside what the store found for it. */
static bool send_again(struct group *group, const struct flag_history found[])
{
    arena_reset(group->arena);
    for (size_t i = 0; i < group->count; i++) {
        if (judge(group, i, found[i]) != 0) {
            group->batch->failed = true;
            group_free(group);
            return false;
        }
    }
    return send(group);
}

static void submitted(void *arg, enum store_outcome outcome, const struct store_submitted *result)
{
    struct group *group = arg;
    struct batch *batch = group->batch;
    struct flag_history found[GROUP_MAX];
    size_t left = 0;
    bool stored = false;

    for (size_t i = 0; i < group->count; i++) {
        const struct store_submitted_report *one = outcome == STORE_OK ? &result->reports[i] : NULL;

        if (one && (one->outcome == STORE_OK || one->outcome == STORE_AGAIN)) {
            set_stored(batch, group->lines[i], one);
            stored = true;
        } else if (one && one->outcome == STORE_STALE && group->tries < INTAKE_TRIES_MAX) {
            struct report *report = group->reports[i];

            group->reports[i] = group->reports[left];
            group->reports[left] = report;
            group->lines[left] = group->lines[i];
            group->known[left] = one->known;
            found[left++] = (struct flag_history){one->reports, one->reporters, one->since_ms};
        } else {
            enum store_outcome said = one ? one->outcome : outcome;

            set_outcome(batch, group->lines[i], said == STORE_STALE ? STORE_BUSY : said);
        }
    }
    batch->in_flight--;
    while (group->count > left) {
        group->count--;
        group->reports[group->count] = report_free(group->reports[group->count]);
    }
    group->tries++;
    if (left == 0) {
        group_free(group);
    } else {
        (void)send_again(group, found);
    }
    if (stored) {
        app_wake(api_of(batch->ex)->app);
    }
    go_on(batch);
}

static struct span line_key(struct batch *batch, struct arena *arena, size_t line)
{
    char key[240];
    int len = snprintf(key, sizeof(key), "%.*s#%zu", (int)batch->retry.key.len, batch->retry.key.ptr, line + 1);

    return arena_copy(arena, (struct span){key, (size_t)len});
}

/* Reads one line into the group: 0, FAULT (its result is set) or -ENOMEM. */
static int read_line(struct batch *batch, struct group *group, size_t line)
{
    CLEANUP(json_freep) json_t *json = NULL;
    struct report *report = NULL;
    struct faults faults = {0};
    struct fault why;
    int r = json_read(&json, batch->lines[line].bytes, &json_read_limits_default, &why);

    if (r == FAULT) {
        set_problem(batch, line, 400, why.code, why.text, NULL);
        return FAULT;
    }
    r = r ? r : report_read(&report, json, batch->now_ms, &faults);
    if (r == FAULT) {
        set_problem(batch, line, justification_status(&faults), faults.list[0].code,
                    faults.count == 1 ? faults.list[0].text : "several fields are wrong; see errors", &faults);
        return FAULT;
    }
    if (r) {
        return r;
    }
    group->reports[group->count] = report;
    group->lines[group->count] = line;
    r = judge(group, group->count, (struct flag_history){0});
    if (r) {
        group->reports[group->count] = report_free(report);
        return r;
    }
    group->count++;
    return 0;
}

/* The shard of the group's reports; a call goes to one shard. */
static bool same_shard(const struct group *group)
{
    unsigned first = 0, last = 0;

    (void)id_read(group->rows[0].report_id, "rpt", &first, NULL);
    (void)id_read(group->rows[group->count - 1].report_id, "rpt", &last, NULL);
    return first == last;
}

/* Judges the next lines and sends them as one call. */
static void send_group(struct batch *batch)
{
    struct group *group = calloc(1, sizeof(*group));

    if (!group || !(group->arena = arena_new(ARENA_MAX))) {
        free(group);
        batch->failed = true;
        return;
    }
    group->batch = batch;
    while (batch->next < batch->count && group->count < GROUP_MAX) {
        size_t line = batch->next;

        if (batch->lines[line].bytes.len && read_line(batch, group, line) < 0) {
            set_problem(batch, line, 503, "NO_MEMORY", "out of memory; repeat this line", NULL);
        }
        if (group->count > 1 && !same_shard(group)) {
            group->count--;
            group->reports[group->count] = report_free(group->reports[group->count]);
            break;
        }
        batch->next++;
    }
    if (group->count == 0) {
        group_free(group);
        return;
    }
    (void)send(group);
}

static void go_on(struct batch *batch)
{
    while (!batch->failed && batch->in_flight < GROUPS_IN_FLIGHT && batch->next < batch->count) {
        send_group(batch);
    }
    if (batch->in_flight == 0) {
        answer(batch);
    }
}

/* Cuts the body; false when a 4xx was answered. */
static bool cut_lines(struct exchange *ex, struct batch *batch, int64_t max_lines)
{
    struct span rest = exchange_request(ex)->body;
    char detail[100];

    batch->lines = calloc((size_t)max_lines + 1, sizeof(*batch->lines));
    if (!batch->lines) {
        api_answer_no_memory(ex);
        return false;
    }
    while (rest.ptr && rest.len) {
        struct span line = span_cut(&rest, '\n');

        if (line.len && line.ptr[line.len - 1] == '\r') {
            line.len--;
        }
        if (batch->count == (size_t)max_lines) {
            (void)snprintf(detail, sizeof(detail), "more than %lld lines; send them in several requests",
                           (long long)max_lines);
            exchange_problem(ex, 413, "TOO_MANY_LINES", detail, NULL);
            return false;
        }
        batch->lines[batch->count++].bytes = span_trim(line);
    }
    if (batch->count == 0) {
        exchange_problem(ex, 400, "BODY_EMPTY", "send one report a line", NULL);
        return false;
    }
    return true;
}

void batch_create(struct exchange *ex)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    struct settings *settings = slot_take(&api_of(ex)->app->settings);
    int64_t max_lines = settings->batch_max_lines;

    (void)settings_unref(settings);
    if (!batch) {
        api_answer_no_memory(ex);
        return;
    }
    batch->ex = ex;
    batch->now_ms = exchange_request(ex)->received_ms;
    exchange_defer(ex, batch_free, batch);
    if (!api_retry(ex, true, &batch->retry) || !cut_lines(ex, batch, max_lines)) {
        return;
    }
    if (!api_refresh(api_of(ex))) {
        api_answer_no_memory(ex);
        return;
    }
    go_on(batch);
}
