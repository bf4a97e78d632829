/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/sync_state.h"

#include "service/runtime/file.h"
#include "service/runtime/log.h"
#include "service/runtime/metrics.h"
#include "service/sync/put.h"
#include "service/sync/source_token.h"
#include "service/sync/snapshot_keep.h"
#include "service/sync/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { TICK_MS = 500, LOOK_MS = 2000, FETCHES_MAX = 8 };

/* ---- building ---- */

static void start_build(struct sync *sync);
static void start_put(struct sync *sync);
static void finish_put(struct sync *sync, struct build *build);
static void go_on(struct sync *sync);

/* Before the first verdict names it. A verdict whose snapshot is not kept cannot be computed again; that is
 * worth an error, not a halt. */
static void keep_snapshot(const struct build *build)
{
    struct fault why = {.code = "NO_MEMORY", .text = "out of memory"};

    if (snapshot_keep(build->settings, build->snapshot, &why) != 0) {
        log_error("a snapshot could not be kept: its verdicts cannot be replayed", LOG_FAULT(&why));
    }
}

static void tell_rules(struct sync *sync)
{
    if (sync->options.rules_seen) {
        sync->options.rules_seen(sync->options.arg, sync->from, sync->rules_edited);
    }
}

/* The files that a good build was made of are those that run. */
static void take_files(struct sync *sync, struct build *build)
{
    if (build->policy_read) {
        sync->policy = (rule_bundle_free(sync->policy), TAKE(build->policy_read));
    }
    if (sync->put_building) {
        sync->rules = (rule_bundle_free(sync->rules), TAKE(sync->put_files));
        sync->rules_stamp = rules_folder_stamp(build->settings->rules_dir);
        sync->from = SYNC_RULES_PUT;
    } else if (build->rules_read) {
        sync->rules = (rule_bundle_free(sync->rules), TAKE(build->rules_read));
        sync->rules_stamp = build->rules_stamp;
        sync->from = sync->reloading ? SYNC_RULES_RELOAD : SYNC_RULES_START;
    } else {
        return;
    }
    sync->rules_edited = false;
    tell_rules(sync);
}

/* Takes the result over; false when nothing could be built. */
static bool take_build(struct sync *sync, struct build *build, int r)
{
    struct snapshot *snapshot;
    struct policy_set *policies;

    for (size_t i = 0; i < build->source_count && r >= 0; i++) {
        source_built(sync, i, &build->sources[i]);
    }
    for (size_t i = 0; i < build->notes.count; i++) {
        log_warn("a pattern is left out of matching", LOG_FAULT(&build->notes.list[i]));
    }
    if (r != 0) {
        return false;
    }
    take_files(sync, build);
    keep_snapshot(build);
    snapshot = TAKE(build->snapshot);
    policies = TAKE(build->policies);
    metrics_set(METRIC_LISTS, 0, match_set_list_count(snapshot_matches(snapshot)));
    log_info("snapshot built", LOG_STR("digest", snapshot_digest(snapshot)));
    (void)snprintf(sync->rules_digest, sizeof(sync->rules_digest), "%s", rule_set_digest(snapshot_rules(snapshot)));
    sync->options.publish(sync->options.arg, snapshot, policies, build->settings);
    return true;
}

static void end_reload(struct sync *sync, bool good)
{
    if (sync->reloading) {
        metrics_add(METRIC_RELOADS, good ? 0 : 1, 1);
        sync->reloading = false;
    }
}

/* With the bodies that came, unless it is for rules alone; with the files that run, unless it is a start or
 * a reload. */
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
    if (r == 0) {
        (*ret)->keep_images = true;
    }
    if (r == 0 && !sync->reloading) {
        (*ret)->candidate = sync->rules;
        (*ret)->policy_files = sync->policy;
    }
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
    } else if (sync->reload_next) {
        CLEANUP(settings_unrefp) struct settings *next = TAKE(sync->reload_next);

        sync_reload(sync, next);
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
        sources_forget_etags(sync);
    }
    if (good) {
        sources_settle(sync);
    } else {
        sources_go_back(sync);
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
        sources_forget_etags(sync);
        sources_go_back(sync);
        end_reload(sync, false);
    }
}

/* ---- new rules ---- */

static void end_put(struct sync *sync, enum sync_put_outcome outcome)
{
    struct sync_put *put = TAKE(sync->put);

    sync->put_building = false;
    sync->put_files = rule_bundle_free(sync->put_files);
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
        log_info(sync->put->changed     ? "new rules run and are in the rules folder"
                 : sync->put->rewritten ? "the rules folder has other words; the rules they make are the same"
                                        : "the rules that came are those that run",
                 LOG_STR("digest", sync->rules_digest));
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
    sync->put_files = rule_bundle_copy(sync->put->files);
    if (sync->put_files && make_build(sync, false, &sync->building) == 0) {
        sync->building->candidate = sync->put_files;
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
        source_refused(source, setting, &why);
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
        source_refused(source, setting, why);
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

/* Whether the rules folder still holds what runs. Files are read only when their times say so. */
static void look_at_folder(struct sync *sync)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *files = NULL;
    const char *folder = sync->settings->rules_dir;
    uint64_t stamp = rules_folder_stamp(folder);
    struct fault why;
    bool edited;

    if (stamp == sync->rules_stamp) {
        return;
    }
    sync->rules_stamp = stamp;
    edited = rules_folder_read(&files, folder, &why) != 0 || !rule_bundle_same(files, sync->rules);
    if (edited && !sync->rules_edited) {
        log_warn("the rules folder was edited; what runs stays until SIGHUP", LOG_STR("folder", folder));
    }
    if (edited != sync->rules_edited) {
        sync->rules_edited = edited;
        tell_rules(sync);
    }
}

static void tick(void *arg)
{
    struct sync *sync = arg;
    int64_t now = loop_steady_ms();

    if (!sync->building && sync->look_ms <= now) {
        sync->look_ms = now + LOOK_MS;
        look_at_folder(sync);
    }
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
    r = sources_use(sync, options->settings);
    sync->pool = transfer_pool_new(options->loop, FETCHES_MAX);
    sync->timer = loop_timer_new(options->loop, tick, sync);
    if (r || !sync->pool || !sync->timer) {
        (void)sync_stop(sync);
        return -ENOMEM;
    }
    for (size_t i = 0; i < sync->wanted->source_count; i++) {
        if (sync->wanted->sources[i].url) {
            source_load_kept(sync, i);
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
            sync->sources = sources_free(sync->sources, sync->wanted->source_count);
            sync->held = sources_free(sync->held, sync->settings->source_count);
        }
        (void)rule_bundle_free(sync->rules);
        (void)rule_bundle_free(sync->policy);
        (void)rule_bundle_free(sync->put_files);
        (void)settings_unref(sync->reload_next);
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
        log_info("the reload waits for the build that is under way");
        sync->reload_next = (settings_unref(sync->reload_next), settings_ref(settings));
        return;
    }
    if (sources_use(sync, settings) != 0) {
        log_error("reload refused: out of memory");
        metrics_add(METRIC_RELOADS, 1, 1);
        return;
    }
    sync->reloading = true;
    start_build(sync);
}
