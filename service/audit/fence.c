/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/fence.h"

#include <errno.h>
#include <time.h>

static int put(const struct audit_source *source, uint64_t expected, struct audit_mirror *mirror,
               const struct audit_mirror *next, struct fault *why)
{
    int r = source->mirror_put(source->arg, expected, next, why);

    if (r == 0) {
        *mirror = *next;
    }
    return r;
}

static int taken_by(uint64_t ours, uint64_t theirs, struct fault *why)
{
    return fault_set(why, "SEQUENCER_FENCED", "stream",
                     "another sequencer has taken over this log: the store names epoch %llu, ours is %llu; "
                     "only one service may run on a store",
                     (unsigned long long)theirs, (unsigned long long)ours);
}

int fence_take(const struct audit_source *source, struct audit_mirror *mirror, const struct checkpoint *head,
               struct fault *why)
{
    const struct timespec pause = {.tv_nsec = FENCE_PAUSE_MS * 1000000L};
    struct audit_mirror found = *mirror;
    bool unknown = false;
    int r = -EAGAIN;

    for (int i = 0; i < FENCE_TRIES; i++) {
        struct audit_mirror next = {.epoch = found.epoch + 1, .size = head->size, .root = head->root};

        r = put(source, found.epoch, mirror, &next, why);
        if (r == 0 || r == FAULT) {
            return r;
        }
        if (r == SOURCE_FENCED && !unknown) {
            return taken_by(next.epoch, next.epoch, why);
        }
        unknown = unknown || r < 0;
        (void)nanosleep(&pause, NULL);
        r = source->mirror_get(source->arg, &found, why);
        if (r == FAULT) {
            return r;
        }
        r = r ? r : -EAGAIN;
    }
    return r;
}

int fence_put(const struct audit_source *source, struct audit_mirror *mirror, const struct checkpoint *head,
              struct fault *why)
{
    struct audit_mirror next = {.epoch = mirror->epoch, .size = head->size, .root = head->root}, found;
    int r = put(source, mirror->epoch, mirror, &next, why);

    if (r != SOURCE_FENCED) {
        return r;
    }
    r = source->mirror_get(source->arg, &found, why);
    if (r) {
        return r;
    }
    if (found.epoch > mirror->epoch || found.size > head->size) {
        return taken_by(mirror->epoch, found.epoch, why);
    }
    if (found.epoch == mirror->epoch) {
        return -EAGAIN; /* it changed between the two calls: asked again at the next turn */
    }
    /* Ours from now on, whatever becomes of this call: if it is done and its answer is lost, the
     * next put finds its own epoch. */
    next.epoch = ++mirror->epoch;
    r = put(source, found.epoch, mirror, &next, why);
    return r == SOURCE_FENCED ? taken_by(next.epoch, found.epoch + 1, why) : r;
}
