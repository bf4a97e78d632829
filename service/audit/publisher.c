/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/publisher.h"

#include "service/audit/witness_client.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum {
    COMPLETE_MS = 30 * 1000,      /* an idle log: asks again those whose lines are missing */
    REFRESH_MS = 10 * 60 * 1000,  /* and all of them, so that the times in the lines stay young */
    BEGIN_TRIES = 3,              /* of a witness in the round at the start */
};

struct publisher {
    struct log_writer *writer;
    struct witness_client *client; /* NULL: no witnesses */
    int deadline_ms;
    int64_t asked_ms; /* monotonic; when the last round began */
    uint64_t tried;   /* size of the round that ended last; UINT64_MAX: none yet */
    struct publisher_status status;
};

static int64_t clock_ms(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct publisher *publisher_free(struct publisher *publisher)
{
    if (publisher) {
        publisher->client = witness_client_stop(publisher->client);
        free(publisher);
    }
    return NULL;
}

int publisher_new(struct publisher **ret, struct log_writer *writer, const struct witness_ask_options *options,
                  struct fault *why)
{
    CLEANUP(publisher_freep) struct publisher *publisher = calloc(1, sizeof(*publisher));
    int r = 0;

    if (!publisher) {
        return -ENOMEM;
    }
    publisher->writer = writer;
    publisher->tried = UINT64_MAX;
    if (options) {
        r = witness_policy_log(options->policy, options->key, why);
        r = r ? r : witness_client_start(&publisher->client, options);
        publisher->deadline_ms = options->deadline_ms;
        publisher->status.witnesses = (unsigned)options->policy->witness_count;
    }
    if (r == 0) {
        *ret = TAKE(publisher);
    }
    return r;
}

/* The checkpoint with our own signature only. */
static int publish_bare(struct publisher *publisher, struct fault *why)
{
    struct buf note;
    int r;

    buf_init(&note, NOTE_MAX_BYTES);
    r = log_writer_sign(publisher->writer, &note, why);
    r = r ? r : log_writer_publish(publisher->writer, buf_span(&note), why);
    buf_done(&note);
    return r ? r : PUBLISHER_NEWS;
}

static int offer(struct publisher *publisher, struct fault *why)
{
    struct buf note;
    int r;

    buf_init(&note, NOTE_MAX_BYTES);
    r = log_writer_sign(publisher->writer, &note, why);
    r = r ? r : witness_client_offer(publisher->client, buf_span(&note), log_writer_head(publisher->writer)->size);
    buf_done(&note);
    publisher->asked_ms = clock_ms(CLOCK_MONOTONIC);
    return r;
}

/* A round that has ended. */
static int take(struct publisher *publisher, struct fault *why)
{
    struct publisher_status *status = &publisher->status;
    struct witness_reply reply;
    int r = witness_client_take(publisher->client, &reply, why);

    if (r) {
        return r;
    }
    publisher->tried = reply.size;
    if (!reply.round.met) {
        status->waiting_since_ms = status->waiting ? status->waiting_since_ms : clock_ms(CLOCK_REALTIME);
        status->waiting = true;
    } else {
        status->waiting = false;
        status->cosigned = (unsigned)__builtin_popcount(reply.round.cosigned);
        r = log_writer_publish(publisher->writer, buf_span(&reply.round.note), why);
        r = r ? r : PUBLISHER_NEWS;
    }
    buf_done(&reply.round.note);
    return r;
}

static bool is_time(const struct publisher *publisher, enum publisher_when when)
{
    uint64_t size = log_writer_head(publisher->writer)->size;
    int64_t since = clock_ms(CLOCK_MONOTONIC) - publisher->asked_ms;

    if (when == PUBLISH_NOT_NOW || size == 0) {
        return false;
    }
    if (when == PUBLISH_LAST) {
        return size != log_writer_published(publisher->writer) && size != publisher->tried;
    }
    return size != log_writer_published(publisher->writer) || publisher->status.waiting || since >= REFRESH_MS ||
           (publisher->status.cosigned < publisher->status.witnesses && since >= COMPLETE_MS);
}

static int turn_alone(struct publisher *publisher, enum publisher_when when, struct fault *why)
{
    bool news = log_writer_head(publisher->writer)->size != log_writer_published(publisher->writer);

    return news && when != PUBLISH_NOT_NOW ? publish_bare(publisher, why) : 0;
}

int publisher_turn(struct publisher *publisher, enum publisher_when when, struct fault *why)
{
    int r, news = 0;

    if (!publisher->client) {
        return turn_alone(publisher, when, why);
    }
    r = take(publisher, why);
    if (r == WITNESS_BUSY) {
        return 0;
    }
    if (r == PUBLISHER_NEWS) {
        news = PUBLISHER_NEWS;
    } else if (r < 0 || r == FAULT) {
        return r;
    }
    r = is_time(publisher, when) ? offer(publisher, why) : 0;
    return r ? r : news;
}

int publisher_begin(struct publisher *publisher, struct fault *why)
{
    const struct log_writer *writer = publisher->writer;
    bool nothing = log_writer_checkpoint(writer).len == 0;
    int r = 0;

    if (nothing && log_writer_head(writer)->size == 0) {
        r = publish_bare(publisher, why);
    } else if (!publisher->client) {
        r = turn_alone(publisher, PUBLISH_DUE, why);
    }
    r = r == PUBLISHER_NEWS ? 0 : r;
    if (r || !publisher->client) {
        return r;
    }
    /* Also of an empty log: a witness may remember that it was none. */
    r = offer(publisher, why);
    if (r == 0) {
        witness_client_wait(publisher->client, publisher->deadline_ms * BEGIN_TRIES);
        r = take(publisher, why);
    }
    return r == WITNESS_BUSY || r == PUBLISHER_NEWS ? 0 : r;
}

bool publisher_settled(struct publisher *publisher, int ms)
{
    uint64_t size = log_writer_head(publisher->writer)->size;

    if (!publisher->client || size == log_writer_published(publisher->writer) || size == publisher->tried) {
        return true;
    }
    witness_client_wait(publisher->client, ms);
    return false;
}

void publisher_status(const struct publisher *publisher, struct publisher_status *ret)
{
    *ret = publisher->status;
}
