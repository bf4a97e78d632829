/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/runtime/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

struct world {
    struct loop *loop;
    struct loop_timer *timer;
    struct loop_member *members[2];
    int count, fired, caught;
    enum drain_state entered[2];
    bool ready_at_once;
};

static int start(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_int_equal(loop_new(&world->loop), 0);
    *state = world;
    return 0;
}

static int stop(void **state)
{
    struct world *world = *state;

    world->timer = loop_timer_free(world->timer);
    for (int i = 0; i < 2; i++) {
        world->members[i] = loop_leave(world->members[i]);
    }
    world->loop = loop_free(world->loop);
    free(world);
    return 0;
}

static void fire_three_times(void *arg)
{
    struct world *world = arg;

    if (++world->fired == 3) {
        loop_stop(world->loop);
    } else {
        loop_timer_start(world->timer, 1);
    }
}

static void test_timer(void **state)
{
    struct world *world = *state;
    int64_t began = loop_steady_ms();

    world->timer = loop_timer_new(world->loop, fire_three_times, world);
    assert_false(loop_timer_running(world->timer));
    loop_timer_start(world->timer, 100000);
    loop_timer_start(world->timer, 20); /* starts anew */
    assert_true(loop_timer_running(world->timer));
    assert_int_equal(loop_run(world->loop), 0);
    assert_int_equal(world->fired, 3);
    assert_true(loop_steady_ms() - began >= 10);
    assert_true(loop_now_ms() > 1700000000000);
}

static void free_itself(void *arg)
{
    struct world *world = arg;

    world->timer = loop_timer_free(world->timer);
    loop_stop(world->loop);
}

static void test_timer_frees_itself(void **state)
{
    struct world *world = *state;

    world->timer = loop_timer_new(world->loop, free_itself, world);
    loop_timer_start(world->timer, 0);
    assert_int_equal(loop_run(world->loop), 0);
    assert_null(world->timer);
}

enum { POSTS = 20000, THREADS = 4 };

struct numbered {
    struct world *world;
    int thread, number;
};

static int last_of[THREADS];

static void take_number(void *arg)
{
    struct numbered *numbered = arg;

    assert_int_equal(numbered->number, last_of[numbered->thread] + 1); /* in the order of posting */
    last_of[numbered->thread] = numbered->number;
    if (++numbered->world->count == POSTS * THREADS) {
        loop_stop(numbered->world->loop);
    }
    free(numbered);
}

static void *post_many(void *arg)
{
    const struct numbered *first = arg;

    for (int i = 1; i <= POSTS; i++) {
        struct numbered *numbered = malloc(sizeof(*numbered));
        int r;

        *numbered = (struct numbered){first->world, first->thread, i};
        do {
            r = loop_post(first->world->loop, take_number, numbered);
        } while (r == -EAGAIN);
        assert_int_equal(r, 0);
    }
    return NULL;
}

static void count_up(void *arg)
{
    struct world *world = arg;

    world->count++;
}

static void test_posts(void **state)
{
    struct world *world = *state;
    struct numbered firsts[THREADS];
    pthread_t threads[THREADS];
    int r = 0;

    for (int i = 0; i < THREADS; i++) {
        firsts[i] = (struct numbered){world, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, post_many, &firsts[i]), 0);
    }
    assert_int_equal(loop_run(world->loop), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(world->count, POSTS * THREADS);
    r = loop_post(world->loop, count_up, world);
    assert_int_equal(r, -ESHUTDOWN);
}

static void test_post_ceiling(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < LOOP_POSTS_MAX; i++) {
        assert_int_equal(loop_post(world->loop, count_up, world), 0);
    }
    assert_int_equal(loop_post(world->loop, count_up, world), -EAGAIN);
    loop_stop(world->loop);
    assert_int_equal(loop_run(world->loop), 0);
    assert_int_equal(world->count, LOOP_POSTS_MAX); /* at the latest before loop_run returned */
}

static void catch (void *arg, int signal_number)
{
    struct world *world = arg;

    world->caught = signal_number;
    loop_stop(world->loop);
}

static void test_signal(void **state)
{
    struct world *world = *state;

    assert_int_equal(loop_signal(world->loop, SIGUSR1, catch, world), 0);
    assert_int_equal(loop_signal(world->loop, SIGUSR1, catch, world), -EBUSY);
    assert_int_equal(raise(SIGUSR1), 0);
    assert_int_equal(loop_run(world->loop), 0);
    assert_int_equal(world->caught, SIGUSR1);
}

static void enter_first(void *arg, enum drain_state drain)
{
    struct world *world = arg;

    world->entered[0] = drain;
    loop_member_ready(world->members[0]);
}

static void enter_second(void *arg, enum drain_state drain)
{
    struct world *world = arg;

    world->entered[1] = drain;
    if (world->ready_at_once) {
        loop_member_ready(world->members[1]);
    } else if (drain == DRAIN_REFUSE) {
        loop_timer_start(world->timer, 5); /* ready a little later */
    }
}

static void be_ready(void *arg)
{
    struct world *world = arg;

    assert_int_equal(loop_drain_state(world->loop), DRAIN_REFUSE);
    assert_int_equal(world->entered[0], DRAIN_REFUSE);
    loop_member_ready(world->members[1]);
}

static void join(struct world *world)
{
    world->timer = loop_timer_new(world->loop, be_ready, world);
    world->members[0] = loop_join(world->loop, "first", enter_first, world);
    world->members[1] = loop_join(world->loop, "second", enter_second, world);
}

static void test_drain(void **state)
{
    struct world *world = *state;
    int64_t began = loop_steady_ms();

    world->ready_at_once = true;
    join(world);
    assert_int_equal(loop_drain_state(world->loop), DRAIN_NONE);
    loop_drain(world->loop, 10000);
    assert_int_equal(loop_run(world->loop), 0);
    assert_true(loop_steady_ms() - began < 5000); /* not by the deadline */
    assert_int_equal(world->entered[0], DRAIN_FLUSH);
    assert_int_equal(world->entered[1], DRAIN_FLUSH);
    assert_int_equal(loop_drain_state(world->loop), DRAIN_DONE);
    assert_null(loop_drain_straggler(world->loop));
}

static void test_drain_waits_and_gives_up(void **state)
{
    struct world *world = *state;

    join(world); /* the second is late for the first state, and never ready for the next */
    loop_drain(world->loop, 80);
    assert_int_equal(loop_run(world->loop), 0);
    assert_int_equal(world->entered[1], DRAIN_FLUSH);
    assert_string_equal(loop_drain_straggler(world->loop), "second");
}

static void test_second_drain_ends_at_once(void **state)
{
    struct world *world = *state;

    join(world);
    loop_drain(world->loop, 100000);
    loop_drain(world->loop, 100000);
    assert_int_equal(loop_run(world->loop), 0);
    assert_string_equal(loop_drain_straggler(world->loop), "second");
}

static void test_drain_without_members(void **state)
{
    struct world *world = *state;

    loop_drain(world->loop, 100000);
    assert_int_equal(loop_run(world->loop), 0);
    assert_int_equal(loop_drain_state(world->loop), DRAIN_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_timer, start, stop),
        cmocka_unit_test_setup_teardown(test_timer_frees_itself, start, stop),
        cmocka_unit_test_setup_teardown(test_posts, start, stop),
        cmocka_unit_test_setup_teardown(test_post_ceiling, start, stop),
        cmocka_unit_test_setup_teardown(test_signal, start, stop),
        cmocka_unit_test_setup_teardown(test_drain, start, stop),
        cmocka_unit_test_setup_teardown(test_drain_waits_and_gives_up, start, stop),
        cmocka_unit_test_setup_teardown(test_second_drain_ends_at_once, start, stop),
        cmocka_unit_test_setup_teardown(test_drain_without_members, start, stop),
    };

    return cmocka_run_group_tests_name("service/runtime/loop", tests, NULL, NULL);
}
