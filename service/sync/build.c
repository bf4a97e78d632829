/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/build.h"

#include "lib/json/field.h"
#include "lib/signal/change.h"
#include "lib/signal/format.h"
#include "service/runtime/file.h"
#include "service/runtime/loop.h"
#include "service/sync/images.h"
#include "service/sync/policies_kept.h"
#include "service/sync/trusted_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { POLICY_FILE_MAX = 4 << 20 };

int build_new(struct build **ret, struct settings *settings, struct list *const lists[])
{
    CLEANUP(build_freep) struct build *build = calloc(1, sizeof(*build));

    if (!build) {
        return -ENOMEM;
    }
    build->settings = settings_ref(settings);
    build->sources = calloc(settings->source_count + 1, sizeof(*build->sources));
    if (!build->sources) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < settings->source_count; i++) {
        build->sources[i].setting = &settings->sources[i];
        build->sources[i].current = lists && lists[i] ? list_ref(lists[i]) : NULL;
        build->source_count++;
    }
    *ret = TAKE(build);
    return 0;
}

struct build *build_free(struct build *build)
{
    if (build) {
        for (size_t i = 0; i < build->source_count; i++) {
            (void)list_unref(build->sources[i].current);
            (void)buf_free(build->sources[i].body);
        }
        free(build->sources);
        (void)snapshot_unref(build->snapshot);
        (void)policy_set_free(build->policies);
        (void)rule_bundle_free(build->rules_read);
        (void)rule_bundle_free(build->policy_read);
        (void)settings_unref(build->settings);
        free(build);
    }
    return NULL;
}

void build_read_files(struct build *build)
{
    for (size_t i = 0; i < build->source_count; i++) {
        struct build_source *source = &build->sources[i];
        int r;

        if (!source->setting->file) {
            continue;
        }
        source->body = buf_free(source->body);
        source->body = buf_new((size_t)source->setting->max_bytes);
        r = source->body ? file_read(source->setting->file, source->body, &source->why) : -ENOMEM;
        if (r) {
            source->refused = true;
            source->body = buf_free(source->body);
            if (r < 0) {
                (void)fault_set(&source->why, "NO_MEMORY", source->setting->file, "out of memory");
            }
        }
    }
}

/* The head that formats without one of their own need: from the settings. */
static struct list_head head_of(const struct list_source *setting)
{
    int mode = word_index(list_mode_words, LIST_MODE_COUNT, span_of(setting->mode));

    return (struct list_head){.id = span_of(setting->id), .name = span_of(setting->id),
                              .kind = span_of(setting->kind), .version = SPAN("unversioned"),
                              .mode = mode < 0 ? LIST_LIVE : (enum list_mode)mode};
}

static int read_list(struct build_source *source, struct list **ret)
{
    const struct list_source *setting = source->setting;
    struct list_head head = head_of(setting);
    struct signal_options options = signal_options_default;
    struct signal_report report = {0};
    struct signal_key key;
    const struct signal_format *format = NULL;
    int r;

    options.name = setting->file ? setting->file : setting->url;
    options.head = setting->id[0] ? &head : NULL;
    options.default_kind = setting->kind[0] ? word_index(signal_kind_words, SIGNAL_KIND_COUNT, span_of(setting->kind)) : -1;
    options.lenient = true;             /* one bad entry of a shared list does not blind us to the others */
    options.max_bytes = (size_t)setting->max_bytes;
    if (setting->public_key[0]) {
        r = trusted_key_read(&key, setting->public_key, &source->why);
        if (r) {
            return r;
        }
        options.keys = &key;
        options.key_count = 1;
        options.require_signature = true;
    }
    if (strcmp(setting->format, "auto") != 0) {
        format = signal_format_named(span_of(setting->format));
        if (!format) {
            return fault_set(&source->why, "FORMAT_UNKNOWN", options.name, "there is no list format '%s'",
                             setting->format);
        }
    }
    r = signal_read(ret, format, buf_span(source->body), &options, &report);
    if (r == FAULT) {
        source->why = report.faults.list[0];
    }
    return r;
}

/* A version that nothing of would be matched. One that runs and whose end has come is no new version. */
static bool comes_expired(const struct build_source *source, const struct list *next)
{
    int64_t end_ms = list_head(next)->expires_ms;

    return end_ms != 0 && end_ms <= loop_now_ms() && strcmp(list_digest(source->current), list_digest(next)) != 0;
}

/* A bad, empty, shrunken, expired or unsigned body never replaces a good list. */
static int take_body(struct build_source *source)
{
    CLEANUP(list_unrefp) struct list *next = NULL;
    int r = read_list(source, &next);

    if (r == 0 && source->current && comes_expired(source, next)) {
        r = fault_set(&source->why, "LIST_EXPIRED", source->setting->id,
                      "the new version had expired before it came: ask its owner for one that is valid");
    }
    if (r == 0 && list_count(next) == 0 && source->current && list_count(source->current)) {
        r = fault_set(&source->why, "LIST_EMPTY", source->setting->id, "the new version holds no entry");
    }
    if (r == 0 && source->current && !source->setting->allow_shrink) {
        r = list_shrink_check(source->current, next, LIST_SHRINK_PERCENT, &source->why);
    }
    if (r < 0) {
        return r;
    }
    if (r == FAULT) {
        source->refused = true;
        return 0;
    }
    if (!source->current || strcmp(list_digest(source->current), list_digest(next)) != 0) {
        source->current = (list_unref(source->current), TAKE(next));
        source->changed = true;
    }
    return 0;
}

static int read_policy_files(struct rule_bundle **ret, const struct settings *settings,
                             struct fault *why)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = rule_bundle_new();
    struct names names = {0};
    int r = bundle ? folder_names(settings->policy_dir, ".yaml", &names, why) : -ENOMEM;

    if (r == 0 && names.count == 0) {
        r = fault_set(why, "POLICY_FILES", settings->policy_dir,
                      "the folder holds no version of the policy (*.yaml)");
    }
    for (size_t i = 0; r == 0 && i < names.count; i++) {
        CLEANUP(buf_freep) struct buf *bytes = buf_new(POLICY_FILE_MAX);

        r = bytes ? file_read(names.paths[i], bytes, why) : -ENOMEM;
        r = r ? r : rule_bundle_add(bundle, span_of(names.paths[i]), buf_span(bytes), why);
    }
    names_free(&names);
    if (r == 0) {
        *ret = TAKE(bundle);
    }
    return r;
}

/* Every file is read, so that every mistake is named. */
static int make_policies(struct policy_set **ret, const struct settings *settings,
                         const struct rule_bundle *files, struct faults *faults)
{
    CLEANUP(policy_set_freep) struct policy_set *set = policy_set_new();
    int64_t now_ms = loop_now_ms();
    int r = set ? policies_kept_read(set, settings->state_dir, faults) : -ENOMEM, whole = r;

    for (size_t i = 0; r >= 0 && i < files->count; i++) {
        struct policy *policy = NULL;

        r = policy_read(&policy, files->files[i].bytes, files->files[i].name, faults);
        r = r ? r : policy_set_add(set, policy, files->files[i].name, now_ms, faults);
        whole = whole ? whole : r;
    }
    if (r < 0 || whole) {
        return r < 0 ? r : whole;
    }
    r = policy_set_check(set, settings->policy_dir, now_ms, faults);
    if (r == 0) {
        *ret = TAKE(set);
    }
    return r;
}

int build_policies(struct policy_set **ret, const struct settings *settings, struct faults *faults)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *files = NULL;
    struct fault why;
    int r = read_policy_files(&files, settings, &why);

    if (r) {
        return r == FAULT ? faults_add_one(faults, &why) : r;
    }
    return make_policies(ret, settings, files, faults);
}

/* The files that run, or the folder's. */
static int build_own_policies(struct build *build)
{
    const struct rule_bundle *files = build->policy_files;
    struct fault why;
    int r = files ? 0 : read_policy_files(&build->policy_read, build->settings, &why);

    if (r) {
        return r == FAULT ? faults_add_one(&build->faults, &why) : r;
    }
    return make_policies(&build->policies, build->settings, files ? files : build->policy_read,
                         &build->faults);
}

static bool policy_has(void *arg, struct span ref)
{
    return policy_set_has(arg, loop_now_ms(), ref);
}

void build_rule_options(const struct settings *settings, const struct policy_set *policies,
                        struct rule_options *ret)
{
    *ret = rule_options_default;
    ret->default_queue = span_of(settings->default_queue);
    ret->life_queue = span_of(settings->threat_queue);
    ret->order_queue = span_of(settings->order_queue);
    ret->order_due_ms = settings->due_order_ms;
    ret->trusted_due_ms = settings->due_trusted_ms;
    ret->urgency_due_ms[URGENCY_ROUTINE] = 0;       /* a rule may give a routine case more time */
    for (size_t i = 0; i <= SEVERITY_MAX; i++) {
        if (ret->severity_due_ms[i] > settings->due_routine_ms) {
            ret->severity_due_ms[i] = settings->due_routine_ms;
        }
    }
    ret->urgency_due_ms[URGENCY_URGENT] = settings->due_urgent_ms;
    ret->urgency_due_ms[URGENCY_THREAT_TO_LIFE] = settings->due_threat_ms;
    ret->policy_has = policies ? policy_has : NULL;
    ret->policy_arg = (void *)(uintptr_t)policies;
}

static int make_rules(const struct build *build, const struct rule_bundle *files, struct rule_set **ret,
                      struct faults *faults)
{
    struct rule_options options;

    build_rule_options(build->settings, build->policies, &options);
    return rule_set_build(ret, files->files, files->count, &options, faults);
}

/* The candidate, or the folder's. */
static int build_own_rules(struct build *build, struct rule_set **ret)
{
    struct fault why;
    int r = 0;

    if (!build->candidate) {
        build->rules_stamp = rules_folder_stamp(build->settings->rules_dir);
        r = rules_folder_read(&build->rules_read, build->settings->rules_dir, &why);
    }
    if (r) {
        return r == FAULT ? faults_add_one(&build->faults, &why) : r;
    }
    return make_rules(build, build->candidate ? build->candidate : build->rules_read, ret, &build->faults);
}

int build_folder_digest(const struct build *build, char digest[65], struct fault *why)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *files = NULL;
    CLEANUP(rule_set_freep) struct rule_set *rules = NULL;
    struct faults faults = {0};
    int r = rules_folder_read(&files, build->settings->rules_dir, why);

    if (r) {
        return r;
    }
    r = make_rules(build, files, &rules, &faults);
    if (r == FAULT) {
        *why = faults.list[0];
    } else if (r == 0) {
        (void)snprintf(digest, 65, "%s", rule_set_digest(rules));
    }
    return r;
}

static int64_t now_us(void *arg)
{
    struct timespec now;

    (void)arg;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int build_matches(struct build *build, struct match_set **ret)
{
    const struct settings *s = build->settings;
    struct match_options options = match_options_default;
    struct list **lists = calloc(build->source_count + 1, sizeof(struct list *));
    struct images images;
    size_t count = 0;
    int r;

    if (!lists) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < build->source_count; i++) {
        if (build->sources[i].current) {
            lists[count++] = build->sources[i].current;
        }
    }
    options.regex_match_limit = (uint32_t)s->regex_match_limit;
    options.regex_heap_limit_kib = (uint32_t)s->regex_heap_kib;
    options.text_deadline_us = (uint32_t)(s->text_deadline_ms * 1000);
    options.pdq_distance = (int)s->pdq_distance;
    options.pdq_min_quality = (int)s->pdq_min_quality;
    options.tlsh_distance = (int)s->tlsh_distance;
    options.now_us = now_us;
    if (build->keep_images) {
        images_init(&images, s->state_dir);
        options.images = &images.calls;
    }
    r = match_set_build(ret, lists, count, &options, &build->notes);
    free(lists);
    if (r == 0 && build->keep_images) {
        images_sweep(&images);
    }
    if (r == FAULT) {
        (void)faults_add_one(&build->faults, &build->notes.list[0]);
    }
    return r;
}

int build_run(struct build *build)
{
    CLEANUP(match_set_freep) struct match_set *matches = NULL;
    struct rule_set *rules = NULL;
    int r = 0, whole;

    for (size_t i = 0; r == 0 && i < build->source_count; i++) {
        r = build->sources[i].body ? take_body(&build->sources[i]) : 0;
    }
    if (r) {
        return r;
    }
    whole = build_own_policies(build);
    if (whole < 0) {
        return whole;
    }
    if (whole == 0) {
        whole = build_own_rules(build, &rules);     /* without a policy no clause could be resolved */
    }
    r = whole >= 0 ? build_matches(build, &matches) : whole;
    if (r || whole) {
        (void)rule_set_free(rules);
        return r ? r : whole;
    }
    return snapshot_new(&build->snapshot, TAKE(matches), rules);
}
