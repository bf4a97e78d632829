/* SPDX-License-Identifier: Apache-2.0 */
#include "service/runtime/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, NAMES_MAX = 10000 };

static int say(struct fault *why, const char *code, const char *path, const char *doing)
{
    char reason[128];

    return fault_set(why, code, path, "%s: %s", doing, strerror_r(errno, reason, sizeof(reason)));
}

int file_read(const char *path, struct buf *out, struct fault *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r = 0;

    if (fd < 0) {
        return say(why, "FILE_READ", path, "cannot open");
    }
    for (;;) {
        char piece[65536];
        ssize_t got = read(fd, piece, sizeof(piece));

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            r = say(why, "FILE_READ", path, "cannot read");
        } else if (got > 0) {
            r = buf_add(out, piece, (size_t)got);
            if (r == BUF_FULL) {
                r = fault_set(why, "FILE_TOO_LARGE", path, "larger than %zu bytes", out->max);
            }
        }
        if (got <= 0 || r) {
            break;
        }
    }
    (void)close(fd);
    return r;
}

static int write_whole(int fd, struct span bytes)
{
    while (bytes.len) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);

        if (put < 0 && errno != EINTR) {
            return -1;
        }
        if (put > 0) {
            bytes = span_sub(bytes, (size_t)put, bytes.len);
        }
    }
    return fsync(fd);
}

static int sync_folder_of(const char *path)
{
    char folder[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    int fd, r;

    (void)snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    fd = open(folder[0] ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    r = fsync(fd);
    (void)close(fd);
    return r;
}

int file_replace(const char *path, struct span bytes, unsigned mode, struct fault *why)
{
    char beside[PATH_BYTES];
    int fd, r;

    if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside)) {
        return fault_set(why, "FILE_WRITE", path, "the path is too long");
    }
    fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0) {
        return say(why, "FILE_WRITE", beside, "cannot create");
    }
    r = write_whole(fd, bytes);
    r = close(fd) != 0 || r != 0 ? -1 : 0;
    if (r != 0 || rename(beside, path) != 0 || sync_folder_of(path) != 0) {
        r = say(why, "FILE_WRITE", path, "cannot write");
        (void)unlink(beside);
        return r;
    }
    return 0;
}

int folder_make(const char *path, unsigned mode, struct fault *why)
{
    char part[PATH_BYTES];
    size_t len = strlen(path);
    struct stat made;

    if (len == 0 || len >= sizeof(part)) {
        return fault_set(why, "FILE_FOLDER", path, "not a usable path");
    }
    memcpy(part, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (part[i] == '/' || part[i] == '\0') {
            char kept = part[i];

            part[i] = '\0';
            if (mkdir(part, (mode_t)mode) != 0 && errno != EEXIST) {
                return say(why, "FILE_FOLDER", part, "cannot make the folder");
            }
            part[i] = kept;
        }
    }
    if (stat(path, &made) != 0 || !S_ISDIR(made.st_mode)) {
        errno = ENOTDIR;            /* mkdir says the same of a file that stands there */
        return say(why, "FILE_FOLDER", path, "cannot make the folder");
    }
    return 0;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool wanted(const char *name, const char *suffix)
{
    size_t len = strlen(name), tail = strlen(suffix);

    return name[0] != '.' && len > tail && strcmp(name + len - tail, suffix) == 0;
}

int folder_names(const char *folder, const char *suffix, struct names *ret, struct fault *why)
{
    DIR *open_folder = opendir(folder);
    struct names names = {0};
    const struct dirent *entry;
    int r = 0;

    if (!open_folder) {
        return say(why, "FILE_FOLDER", folder, "cannot open the folder");
    }
    names.paths = calloc(NAMES_MAX, sizeof(*names.paths));
    r = names.paths ? 0 : -ENOMEM;
    while (r == 0 && (entry = readdir(open_folder)) != NULL) {
        if (!wanted(entry->d_name, suffix)) {
            continue;
        }
        if (names.count == NAMES_MAX) {
            r = fault_set(why, "FILE_FOLDER", folder, "more than %d files", NAMES_MAX);
        } else if (asprintf(&names.paths[names.count], "%s/%s", folder, entry->d_name) < 0) {
            r = -ENOMEM;
        } else {
            names.count++;
        }
    }
    (void)closedir(open_folder);
    if (r) {
        names_free(&names);
        return r;
    }
    qsort(names.paths, names.count, sizeof(*names.paths), compare_paths);
    *ret = names;
    return 0;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->paths[i]);
    }
    free(names->paths);
    *names = (struct names){0};
}
