/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/policies_kept.h"

#include "service/runtime/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, KEPT_FILE_MAX = 4 << 20, SINCE_DIGITS = 15 };

/* <15 digits>-<64 hex digits>.yaml */
static bool read_name(const char *path, int64_t *since_ms, struct span *digest)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

    *since_ms = 0;
    if (strlen(name) != SINCE_DIGITS + 1 + SHA256_HEX_LEN + strlen(".yaml") ||
        name[SINCE_DIGITS] != '-') {
        return false;
    }
    for (size_t i = 0; i < SINCE_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9') {
            return false;
        }
        *since_ms = *since_ms * 10 + (name[i] - '0');
    }
    *digest = (struct span){name + SINCE_DIGITS + 1, SHA256_HEX_LEN};
    return true;
}

static int read_one(struct policy_set *set, const char *path, struct faults *faults)
{
    CLEANUP(buf_freep) struct buf *bytes = buf_new(KEPT_FILE_MAX);
    struct policy *policy = NULL;
    struct span digest;
    struct fault why;
    int64_t since_ms;
    int r = bytes ? file_read(path, bytes, &why) : -ENOMEM;

    if (r) {
        return r == FAULT ? faults_add_one(faults, &why) : r;
    }
    r = policy_read(&policy, buf_span(bytes), path, faults);
    if (r) {
        return r;
    }
    if (!read_name(path, &since_ms, &digest) || !span_is(digest, policy_digest(policy))) {
        (void)policy_free(policy);
        return faults_add(faults, "POLICY_KEPT", path,
                          "this kept version is not what its name says; restore it from a backup");
    }
    return policy_set_keep(set, policy, since_ms);
}

int policies_kept_read(struct policy_set *set, const char *state_dir, struct faults *faults)
{
    char folder[PATH_BYTES];
    struct names names = {0};
    struct fault why;
    int r, whole = 0;

    (void)snprintf(folder, sizeof(folder), "%s/policies", state_dir);
    if (access(folder, F_OK) != 0 && errno == ENOENT) {
        return 0;
    }
    r = folder_names(folder, ".yaml", &names, &why);
    if (r) {
        return r == FAULT ? faults_add_one(faults, &why) : r;
    }
    for (size_t i = 0; whole >= 0 && i < names.count; i++) {
        r = read_one(set, names.paths[i], faults);
        whole = r ? r : whole;
    }
    names_free(&names);
    return whole;
}

int policies_kept_write(const char *state_dir, const struct policy *policy, int64_t since_ms,
                        struct fault *why)
{
    char folder[PATH_BYTES], path[PATH_BYTES];
    int r;

    (void)snprintf(folder, sizeof(folder), "%s/policies", state_dir);
    if (snprintf(path, sizeof(path), "%s/%015lld-%s.yaml", folder, (long long)since_ms,
                 policy_digest(policy)) >= PATH_BYTES) {
        return fault_set(why, "FILE_FOLDER", state_dir, "the path is too long");
    }
    if (access(path, F_OK) == 0) {
        return 0;
    }
    r = folder_make(folder, 0700, why);
    return r ? r : file_replace(path, policy_source(policy), 0600, why);
}
