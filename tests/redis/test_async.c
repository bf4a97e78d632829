/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/redis/loop.h"

#include "service/store/embedded_process.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct bed bed;
static struct event_base *base;

struct answers {
    size_t wanted, got, by_outcome[STORE_OUTCOME_COUNT];
    bool inside; /* the call that starts an operation has not returned yet */
};

static void answered(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct answers *answers = arg;

    assert_non_null(result);
    assert_false(answers->inside);
    answers->got++;
    answers->by_outcome[outcome]++;
}

static bool all_answered(void *arg)
{
    const struct answers *answers = arg;

    return answers->got == answers->wanted;
}

static bool is_ready(void *arg)
{
    return store_ready(arg);
}

static bool all_connected(void *arg)
{
    return store_counts(arg).connected == 2;
}

static bool is_down(void *arg)
{
    return !store_ready(arg);
}

static struct store *open_store(const struct store_options *from)
{
    struct store_options options = *from;
    struct store *store = NULL;
    struct fault why;

    options.url = options.url ? options.url : bed_url(&bed);
    assert_int_equal(store_new(&store, base, &options, &why), 0);
    return store;
}

static struct store_call *append(struct store *store, struct answers *answers, const char *entry)
{
    struct store_call *call;

    answers->wanted++;
    answers->inside = true;
    call = store_append(store, &(struct store_append_args){BED_NOW, 0, span_of(entry)}, answered,
                        answers);
    answers->inside = false;
    assert_non_null(call);
    return call;
}

static void test_before_it_is_connected_everything_is_busy(void **state)
{
    struct store *store = open_store(&(struct store_options){0});
    struct answers a = {0};

    (void)state;
    bed_clear(&bed);
    (void)append(store, &a, "{}");
    loop_until(base, all_answered, &a);
    assert_int_equal(a.by_outcome[STORE_BUSY], 1);
    loop_until(base, is_ready, store);
    (void)append(store, &a, "{}");
    loop_until(base, all_answered, &a);
    assert_int_equal(a.by_outcome[STORE_OK], 1);
    assert_int_equal(bed_log(&bed, NULL), 1);
    assert_int_equal(store_counts(store).in_flight, 0);
    assert_int_equal(store_counts(store).in_flight_bytes, 0);
    store = store_free(store);
}

static void test_functions_are_loaded_when_the_server_lost_them(void **state)
{
    struct store *store = open_store(&(struct store_options){.connections = 2});
    struct answers a = {0};

    (void)state;
    bed_clear(&bed);
    loop_until(base, is_ready, store);
    (void)bed_redis(&bed, "FUNCTION FLUSH");
    for (int i = 0; i < 50; i++) {
        (void)append(store, &a, "{}");
    }
    loop_until(base, all_answered, &a);
    assert_int_equal(a.by_outcome[STORE_OK], 50);
    assert_int_equal(bed_log(&bed, NULL), 50);
    store = store_free(store);
}

static void test_more_than_the_ceiling_is_busy_and_not_sent(void **state)
{
    struct store *store = open_store(&(struct store_options){.max_calls = 10});
    struct answers a = {0};

    (void)state;
    bed_clear(&bed);
    loop_until(base, is_ready, store);
    for (int i = 0; i < 15; i++) {
        (void)append(store, &a, "{}");
    }
    loop_until(base, all_answered, &a);
    assert_int_equal(a.by_outcome[STORE_OK], 10);
    assert_int_equal(a.by_outcome[STORE_BUSY], 5);
    assert_int_equal(bed_log(&bed, NULL), 10);
    store = store_free(store);
    store = open_store(&(struct store_options){.max_bytes = 500});
    loop_until(base, is_ready, store);
    for (int i = 0; i < 15; i++) {
        (void)append(store, &a, "{}");
    }
    loop_until(base, all_answered, &a);
    assert_true(a.by_outcome[STORE_BUSY] >= 15);
    assert_int_equal(store_counts(store).in_flight_bytes, 0);
    store = store_free(store);
}

static void test_a_cancelled_call_is_not_answered_but_may_happen(void **state)
{
    struct store *store = open_store(&(struct store_options){.connections = 1});
    struct answers a = {0}, b = {0};

    (void)state;
    bed_clear(&bed);
    loop_until(base, is_ready, store);
    (void)store_call_cancel(append(store, &a, "{}"));
    (void)append(store, &b, "{}");
    loop_until(base, all_answered, &b);
    assert_int_equal(a.got, 0);
    assert_int_equal(bed_log(&bed, NULL), 2);
    store = store_free(store);
}

static void test_a_stopped_server_makes_late_calls_unknown_and_then_heals(void **state)
{
    struct store *store = open_store(&(struct store_options){.connections = 2, .timeout_ms = 100});
    struct answers a = {0}, b = {0};
    uint64_t entries;

    (void)state;
    bed_clear(&bed);
    loop_until(base, all_connected, store);
    (void)kill(embedded_pid(bed.redis), SIGSTOP);
    for (int i = 0; i < 20; i++) {
        (void)append(store, &a, "{}");
    }
    loop_until(base, all_answered, &a);
    assert_int_equal(a.by_outcome[STORE_UNKNOWN], 20);
    assert_false(store_ready(store));
    (void)append(store, &b, "{}");
    loop_until(base, all_answered, &b);
    assert_int_equal(b.by_outcome[STORE_BUSY], 1);
    (void)kill(embedded_pid(bed.redis), SIGCONT);
    loop_until(base, all_connected, store);
    (void)append(store, &b, "{}");
    loop_until(base, all_answered, &b);
    assert_int_equal(b.by_outcome[STORE_OK], 1);
    entries = bed_log(&bed, NULL); /* unknown is unknown: they may have been done */
    assert_in_range(entries, 1, 21);
    assert_int_equal(store_counts(store).reconnects, 2);
    store = store_free(store);
}

static void test_a_killed_server_answers_unknown_and_comes_back(void **state)
{
    struct store *store = open_store(&(struct store_options){.connections = 2});
    struct answers a = {0};
    int64_t now = link_now_ms();

    (void)state;
    bed_clear(&bed);
    loop_until(base, all_connected, store);
    (void)kill(embedded_pid(bed.redis), SIGKILL);
    loop_until(base, is_down, store);
    while (embedded_watch(bed.redis, now) != EMBEDDED_RESTARTED) {
        now += 50;
        process_sleep_ms(1);
    }
    loop_until(base, is_ready, store);
    (void)append(store, &a, "{}");
    loop_until(base, all_answered, &a);
    assert_int_equal(a.by_outcome[STORE_OK], 1);
    store = store_free(store);
}

static void test_wrong_arguments_and_unknown_ids_never_leave(void **state)
{
    struct store *store = open_store(&(struct store_options){0});
    struct answers a = {0};

    (void)state;
    bed_clear(&bed);
    loop_until(base, is_ready, store);
    a.wanted = 2;
    assert_non_null(
        store_requeue(store, &(struct store_requeue_args){.case_id = SPAN("x"), .actor = SPAN("a")},
                      answered, &a));
    assert_non_null(
        store_append(store, &(struct store_append_args){.entry = SPAN("")}, answered, &a));
    loop_until(base, all_answered, &a);
    assert_int_equal(a.by_outcome[STORE_NOT_FOUND], 1);
    assert_int_equal(a.by_outcome[STORE_BROKEN], 1);
    store = store_free(store);
}

static void test_freeing_the_store_drops_open_calls(void **state)
{
    struct store *store = open_store(&(struct store_options){0});
    struct answers a = {0};

    (void)state;
    bed_clear(&bed);
    (void)append(store, &a, "{}"); /* busy, to be said by the loop */
    loop_until(base, is_ready, store);
    assert_int_equal(a.got, 1);
    (void)append(store, &a, "{}");
    (void)append(store, &a, "");
    store = store_free(store);
    assert_int_equal(a.got, 1);
}

static void test_a_server_that_is_not_there_is_tried_again_and_again(void **state)
{
    struct store *store =
        open_store(&(struct store_options){.url = "unix:/nonexistent/redis.sock"});
    struct answers a = {0};

    (void)state;
    (void)append(store, &a, "{}");
    loop_until(base, all_answered, &a);
    assert_int_equal(a.by_outcome[STORE_BUSY], 1);
    assert_int_equal(store_counts(store).connected, 0);
    store = store_free(store);
    store = open_store(&(struct store_options){.url = "redis://127.0.0.1:1/0"});
    (void)append(store, &a, "{}");
    loop_until(base, all_answered, &a);
    assert_int_equal(a.by_outcome[STORE_BUSY], 2);
    store = store_free(store);
}

static int setup(void **state)
{
    (void)state;
    bed_start(&bed);
    base = event_base_new();
    return base ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    event_base_free(base);
    bed_stop(&bed);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_it_is_connected_everything_is_busy),
        cmocka_unit_test(test_functions_are_loaded_when_the_server_lost_them),
        cmocka_unit_test(test_more_than_the_ceiling_is_busy_and_not_sent),
        cmocka_unit_test(test_a_cancelled_call_is_not_answered_but_may_happen),
        cmocka_unit_test(test_wrong_arguments_and_unknown_ids_never_leave),
        cmocka_unit_test(test_freeing_the_store_drops_open_calls),
        cmocka_unit_test(test_a_server_that_is_not_there_is_tried_again_and_again),
        cmocka_unit_test(test_a_stopped_server_makes_late_calls_unknown_and_then_heals),
        cmocka_unit_test(test_a_killed_server_answers_unknown_and_comes_back),
    };

    return BED_RUN(tests, 2, setup, teardown);
}
