/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matching engine beside its rivals, interleaved in one run, one thread; BENCH_ALONE=1 leaves
 * Hyperscan and RE2 out. Hyperscan takes a minute to build a million literals.
 *     bench_match [PART [SIZE]]     regexes 10000, literals 100000, hashes, urls, normalise
 */
#include "tests/bench/bench_match.h"

#include "lib/match/match_set.h"
#include "lib/match/regex_compile.h"
#include "tests/support/support.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TEXTS = 12000, LOOP_WORK = 600000 }; /* pairs of the loop in a round */

double bench_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

size_t bench_heap(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_value);
    return values[count / 2];
}

struct bench_lines bench_lines(const char *data_file)
{
    struct bench_lines lines = {0};
    char *path = test_data(data_file), *rest;
    size_t len;

    if (!path) {
        return lines;
    }
    rest = test_read_file(path, &len);
    lines.list = calloc(len / 2 + 1, sizeof(*lines.list));
    for (char *line = strtok_r(rest, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (*line != '#') {
            lines.list[lines.count++] = span_of(line);
        }
    }
    free(path);
    return lines;
}

/* One field of RFC 4180, unquoted in place; *p behind it. */
static struct span csv_field(char **p)
{
    char *from = *p, *out = *p;
    bool quoted = **p == '"';

    if (!quoted) {
        *p += strcspn(*p, ",\n");
        return (struct span){from, (size_t)(*p - from)};
    }
    for ((*p)++; **p && !(**p == '"' && (*p)[1] != '"'); (*p)++) {
        *p += **p == '"';
        *out++ = **p;
    }
    *p += **p == '"';
    *p += strcspn(*p, ",\n");
    return (struct span){from, (size_t)(out - from)};
}

struct bench_lines bench_column(const char *data_file, const char *column, unsigned half)
{
    struct bench_lines lines = {0};
    char *path = test_data(data_file), *p;
    size_t len, wanted = 0, row = 0;

    if (!path) {
        return lines;
    }
    p = test_read_file(path, &len);
    lines.list = calloc(len / 8 + 1, sizeof(*lines.list));
    while (*p) {
        for (size_t at = 0;; at++) {
            struct span field = csv_field(&p);

            if (row == 0 && span_is(field, column)) {
                wanted = at;
            } else if (row > 0 && at == wanted && row % 2 == half) {
                lines.list[lines.count++] = field;
            }
            if (*p != ',') {
                break;
            }
            p++;
        }
        p += *p == '\n';
        row++;
    }
    free(path);
    return lines;
}

void bench_shuffle(struct bench_lines *lines)
{
    uint64_t seed = 5;

    for (size_t i = lines->count; i > 1; i--) {
        struct span held = lines->list[i - 1];
        size_t other;

        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        other = (size_t)(seed >> 24) % i;
        lines->list[i - 1] = lines->list[other];
        lines->list[other] = held;
    }
}

void bench_run(const char *title, struct bench_engine *engines, size_t count,
               const struct span *texts)
{
    double ratios[BENCH_ROUNDS];

    (void)printf("\n%s\n", title);
    for (size_t e = 0; e < count; e++) {
        engines[e].hits = engines[e].run(engines[e].arg, texts, engines[e].texts);
    }
    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        for (size_t e = 0; e < count; e++) {
            double started = bench_now();

            (void)engines[e].run(engines[e].arg, texts, engines[e].texts);
            engines[e].rates[round] = (double)engines[e].texts / (bench_now() - started);
        }
    }
    for (size_t e = 0; e < count; e++) {
        for (size_t round = 0; round < BENCH_ROUNDS; round++) {
            ratios[round] = engines[0].rates[round] / engines[e].rates[round];
        }
        engines[e].ratio = bench_median(ratios, BENCH_ROUNDS);
    }
    for (size_t e = 0; e < count; e++) {
        double rate = bench_median(engines[e].rates, BENCH_ROUNDS);

        (void)printf("  %-34s %11.0f texts/s  [%.0f-%.0f]  ours/it %8.2f   %.4f hits a text\n",
                     engines[e].name, rate, engines[e].rates[0], engines[e].rates[BENCH_ROUNDS - 1],
                     engines[e].ratio, (double)engines[e].hits / (double)engines[e].texts);
    }
    (void)fflush(stdout);
}

/* ---- ours ---- */

struct ours {
    struct match_set *set;
    struct match_scratch *scratch;
    struct hits hits;
    bool urls; /* a text is the URL of a content */
};

struct ours *ours_new(const struct bench_values *of, size_t kinds)
{
    struct ours *ours = calloc(1, sizeof(*ours));
    struct list_head head = {.id = SPAN("bench"),
                             .name = SPAN("b"),
                             .owner = SPAN("b"),
                             .harm = SPAN("b"),
                             .legal_basis = SPAN("b"),
                             .kind = SPAN("b"),
                             .tlp = SPAN("clear"),
                             .version = SPAN("1"),
                             .review_by_ms = 1};
    static struct faults notes;
    struct list *list = NULL;
    struct fault why;
    size_t count = 0;
    double started, seconds;

    if (list_new(&list, &head, &why)) {
        fail_msg("%s", why.text);
    }
    for (size_t k = 0; k < kinds; k++) {
        for (size_t i = 0; i < of[k].lines.count; i++) {
            (void)list_add(
                list, &(struct list_entry){.kind = of[k].kind, .value = of[k].lines.list[i]}, &why);
        }
        count += of[k].lines.count;
    }
    assert_int_equal(list_seal(list), 0);
    ours->urls = of[0].kind == SIGNAL_DOMAIN || of[0].kind == SIGNAL_URL;
    started = bench_now();
    assert_int_equal(match_set_build(&ours->set, &list, 1, NULL, &notes), 0);
    seconds = bench_now() - started;
    (void)list_unref(list);
    assert_int_equal(match_scratch_new(&ours->scratch, ours->set), 0);
    (void)printf("  ours: %zu entries, built in %.2f s, %.0f bytes an entry\n", count, seconds,
                 (double)match_set_bytes(ours->set) / (double)count);
    return ours;
}

size_t ours_run(void *self, const struct span *texts, size_t count)
{
    struct content content = {0};
    struct ours *ours = self;
    size_t hits = 0;

    for (size_t i = 0; i < count; i++) {
        *(ours->urls ? &content.url : &content.text) = texts[i];
        (void)match_set_scan(ours->set, ours->scratch, &content, 0, &ours->hits);
        hits += ours->hits.count + ours->hits.dropped;
    }
    return hits;
}

void ours_free(struct ours *ours)
{
    (void)match_scratch_free(ours->scratch);
    (void)match_set_free(ours->set);
    free(ours);
}

/* ---- the plain loop ---- */

struct loop {
    pcre2_code **codes;
    size_t count;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static struct loop *loop_new(const struct span *patterns, size_t count)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    struct fault why;

    loop->codes = calloc(count, sizeof(*loop->codes));
    for (size_t i = 0; i < count; i++) {
        loop->count += regex_compile(&loop->codes[loop->count], patterns[i], &why) == 0;
    }
    loop->data = pcre2_match_data_create(1, NULL);
    loop->context = pcre2_match_context_create(NULL);
    (void)pcre2_set_match_limit(loop->context, 100000);
    return loop;
}

static size_t loop_run(void *self, const struct span *texts, size_t count)
{
    struct loop *loop = self;
    size_t hits = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < loop->count; k++) {
            hits += pcre2_jit_match(loop->codes[k], (PCRE2_SPTR)texts[i].ptr, texts[i].len, 0, 0,
                                    loop->data, loop->context) >= 0;
        }
    }
    return hits;
}

static void loop_free(struct loop *loop)
{
    for (size_t i = 0; i < loop->count; i++) {
        pcre2_code_free(loop->codes[i]);
    }
    pcre2_match_data_free(loop->data);
    pcre2_match_context_free(loop->context);
    free(loop->codes);
    free(loop);
}

static void bench_regexes(const struct bench_lines *patterns, const char *name,
                          const struct bench_lines *texts, size_t count, bool rivals)
{
    size_t n = texts->count < TEXTS ? texts->count : TEXTS, refused = 0, heap;
    struct bench_engine engines[5];
    struct ours *ours;
    struct loop *loop;
    void *hyperscan = NULL, *re2 = NULL;
    char title[80];
    double seconds = 0;
    size_t e = 0;

    count = count < patterns->count ? count : patterns->count;
    (void)snprintf(title, sizeof(title), "regexes %zu, %s", count, name);
    ours = ours_new(&(struct bench_values){SIGNAL_REGEX, {patterns->list, count}}, 1);
    engines[e++] = (struct bench_engine){
        .name = "ours (match_set_scan)", .run = ours_run, .arg = ours, .texts = n};
    hyperscan = rivals ? rival_hyperscan_new(patterns->list, count, &seconds) : NULL;
    if (hyperscan) {
        (void)printf("  hyperscan: built in %.2f s, %.0f bytes an entry\n", seconds,
                     (double)rival_hyperscan_bytes(hyperscan) / (double)count);
        engines[e++] = (struct bench_engine){.name = "hyperscan, raw bytes",
                                             .run = rival_hyperscan_run,
                                             .arg = hyperscan,
                                             .texts = n};
    }
    heap = bench_heap();
    re2 = rivals ? rival_re2_new(patterns->list, count, &seconds, &refused) : NULL;
    if (re2) {
        double started = bench_now();
        size_t warm = n < 3000 ? n : 3000;

        (void)rival_re2_run(re2, texts->list, 100);
        (void)printf("  RE2::Set: built in %.2f s, refuses %zu, first sight %.0f texts/s", seconds,
                     refused, 100 / (bench_now() - started));
        (void)rival_re2_run(re2, texts->list, warm);
        (void)printf(", %.0f bytes an entry once warm\n",
                     (double)(bench_heap() - heap) / (double)count);
        engines[e++] = (struct bench_engine){
            .name = "RE2::Set, warm", .run = rival_re2_run, .arg = re2, .texts = warm};
    }
    loop = loop_new(patterns->list, rivals ? count : 1);
    engines[e++] = (struct bench_engine){.name = "PCRE2 JIT loop",
                                         .run = loop_run,
                                         .arg = loop,
                                         .texts = n < LOOP_WORK / count ? n : LOOP_WORK / count};
    bench_run(title, engines, e, texts->list);
    loop_free(loop);
    rival_hyperscan_free(hyperscan);
    rival_re2_free(re2);
    ours_free(ours);
}

static int by_text(const void *a, const void *b)
{
    return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static void drop_doubles(struct bench_lines *lines)
{
    size_t kept = 0;

    qsort(lines->list, lines->count, sizeof(*lines->list), by_text);
    for (size_t i = 0; i < lines->count; i++) {
        if (kept == 0 || !span_equal_nocase(lines->list[kept - 1], lines->list[i])) {
            lines->list[kept++] = lines->list[i];
        }
    }
    lines->count = kept;
    bench_shuffle(lines);
}

/* The words of published lists, then neighbours in the other half of the texts as phrases of two
 * and more words, each once. */
static struct bench_lines make_literals(const struct bench_lines *texts, size_t count)
{
    static const char *const words_of[] = {"ar", "cs", "de", "en", "es", "fi", "fr",
                                           "hu", "it", "nl", "pl", "pt", "ru", "tr"};
    struct bench_lines literals = {calloc(count * 2 + 10000, sizeof(struct span)), 0};

    for (size_t i = 0; i < COUNT_OF(words_of); i++) {
        char name[40];
        struct bench_lines more;

        (void)snprintf(name, sizeof(name), "patterns/ldnoobw/%s", words_of[i]);
        more = bench_lines(name);
        memcpy(literals.list + literals.count, more.list, more.count * sizeof(struct span));
        literals.count += more.count;
    }
    for (size_t words = 2; words <= 5; words++) {
        for (size_t i = 0; i < texts->count && literals.count < count * 3 / 2; i++) {
            struct span rest = texts->list[i];

            while (rest.ptr) {
                struct span at = rest, phrase = span_cut(&rest, ' ');

                for (size_t w = 1; w < words && phrase.len < at.len; w++) {
                    const char *gap = memchr(at.ptr + phrase.len + 1, ' ', at.len - phrase.len - 1);

                    phrase.len = gap ? (size_t)(gap - at.ptr) : at.len;
                }
                if (phrase.len >= 8 && phrase.len < 60 && literals.count < count * 3 / 2) {
                    literals.list[literals.count++] = phrase;
                }
            }
        }
    }
    drop_doubles(&literals);
    literals.count = literals.count < count ? literals.count : count;
    return literals;
}

static void bench_literals(const struct bench_lines *from, const struct bench_lines *texts,
                           size_t count, bool rivals)
{
    struct bench_lines literals = make_literals(from, count);
    size_t n = texts->count < TEXTS ? texts->count : TEXTS;
    struct ours *ours = ours_new(&(struct bench_values){SIGNAL_LITERAL, literals}, 1);
    struct bench_engine engines[2] = {
        {.name = "ours, all forms", .run = ours_run, .arg = ours, .texts = n}};
    void *hyperscan = NULL;
    char title[80];
    double seconds = 0;

    hyperscan =
        rivals ? rival_hyperscan_literals_new(literals.list, literals.count, &seconds) : NULL;
    if (hyperscan) {
        (void)printf("  hyperscan literals: built in %.2f s, %.0f bytes an entry\n", seconds,
                     (double)rival_hyperscan_bytes(hyperscan) / (double)literals.count);
        engines[1] = (struct bench_engine){.name = "hyperscan literals, raw bytes",
                                           .run = rival_hyperscan_run,
                                           .arg = hyperscan,
                                           .texts = n};
    }
    (void)snprintf(title, sizeof(title), "whole-word literals %zu", literals.count);
    bench_run(title, engines, hyperscan ? 2 : 1, texts->list);
    rival_hyperscan_free(hyperscan);
    ours_free(ours);
    free(literals.list);
}

/* Texts of some 2 KB: `each` short ones in a row. */
static struct bench_lines make_posts(const struct bench_lines *texts, size_t each)
{
    struct bench_lines posts = {calloc(texts->count / each + 1, sizeof(struct span)), 0};

    for (size_t i = 0; i + each <= texts->count; i += each) {
        size_t len = 0, at = 0;
        char *post;

        for (size_t k = i; k < i + each; k++) {
            len += texts->list[k].len + 1;
        }
        post = calloc(1, len + 1);
        for (size_t k = i; k < i + each; k++) {
            memcpy(post + at, texts->list[k].ptr, texts->list[k].len);
            at += texts->list[k].len;
            post[at++] = ' ';
        }
        posts.list[posts.count++] = (struct span){post, len};
    }
    return posts;
}

/* What the command line asks for: a part, and of it one size. */
struct choice {
    const char *part;
    unsigned long long size;
};

static bool wanted(const struct choice *choice, const char *part, size_t size)
{
    return (!choice->part || strcmp(choice->part, part) == 0) &&
           (choice->size == 0 || choice->size == size || size == 0);
}

static void bench_all_regexes(const struct choice *choice, const struct bench_lines *texts)
{
    static const char *const files[] = {"patterns/smokedetector_watched_keywords.txt",
                                        "patterns/smokedetector_bad_keywords.txt",
                                        "patterns/smokedetector_blacklisted_websites.txt"};
    static const size_t sizes[] = {1000, 10000, 33000};
    struct bench_lines patterns = {calloc(100000, sizeof(struct span)), 0};
    struct bench_lines posts = make_posts(texts, 20);
    bool rivals = getenv("BENCH_ALONE") == NULL;

    for (size_t f = 0; f < COUNT_OF(files); f++) {
        struct bench_lines more = bench_lines(files[f]);

        memcpy(patterns.list + patterns.count, more.list, more.count * sizeof(struct span));
        patterns.count += more.count;
    }
    bench_shuffle(&patterns);
    posts.count = posts.count < 600 ? posts.count : 600;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        if (wanted(choice, "regexes", sizes[i])) {
            bench_regexes(&patterns, "tweets", texts, sizes[i], rivals);
            bench_regexes(&patterns, "posts", &posts, sizes[i], rivals);
        }
    }
}

/* Arguments: only that part (regexes, literals, hashes, urls, normalise), and only that size. */
int main(int argc, char **argv)
{
    static const size_t sizes[] = {10000, 100000, 1000000};
    struct bench_lines texts = bench_column("text/tweets.csv", "tweet", 0);
    struct bench_lines other = bench_column("text/tweets.csv", "tweet", 1);
    struct choice choice = {argc > 1 ? argv[1] : NULL, 0};
    bool rivals = getenv("BENCH_ALONE") == NULL;

    if (argc > 2 && !span_to_u64(span_of(argv[2]), &choice.size)) {
        return 2;
    }
    if (texts.count == 0) {
        return 0;
    }
    bench_shuffle(&texts);
    if (wanted(&choice, "regexes", 0)) {
        bench_all_regexes(&choice, &texts);
    }
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        if (wanted(&choice, "literals", sizes[i])) {
            bench_literals(&other, &texts, sizes[i], rivals);
        }
    }
    if (wanted(&choice, "hashes", 0)) {
        bench_hashes();
    }
    if (wanted(&choice, "urls", 0)) {
        bench_urls();
    }
    if (wanted(&choice, "normalise", 0)) {
        bench_normalise();
    }
    return 0;
}
