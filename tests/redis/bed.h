/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_REDIS_BED_H
#define RAPPORTEUR_TESTS_REDIS_BED_H

/*
 * What the tests against Redis share: a server of their own in a temporary folder - or, where
 * RAPPORTEUR_TEST_STORE is set, the one of that store.url (with_backend) -, a connection, ids
 * that count up, a clock that stands still until it is moved, and short ways to the usual first steps.
 *     static struct bed bed;                       bed_setup / bed_teardown are a group's
 *     bed_clear(&bed);                             each test begins with an empty store
 *     struct store_submitted_report r = bed_submit(&bed, &(struct bed_report){.content = "post-1"});
 */

#include "tests/support/support.h"

#include "lib/base/id.h"
#include "service/store/embedded.h"
#include "service/store/exchange.h"
#include "service/store/log.h"
#include "service/store/store.h"
#include "service/store/sync.h"

#define BED_NOW 1795467600000LL         /* 2026-11-23T21:00:00Z */
#define MINUTE_MS 60000LL
#define HOUR_MS (60 * MINUTE_MS)

struct bed {
    char folder[64];
    struct embedded *redis;
    struct store_sync *sync;
    int64_t now;
    uint64_t counter;
};

void bed_start(struct bed *bed);
void bed_stop(struct bed *bed);
const char *bed_url(const struct bed *bed);
/* Without a server of its own: nothing can be stopped, killed or looked at from outside. */
bool bed_is_foreign(void);
/* As cmocka_run_group_tests; the last `own` of the tests need a server of their own. */
#define BED_RUN(tests, own, setup, teardown)                                                       \
    _cmocka_run_group_tests(#tests, tests, COUNT_OF(tests) - (bed_is_foreign() ? (own) : 0), setup, \
                            teardown)
/* Empties the store and sets the clock back. */
void bed_clear(struct bed *bed);

struct id bed_id(struct bed *bed, const char kind[4]);
struct span bed_span(const struct id *id);

/* Zero fields: partner "acme", content "post-1", queue "terrorism", language "ar", severity 2, due in 4
 * h, body {"n":1}, no retry key, the partner itself as reporter. */
struct bed_report {
    const char *partner, *content, *queue, *language, *body, *retry, *reporter, *author, *entry, *harm;
    const char *features, *pictures, *cited;
    int severity;
    int64_t due_ms;
    bool needs_second;
};
void bed_fill(struct bed *bed, const struct bed_report *from, struct store_submit_report *ret,
              struct id *report_id, struct id *case_id);
/* One report; its spans live until bed_clear or 1,000 calls later. */
struct store_submitted_report bed_submit(struct bed *bed, const struct bed_report *report);

/* One lease by `reviewer` over everything; token.len 0: nothing to do. */
struct store_lease bed_claim(struct bed *bed, const char *reviewer, bool second);
/* Decides with that lease. */
enum store_outcome bed_decide(struct bed *bed, const struct store_lease *lease, const char *reviewer,
                              bool needs_second, struct id *ret_decision);

struct store_case bed_case(struct bed *bed, struct span id);
/* How many entries the log has, and that their indexes have no gap; `last` may be NULL. */
uint64_t bed_log(struct bed *bed, char last[1024]);
/* How many entries hold these words. */
size_t bed_log_count(struct bed *bed, const char *words);
/* Any command; fails the test on an error. Returns the reply's integer, or its length. */
long long bed_redis(struct bed *bed, const char *words);

/* Every case of `ids` is in exactly the place its state says, and nowhere else: I1. */
void bed_check_places(struct bed *bed, const struct span *ids, size_t count);

#endif
