/* SPDX-License-Identifier: Apache-2.0 */
/* I5: a thousand claims at once by 50 reviewers over 500 cases, over four connections. */
#include "tests/redis/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES = 500, CLAIMS = 1000, REVIEWERS = 50 };

static struct bed bed;

struct race {
    size_t answered, leases, empty;
    struct id cases[CLAIMS];
    int64_t fences[CLAIMS];
};

static void claimed(void *arg, enum store_outcome outcome, const struct store_claimed *result)
{
    struct race *race = arg;

    assert_int_equal(outcome, STORE_OK);
    race->answered++;
    race->empty += result->count == 0;
    for (size_t i = 0; i < result->count; i++) {
        memcpy(race->cases[race->leases].text, result->leases[i].case_id.ptr, ID_LEN);
        race->fences[race->leases] = result->leases[i].fence;
        race->leases++;
    }
}

static bool all_answered(void *arg)
{
    return ((struct race *)arg)->answered == CLAIMS;
}

static bool is_ready(void *arg)
{
    return store_counts(arg).connected == 4;
}

static void submit_cases(void)
{
    static struct store_submit_report list[100];
    static struct id ids[200];
    static char names[100][16];
    struct store_submitted done;

    for (int n = 0; n < CASES; n += 100) {
        for (int i = 0; i < 100; i++) {
            (void)snprintf(names[i], sizeof(names[i]), "post-%d", n + i);
            bed_fill(&bed,
                     &(struct bed_report){.content = names[i],
                                          .language = i % 2 ? "ar" : "en",
                                          .queue = i % 3 ? "q1" : "q2"},
                     &list[i], &ids[2 * i], &ids[2 * i + 1]);
        }
        assert_int_equal(
            store_sync_submit(bed.sync, &(struct store_submit_args){bed.now, list, 100}, &done),
            STORE_OK);
    }
}

static int by_text(const void *a, const void *b)
{
    return memcmp(a, b, ID_LEN);
}

static void test_each_case_is_leased_once(void **state)
{
    static struct race race;
    struct event_base *base = event_base_new();
    struct store_options options = {.url = bed_url(&bed)};
    struct store *store = NULL;
    struct span ids[CASES];
    struct fault why;

    (void)state;
    bed_clear(&bed);
    submit_cases();
    assert_int_equal(store_new(&store, base, &options, &why), 0);
    loop_until(base, is_ready, store);
    for (int i = 0; i < CLAIMS; i++) {
        char reviewer[16];
        struct id token = bed_id(&bed, "lse");
        struct span tokens[] = {bed_span(&token)};

        (void)snprintf(reviewer, sizeof(reviewer), "r%d", i % REVIEWERS);
        assert_non_null(
            store_claim(store,
                        &(struct store_claim_args){.now_ms = bed.now,
                                                   .lease_ms = HOUR_MS,
                                                   .reviewer = span_of(reviewer),
                                                   .pseudonym = SPAN("p"),
                                                   .tokens = tokens,
                                                   .limit = 1,
                                                   .entry = SPAN("{\"c\":\"\1case\2\"}")},
                        claimed, &race));
    }
    loop_until(base, all_answered, &race);
    assert_int_equal(race.leases, CASES);
    assert_int_equal(race.empty, CLAIMS - CASES);
    qsort(race.cases, CASES, sizeof(race.cases[0]), by_text);
    for (size_t i = 0; i < CASES; i++) {
        assert_true(i == 0 || memcmp(race.cases[i - 1].text, race.cases[i].text, ID_LEN) != 0);
        ids[i] = bed_span(&race.cases[i]);
    }
    assert_int_equal(bed_redis(&bed, "ZCARD {s00}:leases"), CASES);
    assert_int_equal(bed_redis(&bed, "GET {s00}:fence"), 3);
    assert_int_equal(bed_log_count(&bed, "{\"c\":"), CASES);
    bed_check_places(&bed, ids, CASES);
    store = store_free(store);
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
        cmocka_unit_test(test_each_case_is_leased_once),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
