/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/durable.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int io_fault(struct fault *why, const char *call, const char *path)
{
    int error = errno;
    char text[128];

    return fault_set(why, "SEQUENCER_IO", path, "%s failed: %s", call,
                     strerror_r(error, text, sizeof(text)));
}

void durable_start(struct durable *set, int root)
{
    set->root = root;
    set->count = 0;
}

static int sync_folders(struct durable *set, struct fault *why)
{
    int r = 0;

    for (size_t i = 0; i < set->count; i++) {
        if (r == 0 && fsync(set->folders[i].fd) != 0) {
            r = io_fault(why, "fsync of the folder", set->folders[i].path);
        }
        (void)close(set->folders[i].fd);
    }
    set->count = 0;
    return r;
}

/* The folder's descriptor, kept open until it is fsynced; -1 with errno. */
static int open_folder(struct durable *set, const char *path, struct fault *why)
{
    struct durable_folder *folder;

    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->folders[i].path, path) == 0) {
            return set->folders[i].fd;
        }
    }
    if (set->count == DURABLE_MAX_FOLDERS && sync_folders(set, why) != 0) {
        return -1;
    }
    folder = &set->folders[set->count];
    folder->fd = openat(set->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd >= 0) {
        (void)snprintf(folder->path, sizeof(folder->path), "%s", path);
        set->count++;
    }
    return folder->fd;
}

/* "a/b/c" to "a/b" in `into`; "." for a bare name. Returns the bare name. */
static const char *split_path(const char *path, char into[DURABLE_PATH_MAX])
{
    const char *slash = strrchr(path, '/');

    assert(strlen(path) < DURABLE_PATH_MAX);
    if (!slash) {
        (void)snprintf(into, DURABLE_PATH_MAX, ".");
        return path;
    }
    memcpy(into, path, (size_t)(slash - path));
    into[slash - path] = '\0';
    return slash + 1;
}

/* Opens the folder, making it and those above it where missing; each new one's parent is touched.
 */
static int need_folder(struct durable *set, const char *path, struct fault *why)
{
    int fd = open_folder(set, path, why);
    char missing[DURABLE_PATH_MAX], parent[DURABLE_PATH_MAX];

    for (int depth = 0; fd < 0 && errno == ENOENT && depth < 16; depth++) {
        (void)snprintf(missing, sizeof(missing), "%s", path);
        /* The highest one that can be made: its parent exists. */
        while (mkdirat(set->root, missing, 0755) != 0) {
            if (errno != ENOENT || !strchr(missing, '/')) {
                return io_fault(why, "mkdir", missing);
            }
            *strrchr(missing, '/') = '\0';
        }
        (void)split_path(missing, parent);
        if (open_folder(set, parent, why) < 0) {
            return io_fault(why, "open", parent);
        }
        fd = open_folder(set, path, why);
    }
    return fd < 0 ? io_fault(why, "open", path) : 0;
}

static int write_all(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t done = write(fd, bytes.ptr, bytes.len);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return -1;
        }
        bytes.ptr += done;
        bytes.len -= (size_t)done;
    }
    return 0;
}

int durable_put(struct durable *set, const char *path, struct span bytes, unsigned mode,
                struct fault *why)
{
    char parent[DURABLE_PATH_MAX], temporary[DURABLE_PATH_MAX + 8];
    const char *name = split_path(path, parent);
    int r = need_folder(set, parent, why), folder, fd;

    if (r) {
        return r;
    }
    folder = open_folder(set, parent, why);
    (void)snprintf(temporary, sizeof(temporary), ".new-%s", name);
    fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) {
        return io_fault(why, "open", path);
    }
    if (write_all(fd, bytes) != 0) {
        r = io_fault(why, "write", path);
    } else if (fsync(fd) != 0) {
        r = io_fault(why, "fsync", path);
    }
    if (close(fd) != 0 && r == 0) {
        r = io_fault(why, "close", path);
    }
    if (r == 0 && renameat(folder, temporary, folder, name) != 0) {
        r = io_fault(why, "rename", path);
    }
    return r;
}

/* 1 the same bytes, 0 others, -1 with errno. */
static int same_bytes(int fd, struct span bytes)
{
    char piece[16384];

    for (;;) {
        ssize_t got = read(fd, piece, sizeof(piece));

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -1 : bytes.len == 0;
        }
        if ((size_t)got > bytes.len || memcmp(piece, bytes.ptr, (size_t)got) != 0) {
            return 0;
        }
        bytes = span_sub(bytes, (size_t)got, bytes.len);
    }
}

int durable_put_once(struct durable *set, const char *path, struct span bytes, struct fault *why)
{
    int fd = openat(set->root, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), same, r = 0;
    char parent[DURABLE_PATH_MAX];

    if (fd < 0) {
        return errno == ENOENT ? durable_put(set, path, bytes, 0644, why)
                               : io_fault(why, "open", path);
    }
    same = same_bytes(fd, bytes);
    if (same < 0) {
        r = io_fault(why, "read", path);
    } else if (!same) {
        r = fault_set(why, "SEQUENCER_MISMATCH", path,
                      "the file exists with other bytes than the log has here");
    } else if (fsync(fd) != 0) {
        r = io_fault(why, "fsync", path);
    }
    (void)close(fd);
    (void)split_path(path, parent);
    return r ? r : need_folder(set, parent, why);
}

int durable_finish(struct durable *set, int r, struct fault *why)
{
    if (r) {
        for (size_t i = 0; i < set->count; i++) {
            (void)close(set->folders[i].fd);
        }
        set->count = 0;
        return r;
    }
    return sync_folders(set, why);
}

int durable_write(int root, const char *path, struct span bytes, unsigned mode, struct fault *why)
{
    struct durable set;

    durable_start(&set, root);
    return durable_finish(&set, durable_put(&set, path, bytes, mode, why), why);
}

int durable_read(int root, const char *path, struct buf *out, struct fault *why)
{
    int fd = openat(root, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), r = 0;

    if (fd < 0) {
        return errno == ENOENT ? -ENOENT : io_fault(why, "open", path);
    }
    for (;;) {
        size_t room = out->max - out->len < 65536 ? out->max - out->len + 1 : 65536;
        char piece[65536];
        ssize_t got = read(fd, piece, room);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            r = io_fault(why, "read", path);
            break;
        }
        if (got == 0) {
            break;
        }
        if (buf_add(out, piece, (size_t)got) != 0) {
            r = fault_set(why, "SEQUENCER_IO", path, "the file is longer than %zu bytes", out->max);
            break;
        }
    }
    (void)close(fd);
    return r;
}

int durable_folder(int root, const char *path, unsigned mode, struct fault *why)
{
    char parent[DURABLE_PATH_MAX];
    struct durable set;

    if (mkdirat(root, path, mode) != 0) {
        return errno == EEXIST ? 0 : io_fault(why, "mkdir", path);
    }
    (void)split_path(path, parent);
    durable_start(&set, root);
    return durable_finish(&set, need_folder(&set, parent, why), why);
}
