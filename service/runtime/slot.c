/* SPDX-License-Identifier: Apache-2.0 */
#include "service/runtime/slot.h"

#include <stddef.h>

void slot_init(struct slot *slot, void *(*ref)(void *), void (*unref)(void *))
{
    *slot = (struct slot){.ref = ref, .unref = unref};
    (void)pthread_mutex_init(&slot->lock, NULL);
}

void slot_done(struct slot *slot)
{
    if (slot->value) {
        slot->unref(slot->value);
        slot->value = NULL;
    }
    (void)pthread_mutex_destroy(&slot->lock);
}

void *slot_take(struct slot *slot)
{
    void *value;

    (void)pthread_mutex_lock(&slot->lock);
    value = slot->value ? slot->ref(slot->value) : NULL;
    (void)pthread_mutex_unlock(&slot->lock);
    return value;
}

void slot_put(struct slot *slot, void *value)
{
    void *old;

    (void)pthread_mutex_lock(&slot->lock);
    old = slot->value;
    slot->value = value;
    slot->generation++;
    (void)pthread_mutex_unlock(&slot->lock);
    if (old) {
        slot->unref(old);           /* outside the lock: freeing a match set takes a while */
    }
}

unsigned long slot_generation(struct slot *slot)
{
    unsigned long generation;

    (void)pthread_mutex_lock(&slot->lock);
    generation = slot->generation;
    (void)pthread_mutex_unlock(&slot->lock);
    return generation;
}
