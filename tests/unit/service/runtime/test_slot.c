/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/runtime/slot.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS = 4, ROUNDS = 20000 };

struct value {
    atomic_int refs;
    int number;
};

static atomic_int alive;

static struct value *value_new(int number)
{
    struct value *value = calloc(1, sizeof(*value));

    assert_non_null(value);
    atomic_init(&value->refs, 1);
    value->number = number;
    atomic_fetch_add(&alive, 1);
    return value;
}

static void *value_ref(void *held)
{
    atomic_fetch_add(&((struct value *)held)->refs, 1);
    return held;
}

static void value_unref(void *held)
{
    struct value *value = held;

    if (atomic_fetch_sub(&value->refs, 1) == 1) {
        value->number = -1;
        free(value);
        atomic_fetch_sub(&alive, 1);
    }
}

static void *read_many(void *arg)
{
    struct slot *slot = arg;
    int last = 0;
    void *fault = NULL;

    for (int i = 0; i < ROUNDS; i++) {
        struct value *value = slot_take(slot);

        if (!value || value->number < last) {
            fault = slot;               /* freed under our hands, or older than one seen before */
        }
        if (value) {
            last = value->number;
            value_unref(value);
        }
    }
    return fault;
}

static void test_readers_beside_a_writer(void **state)
{
    pthread_t threads[THREADS];
    struct slot slot;

    (void)state;
    slot_init(&slot, value_ref, value_unref);
    assert_null(slot_take(&slot));
    slot_put(&slot, value_new(1));
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_many, &slot), 0);
    }
    for (int i = 2; i < ROUNDS; i++) {
        slot_put(&slot, value_new(i));
    }
    for (int i = 0; i < THREADS; i++) {
        void *fault;

        assert_int_equal(pthread_join(threads[i], &fault), 0);
        assert_null(fault);
    }
    assert_int_equal(slot_generation(&slot), ROUNDS - 1);
    assert_int_equal(atomic_load(&alive), 1);
    slot_done(&slot);
    assert_int_equal(atomic_load(&alive), 0);
}

static void test_a_reader_keeps_the_old_value(void **state)
{
    struct slot slot;
    struct value *mine;

    (void)state;
    slot_init(&slot, value_ref, value_unref);
    slot_put(&slot, value_new(1));
    mine = slot_take(&slot);
    slot_put(&slot, value_new(2));
    assert_int_equal(mine->number, 1);
    assert_int_equal(atomic_load(&alive), 2);
    value_unref(mine);
    assert_int_equal(atomic_load(&alive), 1);
    slot_put(&slot, NULL);
    assert_null(slot_take(&slot));
    slot_done(&slot);
    assert_int_equal(atomic_load(&alive), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readers_beside_a_writer),
        cmocka_unit_test(test_a_reader_keeps_the_old_value),
    };

    return cmocka_run_group_tests_name("service/runtime/slot", tests, NULL, NULL);
}
