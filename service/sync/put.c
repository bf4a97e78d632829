/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/put.h"

#include "service/runtime/log.h"

#include <stdio.h>

static enum sync_put_outcome refuse(struct sync_put *put, enum sync_put_outcome outcome, const struct fault *why)
{
    put->faults = (struct faults){0};
    (void)faults_add_one(&put->faults, why);
    return outcome;
}

enum sync_put_outcome put_check(struct sync_put *put, struct build *build, const char *running)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *before = NULL;
    char folder[65];
    struct fault why;
    int r = build_run(build);

    if (r == FAULT) {
        put->faults = build->faults;
        return SYNC_PUT_REFUSED;
    }
    r = r ? r : build_folder_digest(build, folder, &why);
    if (r < 0) {
        return SYNC_PUT_FAILED;
    }
    if (r == FAULT || strcmp(folder, running) != 0) {
        return SYNC_PUT_FOLDER_CHANGED;
    }
    r = rules_folder_read(&before, build->settings->rules_dir, &why);
    put->rewritten = r == 0 && !rule_bundle_same(before, put->files);
    r = rules_folder_stage(build->settings->rules_dir, put->files, &why);
    if (r == FAULT) {
        return refuse(put, SYNC_PUT_READ_ONLY, &why);
    }
    return r < 0 ? SYNC_PUT_FAILED : SYNC_PUT_RUNNING;
}

enum sync_put_outcome put_activate(struct sync_put *put, struct build *build, const char *running,
                                   const struct sync_options *options)
{
    const char *folder = build->settings->rules_dir;
    const char *digest = rule_set_digest(snapshot_rules(build->snapshot));
    struct fault why;

    put->changed = strcmp(digest, running) != 0;
    put->rules = rule_set_count(snapshot_rules(build->snapshot));
    (void)snprintf(put->snapshot, sizeof(put->snapshot), "%s", snapshot_digest(build->snapshot));
    if (put->changed && options->rules_put && !options->rules_put(options->arg, digest, put->snapshot, put->actor)) {
        rules_folder_unstage(folder);
        return SYNC_PUT_NOT_LOGGED;
    }
    if (rules_folder_commit(folder, &why) != 0) {
        rules_folder_unstage(folder);
        if (put->changed && options->rules_put && !options->rules_put(options->arg, running, "", "system")) {
            log_error("the log names rules that do not run; the next start records those that do");
        }
        return refuse(put, SYNC_PUT_READ_ONLY, &why);
    }
    if (rules_folder_finish(folder, &why) != 0) {
        log_warn("new rules run, but their files are not all in place; the next start goes on", LOG_FAULT(&why));
    }
    return SYNC_PUT_RUNNING;
}
