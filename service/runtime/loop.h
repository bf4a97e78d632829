/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_RUNTIME_LOOP_H
#define RAPPORTEUR_SERVICE_RUNTIME_LOOP_H

/*
 * The event loop of one thread: timers, signals, work from other threads, drain states, and the
 * only reader of the clock. Whatever waits, waits here; nothing that belongs to a loop is touched
 * by another thread, which says what it wants with loop_post() instead.
 *     CLEANUP(loop_freep) struct loop *loop = NULL;
 *     r = loop_new(&loop);
 *     ... timers, an http_server, a store ...
 *     r = loop_run(loop);              until loop_stop() or the end of a drain
 *
 * A process that stops well goes through the drain states of each loop:
 *     loop_drain(loop, 20 * 1000);     from a signal callback; from another thread by loop_post()
 * Members (loop_join) hear of each state and say when they are ready; a loop without members is
 * done at once. What is not ready at the deadline is left behind, and loop_drain_straggler() names
 * it.
 */

#include "lib/base/attr.h"

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct loop;
struct loop_timer;
struct loop_member;

/* 0, or -ENOMEM, or the errno of epoll or eventfd. */
int loop_new(struct loop **ret) NODISCARD;
/* Frees the loop; its timers, members, servers and stores must have been freed before it. */
struct loop *loop_free(struct loop *loop);
DEFINE_CLEANUP(struct loop *, loop_free);

/* For the folders of service/ that hang libevent, hiredis or libcurl on this loop. */
struct event_base *loop_base(struct loop *loop);

/* Runs callbacks until loop_stop() or the end of a drain: 0, or -EIO when epoll itself failed. Then
 * runs what other threads had posted by then and refuses what they post later. */
int loop_run(struct loop *loop);

/* Ends loop_run after the callbacks of this turn. Own thread only. */
void loop_stop(struct loop *loop);

/* Milliseconds since 1970 (for records), and of a clock that never jumps (for deadlines). Any
 * thread. */
int64_t loop_now_ms(void);
int64_t loop_steady_ms(void);

/* loop_now_ms follows the machine's clock forwards, and goes on at its own pace when that clock is
 * set back: ids rise, leases end, and the log's times do not fall, which its verifier would refuse.
 * A new process starts from the machine's clock; loop_clock_floor says that it is `at_ms` at least,
 * for what the log has already. loop_clock_ahead_ms: by how much our time is ahead of the machine's. */
void loop_clock_floor(int64_t at_ms);
int64_t loop_clock_ahead_ms(void);

/* A timer that calls `fire` once for each start. Own thread only. NULL: no memory. */
struct loop_timer *loop_timer_new(struct loop *loop, void (*fire)(void *arg), void *arg);
/* Frees it, running or not; its callback will not run any more. It may be called from the callback.
 */
struct loop_timer *loop_timer_free(struct loop_timer *timer);
DEFINE_CLEANUP(struct loop_timer *, loop_timer_free);
/* Fires in `ms` (0: in the next turn); a timer that is running starts anew. */
void loop_timer_start(struct loop_timer *timer, int64_t ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_running(const struct loop_timer *timer);

/* Calls `caught` from the loop for each `signal_number`. At most one loop of a process may take
 * signals (the main thread's). 0, -ENOMEM, or -EBUSY for a signal that is already taken. */
int loop_signal(struct loop *loop, int signal_number, void (*caught)(void *arg, int signal_number),
                void *arg) NODISCARD;

enum { LOOP_POSTS_MAX = 65536 };

/* From any thread: run(arg) will be called once on the loop's thread, in the order of posting.
 * 0; -EAGAIN when LOOP_POSTS_MAX wait already; -ESHUTDOWN after loop_run has returned; -ENOMEM.
 * After a failure run is never called, so the caller still owns arg. */
int loop_post(struct loop *loop, void (*run)(void *arg), void *arg) NODISCARD;

enum drain_state {
    DRAIN_NONE,   /* serving */
    DRAIN_REFUSE, /* readiness says 503, listeners closed; open requests go on, the deadline runs */
    DRAIN_FLUSH,  /* no request left; queued writes and audit entries finish */
    DRAIN_DONE,   /* the loop ends, and everything is freed, so leak checkers stay honest */
};

/* One that must be heard before the loop goes on to the next drain state. enter(arg, state) is
 * called on entering DRAIN_REFUSE and DRAIN_FLUSH; for each, the member calls loop_member_ready()
 * once, at once or later. `name` is borrowed. NULL: no memory. */
struct loop_member *loop_join(struct loop *loop, const char *name,
                              void (*enter)(void *arg, enum drain_state state), void *arg);
void loop_member_ready(struct loop_member *member);
/* Leaves, which is as good as ready, and frees the member. */
struct loop_member *loop_leave(struct loop_member *member);
DEFINE_CLEANUP(struct loop_member *, loop_leave);

/* Begins the drain, which ends in at most `deadline_ms`. A second call ends it at once. */
void loop_drain(struct loop *loop, int64_t deadline_ms);
enum drain_state loop_drain_state(const struct loop *loop);
/* After loop_run: the first member that was not ready in time, NULL when all were. */
const char *loop_drain_straggler(const struct loop *loop);

#endif
