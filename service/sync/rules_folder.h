/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_RULES_FOLDER_H
#define RAPPORTEUR_SERVICE_SYNC_RULES_FOLDER_H

/*
 * The rule files of the settings' folder: the one place where rules are kept. People edit them there
 * and send SIGHUP; PUT /v1/rules writes them there. What is in it is what a restart runs.
 *
 * A whole set is replaced at once or not at all, also across a crash:
 *     rules_folder_stage    writes and fsyncs every file into <folder>/.next; nothing changes yet
 *     rules_folder_commit   renames .next to .put: from here on the new set is the set
 *     rules_folder_finish   brings the files of .put to their places, takes away the others, and .put
 * A reader takes .put for the folder while there is one, so it never sees half of a set. Files that do
 * not end in .yaml, such as a README, stay. A folder that the service may not write (of a package, a
 * ConfigMap) is refused when staging: then its owner deploys the rules.
 *
 * Codes: those of service/runtime/file.h, RULES_TOO_MANY, RULE_FILE_NAME. Blocking; one writer at a time.
 */

#include "lib/base/attr.h"
#include "lib/base/fault.h"
#include "lib/rules/rule_set.h"

#include <stdint.h>

enum { RULE_FILES_MAX = 1000, RULE_FILE_MAX_BYTES = 4 << 20, RULE_FILE_NAME_MAX = 64 };

/* Rule files in memory, ordered by name as the folder is read; names and bytes are its own. */
struct rule_bundle {
    struct rule_file *files;
    size_t count, bytes;
};

struct rule_bundle *rule_bundle_new(void);
struct rule_bundle *rule_bundle_free(struct rule_bundle *bundle);
DEFINE_CLEANUP(struct rule_bundle *, rule_bundle_free);
/* Copies both; keeps the order; a name may be there once. 0, FAULT (RULES_TOO_MANY past
 * RULE_FILES_MAX files, RULE_FILE_NAME for a second of that name; place: the name) or -ENOMEM. */
int rule_bundle_add(struct rule_bundle *bundle, struct span name, struct span bytes, struct fault *why) NODISCARD;
/* A copy of its own; NULL without memory. */
struct rule_bundle *rule_bundle_copy(const struct rule_bundle *bundle);
/* The same files by name, wherever they stand, byte for byte. */
bool rule_bundle_same(const struct rule_bundle *a, const struct rule_bundle *b);
/* A name that may come from outside: [a-z0-9][a-z0-9-]*.yaml of at most RULE_FILE_NAME_MAX bytes. */
bool rule_file_name_good(struct span name);

/* All *.yaml files; names are paths. 0, FAULT or -ENOMEM. */
int rules_folder_read(struct rule_bundle **ret, const char *folder, struct fault *why) NODISCARD;

/* A number that changes when a file comes, goes or is written; nothing is read. 0: the folder cannot be. */
uint64_t rules_folder_stamp(const char *folder);

/* 0, FAULT or -ENOMEM each. */
int rules_folder_stage(const char *folder, const struct rule_bundle *bundle, struct fault *why) NODISCARD;
int rules_folder_commit(const char *folder, struct fault *why) NODISCARD;
/* Also at a start, for what a crash interrupted. Nothing to do: 0. */
int rules_folder_finish(const char *folder, struct fault *why) NODISCARD;
/* Takes a staged set away again. */
void rules_folder_unstage(const char *folder);

#endif
