/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/redis/bed.h"

#include <stdio.h>
#include <string.h>

static struct bed bed;

static enum store_outcome put(const char *id, const char *role, const char *name, char letter,
                              int64_t expires, int64_t max_live, struct store_changed *ret)
{
    static char secret[32], pseudonym[32];

    memset(secret, letter, 32);
    memset(pseudonym, letter, 32);
    return store_sync_key_put(
        bed.sync,
        &(struct store_key_put_args){bed.now,
                                     span_of(id),
                                     span_of(role),
                                     span_of(name),
                                     {secret, 32},
                                     {pseudonym, 32},
                                     expires,
                                     max_live,
                                     SPAN("{\"key\":\"\1key\2\",\"type\":\"key\"}")},
        ret);
}

static void test_keys_are_stored_listed_and_revoked(void **state)
{
    struct store_key_revoke_args revoke = {BED_NOW + 7, SPAN("k1"), SPAN("{\"type\":\"key\"}")};
    struct store_generation before, after;
    struct store_changed changed;
    struct store_keys keys;

    (void)state;
    bed_clear(&bed);
    assert_int_equal(store_sync_keys_generation(bed.sync, &(struct store_none_args){0}, &before),
                     STORE_OK);
    assert_int_equal(put("k1", "partner", "acme", 'a', 0, 2, &changed), STORE_OK);
    assert_int_equal(changed.index, 0);
    assert_int_equal(put("k2", "auditor", "ann", 'b', BED_NOW + HOUR_MS, 2, &changed), STORE_OK);
    assert_int_equal(put("k1", "partner", "acme", 'c', 0, 2, &changed), STORE_STATE);
    assert_int_equal(store_sync_key_revoke(bed.sync, &revoke, &changed), STORE_OK);
    assert_int_equal(store_sync_key_revoke(bed.sync, &revoke, &changed), STORE_AGAIN);
    assert_int_equal(changed.index, -1);
    revoke.id = SPAN("k9");
    assert_int_equal(store_sync_key_revoke(bed.sync, &revoke, &changed), STORE_NOT_FOUND);
    assert_int_equal(store_sync_keys_generation(bed.sync, &(struct store_none_args){0}, &after),
                     STORE_OK);
    assert_int_equal(after.generation, before.generation + 3);
    assert_int_equal(store_sync_keys_list(bed.sync, &(struct store_none_args){0}, &keys), STORE_OK);
    assert_int_equal(keys.generation, after.generation);
    assert_int_equal(keys.count, 2);
    assert_true(span_is(keys.keys[0].id, "k1"));
    assert_true(span_is(keys.keys[0].role, "partner"));
    assert_true(span_is(keys.keys[0].name, "acme"));
    assert_int_equal(keys.keys[0].secret_sha256.ptr[31], 'a');
    assert_int_equal(keys.keys[0].created_ms, BED_NOW);
    assert_int_equal(keys.keys[0].revoked_ms, BED_NOW + 7);
    assert_int_equal(keys.keys[1].expires_ms, BED_NOW + HOUR_MS);
    assert_int_equal(keys.keys[1].revoked_ms, 0);
    assert_int_equal(bed_log(&bed, NULL), 3);
}

static void test_two_live_keys_are_enough_to_rotate(void **state)
{
    struct store_changed changed;
    struct store_keys keys;

    (void)state;
    bed_clear(&bed);
    assert_int_equal(put("k1", "partner", "acme", 'a', BED_NOW + HOUR_MS, 2, &changed), STORE_OK);
    assert_int_equal(put("k2", "partner", "acme", 'b', 0, 2, &changed), STORE_OK);
    assert_int_equal(put("k3", "partner", "acme", 'c', 0, 2, &changed), STORE_LIMIT);
    assert_int_equal(put("k3", "partner", "other", 'd', 0, 2, &changed), STORE_OK);
    bed.now += HOUR_MS;
    assert_int_equal(put("k4", "partner", "acme", 'e', 0, 2, &changed), STORE_OK);
    assert_int_equal(store_sync_keys_list(bed.sync, &(struct store_none_args){0}, &keys), STORE_OK);
    assert_int_equal(keys.count, 4);
    assert_int_equal(keys.keys[1].pseudonym_key.ptr[0], 'a');
    assert_int_equal(keys.keys[2].pseudonym_key.ptr[0], 'd');
    assert_int_equal(keys.keys[3].pseudonym_key.ptr[0], 'a');
    assert_int_equal(keys.keys[3].secret_sha256.ptr[0], 'e');
}

static void test_what_is_no_key_is_refused(void **state)
{
    struct store_changed changed;

    (void)state;
    bed_clear(&bed);
    assert_int_equal(put("k 1", "partner", "acme", 'a', 0, 0, &changed), STORE_BROKEN);
    assert_int_equal(put("k1", "partner", "a,b", 'a', 0, 0, &changed), STORE_BROKEN);
    assert_int_equal(put("k1", "partner", "acme", 'a', -1, 0, &changed), STORE_BROKEN);
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
        cmocka_unit_test(test_keys_are_stored_listed_and_revoked),
        cmocka_unit_test(test_two_live_keys_are_enough_to_rotate),
        cmocka_unit_test(test_what_is_no_key_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
