/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/sync.h"

#include "lib/base/clock.h"
#include "service/runtime/file.h"
#include "service/runtime/log.h"
#include "service/runtime/metrics.h"
#include "service/sync/build.h"
#include "service/sync/fetch.h"
#include "service/sync/kept.h"
#include "service/sync/put.h"
#include "service/sync/source_token.h"
#include "service/sync/snapshot_keep.h"
#include "service/sync/transfer.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { TICK_MS = 500, FETCHES_MAX = 8 };

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
};

static const char *shown(const struct list_source *setting, char into[FAULT_PLACE_MAX])
{
    if (setting->file) {
        return setting->file;
    }
    fetch_shown_url(setting->url, into);
    return into;
}

static void load_kept(struct sync *sync, size_t i)
{
    const struct list_source *setting = &sync->wanted->sources[i];
    char name[FAULT_PLACE_MAX];

    sync->sources[i].news = kept_read(sync->wanted->state_dir, setting->url, (size_t)setting->max_bytes);
    if (sync->sources[i].news) {
        log_info("begins with the list body kept from before", LOG_STR("source", shown(setting, name)));
    }
}

/* ---- building ---- */

static void start_build(struct sync *sync);
static void start_put(struct sync *sync);
static void finish_put(struct sync *sync, struct build *build);
static void go_on(struct sync *sync);

static void mark_refused(struct source *source, const struct list_source *setting, const struct fault *why)
{
    char name[FAULT_PLACE_MAX];
    bool known = source->failing && strcmp(source->why.text, why->text) == 0;

    source->failing = true;
    source->why = *why;
    metrics_add(METRIC_LIST_REFUSED, 0, 1);
    if (!known) {
        log_warn(source->list ? "list source refused, keeping the last good version"
                              : "list source refused, nothing of it is matched",
                 LOG_STR("source", shown(setting, name)), LOG_FAULT(why));
    }
}

static void take_source(struct sync *sync, size_t i, struct build_source *built)
{
    struct source *source = &sync->sources[i];
    char name[FAULT_PLACE_MAX];
    struct fault why;

    if (built->setting->file) {
        source->checked_ms = loop_now_ms();
    }
    if (built->refused) {
        mark_refused(source, built->setting, &built->why);
        source->etag[0] = '\0';             /* or a 304 would hide that the body was bad */
        if (sync->options.list_changed && source->list) {
            sync->options.list_changed(sync->options.arg, list_head(source->list), list_digest(source->list), "refused");
        }
        return;
    }
    source->failing = false;
    if (built->changed) {
        source->list = (list_unref(source->list), list_ref(built->current));
        if (built->setting->url && built->body) {
            if (kept_write(sync->wanted->state_dir, built->setting->url, buf_span(built->body), &why) != 0) {
                log_warn("a list body could not be kept for the next start",
                         LOG_STR("source", shown(built->setting, name)), LOG_FAULT(&why));
            }
        }
        log_info("list version taken", LOG_SPAN("list", list_head(source->list)->id),
                 LOG_SPAN("version", list_head(source->list)->version), LOG_STR("digest", list_digest(source->list)),
                 LOG_INT("count", list_count(source->list)));
        if (sync->options.list_changed) {
            sync->options.list_changed(sync->options.arg, list_head(source->list), list_digest(source->list), "version");
        }
    }
}

/* Before the first verdict names it. A verdict whose snapshot is not kept cannot be computed again; that is
 * worth an error, not a halt. */
static void keep_snapshot(const struct build *build)
{
    struct fault why = {.code = "NO_MEMORY", .text = "out of memory"};

    if (snapshot_keep(build->settings, build->snapshot, &why) != 0) {
        log_error("a snapshot could not be kept: its verdicts cannot be replayed", LOG_FAULT(&why));
    }
}

/* Takes the result over; false when nothing could be built. */
static bool take_build(struct sync *sync, struct build *build, int r)
{
    struct snapshot *snapshot;
    struct policy *policy;

    for (size_t i = 0; i < build->source_count && r >= 0; i++) {
        take_source(sync, i, &build->sources[i]);
    }
    for (size_t i = 0; i < build->notes.count; i++) {
        log_warn("a pattern is left out of matching", LOG_FAULT(&build->notes.list[i]));
    }
    if (r != 0) {
        return false;
    }
    keep_snapshot(build);
    snapshot = TAKE(build->snapshot);
    policy = TAKE(build->policy);
    metrics_set(METRIC_LISTS, 0, match_set_list_count(snapshot_matches(snapshot)));
    log_info("snapshot built", LOG_STR("digest", snapshot_digest(snapshot)));
    (void)snprintf(sync->rules_digest, sizeof(sync->rules_digest), "%s", rule_set_digest(snapshot_rules(snapshot)));
    sync->options.publish(sync->options.arg, snapshot, policy, build->settings);
    return true;
}

static struct source *free_sources(struct source *sources, size_t count)
{
    for (size_t i = 0; sources && i < count; i++) {
        (void)list_unref(sources[i].list);
        (void)buf_free(sources[i].news);
        (void)fetch_free(sources[i].fetch);
    }
    free(sources);
    return NULL;
}

/* What identifies a source across a reload. */
static bool same_source(const struct list_source *a, const struct list_source *b)
{
    const char *x = a->file ? a->file : a->url, *y = b->file ? b->file : b->url;

    return strcmp(x, y) == 0 && strcmp(a->id, b->id) == 0;
}

/* The same bytes make the same list under both: only then may a 304 stand for them. */
static bool same_reading(const struct list_source *a, const struct list_source *b)
{
    return strcmp(a->format, b->format) == 0 && strcmp(a->kind, b->kind) == 0 &&
           strcmp(a->mode, b->mode) == 0 && strcmp(a->public_key, b->public_key) == 0;
}

/* Lists survive a reload that keeps their source. What ran before is held until the build says whether
 * the new settings are good; its fetches end, and are due again should it come back. */
static int use_settings(struct sync *sync, struct settings *settings)
{
    struct source *sources = calloc(settings->source_count + 1, sizeof(*sources));

    if (!sources) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < settings->source_count; i++) {
        sources[i].sync = sync;
    }
    for (size_t i = 0; sync->sources && i < settings->source_count; i++) {
        for (size_t j = 0; j < sync->wanted->source_count; j++) {
            if (same_source(&settings->sources[i], &sync->wanted->sources[j]) && sync->sources[j].list) {
                sources[i].list = (list_unref(sources[i].list), list_ref(sync->sources[j].list));
                (void)snprintf(sources[i].etag, sizeof(sources[i].etag), "%s",
                               same_reading(&settings->sources[i], &sync->wanted->sources[j]) ? sync->sources[j].etag : "");
            }
        }
    }
    for (size_t j = 0; sync->sources && j < sync->wanted->source_count; j++) {
        sync->sources[j].fetch = fetch_free(sync->sources[j].fetch);
        sync->sources[j].due_ms = 0;
    }
    sync->held = sync->sources;
    sync->sources = sources;
    sync->wanted = (settings_unref(sync->wanted), settings_ref(settings));
    return 0;
}

/* The new settings run: what was held for them goes. */
static void settle(struct sync *sync)
{
    sync->held = free_sources(sync->held, sync->settings->source_count);
    sync->settings = (settings_unref(sync->settings), settings_ref(sync->wanted));
}

/* Back to the settings that run, with their lists. */
static void go_back(struct sync *sync)
{
    if (sync->held) {
        (void)free_sources(sync->sources, sync->wanted->source_count);
        sync->sources = TAKE(sync->held);
        sync->wanted = (settings_unref(sync->wanted), settings_ref(sync->settings));
    }
}

/* After bodies were lost for want of memory: a 304 must not hide that they were never read. */
static void forget_etags(struct sync *sync)
{
    for (size_t i = 0; i < sync->wanted->source_count; i++) {
        sync->sources[i].etag[0] = '\0';
    }
}

static void end_reload(struct sync *sync, bool good)
{
    if (sync->reloading) {
        metrics_add(METRIC_RELOADS, good ? 0 : 1, 1);
        sync->reloading = false;
    }
}

/* With the bodies that came, unless it is for rules alone. */
static int make_build(struct sync *sync, bool with_news, struct build **ret)
{
    struct list **lists = calloc(sync->wanted->source_count + 1, sizeof(struct list *));
    int r;

    if (!lists) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < sync->wanted->source_count; i++) {
        lists[i] = sync->sources[i].list;
    }
    r = build_new(ret, sync->wanted, lists);
    free(lists);
    for (size_t i = 0; with_news && r == 0 && i < sync->wanted->source_count; i++) {
        (*ret)->sources[i].body = TAKE(sync->sources[i].news);
    }
    return r;
}

/* The next build that something waits for. */
static void go_on(struct sync *sync)
{
    if (sync->put && !sync->put_building) {
        start_put(sync);
    } else if (sync->again) {
        sync->again = false;
        start_build(sync);
    }
}

static void finish_build(struct sync *sync)
{
    struct build *build = sync->building;
    bool good;

    sync->building = NULL;
    if (sync->put_building) {
        finish_put(sync, build);
        (void)build_free(build);
        go_on(sync);
        return;
    }
    good = take_build(sync, build, sync->built);
    for (size_t i = 0; !good && i < build->faults.count; i++) {
        log_error(sync->reloading ? "reload refused, keeping what runs" : "build refused, keeping what runs",
                  LOG_FAULT(&build->faults.list[i]));
    }
    if (sync->built < 0) {
        log_error("out of memory while building a snapshot, keeping what runs");
        forget_etags(sync);
    }
    if (good) {
        settle(sync);
    } else {
        go_back(sync);
    }
    end_reload(sync, good);
    (void)build_free(build);
    go_on(sync);
}

static void build_ended(void *arg)
{
    struct sync *sync = arg;

    (void)pthread_join(sync->builder, NULL);
    finish_build(sync);
}

static void *build_thread(void *arg)
{
    struct sync *sync = arg;

    if (sync->put_building) {
        sync->put_outcome = put_check(sync->put, sync->building, sync->rules_digest);
    } else {
        build_read_files(sync->building);
        sync->built = build_run(sync->building);
    }
    if (sync->building->snapshot) {
        keep_snapshot(sync->building);          /* here, where it stalls nobody */
    }
    while (loop_post(sync->options.loop, build_ended, sync) == -EAGAIN) {
        struct timespec pause = {.tv_nsec = 10000000};

        (void)nanosleep(&pause, NULL);      /* 65,536 posts wait: the loop is behind, not gone */
    }
    return NULL;
}

static void start_build(struct sync *sync)
{
    if (sync->building) {
        sync->again = true;
        return;
    }
    if (make_build(sync, true, &sync->building) != 0 ||
        pthread_create(&sync->builder, NULL, build_thread, sync) != 0) {
        log_error("no memory or no thread to build a snapshot; keeping what runs");
        sync->building = build_free(sync->building);
        forget_etags(sync);
        go_back(sync);
        end_reload(sync, false);
    }
}

/* ---- new rules ---- */

static void end_put(struct sync *sync, enum sync_put_outcome outcome)
{
    struct sync_put *put = TAKE(sync->put);

    sync->put_building = false;
    (void)snprintf(put->digest, sizeof(put->digest), "%s", sync->rules_digest);
    put->done(put, outcome);
}

static void finish_put(struct sync *sync, struct build *build)
{
    enum sync_put_outcome outcome = sync->put_outcome;

    if (outcome == SYNC_PUT_RUNNING) {
        outcome = put_activate(sync->put, build, sync->rules_digest, &sync->options);
    }
    if (outcome == SYNC_PUT_RUNNING) {
        (void)take_build(sync, build, 0);
        log_info("new rules run and are in the rules folder", LOG_STR("digest", sync->rules_digest));
    }
    metrics_add(METRIC_RELOADS, outcome == SYNC_PUT_RUNNING ? 0 : 1, 1);
    end_put(sync, outcome);
}

static void start_put(struct sync *sync)
{
    if (strcmp(sync->put->expected, sync->rules_digest) != 0) {
        end_put(sync, SYNC_PUT_STALE);
        go_on(sync);
        return;
    }
    if (make_build(sync, false, &sync->building) == 0) {
        sync->building->candidate = sync->put->files;
        sync->put_building = true;
        if (pthread_create(&sync->builder, NULL, build_thread, sync) == 0) {
            return;
        }
    }
    sync->building = build_free(sync->building);
    end_put(sync, SYNC_PUT_FAILED);
    go_on(sync);
}

void sync_put_rules(struct sync *sync, struct sync_put *put)
{
    if (sync->put) {
        (void)snprintf(put->digest, sizeof(put->digest), "%s", sync->rules_digest);
        put->done(put, SYNC_PUT_BUSY);
        return;
    }
    sync->put = put;
    if (!sync->building) {
        start_put(sync);
    }
}

/* ---- fetching ---- */

static void fetched(void *arg, enum fetch_outcome outcome, struct span body, const char *etag,
                    const struct fault *why);

static void start_fetch(struct sync *sync, size_t i)
{
    const struct list_source *setting = &sync->wanted->sources[i];
    struct source *source = &sync->sources[i];
    char *token = source_token(setting);
    struct fault why;
    int r;

    source->due_ms = loop_steady_ms() + setting->every_ms;
    r = fetch_start(&source->fetch, sync->pool,
                    &(struct fetch_options){.url = setting->url, .etag = source->list ? source->etag : NULL,
                                            .token = token, .deadline_ms = setting->deadline_ms,
                                            .max_bytes = setting->max_bytes,
                                            .allow_private_address = setting->allow_private_address,
                                            .done = fetched, .arg = source}, &why);
    free(token);
    if (r == FAULT) {
        mark_refused(source, setting, &why);
    }
}

static void fetched(void *arg, enum fetch_outcome outcome, struct span body, const char *etag,
                    const struct fault *why)
{
    struct source *source = arg;
    struct sync *sync = source->sync;
    const struct list_source *setting = &sync->wanted->sources[source - sync->sources];

    source->fetch = NULL;
    source->checked_ms = loop_now_ms();
    switch (outcome) {
    case FETCH_UNCHANGED:
        source->failing = false;
        break;
    case FETCH_FAILED:
        mark_refused(source, setting, why);
        break;
    case FETCH_OK:
        (void)snprintf(source->etag, sizeof(source->etag), "%s", etag);
        source->news = (buf_free(source->news), buf_new((size_t)setting->max_bytes));
        if (source->news && buf_add_span(source->news, body) == 0) {
            start_build(sync);
        }
        break;
    }
}

static void tick(void *arg)
{
    struct sync *sync = arg;
    int64_t now = loop_steady_ms();

    for (size_t i = 0; i < sync->wanted->source_count; i++) {
        if (sync->wanted->sources[i].url && !sync->sources[i].fetch && !sync->building &&
            sync->sources[i].due_ms <= now) {
            start_fetch(sync, i);
        }
    }
    loop_timer_start(sync->timer, TICK_MS);
}

/* ---- life ---- */

int sync_start(struct sync **ret, const struct sync_options *options, struct faults *faults)
{
    struct sync *sync = calloc(1, sizeof(*sync));
    struct build *build = NULL;
    struct fault why;
    int r;

    if (!sync) {
        return -ENOMEM;
    }
    sync->options = *options;
    sync->settings = settings_ref(options->settings);
    r = use_settings(sync, options->settings);
    sync->pool = transfer_pool_new(options->loop, FETCHES_MAX);
    sync->timer = loop_timer_new(options->loop, tick, sync);
    if (r || !sync->pool || !sync->timer) {
        (void)sync_stop(sync);
        return -ENOMEM;
    }
    for (size_t i = 0; i < sync->wanted->source_count; i++) {
        if (sync->wanted->sources[i].url) {
            load_kept(sync, i);
        }
    }
    if (rules_folder_finish(options->settings->rules_dir, &why) != 0) {
        log_warn("rules that were put before are in use, but not all in their place", LOG_FAULT(&why));
    }
    r = make_build(sync, true, &build);
    if (r == 0) {
        build_read_files(build);
        r = build_run(build);
        if (!take_build(sync, build, r) && r == FAULT) {
            *faults = build->faults;
        }
        (void)build_free(build);
    }
    if (r) {
        (void)sync_stop(sync);
        return r;
    }
    loop_timer_start(sync->timer, 0);
    *ret = sync;
    return 0;
}

struct sync *sync_stop(struct sync *sync)
{
    if (sync) {
        if (sync->building) {
            (void)pthread_join(sync->builder, NULL);
            sync->building = build_free(sync->building);
        }
        if (sync->wanted) {
            sync->sources = free_sources(sync->sources, sync->wanted->source_count);
            sync->held = free_sources(sync->held, sync->settings->source_count);
        }
        (void)loop_timer_free(sync->timer);
        (void)transfer_pool_free(sync->pool);
        (void)settings_unref(sync->wanted);
        (void)settings_unref(sync->settings);
        free(sync);
    }
    return NULL;
}

void sync_reload(struct sync *sync, struct settings *settings)
{
    if (sync->building) {
        log_warn("reload refused: a build is under way; ask again in a moment");
        metrics_add(METRIC_RELOADS, 1, 1);
        return;
    }
    if (use_settings(sync, settings) != 0) {
        log_error("reload refused: out of memory");
        metrics_add(METRIC_RELOADS, 1, 1);
        return;
    }
    sync->reloading = true;
    start_build(sync);
}

json_t *sync_sources(const struct sync *sync)
{
    json_t *all = json_array();

    for (size_t i = 0; i < sync->wanted->source_count; i++) {
        const struct list_source *setting = &sync->wanted->sources[i];
        const struct source *source = &sync->sources[i];
        char name[FAULT_PLACE_MAX], checked[CLOCK_TEXT_LEN + 1];
        json_t *one = json_pack("{s:s}", "source", shown(setting, name));

        if (source->list) {
            const struct list_head *head = list_head(source->list);

            (void)json_object_set_new(one, "list", json_stringn(head->id.ptr, head->id.len));
            (void)json_object_set_new(one, "version", json_stringn(head->version.ptr, head->version.len));
            (void)json_object_set_new(one, "entries", json_integer((json_int_t)list_count(source->list)));
        }
        if (source->checked_ms) {
            clock_text(source->checked_ms, checked);
            (void)json_object_set_new(one, "checked_at", json_string(checked));
        }
        if (source->failing) {
            (void)json_object_set_new(one, "fault", json_string(source->why.text));
        }
        (void)json_array_append_new(all, one);
    }
    return all;
}
