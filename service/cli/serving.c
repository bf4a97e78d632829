/* SPDX-License-Identifier: Apache-2.0 */
#include "service/cli/serving.h"

#include "service/cli/delisting.h"
#include "service/cli/duties.h"

#include "lib/audit/entry.h"
#include "service/audit/close.h"
#include "service/audit/reader.h"
#include "service/audit/sequencer.h"
#include "service/cli/audit.h"
#include "service/http/tls.h"
#include "service/runtime/file.h"
#include "service/runtime/log.h"
#include "service/runtime/metrics.h"
#include "service/store/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { STORE_WAIT_MS = 60000, METRICS_MAX_BYTES = 4 << 20 };

/* ---- parts, in the order of starting ---- */

static int take_state_dir(struct serving *serving, struct fault *why)
{
    char path[4096];
    int r = folder_make(serving->settings->state_dir, 0700, why);

    if (r) {
        return r;
    }
    (void)snprintf(path, sizeof(path), "%s/lock", serving->settings->state_dir);
    serving->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (serving->lock_fd < 0 || flock(serving->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        return fault_set(why, "STATE_LOCKED", serving->settings->state_dir,
                         "another rapporteur uses this state folder, or it cannot be written");
    }
    return 0;
}

static int start_embedded(struct serving *serving, struct fault *why)
{
    const struct settings *s = serving->settings;
    int r = 0;

    if (strcmp(s->store_url, "embedded") == 0) {
        r = embedded_start(&serving->embedded,
                           &(struct embedded_options){.state_dir = s->state_dir,
                                                      .program = strcmp(s->redis_server, "redis-server") == 0 ? NULL : s->redis_server,
                                                      .max_memory_bytes = s->store_max_memory}, why);
        if (r == 0) {
            log_info("embedded store started", LOG_INT("pid", embedded_pid(serving->embedded)));
        }
    }
    if (r == 0) {
        serving->store_url = strdup(serving->embedded ? embedded_url(serving->embedded) : s->store_url);
        r = serving->store_url ? 0 : -ENOMEM;
    }
    return r;
}

static struct store_options store_options_of(const struct serving *serving)
{
    const struct settings *s = serving->settings;

    return (struct store_options){.url = serving->store_url, .shards = serving->app.shards, .connections = 1,
                                  .timeout_ms = s->store_deadline_ms, .max_log_entries = s->backlog_max};
}

static int prepare_store(struct serving *serving, struct fault *why)
{
    struct store_options options = store_options_of(serving);
    struct store_keys keys;
    int r = store_sync_new(&serving->sync_store, &options, why);

    r = r ? r : store_sync_prepare(serving->sync_store, 1, loop_now_ms(), STORE_WAIT_MS, &serving->app.shards, why);
    if (r) {
        return r;
    }
    if (store_sync_keys_list(serving->sync_store, &(struct store_none_args){0}, &keys) != STORE_OK) {
        return fault_set(why, "STORE_UNREACHABLE", serving->settings->store_url, "the keys could not be read");
    }
    slot_put(&serving->app.keyring, keyring_new(&keys));
    options = store_options_of(serving);
    return store_new(&serving->store, loop_base(serving->loop), &options, why);
}

static void stop_for_good(void *arg)
{
    struct serving *serving = arg;

    serving->failed = true;
    loop_stop(serving->loop);
}

/* On the sequencer's thread. What it could not make durable must not be signed after a restart that
 * nobody looked at: the service ends, with an exit code that a service manager does not restart on. */
static void sequencer_failed(void *arg, const struct fault *why)
{
    struct serving *serving = arg;

    log_error("the audit log's sequencer stopped for good; a person has to look before the next start", LOG_FAULT(why));
    if (loop_post(serving->loop, stop_for_good, serving) != 0) {
        log_error("the main loop could not be told; requests are refused once the backlog is full");
    }
}

/* On a thread of the sequencer's. */
static void witness_told(void *arg, const char *witness, const struct fault *why)
{
    (void)arg;
    if (why) {
        metrics_add(METRIC_WITNESS_FAILED, 0, 1);
        log_error("a witness does not cosign the audit log", LOG_STR("witness", witness), LOG_FAULT(why));
    } else {
        log_info("a witness cosigns the audit log again", LOG_STR("witness", witness));
    }
}

/* For /log/NAME/...: which logs there are changes only while the service is stopped. */
static int name_logs(struct app *app, const struct audit_trail *trail)
{
    app->logs = calloc(audit_trail_count(trail), sizeof(*app->logs));
    for (size_t i = 0; app->logs && i < audit_trail_count(trail); i++) {
        struct app_log *log = &app->logs[app->log_count++];

        log->name = strdup(audit_trail_log(trail, i)->name);
        log->folder = strdup(audit_trail_log(trail, i)->folder);
        if (!log->name || !log->folder) {
            return -ENOMEM;
        }
    }
    return app->logs ? 0 : -ENOMEM;
}

/* Where the logs are, and what the newest one begins with if it has one before it. A log that never published
 * anything is the first one, and anything else that is wrong with a first one is the sequencer's to say. */
static int follow_logs(struct serving *serving, struct fault *why)
{
    CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
    const char *origin = serving->settings->log_origin;
    const struct trail_log *newest;
    struct audit_reader *reader = NULL;
    struct span first;
    struct fault unread;
    int r = audit_trail_open(&trail, serving->app.audit_folder, &unread);

    if (r) {
        *why = unread;
        return r == FAULT && !serving->later_log ? 0 : r;
    }
    newest = audit_trail_newest(trail);
    if (strcmp(newest->head.origin, origin) != 0) {
        return fault_set(why, "AUDIT_ORIGIN", "audit.origin",
                         "the newest log is called %s, the settings say %s: set that name again, or, to begin another "
                         "log, run `rapporteur audit shard close` first", newest->head.origin, origin);
    }
    r = name_logs(&serving->app, trail);
    r = r ? r : audit_close_tidy(trail, why);
    if (r == 0 && newest->has_begin) {
        r = audit_reader_open(&reader, newest->folder, why);
        r = r ? r : audit_reader_entry(reader, 0, &first, why);
        if (r == 0) {
            log_source_follow(&serving->log_source, &newest->begin, first);
            serving->app.log_before = serving->log_source.offset;
        }
        (void)audit_reader_free(reader);
    }
    return r;
}

static int start_sequencer(struct serving *serving, struct fault *why)
{
    struct store_options options = store_options_of(serving);
    struct store_sync *store = NULL;
    char folder[4096];
    int r = serving->settings->witness_policy[0]
                ? audit_policy_read(serving->settings->witness_policy, &serving->witnesses, why)
                : 0;

    r = r ? r : store_sync_new(&store, &options, why);
    if (r) {
        return r;
    }
    log_source_init(&serving->log_source, store, 0);
    r = folder_make(serving->app.audit_folder, 0700, why);
    r = r ? r : follow_logs(serving, why);
    r = r ? r : trail_current(serving->app.audit_folder, folder, sizeof(folder), why);
    r = r ? r : sequencer_start(&serving->sequencer,
                                &(struct sequencer_options){.folder = folder, .origin = serving->settings->log_origin,
                                                            .source = &serving->log_source.source,
                                                            .integrate_ms = (int)serving->settings->integrate_ms,
                                                            .publish_ms = (int)serving->settings->publish_ms,
                                                            .failed = sequencer_failed, .failed_arg = serving,
                                                            .witnesses = serving->witnesses,
                                                            .witness_deadline_ms = (int)serving->settings->witness_deadline_ms,
                                                            .witness_told = witness_told}, why);
    if (r == 0) {
        struct sequencer_status status;

        sequencer_status(serving->sequencer, &status);
        if (status.raised_from != UINT64_MAX) {
            log_warn("the store had lost log entries that the log holds; its counter was raised",
                     LOG_INT("count", status.raised_from), LOG_INT("size", status.size));
        }
        serving->app.sequencer = serving->sequencer;
    }
    return r;
}

/* On the bucket's thread. */
static void bucket_told(void *arg, const struct fault *why)
{
    (void)arg;
    if (why) {
        metrics_add(METRIC_BUCKET_FAILED, 0, 1);
        log_error("the audit log is not copied to its bucket; the log itself goes on", LOG_FAULT(why));
    } else {
        log_info("the audit log is copied to its bucket again");
    }
}

static int start_bucket(struct serving *serving, struct fault *why)
{
    const struct settings *s = serving->settings;
    CLEANUP(buf_freep) struct buf *secret = buf_new(4096);
    struct span line, rest;
    int r = 0;

    if (!s->bucket_url[0]) {
        return 0;
    }
    if (!span_starts(span_of(s->bucket_url), "https://") && !span_starts(span_of(s->bucket_url), "http://")) {
        return fault_set(why, "SETTING_VALUE", "audit.bucket", "must begin with https:// or http://");
    }
    if (!s->bucket_key_id[0] != !s->bucket_secret_file[0]) {
        return fault_set(why, "SETTING_VALUE", "audit.bucket_key_id", "a key id and bucket_secret_file belong together");
    }
    r = !secret ? -ENOMEM : s->bucket_secret_file[0] ? file_read(s->bucket_secret_file, secret, why) : 0;
    if (r) {
        return r;
    }
    rest = buf_span(secret);
    line = span_trim(span_cut(&rest, '\n'));
    secret->data[line.len ? (size_t)(line.ptr - secret->data) + line.len : 0] = '\0';
    return bucket_start(&serving->bucket,
                        &(struct bucket_options){.folder = serving->app.log_folder, .url = s->bucket_url,
                                                 .region = s->bucket_region, .key_id = s->bucket_key_id,
                                                 .secret = line.len ? line.ptr : "", .ca_file = s->bucket_ca_file,
                                                 .every_ms = s->bucket_every_ms, .deadline_ms = s->bucket_deadline_ms,
                                                 .told = bucket_told});
}

static int start_webhooks(struct serving *serving, struct fault *why)
{
    const struct settings *s = serving->settings;
    struct webhooks_options options = {.store = store_options_of(serving),
                                       .ca_file = s->webhook_ca_file,
                                       .deadline_ms = s->webhook_deadline_ms,
                                       .in_flight = s->webhook_in_flight,
                                       .patience_ms = s->webhook_patience_ms,
                                       .first_pause_ms = s->webhook_first_pause_ms,
                                       .allow_private_address = strcmp(s->webhook_addresses, "any") == 0,
                                       .allow_http = strcmp(s->webhook_schemes, "any") == 0};
    int r = webhooks_start(&serving->webhooks, &options, why);

    serving->app.webhooks = serving->webhooks;
    return r;
}

static int start_workers(struct serving *serving, struct fault *why)
{
    const struct settings *s = serving->settings;
    SSL_CTX *tls = NULL;
    int r = s->tls_certificate[0] ? tls_context_new(&tls, s->tls_certificate, s->tls_key, why) : 0;

    for (size_t i = 0; r == 0 && i < (size_t)s->workers; i++) {
        r = worker_new(&serving->workers[i],
                       &(struct worker_options){.app = &serving->app, .settings = s, .store_url = serving->store_url,
                                                .index = i, .tls = tls}, why);
        serving->worker_count += r == 0;
        r = r ? r : worker_listen(serving->workers[i], s, i ? serving->workers[0] : NULL, why);
    }
    (void)tls_context_free(tls);
    serving->app.workers = serving->worker_count;
    for (size_t i = 0; r == 0 && i < serving->worker_count; i++) {
        r = worker_start(serving->workers[i]);
    }
    return r;
}

static void metrics_page(struct exchange *ex)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(METRICS_MAX_BYTES);

    if (!out || metrics_write(out) != 0) {
        exchange_problem(ex, 503, "NO_MEMORY", "out of memory", NULL);
        return;
    }
    exchange_reply_bytes(ex, 200, "text/plain; version=0.0.4; charset=utf-8", buf_span(out));
}

static int start_metrics(struct serving *serving, struct fault *why)
{
    static const struct http_route routes[] = {
        {.method = "GET", .pattern = "/metrics", .handler = metrics_page, .admit = http_admit_everyone}};
    struct http_server_options options = {.loop = serving->loop, .routes = routes, .route_count = COUNT_OF(routes),
                                          .limits = http_limits_default(),
                                          .workers = (unsigned)serving->settings->workers + 1};
    int r;

    if (!serving->settings->metrics_listen[0]) {
        return 0;
    }
    options.limits.connections_max = 64;
    r = http_server_new(&serving->metrics, &options, why);
    return r ? r : http_server_listen(serving->metrics, serving->settings->metrics_listen, why);
}

static void rules_seen(void *arg, enum sync_rules_from from, bool edited)
{
    struct serving *serving = arg;

    atomic_store(&serving->app.rules_from, (int)from);
    atomic_store(&serving->app.rules_edited, edited);
}

static int start_sync(struct serving *serving, struct faults *faults)
{
    return sync_start(&serving->sync,
                      &(struct sync_options){.loop = serving->loop, .settings = serving->settings,
                                             .publish = housekeeping_publish, .list_changed = housekeeping_list,
                                             .rules_put = housekeeping_rules, .rules_seen = rules_seen,
                                             .arg = serving}, faults);
}

static void record_start(struct serving *serving)
{
    struct snapshot *snapshot = slot_take(&serving->app.snapshot);
    struct entry *entry = entry_new(ENTRY_CONFIG, loop_now_ms());

    entry_text(entry, "digest", span_of(snapshot_digest(snapshot)));
    entry_text(entry, "action", SPAN("start"));
    entry_text(entry, "software", SPAN("rapporteur " RAPPORTEUR_VERSION));
    (void)housekeeping_entry(serving, entry);
    (void)snapshot_unref(snapshot);
}

/* The log's times never fall, or its verifier would refuse it for ever: on a machine whose clock was
 * set back ours goes on from the newest entry. What cannot be read is the sequencer's to refuse. */
static void keep_time_with_log(const struct serving *serving)
{
    CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
    struct entry_view last;
    struct span bytes;
    struct fault why;

    if (audit_trail_open(&trail, serving->app.audit_folder, &why) == 0 &&
        audit_trail_end(trail) > audit_trail_first(trail) &&
        audit_trail_entry(trail, audit_trail_end(trail) - 1, &bytes, &why) == 0 &&
        entry_read(&last, bytes, &why) == 0) {
        loop_clock_floor(last.at_ms);
    }
}

static int find_logs(struct serving *serving, struct fault *why)
{
    struct app *app = &serving->app;
    char newest[4096];
    int r = asprintf(&app->audit_folder, "%s/audit", serving->settings->state_dir) < 0 ? -ENOMEM : 0;

    if (r) {
        app->audit_folder = NULL;
        return r;
    }
    r = trail_current(app->audit_folder, newest, sizeof(newest), why);
    serving->later_log = r == 0 && strcmp(newest, app->audit_folder) != 0;
    if (r == 0 && asprintf(&app->log_folder, "%s/log", newest) < 0) {
        app->log_folder = NULL;
        r = -ENOMEM;
    }
    return r;
}

int serving_start(struct serving *serving, struct settings *settings, const char *config_path,
                  struct faults *faults)
{
    struct fault why = {.code = "NO_MEMORY", .text = "out of memory"};
    int r;

    *serving = (struct serving){.config_path = config_path, .lock_fd = -1};
    app_init(&serving->app);
    serving->settings = settings_ref(settings);
    slot_put(&serving->app.settings, settings_ref(settings));
    r = loop_new(&serving->loop);
    serving->app.main_loop = serving->loop;
    r = r ? r : find_logs(serving, &why);
    r = r ? r : take_state_dir(serving, &why);
    if (r == 0) {
        keep_time_with_log(serving);
    }
    r = r ? r : start_embedded(serving, &why);
    r = r ? r : prepare_store(serving, &why);
    /* Before the first entry of our own: it raises the store's counter where the store has lost entries that the
     * log holds, and an index given out twice would stop the log for good. */
    r = r ? r : start_sequencer(serving, &why);
    if (r == 0) {
        r = start_sync(serving, faults);
        if (r == FAULT) {
            return FAULT;
        }
        serving->app.sync = serving->sync;
        serving->app.store_url = serving->store_url;
    }
    if (r == 0) {
        record_start(serving);
    }
    r = r ? r : start_bucket(serving, &why);
    r = r ? r : start_webhooks(serving, &why);
    r = r ? r : start_workers(serving, &why);
    r = r ? r : start_metrics(serving, &why);
    r = r ? r : housekeeping_start(serving);
    if (r == FAULT) {
        return faults_add_one(faults, &why);
    }
    if (r < 0) {
        char reason[128];

        return faults_add(faults, "START_FAILED", "", "%s", strerror_r(-r, reason, sizeof(reason)));
    }
    return 0;
}

void serving_stop(struct serving *serving)
{
    webhooks_stop(serving->webhooks);
    for (size_t i = 0; i < serving->worker_count; i++) {
        worker_join(serving->workers[i]);
    }
    for (size_t i = 0; i < serving->worker_count; i++) {
        serving->workers[i] = worker_free(serving->workers[i]);
    }
    serving->webhooks = webhooks_free(serving->webhooks);
    serving->metrics = http_server_free(serving->metrics);
    serving->sync = sync_stop(serving->sync);
    serving->timer = loop_timer_free(serving->timer);
    serving->store = store_free(serving->store);
    serving->keeping = keeping_free(serving->keeping);
    duties_free(serving->duties);
    serving->duties = NULL;
    delisting_free(serving->delisting);
    serving->delisting = NULL;
    serving->app.sequencer = NULL;
    serving->sequencer = sequencer_stop(serving->sequencer);
    serving->bucket = bucket_stop(serving->bucket);
    free(serving->witnesses);
    log_source_done(&serving->log_source);
    serving->sync_store = store_sync_free(serving->sync_store);
    serving->embedded = embedded_free(serving->embedded);
    serving->loop = loop_free(serving->loop);
    app_done(&serving->app);
    free(serving->store_url);
    serving->settings = settings_unref(serving->settings);
    if (serving->lock_fd >= 0) {
        (void)close(serving->lock_fd);
    }
}
