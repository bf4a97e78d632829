/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normalisation beside ICU's NFKC_Casefold (through its C interface: UTF-8 to UTF-16 and back, as a
 * C program has to) and utf8proc (NFKC, case fold, ignorables and marks stripped). Same texts, same
 * run, interleaved rounds, medians. Ours makes the offset map as well; the peers make none.
 */
#include "tests/bench/bench_match.h"

#include "lib/text/normalise.h"
#include "lib/text/utf8.h"
#include "tests/support/support.h"

#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <utf8proc.h>

#include <stdio.h>
#include <stdlib.h>

enum { TEXTS_MAX = 60000, ROOM = 1 << 16 };

struct texts {
    const char *name;
    size_t count, bytes;
    struct span *at;
};

struct work {
    struct text_scratch *scratch;
    const UNormalizer2 *icu;
    UChar in[ROOM], out[ROOM];
    char back[ROOM];
    utf8proc_int32_t codes[ROOM];
    size_t sum;
};

static void ours(struct work *work, struct span text, unsigned forms)
{
    const struct text_forms *made;

    if (text_normalise(work->scratch, text, forms, &made) == 0) {
        work->sum += made->form[0].text.len;
    }
}

static void ours_normalised(struct work *work, struct span text)
{
    ours(work, text, TEXT_NORMALISED);
}

static void ours_all(struct work *work, struct span text)
{
    ours(work, text, TEXT_ALL_FORMS);
}

static void icu_casefold(struct work *work, struct span text)
{
    UErrorCode error = U_ZERO_ERROR;
    int32_t len = 0, out;

    u_strFromUTF8(work->in, ROOM, &len, text.ptr, (int32_t)text.len, &error);
    out = unorm2_normalize(work->icu, work->in, len, work->out, ROOM, &error);
    u_strToUTF8(work->back, ROOM, &len, work->out, out, &error);
    work->sum += U_SUCCESS(error) ? (size_t)len : 0;
}

static void utf8proc_strip(struct work *work, struct span text)
{
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                      UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_STRIPMARK;
    utf8proc_ssize_t len = utf8proc_decompose(
        (const utf8proc_uint8_t *)text.ptr, (utf8proc_ssize_t)text.len, work->codes, ROOM, options);

    if (len >= 0 && len < ROOM) {
        len = utf8proc_reencode(work->codes, len, options);
        work->sum += (size_t)len;
    }
}

static void utf8proc_casefold(struct work *work, struct span text)
{
    const utf8proc_option_t options =
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    utf8proc_ssize_t len = utf8proc_decompose(
        (const utf8proc_uint8_t *)text.ptr, (utf8proc_ssize_t)text.len, work->codes, ROOM, options);

    if (len >= 0 && len < ROOM) {
        len = utf8proc_reencode(work->codes, len, options);
        work->sum += (size_t)len;
    }
}

static const struct {
    const char *name;
    void (*call)(struct work *work, struct span text);
} peers[] = {
    {"ours, normalised + map", ours_normalised},   {"ours, all forms + maps", ours_all},
    {"ICU NFKC_Casefold", icu_casefold},           {"utf8proc NFKC casefold", utf8proc_casefold},
    {"utf8proc casefold + strip", utf8proc_strip},
};

/* The text column of a CSV line, roughly: behind `commas` commas, without quotes. */
static void add_lines(struct texts *texts, const char *relative, int commas, size_t join)
{
    char *path = test_data(relative);
    size_t len;
    struct span rest;

    if (!path) {
        return;
    }
    rest.ptr = test_read_file(path, &len); /* kept until the end: the texts point into it */
    rest.len = len;
    while (rest.ptr && texts->count < TEXTS_MAX) {
        struct span line = span_cut(&rest, '\n');

        for (size_t k = 1; k < join && rest.ptr; k++) {
            line.len += 1 + span_cut(&rest, '\n').len;
        }
        for (int i = 0; i < commas && line.ptr; i++) {
            (void)span_cut(&line, ',');
        }
        if (line.ptr && line.len > 0 && line.len < ROOM / 2 && utf8_valid(line)) {
            texts->at[texts->count++] = line;
            texts->bytes += line.len;
        }
    }
    free(path);
}

static void run(struct work *work, const struct texts *texts)
{
    static double ns[COUNT_OF(peers)][BENCH_ROUNDS], ratios[COUNT_OF(peers)][BENCH_ROUNDS];

    if (texts->count == 0) {
        return;
    }
    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        for (size_t p = 0; p < COUNT_OF(peers); p++) {
            double from = bench_now();

            for (size_t i = 0; i < texts->count; i++) {
                peers[p].call(work, texts->at[i]);
            }
            ns[p][round] = (bench_now() - from) * 1e9 / (double)texts->count;
            ratios[p][round] = ns[p][round] / ns[0][round];
        }
    }
    (void)printf("\nnormalising %s: %zu texts, mean %zu bytes\n", texts->name, texts->count,
                 texts->bytes / texts->count);
    for (size_t p = 0; p < COUNT_OF(peers); p++) {
        double middle = bench_median(ns[p], BENCH_ROUNDS);

        (void)printf("  %-28s %9.1f ns a text  %8.0f MB/s  ours is %6.1fx as fast\n", peers[p].name,
                     middle, (double)texts->bytes / (double)texts->count / middle * 1000,
                     bench_median(ratios[p], BENCH_ROUNDS));
    }
    (void)fflush(stdout);
}

void bench_normalise(void)
{
    static struct work work;
    static struct texts sets[] = {{.name = "tweets"},
                                  {.name = "posts"},
                                  {.name = "arabic"},
                                  {.name = "french"},
                                  {.name = "east asian and indic words"}};
    UErrorCode error = U_ZERO_ERROR;

    work.scratch = text_scratch_new(1 << 20);
    work.icu = unorm2_getNFKCCasefoldInstance(&error);
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        sets[i].at = calloc(TEXTS_MAX, sizeof(struct span));
    }
    add_lines(&sets[0], "text/tweets.csv", 6, 1);
    add_lines(&sets[1], "text/tweets.csv", 0, 20);
    add_lines(&sets[2], "text/hatecheck_arabic.csv", 2, 1);
    add_lines(&sets[3], "text/hatecheck_french.csv", 2, 1);
    add_lines(&sets[4], "patterns/ldnoobw/ja", 0, 8);
    add_lines(&sets[4], "patterns/ldnoobw/zh", 0, 8);
    add_lines(&sets[4], "patterns/ldnoobw/ko", 0, 8);
    add_lines(&sets[4], "patterns/ldnoobw/th", 0, 8);
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        run(&work, &sets[i]);
        free(sets[i].at);
    }
    work.scratch = text_scratch_free(work.scratch);
}
