/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/log_writer_internal.h"

#include "lib/audit/tile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FOLDERS_A_CALL = 64, MAX_LEVELS = 8 };

/* Removes log/<path of the partials> with the files in it. False where something is left. */
static bool remove_partials(int root, const struct tile *tile)
{
    char path[TILE_PATH_MAX + 8], partials[TILE_PATH_MAX];
    const struct dirent *file;
    DIR *folder;
    int fd;

    tile_partials_path(partials, tile);
    (void)snprintf(path, sizeof(path), "log/%s", partials);
    fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT;
    }
    folder = fdopendir(fd);
    if (!folder) {
        (void)close(fd);
        return false;
    }
    while ((file = readdir(folder)) != NULL) {
        if (file->d_name[0] != '.' || strncmp(file->d_name, ".new-", 5) == 0) {
            (void)unlinkat(fd, file->d_name, 0);
        }
    }
    (void)closedir(folder);
    return unlinkat(root, path, AT_REMOVEDIR) == 0;
}

/* How far earlier runs came. Wrong or missing only costs looking again. */
static uint64_t read_swept(int root)
{
    char text[24] = "";
    int fd = openat(root, "private/swept", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd >= 0) {
        ssize_t got = read(fd, text, sizeof(text) - 1);

        text[got > 0 ? got : 0] = '\0';
        (void)close(fd);
    }
    return strtoull(text, NULL, 10);
}

static void write_swept(int root, uint64_t swept)
{
    int fd =
        openat(root, "private/swept", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0) {
        (void)dprintf(fd, "%llu\n", (unsigned long long)swept);
        (void)close(fd);
    }
}

/* The partials of bundle `index`, of its tile, and of the tiles above that it completes. */
static bool sweep_one(int root, uint64_t index)
{
    struct tile tile = {.level = TILE_ENTRIES, .index = index};
    bool clean = remove_partials(root, &tile);

    for (tile.level = 0; tile.level < MAX_LEVELS; tile.level++) {
        clean = remove_partials(root, &tile) && clean;
        if (tile.index % TILE_WIDTH != TILE_WIDTH - 1) {
            break;
        }
        tile.index /= TILE_WIDTH;
    }
    return clean;
}

void log_writer_sweep(struct log_writer *writer, uint64_t size)
{
    uint64_t full = size / TILE_WIDTH, before;

    if (writer->swept == UINT64_MAX) {
        writer->swept = read_swept(writer->root);
        writer->swept = writer->swept <= full ? writer->swept : 0;
    }
    before = writer->swept;
    while (writer->swept < full && writer->swept - before < FOLDERS_A_CALL &&
           sweep_one(writer->root, writer->swept)) {
        writer->swept++;
    }
    if (writer->swept != before) {
        write_swept(writer->root, writer->swept);
    }
}
