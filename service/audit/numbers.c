/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/numbers.h"

#include "lib/audit/entry.h"
#include "lib/base/clock.h"
#include "lib/json/read.h"
#include "service/audit/trail.h"

#include <errno.h>

static int add(struct transparency *t, struct audit_trail *trail, uint64_t position,
               struct fault *uncounted, bool *ret_skipped, struct fault *why)
{
    CLEANUP(json_freep) json_t *entry = NULL;
    struct span bytes;
    json_error_t error;
    int r = audit_trail_entry(trail, position, &bytes, why);

    if (r) {
        return r;
    }
    entry = json_loadb(bytes.ptr, bytes.len, JSON_REJECT_DUPLICATES, &error);
    if (!entry) {
        return fault_set(why, "ENTRY_FORM", "", "entry %llu is not JSON",
                         (unsigned long long)position);
    }
    r = transparency_add(t, entry, uncounted);
    *ret_skipped = r == FAULT;
    return r == FAULT ? 0 : r;
}

/* Numbers that are too small must not look like numbers. */
static int check_whole(struct audit_trail *trail, int64_t from_ms, struct fault *why)
{
    char first[CLOCK_TEXT_LEN + 1];
    struct entry_view entry;
    struct span bytes;
    int r = 0;

    if (!audit_trail_cut(trail) || audit_trail_first(trail) == audit_trail_end(trail)) {
        return 0;
    }
    r = audit_trail_entry(trail, audit_trail_first(trail), &bytes, why);
    r = r ? r : entry_read(&entry, bytes, why);
    if (r || from_ms >= entry.at_ms) {
        return r;
    }
    clock_text(entry.at_ms, first);
    return fault_set(why, "NUMBERS_CUT", "from",
                     "earlier logs are deleted or not here: a period can begin at %s at the earliest",
                     first);
}

int numbers_of_log(struct transparency **ret, struct audit_trail *trail,
                   const struct transparency_options *options, const atomic_bool *cancel,
                   void (*skipped)(void *arg, uint64_t position, const struct fault *why),
                   void *arg, struct fault *why)
{
    CLEANUP(transparency_freep) struct transparency *t = transparency_new(options);

    int r = t ? check_whole(trail, options->from_ms, why) : -ENOMEM;

    if (r) {
        return r;
    }
    for (uint64_t i = audit_trail_first(trail); i < audit_trail_end(trail); i++) {
        struct fault uncounted;
        bool skip = false;

        r = cancel && atomic_load(cancel) ? -ECANCELED : add(t, trail, i, &uncounted, &skip, why);

        if (r) {
            return r;
        }
        if (skip && skipped) {
            skipped(arg, i, &uncounted);
        }
    }
    *ret = TAKE(t);
    return 0;
}
