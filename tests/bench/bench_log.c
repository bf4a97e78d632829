/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries a second through source -> tree -> published checkpoint, everything durable; then what an
 * auditor waits for: verify and export of the same log. Prints peak memory of each step.
 *     bench_log [entries] [batch]        default 1,000,000 in batches of 4096; folder below $TMPDIR
 * or /tmp
 */
#include "service/audit/export.h"
#include "service/audit/sequencer.h"
#include "service/audit/verify.h"
#include "tests/unit/service/audit/memory_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void report(const char *what, uint64_t entries, double took)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    (void)printf("%-24s %9llu entries  %7.2f s  %9.0f/s  peak so far %ld MiB\n", what,
                 (unsigned long long)entries, took, (double)entries / took, usage.ru_maxrss / 1024);
    (void)fflush(stdout);
}

static int sequence(struct memory_source *store, const char *folder, uint64_t entries, size_t batch)
{
    struct sequencer *sequencer = NULL;
    struct sequencer_status status;
    struct fault why = {0};
    double from = seconds();

    if (sequencer_start(&sequencer,
                        &(struct sequencer_options){.folder = folder,
                                                    .origin = "example.org/bench",
                                                    .source = &store->source,
                                                    .batch_entries = batch},
                        &why) != 0) {
        (void)fprintf(stderr, "%s: %s\n", why.code, why.text);
        return 1;
    }
    do {
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 1000000}, NULL);
        sequencer_status(sequencer, &status);
    } while (status.state != SEQUENCER_FAILED && status.published_size < entries);
    report("integrated, published", status.published_size, seconds() - from);
    (void)printf("%-24s %9llu, %.2f ms each\n", "batches", (unsigned long long)status.batches,
                 (seconds() - from) * 1000 / (double)status.batches);
    sequencer_stop(sequencer);
    return status.state == SEQUENCER_FAILED;
}

static int export_all(const char *log)
{
    CLEANUP(audit_export_freep) struct audit_export *export = NULL;
    double from = seconds();
    uint64_t seen, total, written;
    struct fault why = {0};
    struct buf out;
    int r;

    if (audit_export_open(&export, &(struct audit_export_options){.folder = log}, &why) != 0) {
        return 1;
    }
    buf_init(&out, 64 << 20);
    do {
        buf_clear(&out);
        r = audit_export_next(export, &out, &why);
    } while (r == AUDIT_EXPORT_MORE);
    buf_done(&out);
    audit_export_progress(export, &seen, &total, &written);
    report("exported as JSON Lines", written, seconds() - from);
    return r;
}

int main(int argc, char **argv)
{
    uint64_t entries = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    size_t batch = argc > 2 ? strtoul(argv[2], NULL, 10) : 4096;
    struct audit_verify_result result;
    struct memory_source store;
    struct fault why = {0};
    char *folder = memory_folder(), *log = memory_path(folder, "log");
    double from;
    int r;

    memory_source_init(&store, NULL);
    atomic_store(&store.kept->size, entries);
    r = sequence(&store, folder, entries, batch);
    if (r == 0) {
        r = export_all(log);
    }
    from = seconds();
    if (r == 0) {
        r = audit_verify(&(struct audit_verify_options){.folder = log}, &result, &why);
        report(r ? "NOT VERIFIED" : "verified", result.entries, seconds() - from);
    }
    if (r) {
        (void)fprintf(stderr, "%s at %s: %s\n", why.code, why.place, why.text);
    }
    free(log);
    memory_folder_done(folder);
    return r != 0;
}
