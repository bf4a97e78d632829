/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_RUNTIME_SLOT_H
#define RAPPORTEUR_SERVICE_RUNTIME_SLOT_H

/*
 * A slot: one shared, immutable, reference-counted value that threads read and one of them replaces.
 * The only thing worker threads share. Readers take a reference of their own, so a replaced value
 * lives until the last reader is done with it.
 *     slot_init(&slot, ref, unref);
 *     struct snapshot *mine = slot_take(&slot);    ... unref when done; NULL while nothing was put
 *     slot_put(&slot, next);                       takes over the caller's reference
 * Any thread. The lock is held for a reference count only.
 */

#include <pthread.h>

struct slot {
    pthread_mutex_t lock;
    void *value;
    void *(*ref)(void *value);
    void (*unref)(void *value);
    unsigned long generation;       /* rises with each put */
};

void slot_init(struct slot *slot, void *(*ref)(void *), void (*unref)(void *));
void slot_done(struct slot *slot);
void *slot_take(struct slot *slot);
void slot_put(struct slot *slot, void *value);
/* Rises with each put: tells a reader that keeps a reference whether to take anew. */
unsigned long slot_generation(struct slot *slot);

#endif
