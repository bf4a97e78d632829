/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_BENCH_BENCH_MATCH_H
#define RAPPORTEUR_TESTS_BENCH_BENCH_MATCH_H

/* What the match benchmark's files share: texts and patterns, rounds, and the rivals. */

#include "lib/base/span.h"
#include "lib/signal/list.h"

#include <stddef.h>
#include <stdint.h>

enum { BENCH_ROUNDS = 5 };

double bench_now(void);
/* Bytes on the heap: what a rival that does not say its size has taken. */
size_t bench_heap(void);
/* The middle of `count` (<= 64) values; reorders them. */
double bench_median(double *values, size_t count);

struct bench_lines {
    struct span *list;
    size_t count;
};
/* Lines of a published file; every second record of a CSV column (the others trained the model). */
struct bench_lines bench_lines(const char *data_file);
struct bench_lines bench_column(const char *data_file, const char *column, unsigned half);
/* Mixes the order, the same way in every run. */
void bench_shuffle(struct bench_lines *lines);

/* An engine under test: over texts, how many hits. */
struct bench_engine {
    const char *name;
    size_t (*run)(void *arg, const struct span *texts, size_t count);
    void *arg;
    size_t texts;                      /* how many of the texts one round takes */
    double rates[BENCH_ROUNDS], ratio; /* texts a second; ours beside it, within a round */
    size_t hits;
};
/* Rounds of all engines in turn; prints a line for each beside the first. */
void bench_run(const char *title, struct bench_engine *engines, size_t count,
               const struct span *texts);

/* Our engine over one list, printing how long it took to build and what it holds; fit for
 * bench_engine. With a domain or URL as the first kind the texts are URLs. */
struct ours;
struct bench_values {
    enum signal_kind kind;
    struct bench_lines lines;
};
struct ours *ours_new(const struct bench_values *of, size_t kinds);
size_t ours_run(void *self, const struct span *texts, size_t count);
void ours_free(struct ours *ours);

/* Rivals; NULL where the library was not there at build time or refuses. */
void *rival_hyperscan_new(const struct span *patterns, size_t count, double *ret_seconds);
void *rival_hyperscan_literals_new(const struct span *literals, size_t count, double *ret_seconds);
size_t rival_hyperscan_run(void *self, const struct span *texts, size_t count);
size_t rival_hyperscan_bytes(void *self);
void rival_hyperscan_free(void *self);

void *rival_re2_new(const struct span *patterns, size_t count, double *ret_seconds,
                    size_t *ret_refused);
size_t rival_re2_run(void *self, const struct span *texts, size_t count);
void rival_re2_free(void *self);

/* NULL where there was no C++ compiler. */
void *rival_unordered_new(const uint8_t (*keys)[32], size_t count);
size_t rival_unordered_run(void *self, const uint8_t (*queries)[32], size_t count);
void rival_unordered_free(void *self);

/* libcurl's URL parser with libidn2, then std::unordered_set asked for each parent domain and each
 * prefix of the path; NULL where there was no C++ compiler. */
void *rival_urls_new(struct bench_lines domains, struct bench_lines prefixes, double *ret_seconds);
size_t rival_urls_run(void *self, const struct span *texts, size_t count);
void rival_urls_free(void *self);
size_t rival_urls_read(void *self, const struct span *texts, size_t count); /* the parser alone */

/* Each prints its part. */
void bench_hashes(void);
void bench_urls(void);
void bench_normalise(void);

#endif
