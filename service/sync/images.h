/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_IMAGES_H
#define RAPPORTEUR_SERVICE_SYNC_IMAGES_H

/*
 * Indexes of many hashes as files below <state>/hashes, mapped read-only: built once for a version of the lists, shared by
 * every snapshot that has these lists, and paged in by the kernel as they are asked for. A file is the image and its
 * SHA-256; one that is torn, damaged or of another machine is not used and made again. Files that the last build did not
 * use are removed; what is mapped of them stays until its last snapshot goes.
 *
 *     struct images images;
 *     images_init(&images, state_dir);
 *     options.images = &images.calls;          match_set_build
 *     images_sweep(&images);                   after a build
 */

#include "lib/match/match_set.h"

enum { IMAGES_USED_MAX = 8, IMAGES_PATH_MAX = 4096, IMAGES_MIN = 100000 };

struct images {
    struct match_images calls;
    char folder[IMAGES_PATH_MAX];
    char used[IMAGES_USED_MAX][65]; /* keys opened or saved since images_init */
    size_t used_count;
};

/* `images` must stay where it is until the build is over. */
void images_init(struct images *images, const char *state_dir);
void images_sweep(const struct images *images);

#endif
