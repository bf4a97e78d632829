/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store costs, appendfsync always: microseconds of Redis a call (INFO commandstats) for
 * submit, claim, decide at growing queue lengths, durable submits a second over four connections,
 * and the memory of a queued 1 KB report. bench_store [queued, default 100000]
 */
#include "tests/redis/loop.h"

#include <hiredis/hiredis.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 100, IN_FLIGHT = 64 };

static struct bed bed;
static char body[1025], entry[600], verdict[400];

static void fill_texts(void)
{
    memset(body, 'x', 1024);
    memset(entry, 'e', sizeof(entry) - 1);
    memcpy(entry, "{\"case\":\"\1case\2\",\"report\":\"\1report\2\"}", 37);
    memset(verdict, 'v', sizeof(verdict) - 1);
}

/* Mean microseconds of FCALL since the last reset. */
static double fcall_us(void)
{
    static const char *const words[] = {"INFO", "commandstats"}, *const reset[] = {"CONFIG",
                                                                                   "RESETSTAT"};
    const struct redisReply *reply;
    const char *at;
    double us = 0;

    assert_int_equal(exchange_words(bed.sync, words, 2, &reply), STORE_OK);
    at = strstr(reply->str, "cmdstat_fcall:");
    at = at ? strstr(at, "usec_per_call=") : NULL;
    us = at ? strtod(at + strlen("usec_per_call="), NULL) : 0;
    assert_int_equal(exchange_words(bed.sync, reset, 2, &reply), STORE_OK);
    return us;
}

static double info_number(const char *section, const char *name)
{
    const char *words[] = {"INFO", section};
    const struct redisReply *reply;
    const char *at;

    assert_int_equal(exchange_words(bed.sync, words, 2, &reply), STORE_OK);
    at = strstr(reply->str, name);
    return at ? strtod(at + strlen(name), NULL) : 0;
}

static void make(struct store_submit_report *report, struct id ids[2], char name[32], size_t n)
{
    (void)snprintf(name, 32, "post-%zu", n);
    bed_fill(&bed,
             &(struct bed_report){.content = name,
                                  .body = body,
                                  .retry = name,
                                  .due_ms = (int64_t)(n % 97 + 1) * MINUTE_MS},
             report, &ids[0], &ids[1]);
    report->entry_report = report->entry_verdict = span_of(entry);
    report->verdict = span_of(verdict);
}

static void grow(size_t from, size_t to)
{
    static struct store_submit_report list[BATCH];
    static struct id ids[BATCH][2];
    static char names[BATCH][32];
    struct store_submitted done;

    for (size_t n = from; n < to; n += BATCH) {
        for (size_t i = 0; i < BATCH; i++) {
            make(&list[i], ids[i], names[i], n + i);
        }
        assert_int_equal(
            store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, list, BATCH}, &done),
            STORE_OK);
        assert_int_equal(store_log_trim(bed.sync, 0, 2 * (n + BATCH)), 0);
    }
}

static void measure_calls(size_t queued)
{
    struct store_submit_report report;
    struct store_submitted done;
    struct id ids[2], decision;
    char name[32];
    struct store_changed changed;
    double append, submit, claim, decide;
    enum { ROUNDS = 300 };
    static struct store_lease leases[ROUNDS];

    (void)fcall_us();
    for (size_t i = 0; i < ROUNDS; i++) {
        assert_int_equal(store_sync_append(bed.sync,
                                           &(struct store_append_args){bed.now, 0, SPAN("{}")},
                                           &changed),
                         STORE_OK);
    }
    append = fcall_us();
    for (size_t i = 0; i < ROUNDS; i++) {
        make(&report, ids, name, 90000000 + queued + i);
        assert_int_equal(
            store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, &report, 1}, &done),
            STORE_OK);
    }
    submit = fcall_us();
    for (size_t i = 0; i < ROUNDS; i++) {
        leases[i] = bed_claim(&bed, "r1", false);
    }
    claim = fcall_us();
    for (size_t i = 0; i < ROUNDS; i++) {
        assert_int_equal(bed_decide(&bed, &leases[i], "r1", false, &decision), STORE_OK);
    }
    decide = fcall_us();
    (void)printf(
        "%8zu queued: append %5.1f us, submit %5.1f us, claim %5.1f us, decide %5.1f us of Redis\n",
        queued, append, submit, claim, decide);
}

struct flow {
    struct store *store;
    size_t next, done, goal, batch, open;
};

static void flow_send(struct flow *flow);

static void flow_done(void *arg, enum store_outcome outcome, const struct store_submitted *result)
{
    struct flow *flow = arg;

    assert_int_equal(outcome, STORE_OK);
    flow->done += result->count;
    flow->open--;
    if (flow->next < flow->goal) {
        flow_send(flow);
    }
}

static void flow_send(struct flow *flow)
{
    static struct store_submit_report list[BATCH];
    static struct id ids[BATCH][2];
    static char names[BATCH][32];

    for (size_t i = 0; i < flow->batch; i++) {
        make(&list[i], ids[i], names[i], 50000000 + flow->next++);
    }
    flow->open++;
    assert_non_null(store_submit(
        flow->store, &(struct store_submit_args){bed.now, list, flow->batch}, flow_done, flow));
}

static bool flow_ready(void *arg)
{
    return store_counts(((struct flow *)arg)->store).connected == 4;
}

static void measure_rate(size_t batch, size_t in_flight, size_t goal)
{
    struct event_base *base = event_base_new();
    struct flow flow = {.goal = goal, .batch = batch};
    struct fault why;
    int64_t start;

    assert_int_equal(
        store_new(&flow.store, base, &(struct store_options){.url = bed_url(&bed)}, &why),
        0);
    loop_until(base, flow_ready, &flow);
    start = link_now_ms();
    for (size_t i = 0; i < in_flight; i++) {
        flow_send(&flow);
    }
    while (flow.open > 0) {
        (void)event_base_loop(base, EVLOOP_ONCE);
    }
    (void)printf("durable, 4 connections, %zu x %zu in flight: %.0f reports/s\n", in_flight, batch,
                 (double)flow.done * 1000 / (double)(link_now_ms() - start));
    flow.store = store_free(flow.store);
    event_base_free(base);
}

int main(int argc, char **argv)
{
    size_t most = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    double empty, full, aof;

    (void)signal(SIGPIPE, SIG_IGN);
    fill_texts();
    bed_start(&bed);
    bed_clear(&bed);
    for (int i = 0; i < 2; i++) {
        measure_rate(1, IN_FLIGHT, 30000);
        measure_rate(BATCH, 4, 30000);
        bed_clear(&bed);
    }
    (void)bed_redis(&bed, "CONFIG SET auto-aof-rewrite-percentage 0");
    empty = info_number("memory", "\nused_memory:");
    aof = info_number("persistence", "\naof_current_size:");
    grow(0, 10000);
    full = info_number("memory", "\nused_memory:");
    (void)printf("memory of a queued report (1,024 bytes, verdict %zu, retry key; log trimmed): "
                 "%.0f bytes\n",
                 sizeof(verdict) - 1, (full - empty) / 10000);
    (void)printf("append-only file, entries of %zu bytes twice: %.0f bytes a report\n",
                 sizeof(entry) - 1,
                 (info_number("persistence", "\naof_current_size:") - aof) / 10000);
    bed_clear(&bed);
    for (size_t from = 0, to = 1000; to <= most; from = to, to *= 10) {
        grow(from, to);
        measure_calls(to);
    }
    bed_stop(&bed);
    return 0;
}
