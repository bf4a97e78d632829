/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole way of an entry, everything durable: acknowledged by Redis (appendfsync always), in the tree, under a
 * published checkpoint. CLIENTS connections append entries of 300 bytes as fast as they are answered, while the
 * sequencer works on the same two cores; in between, redis-benchmark appends as much to a stream of the same server.
 *     bench_log_redis [rounds, 3] [seconds a round, 10]
 * Prints entries/s from the first append to the last published entry, how long acknowledged entries waited for the tree
 * and for the checkpoint, and the ratio to the bare XADD, each a median over the rounds.
 */
#include "service/audit/sequencer.h"
#include "service/cli/log_source.h"
#include "service/store/embedded.h"
#include "service/store/sync.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 64, ROUNDS_MAX = 20, ENTRY = 300, INDEXES_MAX = 20000000 };

static double *acked;                   /* by index: when its append was answered; 0: not */
static char entry[ENTRY + 1];
static const char *url;
static atomic_bool stop;
static atomic_ullong appended;

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(const char *what, const struct fault *why)
{
    (void)fprintf(stderr, "%s: %s %s\n", what, why ? why->code : "", why ? why->text : "");
    exit(1);
}

static struct store_sync *connect_store(void)
{
    struct store_sync *store = NULL;
    struct fault why = {0};

    if (store_sync_new(&store, &(struct store_options){.url = url, .shards = 1, .connections = 1, .timeout_ms = 10000,
                                                       .max_log_entries = 50000000}, &why) != 0) {
        die("store", &why);
    }
    return store;
}

static void *append(void *arg)
{
    struct store_sync *store = connect_store();
    struct store_append_args args = {.now_ms = 1795467600000LL, .entry = {entry, ENTRY}};
    struct store_changed changed;

    (void)arg;
    while (!atomic_load(&stop)) {
        if (store_sync_append(store, &args, &changed) != STORE_OK || changed.index >= INDEXES_MAX) {
            die("an append was not answered", NULL);
        }
        acked[changed.index] = seconds();
        atomic_fetch_add(&appended, 1);
    }
    (void)store_sync_free(store);
    return NULL;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double at(double *values, size_t count, double share)
{
    qsort(values, count, sizeof(*values), by_value);
    return count ? values[(size_t)((double)(count - 1) * share)] : 0;
}

/* Appends for so long; waits and rate of what was appended. */
static double one_round(struct sequencer *sequencer, double length, double *tree, double *sheet, size_t *count)
{
    pthread_t threads[CLIENTS];
    struct sequencer_status status;
    uint64_t first, tree_at, sheet_at;
    double from = seconds();

    sequencer_status(sequencer, &status);
    first = tree_at = sheet_at = status.size;
    atomic_store(&stop, false);
    atomic_store(&appended, 0);
    for (int i = 0; i < CLIENTS; i++) {
        (void)pthread_create(&threads[i], NULL, append, NULL);
    }
    for (bool joined = false;;) {
        double now;

        (void)usleep(500);
        sequencer_status(sequencer, &status);
        now = seconds();
        if (status.state == SEQUENCER_FAILED) {
            die("sequencer", &status.why);
        }
        /* An entry may be in the tree before its append was answered here: then it did not wait. */
        for (; tree_at < status.size; tree_at++) {
            tree[tree_at - first] = now;
        }
        for (; sheet_at < status.published_size; sheet_at++) {
            sheet[sheet_at - first] = now;
        }
        if (!joined && now - from >= length) {
            atomic_store(&stop, true);
            for (int i = 0; i < CLIENTS; i++) {
                (void)pthread_join(threads[i], NULL);
            }
            joined = true;
        }
        if (joined && sheet_at - first >= atomic_load(&appended)) {
            break;
        }
    }
    *count = (size_t)(sheet_at - first);
    from = seconds() - from;
    for (size_t i = 0; i < *count; i++) {
        tree[i] = tree[i] > acked[first + i] ? tree[i] - acked[first + i] : 0;
        sheet[i] = sheet[i] > acked[first + i] ? sheet[i] - acked[first + i] : 0;
    }
    return (double)*count / from;
}

/* Appends a second by redis-benchmark on the same server. */
static double bare(size_t count)
{
    char command[1024], line[256], *quote;
    double rate = 0;
    FILE *out;

    (void)snprintf(command, sizeof(command), "redis-benchmark -s '%s' -c %d -n %zu --csv XADD bench '*' e %s 2>/dev/null",
                   url + strlen("unix:"), CLIENTS, count, entry);
    out = popen(command, "r");
    while (out && fgets(line, sizeof(line), out)) {
        quote = strstr(line, "\",\"");
        rate = quote && strncmp(line, "\"test\"", 6) != 0 ? strtod(quote + 3, NULL) : rate;
    }
    if (out) {
        (void)pclose(out);
    }
    return rate;
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 3, count;
    double length = argc > 2 ? strtod(argv[2], NULL) : 10, rates[ROUNDS_MAX], bares[ROUNDS_MAX], ratios[ROUNDS_MAX];
    char folder[] = "/tmp/bench-log-XXXXXX", command[64];
    double *tree = calloc(INDEXES_MAX, sizeof(*tree)), *sheet = calloc(INDEXES_MAX, sizeof(*sheet));
    double p50[ROUNDS_MAX], p99[ROUNDS_MAX], out99[ROUNDS_MAX];
    struct embedded *redis = NULL;
    struct sequencer *sequencer = NULL;
    struct store_sync *store;
    struct log_source source;
    struct fault why = {0};
    char filler[ENTRY] = "";
    unsigned shards;

    acked = calloc(INDEXES_MAX, sizeof(*acked));
    if (!acked || !tree || !sheet || rounds < 1 || rounds > ROUNDS_MAX || !mkdtemp(folder)) {
        die("usage: bench_log_redis [rounds] [seconds]", NULL);
    }
    memset(filler, 'a', sizeof(filler) - 1);
    (void)snprintf(entry, sizeof(entry), "{\"at\":\"2026-11-23T21:00:00.000Z\",\"digest\":\"%.*s\",\"type\":\"config\",\"v\":1}",
                   ENTRY - 67, filler);
    if (embedded_start(&redis, &(struct embedded_options){.state_dir = folder}, &why) != 0) {
        die("redis", &why);
    }
    url = embedded_url(redis);
    store = connect_store();
    if (store_sync_prepare(store, 1, 1795467600000LL, 60000, &shards, &why) != 0) {
        die("store", &why);
    }
    log_source_init(&source, store, 0);
    (void)snprintf(command, sizeof(command), "%s/audit", folder);
    if (sequencer_start(&sequencer, &(struct sequencer_options){.folder = command, .origin = "example.org/bench",
                                                                .source = &source.source, .integrate_ms = 200,
                                                                .publish_ms = 1000}, &why) != 0) {
        die("sequencer", &why);
    }
    for (size_t i = 0; i < rounds; i++) {
        rates[i] = one_round(sequencer, length, tree, sheet, &count);
        p50[i] = at(tree, count, 0.5) * 1000;
        p99[i] = at(tree, count, 0.99) * 1000;
        out99[i] = at(sheet, count, 0.99) * 1000;
        bares[i] = bare(count < 1000 ? 1000 : count);
        ratios[i] = bares[i] > 0 ? rates[i] / bares[i] : 0;
        (void)printf("round %zu: %zu entries, %.0f/s to the published checkpoint; in the tree after %.0f ms p50, %.0f ms p99, "
                     "published after %.0f ms p99; bare XADD %.0f/s; ratio %.2f\n",
                     i + 1, count, rates[i], p50[i], p99[i], out99[i], bares[i], ratios[i]);
        (void)fflush(stdout);
    }
    (void)printf("median: %.0f entries/s, in the tree p50 %.0f ms, p99 %.0f ms, published p99 %.0f ms, ratio %.2f\n",
                 at(rates, rounds, 0.5), at(p50, rounds, 0.5), at(p99, rounds, 0.5), at(out99, rounds, 0.5),
                 at(ratios, rounds, 0.5));
    sequencer_stop(sequencer);
    log_source_done(&source);
    (void)embedded_free(redis);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    free(acked);
    free(tree);
    free(sheet);
    return system(command) != 0;
}
