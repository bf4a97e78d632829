/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill -9 of Redis at random moments under load: what was acknowledged is there, once, with one
 * entry each of its two kinds; the log has no gap. I1, I2, I3, I9. The seed is printed;
 * RAPPORTEUR_SEED repeats it.
 */
#include "tests/redis/loop.h"

#include "service/store/embedded_process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 10, IN_FLIGHT = 64, REPORTS_MAX = 200000 };

static struct bed bed;

struct sent {
    struct load *load;
    struct id report_id, case_id;
    char content[32], retry[32];
    bool acknowledged;
};

struct load {
    struct store *store;
    struct sent *sent;
    size_t count, open, acknowledged, unknown, busy;
    bool stopping;
};

static void send_one(struct load *load);

static void submitted(void *arg, enum store_outcome outcome, const struct store_submitted *result)
{
    struct sent *sent = arg;
    struct load *load = sent->load;

    load->open--;
    load->busy += outcome == STORE_BUSY;
    load->unknown += outcome == STORE_UNKNOWN;
    if (outcome == STORE_OK) {
        assert_int_equal(result->reports[0].outcome, STORE_OK);
        sent->acknowledged = true;
        load->acknowledged++;
    } else {
        assert_true(outcome == STORE_BUSY || outcome == STORE_UNKNOWN);
    }
    if (!load->stopping && outcome == STORE_OK) {
        send_one(load);
    }
}

static void send_one(struct load *load)
{
    struct sent *sent;
    struct store_submit_report report;

    if (load->count == REPORTS_MAX) {
        return;
    }
    sent = &load->sent[load->count];
    sent->load = load;
    (void)snprintf(sent->content, sizeof(sent->content), "post-%zu", load->count / 2);
    (void)snprintf(sent->retry, sizeof(sent->retry), "key-%zu", load->count);
    bed_fill(&bed, &(struct bed_report){.content = sent->content, .retry = sent->retry}, &report,
             &sent->report_id, &sent->case_id);
    load->count++;
    load->open++;
    assert_non_null(store_submit(load->store, &(struct store_submit_args){bed.now, &report, 1},
                                 submitted, sent));
}

static bool none_open(void *arg)
{
    return ((struct load *)arg)->open == 0;
}

static bool is_ready(void *arg)
{
    return store_ready(((struct load *)arg)->store);
}

static void one_round(struct event_base *base, struct load *load, unsigned *seed)
{
    int64_t until = link_now_ms() + 20 + (int64_t)((unsigned)rand_r(seed) % 150), now;
    struct timeval tick = {.tv_usec = 1000};

    loop_until(base, is_ready, load);
    load->stopping = false;
    for (int i = 0; i < IN_FLIGHT; i++) {
        send_one(load);
    }
    while (link_now_ms() < until) {
        (void)event_base_loopexit(base, &tick);
        (void)event_base_loop(base, EVLOOP_ONCE);
    }
    (void)kill(embedded_pid(bed.redis), SIGKILL);
    load->stopping = true;
    loop_until(base, none_open, load);
    now = link_now_ms();
    while (embedded_watch(bed.redis, now) != EMBEDDED_RESTARTED) {
        now += 20000; /* the back-off's time, not ours */
        process_sleep_ms(1);
    }
}

struct tally {
    uint64_t next;
    size_t reports, verdicts;
};

static int tally_one(void *arg, uint64_t index, struct span entry)
{
    struct tally *tally = arg;

    assert_int_equal(index, tally->next);
    tally->next++;
    tally->reports += memmem(entry.ptr, entry.len, "\"type\":\"report\"", 15) != NULL;
    tally->verdicts += memmem(entry.ptr, entry.len, "\"type\":\"verdict\"", 16) != NULL;
    return 0;
}

static size_t count_stored(struct load *load)
{
    size_t stored = 0, missing = 0;

    for (size_t i = 0; i < load->count; i++) {
        struct store_report found;
        enum store_outcome outcome = store_sync_report_get(
            bed.sync, &(struct store_id_args){bed_span(&load->sent[i].report_id)}, &found);

        stored += outcome == STORE_OK;
        missing += load->sent[i].acknowledged && outcome != STORE_OK;
    }
    assert_int_equal(missing, 0);
    return stored;
}

/* Every report sent again under its key: those that are in say so, the others are taken now. */
static void send_all_again(struct load *load)
{
    for (size_t i = 0; i < load->count; i++) {
        struct store_submitted_report again =
            bed_submit(&bed, &(struct bed_report){.content = load->sent[i].content,
                                                  .retry = load->sent[i].retry});

        if (load->sent[i].acknowledged) {
            assert_int_equal(again.outcome, STORE_AGAIN);
            assert_memory_equal(again.report_id.ptr, load->sent[i].report_id.text, ID_LEN);
        }
    }
}

static void test_nothing_acknowledged_is_lost_or_doubled(void **state)
{
    static struct sent sent[REPORTS_MAX];
    struct event_base *base = event_base_new();
    struct load load = {.sent = sent};
    struct store_options options = {.url = embedded_url(bed.redis)};
    const char *given = getenv("RAPPORTEUR_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)link_now_ms();
    struct tally tally = {0};
    struct fault why;
    size_t stored, read = 1;

    (void)state;
    (void)printf("# seed %u\n", seed);
    bed_clear(&bed);
    assert_int_equal(store_new(&load.store, base, &options, &why), 0);
    for (int i = 0; i < ROUNDS; i++) {
        one_round(base, &load, &seed);
    }
    assert_int_equal(store_sync_prepare(bed.sync, 1, BED_NOW, 10000, NULL, &why), 0);
    stored = count_stored(&load);
    while (read > 0) {
        assert_int_equal(store_log_read(bed.sync, 0, tally.next, 10000, tally_one, &tally, &read),
                         0);
    }
    (void)printf("# %d kills, %zu sent, %zu acknowledged, %zu unknown, %zu busy, %zu stored\n",
                 ROUNDS, load.count, load.acknowledged, load.unknown, load.busy, stored);
    assert_true(load.acknowledged > 100);
    assert_true(stored <= load.acknowledged + load.unknown);
    assert_int_equal(tally.reports, stored);
    assert_int_equal(tally.verdicts, stored);
    send_all_again(&load);
    assert_int_equal(count_stored(&load), stored);
    assert_int_equal(bed_log(&bed, NULL), 2 * load.count);
    load.store = store_free(load.store);
    event_base_free(base);
}

static int setup(void **state)
{
    (void)state;
    bed_start(&bed);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bed_stop(&bed);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_acknowledged_is_lost_or_doubled),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
