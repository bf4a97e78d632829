/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/entry.h"
#include "service/api/keyring.h"
#include "service/audit/sequencer.h"
#include "service/cli/delisting.h"
#include "service/cli/duties.h"
#include "service/runtime/log.h"
#include "service/runtime/metrics.h"
#include "service/store/sync.h"
#include "service/sync/policies_kept.h"

#include <stdio.h>

enum { TICK_MS = 250, CLOCK_SAID_MS = 1000, EXPIRE_MAX = 200, POLICY_AGAIN_MS = 1000 };

bool housekeeping_entry(struct serving *serving, struct entry *entry)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(ENTRY_MAX_BYTES);
    struct store_append_args args = {.now_ms = loop_now_ms()};
    struct store_changed changed;
    enum store_outcome outcome = STORE_BROKEN;
    struct fault why;

    if (out && entry_write(entry, out, &why) == 0) {
        args.entry = buf_span(out);
        outcome = store_sync_append(serving->sync_store, &args, &changed);
    }
    if (outcome != STORE_OK) {
        log_error("an entry about the service itself could not be logged",
                  LOG_STR("state", store_outcome_words[outcome]));
    }
    (void)entry_free(entry);
    return outcome == STORE_OK;
}

void housekeeping_list(void *arg, const struct list_head *head, const char *digest, const char *action)
{
    struct entry *entry = entry_new(ENTRY_LIST, loop_now_ms());

    entry_text(entry, "list", head->id);
    entry_text(entry, "version", head->version);
    entry_text(entry, "digest", span_of(digest));
    entry_text(entry, "action", span_of(action));
    (void)housekeeping_entry(arg, entry);
}

bool housekeeping_rules(void *arg, const char *digest, const char *snapshot, const char *actor)
{
    struct serving *serving = arg;
    struct entry *entry = entry_new(ENTRY_RULES, loop_now_ms());

    entry_text(entry, "digest", span_of(digest));
    entry_text(entry, "actor", span_of(actor));
    if (snapshot[0]) {
        entry_text(entry, "snapshot", span_of(snapshot));
    }
    if (!housekeeping_entry(serving, entry)) {
        return false;
    }
    (void)snprintf(serving->logged_rules, sizeof(serving->logged_rules), "%s", digest);
    return true;
}

/* Rules that a start or a reload brought; those that somebody put are in the log already. */
static void record_rules(struct serving *serving, const struct snapshot *snapshot)
{
    const char *digest = rule_set_digest(snapshot_rules(snapshot));

    if (strcmp(serving->logged_rules, digest) != 0) {
        (void)housekeeping_rules(serving, digest, snapshot_digest(snapshot), "system");
    }
}

/* ---- the published policy: a version runs once its entry is in the log ---- */

static bool log_policy(struct serving *serving, const struct policy_set *set, int now)
{
    const struct policy *policy = policy_set_at(set, (size_t)now);
    struct entry *entry = entry_new(ENTRY_POLICY, loop_now_ms());

    entry_text(entry, "version", policy_version(policy));
    entry_text(entry, "digest", span_of(policy_digest(policy)));
    entry_text(entry, "consultation", policy_consultation(policy));
    entry_time(entry, "effective", policy_effective_ms(policy));
    if (now > 0) {
        entry_text(entry, "supersedes",
                   span_of(policy_digest(policy_set_at(set, (size_t)now - 1))));
    }
    if (!housekeeping_entry(serving, entry)) {
        return false;
    }
    (void)snprintf(serving->logged_policy, sizeof(serving->logged_policy), "%s",
                   policy_digest(policy));
    return true;
}

static void keep_policies(const struct policy_set *set, int now, const char *state_dir)
{
    struct fault why;

    for (int i = 0; i <= now; i++) {
        if (policies_kept_write(state_dir, policy_set_at(set, (size_t)i),
                                policy_set_since_ms(set, (size_t)i), &why) != 0) {
            log_error("a version of the policy could not be kept: once its file is gone, nobody "
                      "can read it",
                      LOG_FAULT(&why));
        }
    }
}

/* Which version runs from now on: the one in force, unless its entry could not be written and another
 * ran before. */
static int policy_to_run(struct serving *serving, const struct policy_set *set,
                         const char *state_dir)
{
    int now = policy_set_in_force(set, loop_now_ms());
    bool logged =
        strcmp(serving->logged_policy, policy_digest(policy_set_at(set, (size_t)now))) == 0;
    struct policy_held *held = logged ? NULL : slot_take(&serving->app.policy);
    int before = held ? policy_set_version(set, policy_version(policy_held_get(held))) : -1;

    policy_held_unref(held);
    if (logged) {
        return now;
    }
    if (!log_policy(serving, set, now)) {
        return before < 0 ? now : before;
    }
    keep_policies(set, now, state_dir);
    return now;
}

/* The day of an announced version has come, or an entry is still to be written. */
static void watch_policy(struct serving *serving)
{
    struct policy_held *held = slot_take(&serving->app.policy);
    const struct policy_set *set = held ? policy_held_set(held) : NULL;
    int now = set ? policy_set_in_force(set, loop_now_ms()) : -1;

    if (now >= 0 &&
        strcmp(serving->logged_policy, policy_digest(policy_set_at(set, (size_t)now))) != 0 &&
        serving->policy_again_ms <= loop_steady_ms()) {
        int runs = policy_to_run(serving, set, serving->settings->state_dir);

        policy_held_run(held, runs);
        serving->policy_again_ms = loop_steady_ms() + POLICY_AGAIN_MS;
        if (runs == now) {
            log_info("a version of the policy is in force",
                     LOG_STR("digest", serving->logged_policy));
        }
    }
    policy_held_unref(held);
}

void housekeeping_publish(void *arg, struct snapshot *snapshot, struct policy_set *policies,
                          struct settings *settings)
{
    struct serving *serving = arg;
    int runs = policy_to_run(serving, policies, settings->state_dir);
    struct policy_held *held;

    record_rules(serving, snapshot);
    held = policy_held_new(policies, runs);
    if (!held) {
        log_error("out of memory: the new snapshot is dropped, the old one stays");
        (void)snapshot_unref(snapshot);
        return;
    }
    slot_put(&serving->app.policy, held);
    slot_put(&serving->app.settings, settings_ref(settings));
    slot_put(&serving->app.snapshot, snapshot);
    app_wake(&serving->app);            /* or a worker without requests would hold the old one */
    log_set_level((enum log_level)settings->log_level);
}

/* ---- keys: another process may have changed them ---- */

static void keys_listed(void *arg, enum store_outcome outcome, const struct store_keys *keys)
{
    struct serving *serving = arg;
    struct keyring *ring = outcome == STORE_OK ? keyring_new(keys) : NULL;

    serving->asking_keys = false;
    if (ring) {
        slot_put(&serving->app.keyring, ring);
    }
}

static void generation_read(void *arg, enum store_outcome outcome, const struct store_generation *result)
{
    struct serving *serving = arg;
    struct keyring *ring = slot_take(&serving->app.keyring);
    bool news = outcome == STORE_OK && (!ring || keyring_generation(ring) != result->generation);

    (void)keyring_unref(ring);
    serving->asking_keys = news && store_keys_list(serving->store, &(struct store_none_args){0}, keys_listed, serving);
}

/* ---- leases that ended ---- */

static void expire(struct serving *serving);

static void expired(void *arg, enum store_outcome outcome, const struct store_expired *result)
{
    struct serving *serving = arg;

    serving->expiring = false;
    if (outcome == STORE_OK && result->count) {
        metrics_add(METRIC_LEASES_EXPIRED, 0, (uint64_t)result->count);
        log_info("leases ended without a decision", LOG_INT("count", result->count));
        app_wake(&serving->app);
        if (result->count == EXPIRE_MAX) {
            expire(serving);
        }
    }
}

static void expire(struct serving *serving)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(ENTRY_MAX_BYTES);
    int64_t now = loop_now_ms();
    struct entry *entry = entry_new(ENTRY_CLAIM, now);
    struct fault why;

    entry_hole(entry, "case", "case");
    entry_hole(entry, "reviewer", "reviewer");
    entry_hole_json(entry, "fence", "fence");
    entry_text(entry, "action", SPAN("expire"));
    if (out && entry_write(entry, out, &why) == 0) {
        struct store_expire_args args = {.now_ms = now, .limit = EXPIRE_MAX, .entry = buf_span(out)};

        serving->expiring = store_expire(serving->store, &args, expired, serving) != NULL;
    }
    (void)entry_free(entry);
}

/* ---- letters that the law held back ---- */

static void release(struct serving *serving);

static void released(void *arg, enum store_outcome outcome, const struct store_held_released *result)
{
    struct serving *serving = arg;

    serving->releasing = false;
    if (outcome == STORE_OK && result->count) {
        log_info("notices that were withheld were sent", LOG_INT("count", result->count));
        app_wake(&serving->app);
        if (result->count == EXPIRE_MAX) {
            release(serving);
        }
    }
}

static void release(struct serving *serving)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(ENTRY_MAX_BYTES);
    int64_t now = loop_now_ms();
    struct entry *entry = entry_new(ENTRY_NOTICE, now);
    struct fault why;

    entry_hole(entry, "decision", "decision");
    entry_hole(entry, "case", "case");
    entry_hole(entry, "partner", "partner");
    entry_bool(entry, "withheld", true);
    if (out && entry_write(entry, out, &why) == 0) {
        struct store_held_release_args args = {.now_ms = now, .limit = EXPIRE_MAX, .entry = buf_span(out)};

        serving->releasing = store_held_release(serving->store, &args, released, serving) != NULL;
    }
    (void)entry_free(entry);
}

static void retain(struct serving *serving)
{
    struct settings *settings = slot_take(&serving->app.settings);

    int64_t erased = keeping_erased_ms(serving->keeping);

    if (settings) {
        keeping_tick(serving->keeping, settings);
    }
    if (settings && serving->embedded && erased && erased + settings->retention_rewrite_ms <= loop_now_ms() &&
        embedded_rewrite(serving->embedded)) {
        keeping_rewritten(serving->keeping);
        log_info("the store's file is written anew, without what was erased");
    }
    (void)settings_unref(settings);
}

/* ---- the embedded store and the numbers ---- */

static void watch_embedded(struct serving *serving)
{
    if (!serving->embedded) {
        return;
    }
    switch (embedded_watch(serving->embedded, loop_steady_ms())) {
    case EMBEDDED_DIED:
        log_error("the embedded store died; it is started again", LOG_INT("status", embedded_last_status(serving->embedded)));
        break;
    case EMBEDDED_RESTARTED:
        metrics_add(METRIC_STORE_RESTARTS, 0, 1);
        log_warn("the embedded store was started again", LOG_INT("pid", embedded_pid(serving->embedded)));
        if (embedded_cut_bytes(serving->embedded)) {
            log_warn("the store cut a broken tail off its append-only file",
                     LOG_INT("bytes", embedded_cut_bytes(serving->embedded)));
        }
        break;
    case EMBEDDED_UP:
    case EMBEDDED_WAITING:
        break;
    }
}

static void set_gauges(struct serving *serving)
{
    struct sequencer_status status;

    if (serving->sequencer) {
        sequencer_status(serving->sequencer, &status);
        metrics_set(METRIC_LOG_SIZE, 0, status.size);
        metrics_set(METRIC_LOG_PUBLISHED, 0, status.published_size);
        metrics_set(METRIC_WITNESSES, 0, status.witnesses.cosigned);
        metrics_set(METRIC_WITNESS_WAITING, 0,
                    status.witnesses.waiting ? (uint64_t)(loop_now_ms() - status.witnesses.waiting_since_ms) / 1000 : 0);
        metrics_set(METRIC_LOG_BACKLOG, 0, status.store_size > status.size ? status.store_size - status.size : 0);
    }
    if (serving->bucket) {
        metrics_set(METRIC_BUCKET_SIZE, 0, bucket_size(serving->bucket));
    }
    metrics_set(METRIC_STORE_READY, 0, store_ready(serving->store) ? serving->worker_count : 0);
}

/* Said once for each time the machine's clock is set back. */
static void watch_clock(struct serving *serving)
{
    int64_t ahead = loop_clock_ahead_ms();

    if (ahead > serving->clock_ahead_ms + CLOCK_SAID_MS) {
        log_warn("the machine's clock is behind the times already given out; ours goes on from these until a restart",
                 LOG_INT("ms", ahead));
    }
    serving->clock_ahead_ms = ahead;
}

static void tick(void *arg)
{
    struct serving *serving = arg;

    watch_clock(serving);
    watch_embedded(serving);
    watch_policy(serving);
    set_gauges(serving);
    if (store_ready(serving->store)) {
        if (!serving->asking_keys) {
            serving->asking_keys = store_keys_generation(serving->store, &(struct store_none_args){0},
                                                         generation_read, serving) != NULL;
        }
        if (!serving->expiring) {
            expire(serving);
        }
        if (!serving->releasing) {
            release(serving);
        }
        retain(serving);
        duties_tick(serving->duties);
        delisting_tick(serving->delisting);
    }
    loop_timer_start(serving->timer, TICK_MS);
}

int housekeeping_start(struct serving *serving)
{
    serving->timer = loop_timer_new(serving->loop, tick, serving);
    serving->keeping = keeping_new(serving->store);
    serving->duties = duties_new(serving);
    serving->delisting = delisting_new(serving);
    if (!serving->timer || !serving->keeping || !serving->duties || !serving->delisting) {
        return -1;
    }
    loop_timer_start(serving->timer, 0);
    return 0;
}
