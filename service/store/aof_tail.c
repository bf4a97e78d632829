/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/aof_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MAX_BYTES = 640, MANIFEST_MAX = 64 << 10 };

struct scan {
    struct span bytes;
    size_t at;
    enum aof_end end; /* why the last step failed */
};

/* "<mark><number>\r\n" */
static bool read_count(struct scan *s, char mark, unsigned long long *ret)
{
    struct span rest = span_sub(s->bytes, s->at, 32);
    const char *end = rest.len > 0 ? memchr(rest.ptr, '\n', rest.len) : NULL;
    struct span line = {rest.ptr, end ? (size_t)(end - rest.ptr) : rest.len};

    s->end = AOF_BAD;
    if (rest.len == 0) {
        s->end = AOF_TORN;
        return false;
    }
    if (rest.ptr[0] != mark) {
        return false;
    }
    if (!end) {
        s->end = rest.len < 32 ? AOF_TORN : AOF_BAD;
        return false;
    }
    if (line.len < 3 || line.ptr[line.len - 1] != '\r' ||
        !span_to_u64(span_sub(line, 1, line.len - 2), ret)) {
        return false;
    }
    s->at += line.len + 1;
    return true;
}

static bool read_word(struct scan *s, struct span *ret)
{
    unsigned long long len;

    if (!read_count(s, '$', &len)) {
        return false;
    }
    if (len > s->bytes.len - s->at || s->bytes.len - s->at - len < 2) {
        s->end = AOF_TORN;
        return false;
    }
    *ret = span_sub(s->bytes, s->at, (size_t)len);
    s->at += (size_t)len;
    s->end = AOF_BAD;
    if (memcmp(s->bytes.ptr + s->at, "\r\n", 2) != 0) {
        return false;
    }
    s->at += 2;
    return true;
}

/* One command; *ret_name its first word. */
static bool read_command(struct scan *s, struct span *ret_name)
{
    unsigned long long words;
    struct span word;

    if (!read_count(s, '*', &words)) {
        return false;
    }
    if (words == 0) {
        s->end = AOF_BAD;
        return false;
    }
    for (unsigned long long i = 0; i < words; i++) {
        if (!read_word(s, i == 0 ? ret_name : &word)) {
            return false;
        }
    }
    return true;
}

/* A file that grew before its bytes were written shows zeros after a power cut. */
static bool all_zero(struct span rest)
{
    return rest.len > 0 && rest.ptr[0] == '\0' && memcmp(rest.ptr, rest.ptr + 1, rest.len - 1) == 0;
}

static bool skip_comment(struct scan *s)
{
    const char *from = s->bytes.ptr + s->at, *end = memchr(from, '\n', s->bytes.len - s->at);

    s->end = AOF_TORN;
    if (end) {
        s->at += (size_t)(end - from) + 1;
    }
    return end != NULL;
}

enum aof_end aof_scan(struct span bytes, size_t *ret_valid)
{
    struct scan s = {.bytes = bytes};
    bool in_multi = false;
    size_t valid = 0;

    while (s.at < bytes.len) {
        struct span name = SPAN("");
        size_t start = s.at;
        bool comment = bytes.ptr[s.at] == '#';

        if (!(comment ? skip_comment(&s) : read_command(&s, &name))) {
            bool torn = s.end == AOF_TORN || all_zero(span_sub(bytes, s.at, bytes.len));

            *ret_valid = torn ? valid : start;
            return torn ? AOF_TORN : AOF_BAD;
        }
        if (span_equal_nocase(name, SPAN("multi"))) {
            if (in_multi) {
                *ret_valid = start;
                return AOF_BAD;
            }
            in_multi = true;
        } else if (span_equal_nocase(name, SPAN("exec"))) {
            in_multi = false;
        }
        valid = in_multi ? valid : s.at;
    }
    *ret_valid = valid;
    return in_multi ? AOF_TORN : AOF_WHOLE;
}

/* The last "file NAME seq N type i" of the manifest; false: there is none. */
static bool newest_file(const char *folder, char into[PATH_MAX_BYTES])
{
    char path[PATH_MAX_BYTES], line[512], name[256], kind;
    bool found = false;
    FILE *in;

    (void)snprintf(path, sizeof(path), "%.500s/appendonlydir/appendonly.aof.manifest", folder);
    in = fopen(path, "re");
    while (in && fgets(line, sizeof(line), in)) {
        if (sscanf(line, "file %255s seq %*u type %c", name, &kind) == 2 && kind == 'i' &&
            !strchr(name, '/')) {
            (void)snprintf(into, PATH_MAX_BYTES, "%.350s/appendonlydir/%s", folder, name);
            found = true;
        }
    }
    if (in) {
        (void)fclose(in);
    }
    return found;
}

static int cut(int fd, const char *path, size_t size, uint64_t *ret_cut, struct fault *why)
{
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    enum aof_end end;
    size_t valid;

    if (bytes == MAP_FAILED) {
        return -errno;
    }
    end = aof_scan((struct span){bytes, size}, &valid);
    (void)munmap(bytes, size);
    if (end == AOF_BAD) {
        return fault_set(
            why, "STORE_AOF", path,
            "the append-only file is damaged at byte %zu of %zu, before its end: restore a "
            "copy, or see what redis-check-aof says of it",
            valid, size);
    }
    if (end == AOF_TORN) {
        if (ftruncate(fd, (off_t)valid) != 0 || fsync(fd) != 0) {
            return -errno;
        }
        *ret_cut = size - valid;
    }
    return 0;
}

int aof_repair(const char *folder, uint64_t *ret_cut, struct fault *why)
{
    char path[PATH_MAX_BYTES];
    struct stat info;
    int fd, r;

    *ret_cut = 0;
    if (!newest_file(folder, path)) {
        return 0;
    }
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    r = fstat(fd, &info) != 0 ? -errno : 0;
    if (r == 0 && info.st_size > 0) {
        r = cut(fd, path, (size_t)info.st_size, ret_cut, why);
    }
    (void)close(fd);
    return r;
}
