/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_DURABLE_H
#define RAPPORTEUR_SERVICE_AUDIT_DURABLE_H

/*
 * Files that are on the disk when we say so: written under another name, fsynced, renamed, and
 * every folder touched fsynced at the end. Folders stay open over write and rename, or an error of
 * theirs could be lost.
 *     durable_start(&set, root_fd);
 *     r = durable_put(&set, "tile/0/000", bytes, 0644, &why);      once for each file
 *     r = durable_finish(&set, r, &why);                            now they are durable
 *
 * Any failure is FAULT with code SEQUENCER_IO (place: the file, text: call and reason). It must end
 * in stopping: after a failed fsync the cache may show what the disk does not have.
 */

#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum { DURABLE_PATH_MAX = 128, DURABLE_MAX_FOLDERS = 24 };

struct durable {
    int root; /* borrowed */
    size_t count;
    struct durable_folder {
        char path[DURABLE_PATH_MAX];
        int fd;
    } folders[DURABLE_MAX_FOLDERS]; /* touched, not yet fsynced */
};

void durable_start(struct durable *set, int root);

/* Replaces the file. `path` is relative to root; missing folders are made (0755). */
int durable_put(struct durable *set, const char *path, struct span bytes, unsigned mode,
                struct fault *why);

/* A file that never changes: where it exists with the same bytes it is fsynced again, with other
 * bytes it is FAULT with code SEQUENCER_MISMATCH. */
int durable_put_once(struct durable *set, const char *path, struct span bytes, struct fault *why);

/* Fsyncs the folders where r is 0, and closes them in any case. Returns r or its own failure. */
int durable_finish(struct durable *set, int r, struct fault *why);

/* One file, put and finished. */
int durable_write(int root, const char *path, struct span bytes, unsigned mode, struct fault *why);

/* The whole file appended to out: 0, -ENOENT, FAULT (SEQUENCER_IO; longer than out may grow). */
int durable_read(int root, const char *path, struct buf *out, struct fault *why);

/* Makes a folder where there is none, durably. */
int durable_folder(int root, const char *path, unsigned mode, struct fault *why);

#endif
