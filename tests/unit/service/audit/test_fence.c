/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/fence.h"

#include "tests/support/support.h"
#include "tests/unit/service/audit/memory_source.h"

#include <errno.h>

static const struct checkpoint head = {.size = 7};

static void each_start_takes_the_next_epoch(void **state)
{
    struct audit_mirror mirror = {0};
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    assert_int_equal(fence_take(&store.source, &mirror, &head, &why), 0);
    assert_int_equal(mirror.epoch, 1);
    assert_int_equal(store.kept->mirror.size, 7);
    assert_int_equal(fence_take(&store.source, &mirror, &head, &why), 0);
    assert_int_equal(store.kept->mirror.epoch, 2);
}

static void whoever_was_faster_at_the_start_is_named(void **state)
{
    struct audit_mirror mirror = {.epoch = 3};
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    store.kept->mirror.epoch = 4;
    assert_int_equal(fence_take(&store.source, &mirror, &head, &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_FENCED");
    assert_int_equal(store.kept->mirror.epoch, 4);
}

static void a_start_is_not_fenced_by_its_own_unknown_try(void **state)
{
    struct audit_mirror mirror = {0};
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    atomic_store(&store.mirror_unknown, FENCE_TRIES - 1);
    assert_int_equal(fence_take(&store.source, &mirror, &head, &why), 0);
    assert_int_equal(mirror.epoch, FENCE_TRIES);
    assert_int_equal(store.kept->mirror.epoch, FENCE_TRIES);
}

static void a_store_that_never_answers_is_no_fence(void **state)
{
    struct audit_mirror mirror = {0};
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    atomic_store(&store.mirror_unknown, FENCE_TRIES);
    assert_true(fence_take(&store.source, &mirror, &head, &why) < 0);
    memory_source_init(&store, NULL);
    atomic_store(&store.mirror_error, -ECONNRESET);
    assert_int_equal(fence_take(&store.source, &mirror, &head, &why), -ECONNRESET);
}

static void an_unknown_put_is_put_again(void **state)
{
    struct audit_mirror mirror = {.epoch = 5};
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    store.kept->mirror.epoch = 5;
    atomic_store(&store.mirror_unknown, 1);
    assert_int_equal(fence_put(&store.source, &mirror, &head, &why), -ETIMEDOUT);
    assert_int_equal(fence_put(&store.source, &mirror, &head, &why), 0);
    assert_int_equal(store.kept->mirror.epoch, 5);
}

static void a_higher_epoch_is_another_sequencer(void **state)
{
    struct audit_mirror mirror = {.epoch = 5};
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    store.kept->mirror.epoch = 6;
    assert_int_equal(fence_put(&store.source, &mirror, &head, &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_FENCED");
}

/* A failover to a replica that had not got our epoch. */
static void a_store_that_fell_back_is_taken_again(void **state)
{
    struct audit_mirror mirror = {.epoch = 5}, rival;
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    store.kept->mirror.epoch = 4;
    atomic_store(&store.mirror_unknown, 1);
    assert_int_equal(fence_put(&store.source, &mirror, &head, &why), -ETIMEDOUT);
    assert_int_equal(fence_put(&store.source, &mirror, &head, &why), 0);
    assert_int_equal(store.kept->mirror.epoch, 6);
    rival = store.kept->mirror;
    assert_int_equal(fence_take(&store.source, &rival, &head, &why), 0);
    assert_int_equal(fence_put(&store.source, &mirror, &head, &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_FENCED");
}

/* Ours is the higher epoch, but what the store remembers is longer than our log: not ours to overwrite. */
static void a_longer_log_in_the_store_is_never_overwritten(void **state)
{
    struct audit_mirror mirror = {.epoch = 5};
    struct memory_source store;
    struct fault why = {0};

    (void)state;
    memory_source_init(&store, NULL);
    store.kept->mirror = (struct audit_mirror){.epoch = 4, .size = 8};
    assert_int_equal(fence_put(&store.source, &mirror, &head, &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_FENCED");
    assert_int_equal(store.kept->mirror.size, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_start_takes_the_next_epoch),
        cmocka_unit_test(whoever_was_faster_at_the_start_is_named),
        cmocka_unit_test(a_start_is_not_fenced_by_its_own_unknown_try),
        cmocka_unit_test(a_store_that_never_answers_is_no_fence),
        cmocka_unit_test(an_unknown_put_is_put_again),
        cmocka_unit_test(a_higher_epoch_is_another_sequencer),
        cmocka_unit_test(a_store_that_fell_back_is_taken_again),
        cmocka_unit_test(a_longer_log_in_the_store_is_never_overwritten),
    };

    return cmocka_run_group_tests_name("fence", tests, NULL, NULL);
}
