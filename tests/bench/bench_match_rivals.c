/* SPDX-License-Identifier: Apache-2.0 */
/* Hyperscan as its authors mean it: one database, prefilter mode and a PCRE2 check where it lacks a
 * construct; for whole words its literal interface with a look at both ends. */
#include "tests/bench/bench_match.h"

#include "lib/match/regex_compile.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef BENCH_HYPERSCAN
#include <hs/hs.h>

enum { ALIGNMENTS = 64 };

static int count_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                       void *arg)
{
    (void)id;
    (void)from;
    (void)to;
    (void)flags;
    ++*(size_t *)arg;
    return 0;
}

/* Debian's libvectorscan5 takes the place of libhyperscan5 and misses this one at some alignments;
 * what misses is no rival. */
static bool finds_all(void)
{
    static char room[ALIGNMENTS * 2] __attribute__((aligned(ALIGNMENTS)));
    static bool asked, answer;
    static const char text[] = "if 0123456789 then it is not u";
    hs_compile_error_t *error = NULL;
    hs_database_t *database = NULL;
    hs_scratch_t *scratch = NULL;
    size_t found = 0;

    if (asked) {
        return answer;
    }
    asked = true;
    if (hs_compile("f[^a-z]*t", HS_FLAG_SINGLEMATCH, HS_MODE_BLOCK, NULL, &database, &error) ==
            HS_SUCCESS &&
        hs_alloc_scratch(database, &scratch) == HS_SUCCESS) {
        for (size_t i = 0; i < ALIGNMENTS; i++) {
            memcpy(room + i, text, sizeof(text) - 1);
            (void)hs_scan(database, room + i, sizeof(text) - 1, 0, scratch, count_match, &found);
        }
    }
    (void)hs_free_scratch(scratch);
    (void)hs_free_database(database);
    answer = found == ALIGNMENTS;
    (void)printf("libhs %s: one pattern found at %zu of %d alignments%s\n", hs_version(), found,
                 ALIGNMENTS, answer ? "" : "; left out");
    return answer;
}

struct hyperscan {
    hs_database_t *database;
    hs_scratch_t *scratch;
    pcre2_code **check; /* by id; NULL: Hyperscan decides */
    pcre2_match_data *data;
    uint32_t *seen, round;
    size_t count, hits, bytes;
    struct span text;
    bool words;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *arg)
{
    struct hyperscan *h = arg;

    (void)flags;
    if (h->seen[id] == h->round || (h->words && ((to < h->text.len && is_word(h->text.ptr[to])) ||
                                                 (from > 0 && is_word(h->text.ptr[from - 1]))))) {
        return 0;
    }
    if (h->check[id] && pcre2_jit_match(h->check[id], (PCRE2_SPTR)h->text.ptr, h->text.len, 0, 0,
                                        h->data, NULL) < 0) {
        h->seen[id] = h->round;
        return 0;
    }
    h->seen[id] = h->round;
    h->hits++;
    return 0;
}

static void *finish(struct hyperscan *h, double started, double *ret_seconds)
{
    *ret_seconds = bench_now() - started;
    h->data = pcre2_match_data_create(1, NULL);
    (void)hs_database_size(h->database, &h->bytes);
    return hs_alloc_scratch(h->database, &h->scratch) == HS_SUCCESS ? h : NULL;
}

void *rival_hyperscan_new(const struct span *patterns, size_t count, double *ret_seconds)
{
    struct hyperscan *h = finds_all() ? calloc(1, sizeof(*h)) : NULL;
    const char **texts = calloc(count, sizeof(*texts));
    unsigned *flags = calloc(count, sizeof(*flags)), *ids = calloc(count, sizeof(*ids)), used = 0;
    hs_compile_error_t *error = NULL;
    double started;

    if (!h) {
        return NULL;
    }
    h->count = count;
    h->check = calloc(count, sizeof(*h->check));
    h->seen = calloc(count, sizeof(*h->seen));
    started = bench_now();
    for (unsigned i = 0; i < count; i++) {
        unsigned wanted = HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;
        char *text = strndup(patterns[i].ptr, patterns[i].len);
        hs_expr_info_t *info = NULL;
        struct fault why;

        if (hs_expression_info(text, wanted, &info, &error) != HS_SUCCESS) {
            wanted |= HS_FLAG_PREFILTER;
            if (hs_expression_info(text, wanted, &info, &error) != HS_SUCCESS ||
                regex_compile(&h->check[i], patterns[i], &why) != 0) {
                continue;
            }
        }
        free(info);
        texts[used] = text;
        ids[used] = i;
        flags[used++] = wanted;
    }
    if (hs_compile_multi(texts, flags, ids, used, HS_MODE_BLOCK, NULL, &h->database, &error) !=
        HS_SUCCESS) {
        return NULL;
    }
    return finish(h, started, ret_seconds);
}

void *rival_hyperscan_literals_new(const struct span *literals, size_t count, double *ret_seconds)
{
    struct hyperscan *h = finds_all() ? calloc(1, sizeof(*h)) : NULL;
    const char **texts = calloc(count, sizeof(*texts));
    unsigned *flags = calloc(count, sizeof(*flags)), *ids = calloc(count, sizeof(*ids));
    size_t *lens = calloc(count, sizeof(*lens));
    hs_compile_error_t *error = NULL;
    double started = bench_now();

    if (!h) {
        return NULL;
    }
    h->count = count;
    h->words = true;
    h->check = calloc(count, sizeof(*h->check));
    h->seen = calloc(count, sizeof(*h->seen));
    for (unsigned i = 0; i < count; i++) {
        texts[i] = literals[i].ptr;
        lens[i] = literals[i].len;
        flags[i] = HS_FLAG_CASELESS | HS_FLAG_SOM_LEFTMOST;
        ids[i] = i;
    }
    if (hs_compile_lit_multi(texts, flags, ids, lens, (unsigned)count, HS_MODE_BLOCK, NULL,
                             &h->database, &error) != HS_SUCCESS) {
        return NULL;
    }
    return finish(h, started, ret_seconds);
}

size_t rival_hyperscan_run(void *self, const struct span *texts, size_t count)
{
    struct hyperscan *h = self;

    h->hits = 0;
    for (size_t i = 0; i < count; i++) {
        h->text = texts[i];
        h->round++;
        (void)hs_scan(h->database, texts[i].ptr, (unsigned)texts[i].len, 0, h->scratch, on_match,
                      h);
    }
    return h->hits;
}

size_t rival_hyperscan_bytes(void *self)
{
    return ((struct hyperscan *)self)->bytes;
}

void rival_hyperscan_free(void *self)
{
    struct hyperscan *h = self;

    if (h) {
        (void)hs_free_scratch(h->scratch);
        (void)hs_free_database(h->database);
        free(h->seen);
        free(h);
    }
}
#else
void *rival_hyperscan_new(const struct span *patterns, size_t count, double *ret_seconds)
{
    (void)patterns;
    (void)count;
    (void)ret_seconds;
    return NULL;
}

void *rival_hyperscan_literals_new(const struct span *literals, size_t count, double *ret_seconds)
{
    return rival_hyperscan_new(literals, count, ret_seconds);
}

size_t rival_hyperscan_run(void *self, const struct span *texts, size_t count)
{
    (void)self;
    (void)texts;
    return count * 0;
}

size_t rival_hyperscan_bytes(void *self)
{
    (void)self;
    return 0;
}

void rival_hyperscan_free(void *self)
{
    (void)self;
}
#endif

#ifndef BENCH_RE2
void *rival_re2_new(const struct span *patterns, size_t count, double *ret_seconds,
                    size_t *ret_refused)
{
    (void)patterns;
    (void)ret_seconds;
    *ret_refused = count;
    return NULL;
}

size_t rival_re2_run(void *self, const struct span *texts, size_t count)
{
    (void)self;
    (void)texts;
    return count * 0;
}

void rival_re2_free(void *self)
{
    (void)self;
}
#endif

#ifndef BENCH_CXX
void *rival_unordered_new(const uint8_t (*keys)[32], size_t count)
{
    (void)keys;
    (void)count;
    return NULL;
}

size_t rival_unordered_run(void *self, const uint8_t (*queries)[32], size_t count)
{
    (void)self;
    (void)queries;
    return count * 0;
}

void rival_unordered_free(void *self)
{
    (void)self;
}

void *rival_urls_new(struct bench_lines domains, struct bench_lines prefixes, double *ret_seconds)
{
    (void)domains;
    (void)prefixes;
    (void)ret_seconds;
    return NULL;
}

size_t rival_urls_run(void *self, const struct span *texts, size_t count)
{
    (void)self;
    (void)texts;
    return count * 0;
}

size_t rival_urls_read(void *self, const struct span *texts, size_t count)
{
    return rival_urls_run(self, texts, count);
}

void rival_urls_free(void *self)
{
    (void)self;
}
#endif
