/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_BUILD_H
#define RAPPORTEUR_SERVICE_SYNC_BUILD_H

/*
 * Settings, policy, rule files and list bodies to a snapshot: what a reload does, on whatever thread
 * calls it (the builder's when serving, the caller's for `rapporteur check`). Changes nothing.
 *
 * A source whose new body is bad keeps its current list and says why in `why`; that is no fault of the
 * whole. A bad policy or rule file refuses the whole, with every mistake as file:line:column.
 */

#include "lib/flag/flag.h"
#include "lib/rights/policy_set.h"
#include "lib/signal/list.h"
#include "service/runtime/settings.h"
#include "service/sync/rules_folder.h"

struct build_source {
    const struct list_source *setting;  /* borrowed from settings */
    struct list *current;               /* held; NULL: none yet. Replaced when the body is good */
    struct buf *body;                   /* owned; NULL: no news */
    bool refused;                       /* the body was bad: */
    struct fault why;
    bool changed;                       /* current is a new version */
};

struct build {
    struct settings *settings;          /* held */
    struct build_source *sources;
    size_t source_count;
    /* Borrowed: rule files to use instead of the folder's, and the policy files instead of the folder's, so
     * that what was edited on disk does not go live with a list. NULL: read the folder. */
    const struct rule_bundle *candidate, *policy_files;
    struct rule_bundle *rules_read, *policy_read;   /* what was read instead; owned */
    bool keep_images;                   /* indexes of many hashes are files of the state folder (images.h) */
    uint64_t rules_stamp;               /* of the folder, taken before it was read */
    struct snapshot *snapshot;          /* the result; held */
    struct policy_set *policies;        /* the result; owned */
    struct faults faults;               /* why there is no result */
    struct faults notes;                /* patterns left out of the match set */
};

/* Takes a reference on settings. `lists` are the current ones in the order of settings->sources, or
 * NULL. */
int build_new(struct build **ret, struct settings *settings, struct list *const lists[]) NODISCARD;
struct build *build_free(struct build *build);
DEFINE_CLEANUP(struct build *, build_free);

/* Reads the bodies of sources that are files. A file that cannot be read counts as a bad body. */
void build_read_files(struct build *build);

/* Reads list bodies, policy and rules and compiles. 0, FAULT (build->faults), -ENOMEM. */
int build_run(struct build *build) NODISCARD;

/* The versions of the policy: of the settings' folder, and those that were in force before (policies_kept.h). 0,
 * FAULT or -ENOMEM. */
int build_policies(struct policy_set **ret, const struct settings *settings,
                   struct faults *faults) NODISCARD;
/* What the settings and the policy say of rules; borrows from both. `policies` may be NULL: then any
 * reference of good form is a clause. */
void build_rule_options(const struct settings *settings, const struct policy_set *policies,
                        struct rule_options *ret);
/* The digest of the rules that stand in the settings' folder, after a good build_run. 0, FAULT (they
 * could not run) or -ENOMEM. */
int build_folder_digest(const struct build *build, char digest[65], struct fault *why) NODISCARD;

#endif
