/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the script sequencer_crash kills and feeds failing system calls.
 *     sequencer_crash run FOLDER ENTRIES           integrates and publishes that many; 0, or 3 and
 * one line sequencer_crash verify FOLDER ENTRIES [OLDER]    the whole log, that size, OLDER a
 * beginning of it The store's memory (counter, mirror) lies in FOLDER.store, mapped: it outlives a
 * kill as Redis would.
 */
#include "service/audit/sequencer.h"
#include "service/audit/verify.h"
#include "tests/unit/service/audit/memory_source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { FAILED = 3, WRONG = 4 };

static struct memory_kept *map_store(const char *folder)
{
    char path[4096];
    void *kept;
    int fd;

    (void)snprintf(path, sizeof(path), "%s.store", folder);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(struct memory_kept)) != 0) {
        return NULL;
    }
    kept = mmap(NULL, sizeof(struct memory_kept), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    return kept == MAP_FAILED ? NULL : kept;
}

static int tell(const struct fault *why)
{
    (void)fprintf(stderr, "%s at %s: %s\n", why->code, why->place, why->text);
    return FAILED;
}

static int run(const char *folder, uint64_t entries)
{
    struct memory_kept *kept = map_store(folder);
    struct sequencer_status status;
    struct sequencer *sequencer;
    struct memory_source store;
    struct fault why = {0};
    int r;

    if (!kept) {
        return FAILED;
    }
    memory_source_init(&store, kept);
    atomic_store(&kept->size, entries);
    r = sequencer_start(&sequencer,
                        &(struct sequencer_options){.folder = folder,
                                                    .origin = "example.org/audit/crash",
                                                    .source = &store.source,
                                                    .integrate_ms = 10,
                                                    .publish_ms = 10,
                                                    .partial_keep_ms = 1,
                                                    .batch_entries = 130},
                        &why);
    if (r) {
        return tell(&why);
    }
    do {
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 1000000}, NULL);
        sequencer_status(sequencer, &status);
    } while (status.state != SEQUENCER_FAILED && status.published_size < entries);
    sequencer_stop(sequencer);
    return status.state == SEQUENCER_FAILED ? tell(&status.why) : 0;
}

static char *read_text(const char *path, struct span *ret)
{
    static char text[1 << 16];
    FILE *file = fopen(path, "rb");

    *ret = (struct span){text, file ? fread(text, 1, sizeof(text), file) : 0};
    if (file) {
        (void)fclose(file);
    }
    return file ? text : NULL;
}

static int verify(const char *folder, uint64_t entries, const char *older_path)
{
    struct audit_verify_options options = {0};
    struct audit_verify_result result;
    struct fault why = {0};
    struct span older;
    char log[4096];

    (void)snprintf(log, sizeof(log), "%s/log", folder);
    options.folder = log;
    if (older_path && read_text(older_path, &older)) {
        options.older = &older;
        options.older_count = 1;
    }
    if (audit_verify(&options, &result, &why) != 0) {
        return tell(&why);
    }
    if (result.entries != entries) {
        (void)fprintf(stderr, "%llu entries instead of %llu\n", (unsigned long long)result.entries,
                      (unsigned long long)entries);
        return WRONG;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "run") == 0) {
        return run(argv[2], strtoull(argv[3], NULL, 10));
    }
    if (argc >= 4 && strcmp(argv[1], "verify") == 0) {
        return verify(argv[2], strtoull(argv[3], NULL, 10), argc > 4 ? argv[4] : NULL);
    }
    (void)fprintf(stderr, "usage: sequencer_crash run|verify FOLDER ENTRIES [OLDER]\n");
    return 2;
}
