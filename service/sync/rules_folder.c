/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/rules_folder.h"

#include "service/runtime/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, MODE_FOLDER = 0755, MODE_FILE = 0644 };

/* ---- files in memory ---- */

struct rule_bundle *rule_bundle_new(void)
{
    return calloc(1, sizeof(struct rule_bundle));
}

struct rule_bundle *rule_bundle_free(struct rule_bundle *bundle)
{
    if (bundle) {
        for (size_t i = 0; i < bundle->count; i++) {
            free((char *)(uintptr_t)bundle->files[i].name);
            free((char *)(uintptr_t)bundle->files[i].bytes.ptr);
        }
        free(bundle->files);
        free(bundle);
    }
    return NULL;
}

bool rule_file_name_good(struct span name)
{
    static const struct span tail = {".yaml", 5};
    size_t stem = name.len - tail.len;

    if (name.len <= tail.len || name.len > RULE_FILE_NAME_MAX || name.ptr[0] == '-' ||
        !span_equal(span_sub(name, stem, tail.len), tail)) {
        return false;
    }
    for (size_t i = 0; i < stem; i++) {
        char c = name.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
            return false;
        }
    }
    return true;
}

/* Where a file of that name stands or would stand; *found says which. */
static size_t place_of(const struct rule_bundle *bundle, struct span name, bool *found)
{
    size_t at = bundle->count;

    *found = false;
    while (at > 0) {
        int order = span_compare(span_of(bundle->files[at - 1].name), name);

        if (order <= 0) {
            *found = order == 0;
            break;
        }
        at--;
    }
    return at;
}

static char *copy_of(struct span bytes)
{
    char *copy = malloc(bytes.len + 1);

    if (copy) {
        if (bytes.len) {
            memcpy(copy, bytes.ptr, bytes.len);
        }
        copy[bytes.len] = '\0';
    }
    return copy;
}

int rule_bundle_add(struct rule_bundle *bundle, struct span name, struct span bytes, struct fault *why)
{
    char *own_name = copy_of(name), *own_bytes = copy_of(bytes);
    struct rule_file *files = realloc(bundle->files, (bundle->count + 1) * sizeof(*files));
    bool found;
    size_t at;
    int r = own_name && own_bytes && files ? 0 : -ENOMEM;

    if (files) {
        bundle->files = files;
    }
    if (r == 0 && bundle->count == RULE_FILES_MAX) {
        r = fault_set(why, "RULES_TOO_MANY", own_name, "a set has at most %d files", RULE_FILES_MAX);
    }
    at = r == 0 ? place_of(bundle, name, &found) : 0;
    if (r == 0 && found) {
        r = fault_set(why, "RULE_FILE_NAME", own_name, "a set has one file of that name");
    }
    if (r) {
        free(own_name);
        free(own_bytes);
        return r;
    }
    memmove(files + at + 1, files + at, (bundle->count - at) * sizeof(*files));
    files[at] = (struct rule_file){.name = own_name, .bytes = {own_bytes, bytes.len}};
    bundle->count++;
    bundle->bytes += bytes.len;
    return 0;
}

struct rule_bundle *rule_bundle_copy(const struct rule_bundle *bundle)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *copy = rule_bundle_new();
    struct fault why;

    for (size_t i = 0; copy && i < bundle->count; i++) {
        if (rule_bundle_add(copy, span_of(bundle->files[i].name), bundle->files[i].bytes, &why) != 0) {
            return NULL;
        }
    }
    return TAKE(copy);
}

/* ---- paths ---- */

static int say(struct fault *why, const char *path, const char *doing)
{
    char reason[128];

    return fault_set(why, "FILE_WRITE", path, "%s: %s", doing, strerror_r(errno, reason, sizeof(reason)));
}

static int join(char into[PATH_BYTES], const char *folder, const char *name, struct fault *why)
{
    if (snprintf(into, PATH_BYTES, "%s/%s", folder, name) >= PATH_BYTES) {
        return fault_set(why, "FILE_FOLDER", folder, "the path is too long");
    }
    return 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

bool rule_bundle_same(const struct rule_bundle *a, const struct rule_bundle *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(base_name(a->files[i].name), base_name(b->files[i].name)) != 0 ||
            !span_equal(a->files[i].bytes, b->files[i].bytes)) {
            return false;
        }
    }
    return true;
}

static bool is_folder(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int sync_folder(const char *path, struct fault *why)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 || fsync(fd) != 0 ? say(why, path, "cannot fsync the folder") : 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

/* The rule files in it, and then itself. Nothing there is as good. */
static void remove_folder(const char *path)
{
    struct names names = {0};
    struct fault why;

    if (is_folder(path) && folder_names(path, "", &names, &why) == 0) {
        for (size_t i = 0; i < names.count; i++) {
            (void)unlink(names.paths[i]);
        }
        names_free(&names);
        (void)rmdir(path);
    }
}

/* ---- reading ---- */

int rules_folder_read(struct rule_bundle **ret, const char *folder, struct fault *why)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = rule_bundle_new();
    struct names names = {0};
    char put[PATH_BYTES];
    int r = bundle ? join(put, folder, ".put", why) : -ENOMEM;

    r = r ? r : folder_names(is_folder(put) ? put : folder, ".yaml", &names, why);
    for (size_t i = 0; r == 0 && i < names.count; i++) {
        CLEANUP(buf_freep) struct buf *bytes = buf_new(RULE_FILE_MAX_BYTES);

        r = bytes ? file_read(names.paths[i], bytes, why) : -ENOMEM;
        r = r ? r : rule_bundle_add(bundle, span_of(names.paths[i]), buf_span(bytes), why);
    }
    names_free(&names);
    if (r == 0) {
        *ret = TAKE(bundle);
    }
    return r;
}

static uint64_t stir(uint64_t hash, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;     /* FNV-1a */
    }
    return hash;
}

uint64_t rules_folder_stamp(const char *folder)
{
    struct names names = {0};
    char put[PATH_BYTES];
    struct fault why;
    uint64_t hash = 0xcbf29ce484222325u;

    if (join(put, folder, ".put", &why) != 0 ||
        folder_names(is_folder(put) ? put : folder, ".yaml", &names, &why) != 0) {
        return 0;
    }
    for (size_t i = 0; i < names.count; i++) {
        struct stat st;

        if (stat(names.paths[i], &st) == 0) {
            hash = stir(hash, base_name(names.paths[i]), strlen(base_name(names.paths[i])) + 1);
            hash = stir(hash, &st.st_ino, sizeof(st.st_ino));
            hash = stir(hash, &st.st_size, sizeof(st.st_size));
            hash = stir(hash, &st.st_mtim.tv_sec, sizeof(st.st_mtim.tv_sec));
            hash = stir(hash, &st.st_mtim.tv_nsec, sizeof(st.st_mtim.tv_nsec));
        }
    }
    names_free(&names);
    return hash ? hash : 1;
}

/* ---- writing ---- */

void rules_folder_unstage(const char *folder)
{
    char next[PATH_BYTES];
    struct fault why;

    if (join(next, folder, ".next", &why) == 0) {
        remove_folder(next);
    }
}

int rules_folder_stage(const char *folder, const struct rule_bundle *bundle, struct fault *why)
{
    char next[PATH_BYTES], path[PATH_BYTES];
    int r = rules_folder_finish(folder, why);

    r = r ? r : join(next, folder, ".next", why);
    if (r) {
        return r;
    }
    remove_folder(next);
    if (mkdir(next, MODE_FOLDER) != 0) {
        return say(why, next, "cannot make the folder");
    }
    for (size_t i = 0; r == 0 && i < bundle->count; i++) {
        r = join(path, next, base_name(bundle->files[i].name), why);
        r = r ? r : file_replace(path, bundle->files[i].bytes, MODE_FILE, why);
    }
    r = r ? r : sync_folder(next, why);
    if (r) {
        rules_folder_unstage(folder);
    }
    return r;
}

int rules_folder_commit(const char *folder, struct fault *why)
{
    char next[PATH_BYTES], put[PATH_BYTES];
    int r = join(next, folder, ".next", why);

    r = r ? r : join(put, folder, ".put", why);
    if (r == 0 && rename(next, put) != 0) {
        r = say(why, put, "cannot rename");
    } else if (r == 0) {
        r = sync_folder(folder, why);
        if (r) {
            (void)rename(put, next);    /* not durable is not done */
        }
    }
    return r;
}

/* A second name for the same bytes, put over the old file: nothing is copied, and .put stays whole. */
static int bring(const char *folder, const char *from, struct fault *why)
{
    char beside[PATH_BYTES], to[PATH_BYTES];
    int r = join(beside, folder, ".link", why);

    r = r ? r : join(to, folder, base_name(from), why);
    if (r) {
        return r;
    }
    (void)unlink(beside);
    if (link(from, beside) != 0 || rename(beside, to) != 0) {
        r = say(why, to, "cannot write");
    }
    (void)unlink(beside);               /* rename does nothing where both were the same file already */
    return r;
}

static bool has(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(base_name(names->paths[i]), name) == 0) {
            return true;
        }
    }
    return false;
}

int rules_folder_finish(const char *folder, struct fault *why)
{
    struct names put = {0}, old = {0};
    char from[PATH_BYTES], done[PATH_BYTES];
    int r = join(from, folder, ".put", why);

    r = r ? r : join(done, folder, ".done", why);
    if (r || !is_folder(from)) {
        return r;
    }
    r = folder_names(from, ".yaml", &put, why);
    for (size_t i = 0; r == 0 && i < put.count; i++) {
        r = bring(folder, put.paths[i], why);
    }
    r = r ? r : folder_names(folder, ".yaml", &old, why);
    for (size_t i = 0; r == 0 && i < old.count; i++) {
        if (!has(&put, base_name(old.paths[i])) && unlink(old.paths[i]) != 0) {
            r = say(why, old.paths[i], "cannot take away");
        }
    }
    names_free(&put);
    names_free(&old);
    r = r ? r : sync_folder(folder, why);
    remove_folder(done);
    if (r == 0 && rename(from, done) != 0) {
        r = say(why, done, "cannot rename");
    }
    remove_folder(done);
    return r ? r : sync_folder(folder, why);
}
