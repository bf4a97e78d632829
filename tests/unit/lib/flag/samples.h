/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_UNIT_LIB_FLAG_SAMPLES_H
#define RAPPORTEUR_TESTS_UNIT_LIB_FLAG_SAMPLES_H

/* The snapshot of config/, as the service would build it, and its sample reports. */

#include "lib/flag/flag.h"
#include "lib/rights/policy.h"
#include "lib/signal/format.h"
#include "tests/support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int only_lists(const struct dirent *entry)
{
    return strstr(entry->d_name, ".yaml") != NULL || strstr(entry->d_name, ".json") != NULL;
}

/* The files of a folder below the project's root, sorted; names are paths as places show them. */
struct sample_files {
    size_t count;
    char *names[64], *bytes[64];
    size_t lens[64];
};

static inline void sample_files_read(struct sample_files *files, const char *folder)
{
    char *path = test_source(folder);
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, only_lists, alphasort);

    assert_in_range(count, 1, 64);
    for (int i = 0; i < count; i++) {
        char name[512], *whole;

        (void)snprintf(name, sizeof(name), "%s/%s", folder, entries[i]->d_name);
        whole = test_source(name);
        files->names[i] = strdup(name);
        files->bytes[i] = test_read_file(whole, &files->lens[i]);
        free(whole);
        free(entries[i]);
    }
    files->count = (size_t)count;
    free(entries);
    free(path);
}

static inline void sample_files_free(struct sample_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->names[i]);
        free(files->bytes[i]);
    }
}

static inline struct policy *sample_policy(void)
{
    struct policy *policy = NULL;
    struct faults faults = {0};
    char *path = test_source("config/policy/policy.yaml");
    size_t len;
    char *bytes = test_read_file(path, &len);

    if (policy_read(&policy, (struct span){bytes, len}, "config/policy/policy.yaml", &faults) !=
        0) {
        fail_msg("%s %s", faults.list[0].place, faults.list[0].text);
    }
    free(bytes);
    free(path);
    return policy;
}

static inline bool sample_policy_has(void *policy, struct span ref)
{
    return policy_find(policy, ref) != NULL;
}

/* config/rules with the clauses of the policy resolved. */
static inline struct rule_set *sample_rules(struct policy *policy)
{
    struct sample_files files = {0};
    struct rule_file read[64];
    struct rule_options options = rule_options_default;
    struct rule_set *set = NULL;
    struct faults faults = {0};

    options.policy_has = sample_policy_has;
    options.policy_arg = policy;
    sample_files_read(&files, "config/rules");
    for (size_t i = 0; i < files.count; i++) {
        read[i] = (struct rule_file){files.names[i], {files.bytes[i], files.lens[i]}};
    }
    if (rule_set_build(&set, read, files.count, &options, &faults) != 0) {
        fail_msg("%s %s: %s", faults.list[0].place, faults.list[0].code, faults.list[0].text);
    }
    sample_files_free(&files);
    return set;
}

static inline struct match_set *sample_matches(void)
{
    struct sample_files files = {0};
    struct list *lists[64] = {0};
    struct match_set *set = NULL;
    struct faults notes = {0};

    sample_files_read(&files, "config/lists");
    for (size_t i = 0; i < files.count; i++) {
        struct signal_options options = signal_options_default;
        struct signal_report report = {0};

        options.name = files.names[i];
        if (signal_read(&lists[i], NULL, (struct span){files.bytes[i], files.lens[i]}, &options,
                        &report) != 0) {
            fail_msg("%s: %s", report.faults.list[0].place, report.faults.list[0].text);
        }
    }
    if (match_set_build(&set, lists, files.count, &match_options_default, &notes) != 0) {
        fail_msg("match_set: %s", notes.list[0].text);
    }
    for (size_t i = 0; i < files.count; i++) {
        (void)list_unref(lists[i]);
    }
    sample_files_free(&files);
    return set;
}

static inline struct snapshot *sample_snapshot(struct policy *policy)
{
    struct snapshot *snapshot = NULL;

    assert_int_equal(snapshot_new(&snapshot, sample_matches(), sample_rules(policy)), 0);
    return snapshot;
}

static inline json_t *sample_json(const char *name)
{
    char relative[256], *path;
    json_t *json;

    (void)snprintf(relative, sizeof(relative), "config/samples/%s", name);
    path = test_source(relative);
    json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    free(path);
    return json;
}

#endif
