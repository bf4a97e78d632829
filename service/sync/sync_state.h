/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_SYNC_STATE_H
#define RAPPORTEUR_SERVICE_SYNC_SYNC_STATE_H

/* What sync.c and sources.c share; sync.h is the manual. All on the loop's thread, but `building` and
 * what put.h says, which the builder has while it runs. */

#include "service/sync/build.h"
#include "service/sync/fetch.h"
#include "service/sync/sync.h"

#include <pthread.h>

/* One source between builds. */
struct source {
    struct sync *sync;
    struct list *list;                  /* the good one; NULL: none yet */
    struct buf *news;                   /* a body that waits for the next build */
    struct fetch *fetch;
    char etag[256];
    int64_t due_ms, checked_ms;         /* steady; wall */
    struct fault why;
    bool failing;
};

struct sync {
    struct sync_options options;
    struct settings *settings, *wanted; /* running; those of the build under way or to come */
    struct source *sources;             /* of `wanted` */
    struct source *held;                /* of `settings` while a reload is under way, to go back to */
    struct transfer_pool *pool;
    struct loop_timer *timer;
    struct build *building;             /* with the builder thread, NULL: idle */
    bool again;                         /* something came while it was building */
    bool reloading;
    pthread_t builder;
    int built;                          /* its result */
    struct sync_put *put;               /* new rules that wait or are built; NULL: none */
    bool put_building;                  /* they are in `building` */
    enum sync_put_outcome put_outcome;  /* what the builder found */
    char rules_digest[65];              /* of the rules that run */
    struct rule_bundle *rules, *policy; /* the files that run, whatever the folders hold by now */
    struct rule_bundle *put_files;      /* what `put` brings; a copy */
    struct settings *reload_next;       /* came while something was built; held */
    enum sync_rules_from from;
    uint64_t rules_stamp;               /* of the folder when it was the same as `rules` */
    bool rules_edited;                  /* it no longer is */
    int64_t look_ms;                    /* steady: when to look at the folder again */
};

/* What people may see of a source: a file, or a URL without user and query. */
const char *source_shown(const struct list_source *setting, char into[FAULT_PLACE_MAX]);
/* The body kept from before, as news for the first build. */
void source_load_kept(struct sync *sync, size_t i);
void source_refused(struct source *source, const struct list_source *setting, const struct fault *why);
/* What a build found of source i. */
void source_built(struct sync *sync, size_t i, struct build_source *built);
struct source *sources_free(struct source *sources, size_t count);

/* Lists survive a reload that keeps their source. What ran before is held until the build says whether
 * the new settings are good; its fetches end, and are due again should it come back. 0 or -ENOMEM. */
int sources_use(struct sync *sync, struct settings *settings);
/* The new settings run: what was held for them goes. */
void sources_settle(struct sync *sync);
/* Back to the settings that run, with their lists. */
void sources_go_back(struct sync *sync);
/* After bodies were lost for want of memory: a 304 must not hide that they were never read. */
void sources_forget_etags(struct sync *sync);

#endif
