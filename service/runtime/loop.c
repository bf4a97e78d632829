/* SPDX-License-Identifier: Apache-2.0 */
#include "service/runtime/loop.h"

#include <event2/event.h>

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { SIGNALS_MAX = 8, SIGNAL_NUMBER_MAX = 64 };

struct post {
    struct post *next;
    void (*run)(void *arg);
    void *arg;
};

struct caught_signal {
    struct event *event;
    void (*caught)(void *arg, int signal_number);
    void *arg;
};

struct loop_timer {
    struct event *event;
    void (*fire)(void *arg);
    void *arg;
};

struct loop_member {
    struct loop *loop;
    struct loop_member *next;
    const char *name;
    void (*enter)(void *arg, enum drain_state state);
    void *arg;
    bool ready;
};

struct loop {
    struct event_base *base;
    struct event *posted; /* the eventfd became readable */
    int posted_fd;

    pthread_mutex_t lock; /* guards the four below: all that other threads touch */
    struct post *first, **last;
    size_t post_count;
    bool closed;

    size_t signal_count;
    struct caught_signal signals[SIGNALS_MAX];

    enum drain_state drain;
    int64_t drain_end_ms;
    struct event *drain_timer;
    struct loop_member *members;
    const char *straggler;
};

static int64_t read_clock(clockid_t clock)
{
    struct timespec now = {0};

    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wall clock minus steady clock: the largest seen. The wall clock is read first, so that a pause
 * between the two readings makes the difference smaller, never larger. */
static _Atomic int64_t wall_ahead = INT64_MIN;

static int64_t raise_wall(int64_t ahead)
{
    int64_t seen = atomic_load(&wall_ahead);

    while (ahead > seen && !atomic_compare_exchange_weak(&wall_ahead, &seen, ahead)) {
    }
    return ahead > seen ? ahead : seen;
}

int64_t loop_now_ms(void)
{
    int64_t wall = read_clock(CLOCK_REALTIME), steady = read_clock(CLOCK_MONOTONIC);

    return steady + raise_wall(wall - steady);
}

void loop_clock_floor(int64_t at_ms)
{
    (void)raise_wall(at_ms - read_clock(CLOCK_MONOTONIC));
}

int64_t loop_clock_ahead_ms(void)
{
    int64_t now = loop_now_ms();

    return now - read_clock(CLOCK_REALTIME);
}

int64_t loop_steady_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Work from other threads. */

static struct post *take_posts(struct loop *loop)
{
    struct post *first;

    (void)pthread_mutex_lock(&loop->lock);
    first = loop->first;
    loop->first = NULL;
    loop->last = &loop->first;
    loop->post_count = 0;
    (void)pthread_mutex_unlock(&loop->lock);
    return first;
}

static void run_posts(struct loop *loop)
{
    struct post *post = take_posts(loop);

    while (post) {
        struct post *next = post->next;

        post->run(post->arg);
        free(post);
        post = next;
    }
}

static void on_posted(evutil_socket_t fd, short what, void *arg)
{
    uint64_t count;

    (void)what;
    /* Emptied before the list is taken: a later post signs again. */
    if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN) {
        return;
    }
    run_posts(arg);
}

int loop_post(struct loop *loop, void (*run)(void *arg), void *arg)
{
    static const uint64_t one = 1;
    struct post *post = malloc(sizeof(*post));
    bool first = false;
    int r = 0;

    if (!post) {
        return -ENOMEM;
    }
    *post = (struct post){.run = run, .arg = arg};
    (void)pthread_mutex_lock(&loop->lock);
    if (loop->closed) {
        r = -ESHUTDOWN;
    } else if (loop->post_count >= LOOP_POSTS_MAX) {
        r = -EAGAIN;
    } else {
        first = loop->post_count++ == 0;
        *loop->last = post;
        loop->last = &post->next;
    }
    /* Under the lock, so that the descriptor cannot be closed in between. */
    if (first && write(loop->posted_fd, &one, sizeof(one)) < 0) {
        assert(errno == EAGAIN); /* the counter is full: it will be read anyway */
    }
    (void)pthread_mutex_unlock(&loop->lock);
    if (r < 0) {
        free(post);
    }
    return r;
}

/* The loop itself. */

static void on_drain_deadline(evutil_socket_t fd, short what, void *arg);

static struct event_base *new_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base;

    if (!config) {
        return NULL;
    }
    /* No locks: one thread owns the base. The changelist saves most epoll_ctl calls. */
    (void)event_config_set_flag(config,
                                EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

static int open_events(struct loop *loop)
{
    loop->posted_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->posted_fd < 0) {
        return -errno;
    }
    loop->base = new_base();
    if (!loop->base) {
        return -ENOMEM;
    }
    loop->posted = event_new(loop->base, loop->posted_fd, EV_READ | EV_PERSIST, on_posted, loop);
    loop->drain_timer = event_new(loop->base, -1, 0, on_drain_deadline, loop);
    if (!loop->posted || !loop->drain_timer || event_add(loop->posted, NULL) != 0) {
        return -ENOMEM;
    }
    return 0;
}

int loop_new(struct loop **ret)
{
    CLEANUP(loop_freep) struct loop *loop = calloc(1, sizeof(*loop));
    int r;

    if (!loop) {
        return -ENOMEM;
    }
    loop->last = &loop->first;
    loop->posted_fd = -1;
    (void)pthread_mutex_init(&loop->lock, NULL);
    r = open_events(loop);
    if (r < 0) {
        return r;
    }
    *ret = TAKE(loop);
    return 0;
}

struct loop *loop_free(struct loop *loop)
{
    if (!loop) {
        return NULL;
    }
    assert(!loop->members);
    for (size_t i = 0; i < loop->signal_count; i++) {
        event_free(loop->signals[i].event);
    }
    if (loop->posted) {
        event_free(loop->posted);
    }
    if (loop->drain_timer) {
        event_free(loop->drain_timer);
    }
    if (loop->base) {
        event_base_free(loop->base);
    }
    while (loop->first) { /* posted before a loop_run that never came */
        struct post *next = loop->first->next;

        free(loop->first);
        loop->first = next;
    }
    if (loop->posted_fd >= 0) {
        (void)close(loop->posted_fd);
    }
    (void)pthread_mutex_destroy(&loop->lock);
    free(loop);
    return NULL;
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}

int loop_run(struct loop *loop)
{
    int r = event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);

    (void)pthread_mutex_lock(&loop->lock);
    loop->closed = true;
    (void)pthread_mutex_unlock(&loop->lock);
    run_posts(loop);
    return r < 0 ? -EIO : 0;
}

void loop_stop(struct loop *loop)
{
    (void)event_base_loopexit(loop->base, NULL);
}

/* Timers. */

static struct timeval interval(int64_t ms)
{
    ms = ms > 0 ? ms : 0;
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct loop_timer *timer = arg;

    (void)fd;
    (void)what;
    timer->fire(timer->arg);
}

struct loop_timer *loop_timer_new(struct loop *loop, void (*fire)(void *arg), void *arg)
{
    struct loop_timer *timer = malloc(sizeof(*timer));

    if (!timer) {
        return NULL;
    }
    *timer = (struct loop_timer){.fire = fire, .arg = arg};
    timer->event = event_new(loop->base, -1, 0, on_timer, timer);
    if (!timer->event) {
        free(timer);
        return NULL;
    }
    return timer;
}

struct loop_timer *loop_timer_free(struct loop_timer *timer)
{
    if (timer) {
        event_free(timer->event);
        free(timer);
    }
    return NULL;
}

void loop_timer_start(struct loop_timer *timer, int64_t ms)
{
    struct timeval after = interval(ms);

    (void)event_add(timer->event, &after);
}

void loop_timer_stop(struct loop_timer *timer)
{
    (void)event_del(timer->event);
}

bool loop_timer_running(const struct loop_timer *timer)
{
    return event_pending(timer->event, EV_TIMEOUT, NULL) != 0;
}

/* Signals. */

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    const struct caught_signal *caught = arg;

    (void)what;
    caught->caught(caught->arg, (int)number);
}

int loop_signal(struct loop *loop, int signal_number, void (*caught)(void *arg, int signal_number),
                void *arg)
{
    struct caught_signal *slot = &loop->signals[loop->signal_count];

    assert(signal_number > 0 && signal_number < SIGNAL_NUMBER_MAX);
    if (loop->signal_count == SIGNALS_MAX) {
        return -EBUSY;
    }
    for (size_t i = 0; i < loop->signal_count; i++) {
        if (event_get_signal(loop->signals[i].event) == signal_number) {
            return -EBUSY;
        }
    }
    *slot = (struct caught_signal){.caught = caught, .arg = arg};
    slot->event = evsignal_new(loop->base, signal_number, on_signal, slot);
    if (!slot->event) {
        return -ENOMEM;
    }
    if (event_add(slot->event, NULL) != 0) {
        event_free(slot->event);
        return -ENOMEM;
    }
    loop->signal_count++;
    return 0;
}

/* Drain. */

static void drain_go_on(struct loop *loop);

struct loop_member *loop_join(struct loop *loop, const char *name,
                              void (*enter)(void *arg, enum drain_state state), void *arg)
{
    struct loop_member *member = malloc(sizeof(*member));

    if (member) {
        *member = (struct loop_member){loop, loop->members, name, enter, arg, false};
        loop->members = member;
    }
    return member;
}

void loop_member_ready(struct loop_member *member)
{
    member->ready = true;
    drain_go_on(member->loop);
}

struct loop_member *loop_leave(struct loop_member *member)
{
    if (member) {
        struct loop *loop = member->loop;
        struct loop_member **at = &loop->members;

        while (*at != member) {
            at = &(*at)->next;
        }
        *at = member->next;
        free(member);
        drain_go_on(loop);
    }
    return NULL;
}

static const struct loop_member *not_ready(const struct loop *loop)
{
    const struct loop_member *member = loop->members;

    while (member && member->ready) {
        member = member->next;
    }
    return member;
}

static void enter_state(struct loop *loop, enum drain_state state)
{
    assert(state == loop->drain + 1 || state == DRAIN_DONE);
    loop->drain = state;
    if (state == DRAIN_DONE) {
        (void)event_del(loop->drain_timer);
        loop_stop(loop);
        return;
    }
    for (struct loop_member *member = loop->members; member; member = member->next) {
        member->ready = false;
    }
    for (struct loop_member *member = loop->members, *next; member; member = next) {
        next = member->next; /* enter may leave the loop, or be ready at once */
        member->enter(member->arg, state);
    }
}

/* Looks again in the next turn, never inside a member's call: entering a state calls the members.
 */
static void drain_go_on(struct loop *loop)
{
    if ((loop->drain == DRAIN_REFUSE || loop->drain == DRAIN_FLUSH) && !not_ready(loop)) {
        event_active(loop->drain_timer, EV_TIMEOUT, 0);
    }
}

static void on_drain_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct loop *loop = arg;
    const struct loop_member *late = not_ready(loop);
    struct timeval left;

    (void)fd;
    (void)what;
    if (loop->drain == DRAIN_DONE) {
        return;
    }
    if (late && loop_steady_ms() >= loop->drain_end_ms) {
        loop->straggler = late->name;
        enter_state(loop, DRAIN_DONE);
        return;
    }
    if (!late) {
        enter_state(loop, loop->drain + 1);
    }
    if (not_ready(loop)) {
        /* Adding would take back an activation, so never both. */
        left = interval(loop->drain_end_ms - loop_steady_ms() + 1);
        (void)event_add(loop->drain_timer, &left);
    } else {
        drain_go_on(loop);
    }
}

void loop_drain(struct loop *loop, int64_t deadline_ms)
{
    if (loop->drain != DRAIN_NONE) {
        const struct loop_member *late = not_ready(loop);

        if (loop->drain != DRAIN_DONE) {
            loop->straggler = late ? late->name : NULL;
            enter_state(loop, DRAIN_DONE);
        }
        return;
    }
    loop->drain_end_ms = loop_steady_ms() + deadline_ms;
    enter_state(loop, DRAIN_REFUSE);
    event_active(loop->drain_timer, EV_TIMEOUT, 0);
}

enum drain_state loop_drain_state(const struct loop *loop)
{
    return loop->drain;
}

const char *loop_drain_straggler(const struct loop *loop)
{
    return loop->straggler;
}
