/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/app.h"

#include "service/api/duty.h"

#include <stdlib.h>

struct policy_held {
    atomic_int refs;
    atomic_int running;
    struct policy_set *set;
};

struct policy_held *policy_held_new(struct policy_set *set, int running)
{
    struct policy_held *held = malloc(sizeof(*held));

    if (!held) {
        (void)policy_set_free(set);
        return NULL;
    }
    atomic_init(&held->refs, 1);
    atomic_init(&held->running, running);
    held->set = set;
    return held;
}

const struct policy *policy_held_get(const struct policy_held *held)
{
    return policy_set_at(held->set, (size_t)policy_held_running(held));
}

const struct policy *policy_held_version(const struct policy_held *held, struct span version)
{
    int i = policy_set_version(held->set, version);

    return i < 0 ? NULL : policy_set_at(held->set, (size_t)i);
}

const struct policy_set *policy_held_set(const struct policy_held *held)
{
    return held->set;
}

int policy_held_running(const struct policy_held *held)
{
    return atomic_load(&((struct policy_held *)(uintptr_t)held)->running);
}

void policy_held_run(struct policy_held *held, int running)
{
    atomic_store(&held->running, running);
}

void policy_held_unref(struct policy_held *held)
{
    if (held && atomic_fetch_sub(&held->refs, 1) == 1) {
        (void)policy_set_free(held->set);
        free(held);
    }
}

static void *ref_settings(void *value)
{
    return settings_ref(value);
}

static void unref_settings(void *value)
{
    (void)settings_unref(value);
}

static void *ref_snapshot(void *value)
{
    return snapshot_ref(value);
}

static void unref_snapshot(void *value)
{
    (void)snapshot_unref(value);
}

static void *ref_policy(void *value)
{
    atomic_fetch_add(&((struct policy_held *)value)->refs, 1);
    return value;
}

static void unref_policy(void *value)
{
    policy_held_unref(value);
}

static void *ref_keyring(void *value)
{
    return keyring_ref(value);
}

static void unref_keyring(void *value)
{
    (void)keyring_unref(value);
}

void app_init(struct app *app)
{
    *app = (struct app){.shards = 1};
    slot_init(&app->settings, ref_settings, unref_settings);
    slot_init(&app->snapshot, ref_snapshot, unref_snapshot);
    slot_init(&app->policy, ref_policy, unref_policy);
    slot_init(&app->keyring, ref_keyring, unref_keyring);
    slot_init(&app->duty, duty_state_ref, duty_state_unref);
}

void app_done(struct app *app)
{
    slot_done(&app->settings);
    slot_done(&app->snapshot);
    slot_done(&app->policy);
    slot_done(&app->keyring);
    slot_done(&app->duty);
    for (size_t i = 0; i < app->log_count; i++) {
        free(app->logs[i].name);
        free(app->logs[i].folder);
    }
    free(app->logs);
    free(app->audit_folder);
    free(app->log_folder);
    app->log_folder = NULL;
}

void app_wake(struct app *app)
{
    for (size_t i = 0; i < app->workers; i++) {
        /* A worker whose posts are full wakes by its own timer a second later. */
        int r = loop_post(app->loops[i], app->wake[i], app->wake_arg[i]);

        (void)r;
    }
}
