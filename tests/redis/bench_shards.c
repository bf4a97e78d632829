/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durable reports a second through the store's asynchronous side, spread over its shards: one event loop, CALLS calls
 * of BATCH reports of 1 KB in flight for each shard. The servers are those of the URL and are cleared first.
 *     bench_shards URL SHARDS CALLS BATCH SECONDS        prints: reports/s, us of this process's CPU a report
 * tests/bench/bench_shards.py runs it beside itself.
 */
#include "service/store/keys.h"
#include "service/store/sync.h"
#include "tests/redis/loop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { BATCH_MAX = 100, SHARDS_MAX = 64, NAME_SIZE = 32 };

struct flow {
    struct store *store;
    unsigned shards;
    size_t batch, open, done, next;
    int64_t end_ms;
    uint64_t ids;
};

struct call {
    struct flow *flow;
    unsigned shard;
};

static char body[1025], entry[600], verdict[400];

static struct id make_id(struct flow *flow, const char kind[4], unsigned shard)
{
    uint8_t random[ID_RANDOM_LEN] = {0};

    flow->ids++;
    for (int i = 0; i < 6; i++) {
        random[ID_RANDOM_LEN - 1 - i] = (uint8_t)(flow->ids >> (8 * i));
    }
    return id_make(kind, BED_NOW, shard, random);
}

/* The next content that belongs to this shard. */
static void make_name(struct flow *flow, unsigned shard, char into[NAME_SIZE])
{
    do {
        (void)snprintf(into, NAME_SIZE, "post-%zu", flow->next++);
    } while (key_shard(SPAN("acme"), span_of(into), flow->shards) != shard);
}

static void make(struct flow *flow, unsigned shard, struct store_submit_report *report,
                 struct id ids[2], char name[NAME_SIZE])
{
    make_name(flow, shard, name);
    ids[0] = make_id(flow, "rpt", shard);
    ids[1] = make_id(flow, "cas", shard);
    *report = (struct store_submit_report){.partner = SPAN("acme"),
                                           .content_id = span_of(name),
                                           .report_id = bed_span(&ids[0]),
                                           .case_id = bed_span(&ids[1]),
                                           .retry_key = span_of(name),
                                           .body = span_of(body),
                                           .salt = SPAN("0123456789abcdef0123456789abcdef"),
                                           .verdict = span_of(verdict),
                                           .queue = SPAN("terrorism"),
                                           .language = SPAN("ar"),
                                           .severity = 2,
                                           .deadline_ms = BED_NOW + HOUR_MS,
                                           .entry_report = span_of(entry),
                                           .entry_verdict = span_of(entry)};
}

static void send_call(struct call *call);

static void call_done(void *arg, enum store_outcome outcome, const struct store_submitted *result)
{
    struct call *call = arg;

    assert_int_equal(outcome, STORE_OK);
    call->flow->done += result->count;
    call->flow->open--;
    if (link_now_ms() < call->flow->end_ms) {
        send_call(call);
    }
}

static void send_call(struct call *call)
{
    static struct store_submit_report list[BATCH_MAX];
    static struct id ids[BATCH_MAX][2];
    static char names[BATCH_MAX][NAME_SIZE];
    struct flow *flow = call->flow;

    for (size_t i = 0; i < flow->batch; i++) {
        make(flow, call->shard, &list[i], ids[i], names[i]);
    }
    flow->open++;
    assert_non_null(store_submit(
        flow->store, &(struct store_submit_args){BED_NOW, list, flow->batch}, call_done, call));
}

static bool is_ready(void *arg)
{
    return store_ready(((struct flow *)arg)->store);
}

static double cpu_s(void)
{
    struct rusage used;

    (void)getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void prepare(const struct store_options *options)
{
    struct store_sync *sync = NULL;
    unsigned shards = 0;
    struct fault why;

    assert_int_equal(store_sync_new(&sync, options, &why), 0);
    if (store_sync_prepare(sync, options->shards, BED_NOW, 5000, &shards, &why) != 0) {
        fail_msg("prepare: %s %s", why.code, why.text);
    }
    assert_int_equal(shards, options->shards);
    (void)store_sync_free(sync);
}

int main(int argc, char **argv)
{
    static struct call calls[SHARDS_MAX * 64];
    struct flow flow = {0};
    struct store_options options = {.connections = 4, .max_log_entries = INT64_MAX / 2};
    struct event_base *base = event_base_new();
    size_t each = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    struct fault why;
    int64_t start;
    double cpu;

    if (argc != 6 || each < 1 || each > 64) {
        (void)fprintf(stderr, "usage: bench_shards URL SHARDS CALLS BATCH SECONDS\n");
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    options.url = argv[1];
    options.shards = flow.shards = (unsigned)strtoul(argv[2], NULL, 10);
    flow.batch = strtoul(argv[4], NULL, 10);
    assert_true(flow.shards >= 1 && flow.shards <= SHARDS_MAX && flow.batch >= 1 &&
                flow.batch <= BATCH_MAX);
    memset(body, 'x', sizeof(body) - 1);
    memset(entry, 'e', sizeof(entry) - 1);
    memset(verdict, 'v', sizeof(verdict) - 1);
    prepare(&options);
    assert_int_equal(store_new(&flow.store, base, &options, &why), 0);
    loop_until(base, is_ready, &flow);
    start = link_now_ms();
    flow.end_ms = start + (int64_t)strtoul(argv[5], NULL, 10) * 1000;
    cpu = cpu_s();
    for (unsigned shard = 0; shard < flow.shards; shard++) {
        for (size_t i = 0; i < each; i++) {
            struct call *call = &calls[shard * each + i];

            *call = (struct call){&flow, shard};
            send_call(call);
        }
    }
    while (flow.open > 0) {
        (void)event_base_loop(base, EVLOOP_ONCE);
    }
    (void)printf("%.0f %.1f\n", (double)flow.done * 1000 / (double)(link_now_ms() - start),
                 (cpu_s() - cpu) * 1e6 / (double)flow.done);
    flow.store = store_free(flow.store);
    event_base_free(base);
    return 0;
}
