/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_SENTINEL_WATCH_H
#define RAPPORTEUR_SERVICE_STORE_SENTINEL_WATCH_H

/*
 * Keeps asking the Sentinels, one at a time, who the primary is: on an event loop, over two
 * connections to the same Sentinel. One asks SENTINEL MASTER once a second and at once when something
 * seems to have changed; the other listens to +switch-master, which is only a reason to ask. A
 * Sentinel that does not answer within SENTINEL_ANSWER_MS, or says nothing of use, gives way to the
 * next. While none answers, the last primary known stays.
 */

#include "service/store/sentinel.h"

struct event_base;
struct sentinel_watch;

enum { SENTINEL_ANSWER_MS = 500, SENTINEL_ASK_MS = 1000, SENTINEL_AGAIN_MS = 100 };

struct sentinel_watch_options {
    struct event_base *base;            /* borrowed */
    const struct store_where *where;    /* borrowed, must outlive it */
    uint32_t seed;
    /* Another primary. Not from within a call of the functions below. */
    void (*switched)(void *arg, const struct sentinel_view *view);
    void *arg;
};

/* 0 or -ENOMEM. */
int sentinel_watch_new(struct sentinel_watch **ret, const struct sentinel_watch_options *options);
struct sentinel_watch *sentinel_watch_free(struct sentinel_watch *watch);

/* Something seems to have changed: ask soon. Cheap, any number of times. */
void sentinel_watch_hint(struct sentinel_watch *watch);

/* A Sentinel answered lately. */
bool sentinel_watch_answered(const struct sentinel_watch *watch);

#endif
