/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_REDIS_LOOP_H
#define RAPPORTEUR_TESTS_REDIS_LOOP_H

/* An event loop for tests: runs until a condition holds, and fails the test after 20 s. */

#include "tests/redis/bed.h"

#include "service/store/link.h"

#include <event2/event.h>

static inline void loop_until(struct event_base *base, bool (*done)(void *arg), void *arg)
{
    int64_t end = link_now_ms() + 20000;
    struct timeval tick = {.tv_usec = 5000};

    while (!done(arg)) {
        assert_true(link_now_ms() < end);
        (void)event_base_loopexit(base, &tick);
        (void)event_base_loop(base, EVLOOP_ONCE);
    }
}

#endif
