/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/redis/bed.h"

#include <stdio.h>
#include <string.h>

static struct bed bed;

static void test_weaker_settings_are_refused_with_their_remedy(void **state)
{
    static const struct {
        const char *name, *weaken, *mend, *code, *words;
    } cases[] = {
        {"no append-only file", "CONFIG SET appendonly no", "CONFIG SET appendonly yes",
         "STORE_DURABILITY", "set appendonly yes"},
        {"fsync once a second", "CONFIG SET appendfsync everysec", "CONFIG SET appendfsync always",
         "STORE_DURABILITY", "set appendfsync always"},
        {"no fsync", "CONFIG SET appendfsync no", "CONFIG SET appendfsync always",
         "STORE_DURABILITY", "set appendfsync always"},
        {"no fsync during a rewrite", "CONFIG SET no-appendfsync-on-rewrite yes",
         "CONFIG SET no-appendfsync-on-rewrite no", "STORE_DURABILITY",
         "set no-appendfsync-on-rewrite no"},
        {"eviction", "CONFIG SET maxmemory-policy allkeys-lru",
         "CONFIG SET maxmemory-policy noeviction", "STORE_EVICTION",
         "set maxmemory-policy noeviction"},
    };
    struct fault why;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        (void)bed_redis(&bed, cases[i].weaken);
        assert_int_equal(store_sync_prepare(bed.sync, 1, BED_NOW, 1000, NULL, &why), FAULT);
        assert_string_equal(why.code, cases[i].code);
        assert_non_null(strstr(why.text, cases[i].words));
        (void)bed_redis(&bed, cases[i].mend);
        assert_int_equal(store_sync_prepare(bed.sync, 1, BED_NOW, 1000, NULL, &why), 0);
    }
}

static void test_a_replica_is_refused(void **state)
{
    struct fault why;

    (void)state;
    (void)bed_redis(&bed, "REPLICAOF 127.0.0.1 1");
    assert_int_equal(store_sync_prepare(bed.sync, 1, BED_NOW, 1000, NULL, &why), FAULT);
    assert_string_equal(why.code, "STORE_REPLICA");
    (void)bed_redis(&bed, "REPLICAOF NO ONE");
    assert_int_equal(store_sync_prepare(bed.sync, 1, BED_NOW, 1000, NULL, &why), 0);
}

static void test_a_user_without_rights_is_told_which(void **state)
{
    struct fault why;

    (void)state;
    (void)bed_redis(&bed, "ACL SETUSER default -config");
    assert_int_equal(store_sync_prepare(bed.sync, 1, BED_NOW, 1000, NULL, &why), FAULT);
    assert_string_equal(why.code, "STORE_CHECK_DENIED");
    assert_non_null(strstr(why.text, "+config|get"));
    (void)bed_redis(&bed, "ACL SETUSER default +@all");
}

static void test_the_shard_count_is_fixed_the_first_time(void **state)
{
    struct store_sync *other = NULL;
    unsigned shards;
    struct fault why;

    (void)state;
    (void)bed_redis(&bed, "FLUSHALL");
    assert_int_equal(
        store_sync_new(&other, &(struct store_options){.url = bed_url(&bed)}, &why), 0);
    assert_int_equal(store_sync_prepare(other, 4, BED_NOW, 1000, &shards, &why), 0);
    assert_int_equal(shards, 4);
    assert_int_equal(store_sync_prepare(other, 9, BED_NOW, 1000, &shards, &why), 0);
    assert_int_equal(shards, 4);
    other = store_sync_free(other);
    (void)bed_redis(&bed, "FLUSHALL");
    assert_int_equal(store_sync_prepare(bed.sync, 1025, BED_NOW, 1000, &shards, &why), FAULT);
    assert_string_equal(why.code, "STORE_SHARDS");
    (void)bed_redis(&bed, "FLUSHALL");
}

static void test_nobody_there_is_said_in_time(void **state)
{
    struct store_sync *nobody = NULL;
    struct fault why;

    (void)state;
    assert_int_equal(
        store_sync_new(&nobody, &(struct store_options){.url = "unix:/nonexistent/x.sock"}, &why),
        0);
    assert_int_equal(store_sync_prepare(nobody, 1, BED_NOW, 0, NULL, &why), FAULT);
    assert_string_equal(why.code, "STORE_UNREACHABLE");
    nobody = store_sync_free(nobody);
    assert_int_equal(store_sync_new(&nobody, &(struct store_options){.url = "embedded"}, &why),
                     FAULT);
    assert_string_equal(why.code, "STORE_URL");
}

static void test_the_queues_of_an_earlier_version_are_brought_along(void **state)
{
    static struct span ids[3];
    struct store_lease lease;
    struct fault why;

    (void)state;
    bed_clear(&bed);
    for (int i = 0; i < 3; i++) {
        static const char *const contents[] = {"a", "b", "c"};

        ids[i] = bed_submit(&bed, &(struct bed_report){.content = contents[i], .severity = 1 + i,
                                                       .due_ms = (3 - i) * HOUR_MS}).case_id;
    }
    (void)bed_redis(&bed, "ZUNIONSTORE {s00}:q:terrorism:ar 3 {s00}:q:terrorism:ar:1 {s00}:q:terrorism:ar:2 "
                          "{s00}:q:terrorism:ar:3");
    (void)bed_redis(&bed, "DEL {s00}:q:terrorism:ar:1 {s00}:q:terrorism:ar:2 {s00}:q:terrorism:ar:3 {s00}:queues");
    (void)bed_redis(&bed, "SADD {s00}:queues terrorism:ar");
    (void)bed_redis(&bed, "HSET {s00}:meta version 1");
    assert_int_equal(bed_claim(&bed, "r1", false).token.len, 0);
    assert_int_equal(store_sync_prepare(bed.sync, 1, BED_NOW, 1000, NULL, &why), 0);
    assert_int_equal(bed_redis(&bed, "EXISTS {s00}:q:terrorism:ar"), 0);
    assert_int_equal(bed_redis(&bed, "SISMEMBER {s00}:queues terrorism:ar"), 0);
    bed_check_places(&bed, ids, COUNT_OF(ids));
    lease = bed_claim(&bed, "r1", false);
    assert_true(span_equal(lease.case_id, ids[2]));
    assert_int_equal(store_sync_prepare(bed.sync, 1, BED_NOW, 1000, NULL, &why), 0);
    bed_check_places(&bed, ids, COUNT_OF(ids));
}

static void test_the_store_of_a_later_version_is_refused(void **state)
{
    struct fault why;

    (void)state;
    bed_clear(&bed);
    (void)bed_redis(&bed, "HSET {s00}:meta version 3");
    assert_int_equal(store_sync_prepare(bed.sync, 1, BED_NOW, 1000, NULL, &why), FAULT);
    assert_string_equal(why.code, "STORE_FORMAT");
    (void)bed_redis(&bed, "FLUSHALL");
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
        cmocka_unit_test(test_weaker_settings_are_refused_with_their_remedy),
        cmocka_unit_test(test_a_replica_is_refused),
        cmocka_unit_test(test_a_user_without_rights_is_told_which),
        cmocka_unit_test(test_the_shard_count_is_fixed_the_first_time),
        cmocka_unit_test(test_the_queues_of_an_earlier_version_are_brought_along),
        cmocka_unit_test(test_the_store_of_a_later_version_is_refused),
        cmocka_unit_test(test_nobody_there_is_said_in_time),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
