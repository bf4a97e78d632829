/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_BACKTEST_STORE_H
#define RAPPORTEUR_SERVICE_API_BACKTEST_STORE_H

/*
 * The newest stored reports into a backtest: bodies and the verdicts of the time, newest first. Blocking,
 * for a thread of its own or the command line. It reads a page of PAGE reports at a time and rests as long
 * as a page took, so it takes at most half of a core and little of the store. Memory: one page.
 */

#include "service/api/backtest.h"
#include "service/store/sync.h"

#include <stdatomic.h>

enum { BACKTEST_LIMIT_MAX = 10000, BACKTEST_LIMIT = 1000 };

struct backtest_reading {
    struct store_sync *store;
    unsigned shards;
    size_t limit;                   /* reports, over all shards */
    int64_t deadline_ms;            /* steady clock; then the rest is left out */
    atomic_bool *cancel;            /* may be NULL */
};

enum backtest_end { BACKTEST_WHOLE, BACKTEST_DEADLINE, BACKTEST_CANCELLED, BACKTEST_STORE };

/* How far it came; BACKTEST_STORE: the store did not answer. -ENOMEM. */
int backtest_read_store(struct backtest *test, const struct backtest_reading *from);

#endif
