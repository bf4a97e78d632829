/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/images.h"

#include "lib/base/digest.h"
#include "service/runtime/file.h"
#include "service/runtime/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void path_of(const struct images *images, const char *key, char into[IMAGES_PATH_MAX])
{
    (void)snprintf(into, IMAGES_PATH_MAX, "%.4000s/%.64s", images->folder, key);
}

static bool is_used(const struct images *images, const char *name)
{
    for (size_t i = 0; i < images->used_count; i++) {
        if (strcmp(images->used[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void use(struct images *images, const char *key)
{
    if (!is_used(images, key) && images->used_count < IMAGES_USED_MAX) {
        (void)snprintf(images->used[images->used_count++], sizeof(images->used[0]), "%.64s", key);
    }
}

/* The image ends with its digest. */
static bool is_whole(const char *bytes, size_t len)
{
    uint8_t digest[SHA256_LEN];

    sha256_of(bytes, len - SHA256_LEN, digest);
    return memcmp(digest, bytes + len - SHA256_LEN, SHA256_LEN) == 0;
}

static void close_image(struct span image)
{
    (void)munmap((void *)(uintptr_t)image.ptr, image.len + SHA256_LEN);
}

static struct span open_image(void *arg, const char *key)
{
    struct images *images = arg;
    struct span none = {NULL, 0};
    char path[IMAGES_PATH_MAX];
    struct stat about;
    void *bytes;
    int fd;

    path_of(images, key, path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return none;
    }
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size <= SHA256_LEN) {
        (void)close(fd);
        return none;
    }
    bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, fd, 0);
    (void)close(fd);
    if (bytes == MAP_FAILED) {
        return none;
    }
    if (!is_whole(bytes, (size_t)about.st_size)) {
        log_warn("a kept index of hashes is damaged and is made again", LOG_STR("path", path));
        (void)munmap(bytes, (size_t)about.st_size);
        (void)unlink(path);
        return none;
    }
    use(images, key);
    return (struct span){bytes, (size_t)about.st_size - SHA256_LEN};
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* A mapped file must never change: written beside, then renamed. Losing it in a crash costs a build, so the folder is
 * not synced. */
static void save_image(void *arg, const char *key, struct span image)
{
    struct images *images = arg;
    char path[IMAGES_PATH_MAX], beside[IMAGES_PATH_MAX + 8];
    uint8_t digest[SHA256_LEN];
    struct fault why;
    bool good = false;
    int fd;

    path_of(images, key, path);
    (void)snprintf(beside, sizeof(beside), "%s.new", path);
    if (folder_make(images->folder, 0700, &why) != 0) {
        log_warn("an index of hashes cannot be kept", LOG_FAULT(&why));
        return;
    }
    sha256_of(image.ptr, image.len, digest);
    fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0) {
        good = write_all(fd, image.ptr, image.len) &&
               write_all(fd, (const char *)digest, sizeof(digest)) && fsync(fd) == 0;
        good = close(fd) == 0 && good && rename(beside, path) == 0;
    }
    if (!good) {
        log_warn("an index of hashes cannot be kept; it stays in memory", LOG_STR("path", path),
                 LOG_STR("why", strerror(errno)));
        (void)unlink(beside);
    }
}

void images_init(struct images *images, const char *state_dir)
{
    *images = (struct images){.calls = {open_image, save_image, close_image, images, IMAGES_MIN}};
    (void)snprintf(images->folder, sizeof(images->folder), "%.4000s/hashes", state_dir);
}

void images_sweep(const struct images *images)
{
    DIR *folder = opendir(images->folder);
    const struct dirent *one;

    while (folder && (one = readdir(folder)) != NULL) {
        if (one->d_name[0] != '.' && !is_used(images, one->d_name)) {
            (void)unlinkat(dirfd(folder), one->d_name, 0);
        }
    }
    if (folder) {
        (void)closedir(folder);
    }
}
