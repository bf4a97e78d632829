/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/sequencer.h"

#include "service/audit/fence.h"
#include "service/audit/log_writer.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    INTEGRATE_MS = 200,
    PUBLISH_MS = 1000,
    PARTIAL_KEEP_MS = 10 * 60 * 1000,
    BATCH_ENTRIES = 4096,
    BATCH_BYTES = 16 << 20,
    SIZE_EVERY_MS = 1000,  /* how often an idle sequencer asks for the store's counter */
    COMPARE_ENTRIES = 256, /* of the store's tail, at the start */
    STOP_MS = 10000,       /* how long a stop goes on integrating */
    WITNESS_MS = 2000,
    SETTLE_MS = 50,        /* between two looks at the witnesses while stopping */
};

/* A published size, to remove the partials it made needless once it is old enough. */
struct sweep_mark {
    int64_t at_ms;
    uint64_t size;
};

struct sequencer {
    struct sequencer_options options;
    struct log_writer *writer;
    struct publisher *publisher;
    struct audit_batch batch;
    struct audit_mirror mirror; /* as last put */
    bool mirror_pending;
    int64_t published_ms, sized_ms; /* monotonic */
    uint64_t trimmed;
    struct sweep_mark sweep;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wake;
    bool stopping;
    struct sequencer_status status;
    struct buf checkpoint;
};

static int64_t clock_ms(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t now_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

/* ---- what others see ---- */

static void say_errno(struct fault *why, int r)
{
    char text[128];

    (void)fault_set(why, "SEQUENCER_STORE", "stream", "the store does not answer: %s",
                    strerror_r(-r, text, sizeof(text)));
}

static void tell_state(struct sequencer *s, enum sequencer_state state, const struct fault *why)
{
    (void)pthread_mutex_lock(&s->mutex);
    s->status.state = state;
    if (why) {
        s->status.why = *why;
    }
    (void)pthread_mutex_unlock(&s->mutex);
}

static void tell_head(struct sequencer *s, size_t added)
{
    const struct checkpoint *head = log_writer_head(s->writer);

    (void)pthread_mutex_lock(&s->mutex);
    s->status.size = head->size;
    s->status.root = head->root;
    s->status.entries += added;
    s->status.batches += added > 0;
    s->status.last_turn_ms = clock_ms(CLOCK_REALTIME);
    publisher_status(s->publisher, &s->status.witnesses);
    if (s->status.store_size < head->size) {
        s->status.store_size = head->size;
    }
    (void)pthread_mutex_unlock(&s->mutex);
}

static int tell_published(struct sequencer *s)
{
    int r;

    (void)pthread_mutex_lock(&s->mutex);
    s->status.published_size = log_writer_published(s->writer);
    publisher_status(s->publisher, &s->status.witnesses);
    buf_clear(&s->checkpoint);
    r = buf_add_span(&s->checkpoint, log_writer_checkpoint(s->writer));
    (void)pthread_mutex_unlock(&s->mutex);
    return r;
}

/* ---- one turn ---- */

/* The store's memory of the log. Not being able to put it is no failure of the log: it is tried
 * again, and nothing is published before. */
static int put_mirror(struct sequencer *s, struct fault *why)
{
    int r = fence_put(s->options.source, &s->mirror, log_writer_head(s->writer), why);

    s->mirror_pending = r < 0;
    return r;
}

/* The store's counter, from time to time: smaller than the log means that it lost entries. */
static int look_at_store(struct sequencer *s, struct fault *why)
{
    uint64_t size, have = log_writer_head(s->writer)->size;
    int r;

    if (now_ms() - s->sized_ms < SIZE_EVERY_MS) {
        return 0;
    }
    r = s->options.source->size(s->options.source->arg, &size, why);
    if (r) {
        return r;
    }
    s->sized_ms = now_ms();
    if (size < have) {
        return fault_set(why, "SEQUENCER_SHRUNK", "stream",
                         "the store counts %llu entries, the log has %llu: the "
                         "store was set back and must be looked at",
                         (unsigned long long)size, (unsigned long long)have);
    }
    (void)pthread_mutex_lock(&s->mutex);
    s->status.store_size = size;
    (void)pthread_mutex_unlock(&s->mutex);
    return 0;
}

/* Reads what is there and commits it. */
static int integrate(struct sequencer *s, struct fault *why)
{
    const struct audit_source *source = s->options.source;
    int r;

    audit_batch_clear(&s->batch, log_writer_head(s->writer)->size);
    r = source->read(source->arg, &s->batch, why);
    if (r || s->batch.count == 0) {
        return r;
    }
    r = log_writer_commit(s->writer, &s->batch, why);
    if (r == 0) {
        /* A store that does not answer here is caught up with later; a fence stops us before
         * anything of this step becomes visible. */
        int put = put_mirror(s, why);

        r = put > 0 ? put : 0;
    }
    if (r == 0) {
        r = log_writer_spread(s->writer, why);
    }
    if (r == 0) {
        tell_head(s, s->batch.count);
    }
    return r < 0 ? fault_set(why, "SEQUENCER_IO", "", "no memory for a batch") : r;
}

static void sweep(struct sequencer *s)
{
    int64_t now = now_ms();

    if (s->sweep.at_ms && now - s->sweep.at_ms >= s->options.partial_keep_ms) {
        log_writer_sweep(s->writer, s->sweep.size);
        s->sweep.at_ms = 0;
    }
    if (s->sweep.at_ms == 0) {
        s->sweep = (struct sweep_mark){now, log_writer_published(s->writer)};
    }
}

/* A round of the witnesses may end at any turn; a new one, trim and sweep come when due. */
static int publish(struct sequencer *s, enum publisher_when when, struct fault *why)
{
    const struct audit_source *source = s->options.source;
    int r = publisher_turn(s->publisher, when, why);
    uint64_t published = log_writer_published(s->writer);

    if (r == PUBLISHER_NEWS) {
        r = tell_published(s);
    }
    if (r < 0) {
        char text[128];

        return fault_set(why, "SEQUENCER_IO", "log/checkpoint", "it could not be published: %s",
                         strerror_r(-r, text, sizeof(text)));
    }
    if (r) {
        return r;
    }
    if (when == PUBLISH_NOT_NOW) {
        return 0;
    }
    s->published_ms = now_ms();
    /* Trimmed later at worst: the store keeps what it need not. */
    if (s->trimmed < published && source->trim(source->arg, published) == 0) {
        s->trimmed = published;
    }
    sweep(s);
    return 0;
}

static enum publisher_when publish_when(const struct sequencer *s, bool stopping)
{
    if (s->mirror_pending) {
        return PUBLISH_NOT_NOW;
    }
    return stopping                                                  ? PUBLISH_LAST
           : now_ms() - s->published_ms >= s->options.publish_ms ? PUBLISH_DUE
                                                                     : PUBLISH_NOT_NOW;
}

/* 0, FAULT (for good) or the errno of a store that did not answer. */
static int turn(struct sequencer *s, bool stopping, struct fault *why)
{
    int r = s->mirror_pending ? put_mirror(s, why) : 0;

    if (r == 0) {
        r = integrate(s, why);
    }
    if (r == 0) {
        r = look_at_store(s, why);
    }
    return r ? r : publish(s, publish_when(s, stopping), why);
}

/* ---- the thread ---- */

/* Waits for the next turn; true when asked to stop. */
static bool wait_turn(struct sequencer *s, int64_t ms)
{
    struct timespec until;
    bool stopping;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_mutex_lock(&s->mutex);
    while (!s->stopping && ms > 0 && pthread_cond_timedwait(&s->wake, &s->mutex, &until) == 0) {
    }
    stopping = s->stopping;
    (void)pthread_mutex_unlock(&s->mutex);
    return stopping;
}

static void fail(struct sequencer *s, const struct fault *why)
{
    tell_state(s, SEQUENCER_FAILED, why);
    if (s->options.failed) {
        s->options.failed(s->options.failed_arg, why);
    }
}

static void *run(void *arg)
{
    struct sequencer *s = arg;
    int64_t stop_by = 0;
    bool stopping = false;

    for (;;) {
        struct fault why = {0};
        int64_t began = now_ms(), rest;
        int r = turn(s, stopping, &why);
        bool full = r == 0 && (s->batch.full || s->batch.count == s->batch.max_count);

        if (r == FAULT) {
            fail(s, &why);
            return NULL;
        }
        if (r) {
            say_errno(&why, r);
        }
        tell_state(s, r ? SEQUENCER_WAITING : SEQUENCER_RUNNING, r ? &why : NULL);
        if (stopping && (r || now_ms() >= stop_by || (s->batch.count == 0 && publisher_settled(s->publisher, SETTLE_MS)))) {
            tell_state(s, SEQUENCER_STOPPED, NULL);
            return NULL;
        }
        rest = full || stopping ? 0 : s->options.integrate_ms - (now_ms() - began);
        if (wait_turn(s, rest) && !stopping) {
            stopping = true;
            stop_by = now_ms() + STOP_MS;
        }
    }
}

/* ---- start and stop ---- */

/* Entries that the store still has of those in the log are the log's own. */
static int compare_tail(struct sequencer *s, uint64_t store_size, struct fault *why)
{
    const struct audit_source *source = s->options.source;
    uint64_t have = log_writer_head(s->writer)->size, until = store_size < have ? store_size : have;
    struct audit_batch tail;
    int r;

    if (until == 0) {
        return 0;
    }
    r = audit_batch_init(&tail, COMPARE_ENTRIES, BATCH_BYTES);
    if (r == 0) {
        audit_batch_clear(&tail, until > COMPARE_ENTRIES ? until - COMPARE_ENTRIES : 0);
        tail.from_anywhere = true;
        r = source->read(source->arg, &tail, why);
    }
    if (r == 0) {
        r = log_writer_compare(s->writer, &tail, why);
    }
    audit_batch_done(&tail);
    return r;
}

/* What is due is published now; witnesses are asked whether they have seen more than this disk has. */
static int start_publisher(struct sequencer *s, struct fault *why)
{
    const struct sequencer_options *o = &s->options;
    char folder[4096];
    struct witness_ask_options ask = {.policy = o->witnesses, .log_folder = folder, .key = log_writer_key(s->writer),
                                      .deadline_ms = o->witness_deadline_ms, .told = o->witness_told,
                                      .told_arg = o->witness_told_arg};
    int r;

    if ((size_t)snprintf(folder, sizeof(folder), "%s/log", o->folder) >= sizeof(folder)) {
        return -ENAMETOOLONG;
    }
    r = publisher_new(&s->publisher, s->writer, o->witnesses ? &ask : NULL, why);
    return r ? r : publisher_begin(s->publisher, why);
}

/* Lock, disk, store, witnesses: everything that can refuse to start. */
static int start(struct sequencer *s, struct fault *why)
{
    const struct audit_source *source = s->options.source;
    struct audit_mirror found = {0};
    uint64_t size = 0;
    int r = source->mirror_get(source->arg, &found, why);

    if (r == 0) {
        r = log_writer_open(&s->writer, s->options.folder, s->options.origin, &found, why);
    }
    if (r == 0) {
        s->mirror = found;
        r = fence_take(source, &s->mirror, log_writer_head(s->writer), why);
    }
    if (r == 0) {
        r = source->size(source->arg, &size, why);
    }
    if (r == 0) {
        r = compare_tail(s, size, why);
    }
    if (r == 0 && size < log_writer_head(s->writer)->size) {
        s->status.raised_from = size;
        size = log_writer_head(s->writer)->size;
        r = source->raise(source->arg, size, why);
    }
    r = r ? r : start_publisher(s, why);
    if (r == 0) {
        s->status.store_size = size;
        tell_head(s, 0);
        r = tell_published(s);
    }
    return r;
}

static struct sequencer *sequencer_free(struct sequencer *s)
{
    if (s) {
        s->publisher = publisher_free(s->publisher);
        s->writer = log_writer_free(s->writer);
        audit_batch_done(&s->batch);
        buf_done(&s->checkpoint);
        (void)pthread_cond_destroy(&s->wake);
        (void)pthread_mutex_destroy(&s->mutex);
        free((void *)(uintptr_t)s->options.folder);
        free((void *)(uintptr_t)s->options.origin);
        free(s);
    }
    return NULL;
}
DEFINE_CLEANUP(struct sequencer *, sequencer_free);

static int set_options(struct sequencer *s, const struct sequencer_options *options)
{
    struct sequencer_options *o = &s->options;

    *o = *options;
    o->folder = strdup(options->folder);
    o->origin = strdup(options->origin);
    o->integrate_ms = o->integrate_ms ? o->integrate_ms : INTEGRATE_MS;
    o->publish_ms = o->publish_ms ? o->publish_ms : PUBLISH_MS;
    o->partial_keep_ms = o->partial_keep_ms ? o->partial_keep_ms : PARTIAL_KEEP_MS;
    o->batch_entries = o->batch_entries ? o->batch_entries : BATCH_ENTRIES;
    o->witness_deadline_ms = o->witness_deadline_ms ? o->witness_deadline_ms : WITNESS_MS;
    assert(o->batch_entries <= 65536 && o->integrate_ms > 0);
    s->status.raised_from = UINT64_MAX;
    buf_init(&s->checkpoint, NOTE_MAX_BYTES);
    return o->folder && o->origin ? audit_batch_init(&s->batch, o->batch_entries, BATCH_BYTES)
                                  : -ENOMEM;
}

/* Signals are for the threads that wait for them. */
static int start_thread(struct sequencer *s)
{
    sigset_t all, before;
    int r;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&s->thread, NULL, run, s);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

int sequencer_start(struct sequencer **ret, const struct sequencer_options *options,
                    struct fault *why)
{
    CLEANUP(sequencer_freep) struct sequencer *s = calloc(1, sizeof(*s));
    pthread_condattr_t attr;
    struct fault unused;
    int r;

    if (!s) {
        return -ENOMEM;
    }
    (void)pthread_mutex_init(&s->mutex, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&s->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    r = set_options(s, options);
    if (r == 0) {
        r = start(s, why ? why : &unused);
    }
    if (r == 0) {
        r = start_thread(s);
    }
    if (r == 0) {
        *ret = TAKE(s);
    }
    return r;
}

struct sequencer *sequencer_stop(struct sequencer *sequencer)
{
    if (sequencer) {
        (void)pthread_mutex_lock(&sequencer->mutex);
        sequencer->stopping = true;
        (void)pthread_cond_signal(&sequencer->wake);
        (void)pthread_mutex_unlock(&sequencer->mutex);
        (void)pthread_join(sequencer->thread, NULL);
    }
    return sequencer_free(sequencer);
}

void sequencer_status(struct sequencer *sequencer, struct sequencer_status *ret)
{
    (void)pthread_mutex_lock(&sequencer->mutex);
    *ret = sequencer->status;
    (void)pthread_mutex_unlock(&sequencer->mutex);
}

int sequencer_checkpoint(struct sequencer *sequencer, struct buf *out)
{
    int r;

    (void)pthread_mutex_lock(&sequencer->mutex);
    r = buf_add_span(out, buf_span(&sequencer->checkpoint));
    (void)pthread_mutex_unlock(&sequencer->mutex);
    return r;
}

const struct note_key *sequencer_key(const struct sequencer *sequencer)
{
    return log_writer_key(sequencer->writer);
}
