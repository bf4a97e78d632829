/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_RUNTIME_FILE_H
#define RAPPORTEUR_SERVICE_RUNTIME_FILE_H

/*
 * Whole small files in and out, for settings, rules, lists and keys. Blocking.
 * Codes: FILE_READ, FILE_WRITE, FILE_TOO_LARGE, FILE_FOLDER; the place is the path, the sentence what
 * the system said.
 */

#include "lib/base/buf.h"
#include "lib/base/fault.h"

#include <stdint.h>

/* The whole file into `out` (whose ceiling is the limit). 0, FAULT or -ENOMEM. */
int file_read(const char *path, struct buf *out, struct fault *why) NODISCARD;

/* Writes beside the path, fsyncs, renames over it, fsyncs the folder: after a crash the file is the old
 * one or the new one. 0 or FAULT. */
int file_replace(const char *path, struct span bytes, unsigned mode, struct fault *why) NODISCARD;

/* The folder and its parents, where they are missing. 0 or FAULT. */
int folder_make(const char *path, unsigned mode, struct fault *why) NODISCARD;

/* Names in the folder that end in `suffix`, sorted; each a heap path "folder/name". The caller frees
 * with names_free. A hidden file is left out. 0, FAULT or -ENOMEM. */
struct names {
    char **paths;
    size_t count;
};
int folder_names(const char *folder, const char *suffix, struct names *ret, struct fault *why) NODISCARD;
void names_free(struct names *names);

#endif
