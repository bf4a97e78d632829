/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/kept.h"

#include "lib/base/digest.h"
#include "service/runtime/file.h"

#include <stdio.h>

enum { PATH_BYTES = 4096 };

static void path_of(const char *state_dir, const char *url, char into[PATH_BYTES])
{
    char digest[SHA256_HEX_LEN + 1];

    sha256_hex(url, strlen(url), digest);
    (void)snprintf(into, PATH_BYTES, "%s/lists/%s", state_dir, digest);
}

int kept_write(const char *state_dir, const char *url, struct span body, struct fault *why)
{
    char path[PATH_BYTES], folder[PATH_BYTES];
    int r;

    path_of(state_dir, url, path);
    (void)snprintf(folder, sizeof(folder), "%s/lists", state_dir);
    r = folder_make(folder, 0700, why);
    return r ? r : file_replace(path, body, 0600, why);
}

struct buf *kept_read(const char *state_dir, const char *url, size_t max_bytes)
{
    CLEANUP(buf_freep) struct buf *body = buf_new(max_bytes);
    char path[PATH_BYTES];
    struct fault why;

    path_of(state_dir, url, path);
    return body && file_read(path, body, &why) == 0 ? TAKE(body) : NULL;
}
