/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/backtest_store.h"

#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "service/runtime/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { PAGE = 25, REST_MAX_MS = 100 };

struct reading {
    const struct backtest_reading *from;
    struct backtest *test;
    struct hits *hits;
    json_t *seen;                   /* ids: new reports push the pages on */
    size_t taken;
};

/* Zeros are exact where no case was open; otherwise what the verdict kept, which it does only while a
 * rule asks for it. */
static void read_history(struct backtest_report *one, const struct store_report *row, const json_t *verdict)
{
    const json_t *history = json_object_get(verdict, "history");

    one->history_reports = json_integer_value(json_object_get(history, "reports"));
    one->history_reporters = json_integer_value(json_object_get(history, "reporters"));
    (void)clock_read(json_span(json_object_get(history, "since")), &one->history_since_ms);
    one->history_unknown = !history && row->joined;
}

static int add(struct reading *reading, const struct store_report *row)
{
    CLEANUP(json_freep) json_t *body = NULL;
    CLEANUP(json_freep) json_t *verdict = NULL;
    CLEANUP(report_freep) struct report *report = NULL;
    struct backtest_report one = {.report_id = row->id, .case_id = row->case_id, .hits = reading->hits,
                                  .now_ms = row->received_ms};
    struct faults faults = {0};
    struct fault why;
    int r;

    if (row->erased || row->body.len == 0) {
        backtest_skip(reading->test, "erased");
        return 0;
    }
    r = json_read(&body, row->body, &json_read_limits_default, &why);
    r = r ? r : json_read(&verdict, row->verdict, &json_read_limits_default, &why);
    r = r ? r : report_read(&report, body, row->received_ms, &faults);
    if (r == FAULT) {
        backtest_skip(reading->test, "unreadable");
        return 0;
    }
    if (r < 0) {
        return r;
    }
    one.report = report;
    backtest_hits(reading->hits, verdict);
    read_history(&one, row, verdict);
    return backtest_add(reading->test, &one);
}

static bool seen_before(struct reading *reading, struct span id)
{
    if (json_object_getn(reading->seen, id.ptr, id.len)) {
        return true;
    }
    (void)json_object_setn_new(reading->seen, id.ptr, id.len, json_true());
    return false;
}

/* 0, or -ENOMEM, or why it ends here. */
static int add_page(struct reading *reading, const struct store_reports *page, size_t limit)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < page->count && reading->taken < limit; i++) {
        if (!seen_before(reading, page->reports[i].id)) {
            reading->taken++;
            r = add(reading, &page->reports[i]);
        }
        if (reading->from->cancel && atomic_load(reading->from->cancel)) {
            return BACKTEST_CANCELLED;
        }
        if (loop_steady_ms() > reading->from->deadline_ms) {
            return BACKTEST_DEADLINE;
        }
    }
    return r;
}

static void rest(int64_t ms)
{
    struct timespec pause = {.tv_nsec = (ms < 1 ? 1 : ms > REST_MAX_MS ? REST_MAX_MS : ms) * 1000000};

    (void)nanosleep(&pause, NULL);
}

/* Up to `limit` reports in all are taken when it is done. */
static int read_shard(struct reading *reading, unsigned shard, size_t limit)
{
    struct store_recent_args args = {.shard = shard, .limit = PAGE};
    struct store_reports page = {0};
    int r = 0;

    for (page.next = 0; r == 0 && page.next >= 0 && reading->taken < limit;) {
        int64_t start = loop_steady_ms();

        args.from = page.next;
        if (store_sync_recent(reading->from->store, &args, &page) != STORE_OK) {
            return BACKTEST_STORE;
        }
        r = add_page(reading, &page, limit);
        rest(loop_steady_ms() - start);
    }
    return r;
}

int backtest_read_store(struct backtest *test, const struct backtest_reading *from)
{
    struct reading reading = {.from = from, .test = test, .hits = calloc(1, sizeof(struct hits)),
                              .seen = json_object()};
    size_t share = (from->limit + from->shards - 1) / from->shards;
    int r = reading.hits && reading.seen ? 0 : -ENOMEM;

    for (unsigned shard = 0; r == 0 && shard < from->shards; shard++) {
        size_t until = reading.taken + share;

        r = read_shard(&reading, shard, until < from->limit ? until : from->limit);
    }
    free(reading.hits);
    json_decref(reading.seen);
    return r;
}
