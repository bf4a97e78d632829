/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/witness_client.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum state { IDLE, OFFERED, ASKING, DONE };

struct witness_client {
    struct witness_ask *ask;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    bool stopping;
    enum state state;
    struct buf checkpoint; /* offered; the thread's while ASKING */
    struct witness_reply reply;
    struct fault why;
    int result;
};

static void *run(void *arg)
{
    struct witness_client *client = arg;

    (void)pthread_mutex_lock(&client->mutex);
    while (!client->stopping) {
        struct witness_round round;
        struct fault why = {0};
        int r;

        if (client->state != OFFERED) {
            (void)pthread_cond_wait(&client->changed, &client->mutex);
            continue;
        }
        client->state = ASKING;
        (void)pthread_mutex_unlock(&client->mutex);
        r = witness_ask_round(client->ask, buf_span(&client->checkpoint), &round, &why);
        (void)pthread_mutex_lock(&client->mutex);
        client->reply.round = round;
        client->why = why;
        client->result = r;
        client->state = DONE;
        (void)pthread_cond_broadcast(&client->changed);
    }
    (void)pthread_mutex_unlock(&client->mutex);
    return NULL;
}

static struct witness_client *client_free(struct witness_client *client)
{
    if (client->state == DONE) {
        buf_done(&client->reply.round.note);
    }
    buf_done(&client->checkpoint);
    client->ask = witness_ask_free(client->ask);
    (void)pthread_cond_destroy(&client->changed);
    (void)pthread_mutex_destroy(&client->mutex);
    free(client);
    return NULL;
}

/* Signals are for the threads that wait for them. */
static int start_thread(struct witness_client *client)
{
    sigset_t all, before;
    int r;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&client->thread, NULL, run, client);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

int witness_client_start(struct witness_client **ret, const struct witness_ask_options *options)
{
    struct witness_client *client = calloc(1, sizeof(*client));
    pthread_condattr_t attr;
    int r;

    if (!client) {
        return -ENOMEM;
    }
    (void)pthread_mutex_init(&client->mutex, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&client->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
    buf_init(&client->checkpoint, NOTE_MAX_BYTES);
    r = witness_ask_new(&client->ask, options);
    r = r ? r : start_thread(client);
    if (r) {
        (void)client_free(client);
        return r;
    }
    *ret = client;
    return 0;
}

struct witness_client *witness_client_stop(struct witness_client *client)
{
    if (!client) {
        return NULL;
    }
    witness_ask_cancel(client->ask);
    (void)pthread_mutex_lock(&client->mutex);
    client->stopping = true;
    (void)pthread_cond_broadcast(&client->changed);
    (void)pthread_mutex_unlock(&client->mutex);
    (void)pthread_join(client->thread, NULL);
    return client_free(client);
}

int witness_client_offer(struct witness_client *client, struct span checkpoint, uint64_t size)
{
    int r;

    (void)pthread_mutex_lock(&client->mutex);
    assert(client->state == IDLE);
    buf_clear(&client->checkpoint);
    r = buf_add_span(&client->checkpoint, checkpoint);
    if (r == 0) {
        client->reply.size = size;
        client->state = OFFERED;
        (void)pthread_cond_broadcast(&client->changed);
    }
    (void)pthread_mutex_unlock(&client->mutex);
    return r ? -ENOMEM : 0;
}

int witness_client_take(struct witness_client *client, struct witness_reply *ret, struct fault *why)
{
    int r;

    (void)pthread_mutex_lock(&client->mutex);
    if (client->state != DONE) {
        r = client->state == IDLE ? WITNESS_IDLE : WITNESS_BUSY;
    } else {
        r = client->result;
        client->state = IDLE;
        if (r) {
            *why = client->why;
            buf_done(&client->reply.round.note);
        } else {
            *ret = client->reply;
        }
    }
    (void)pthread_mutex_unlock(&client->mutex);
    return r;
}

void witness_client_wait(struct witness_client *client, int ms)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_mutex_lock(&client->mutex);
    while ((client->state == OFFERED || client->state == ASKING) &&
           pthread_cond_timedwait(&client->changed, &client->mutex, &until) == 0) {
    }
    (void)pthread_mutex_unlock(&client->mutex);
}
