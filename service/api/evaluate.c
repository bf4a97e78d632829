/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/api.h"

#include "lib/rules/rule_set.h"
#include "service/runtime/metrics.h"

#include <errno.h>
#include <time.h>

/* Whether any condition asks for earlier reports: then, and only then, intake reads them first. */
static bool uses_history(const struct rule_set *rules)
{
    for (size_t i = 0; i < rule_set_count(rules); i++) {
        struct rule_info info = rule_set_rule(rules, i);

        if (info.mode != RULE_OFF && info.when.len &&
            memmem(info.when.ptr, info.when.len, "history", strlen("history"))) {
            return true;
        }
    }
    return false;
}

static void unref_later(void *snapshot)
{
    (void)snapshot_unref(snapshot);
}

/* The last reader frees hundreds of megabytes, which takes tens of milliseconds: not while requests
 * wait, so the main loop does it. */
static void let_go(const struct api *api, struct snapshot *snapshot)
{
    if (snapshot && (!api->app->main_loop || loop_post(api->app->main_loop, unref_later, snapshot) != 0)) {
        (void)snapshot_unref(snapshot);
    }
}

bool api_refresh(struct api *api)
{
    unsigned long generation = slot_generation(&api->app->snapshot);
    struct snapshot *next;
    struct flag_scratch *scratch;

    if (api->scratch && generation == api->snapshot_generation) {
        return true;
    }
    next = slot_take(&api->app->snapshot);
    if (!next) {
        return false;
    }
    if (flag_scratch_new(&scratch, next) != 0) {
        (void)snapshot_unref(next);
        return api->scratch != NULL;        /* out of memory: the old one still judges */
    }
    api->scratch = (flag_scratch_free(api->scratch), scratch);
    let_go(api, api->snapshot);
    api->snapshot = next;
    api->snapshot_generation = generation;
    api->rules_use_history = uses_history(snapshot_rules(next));
    return true;
}

static double seconds_since(const struct timespec *from)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - from->tv_sec) + (double)(now.tv_nsec - from->tv_nsec) / 1e9;
}

int api_evaluate(struct api *api, const struct report *report, const struct flag_history *history,
                 int64_t now_ms, struct api_verdict *ret)
{
    static const struct flag_history none;
    struct timespec from;
    int r;

    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    r = flag_evaluate(api->scratch, report, history ? history : &none, now_ms, &ret->verdict, &ret->hits);
    if (r) {
        return r;
    }
    metrics_observe(METRIC_MATCH_SECONDS, seconds_since(&from));
    for (size_t i = 0; i < ret->hits->count; i++) {
        metrics_add(METRIC_HITS, ret->hits->list[i].kind, 1);
    }
    for (size_t i = 0; i < ret->verdict->rule_count; i++) {
        const struct verdict_rule *rule = &ret->verdict->rules[i];

        metrics_add(METRIC_RULES, rule->failed ? 2 : rule->shadow ? 1 : 0, 1);
    }
    if (ret->verdict->undecided) {
        metrics_add(METRIC_UNDECIDED, 0, 1);
    }
    ret->json = verdict_json(ret->verdict, ret->hits);
    return ret->json ? 0 : -ENOMEM;
}
