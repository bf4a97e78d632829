/* SPDX-License-Identifier: Apache-2.0 */
/* URLs against a list of domains and of URLs: real names of a published list, and more below them.
 * Half of the URLs are listed. */
#include "tests/bench/bench_match.h"

#include "lib/base/attr.h"
#include "lib/match/url.h"

#include <stdio.h>
#include <stdlib.h>

enum { DOMAINS = 200000, PREFIXES = 50000, URLS = 20000, LINE = 160 };

/* The patterns that are nothing but a domain, with its dots escaped. */
static struct bench_lines real_names(void)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    struct bench_lines names = {0},
                       lines = bench_lines("patterns/smokedetector_blacklisted_websites.txt");

    names.list = calloc(lines.count + 1, sizeof(struct span));
    for (size_t i = 0; i < lines.count; i++) {
        char *name = calloc(1, lines.list[i].len + 1);
        size_t len = 0, dots = 0;

        for (size_t k = 0; k < lines.list[i].len; k++) {
            char c = lines.list[i].ptr[k];

            if (c != '\\') {
                name[len++] = c;
                dots += c == '.';
            }
        }
        if (dots > 0 && strspn(name, plain) == len && name[0] != '.' && name[len - 1] != '.') {
            names.list[names.count++] = (struct span){name, len};
        } else {
            free(name);
        }
    }
    return names;
}

/* head, a number, a dot and the name; with a path also that, the number again, and the tail. */
struct shape {
    const char *head, *path, *tail;
};

static const struct shape domain = {"s", NULL, NULL}, prefix = {"https://x", "/p/", ""},
                          foreign_domain = {"\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80",
                                            NULL, NULL};

static void add(struct bench_lines *lines, const struct shape *shape, size_t number,
                struct span name)
{
    char *line = malloc(LINE);
    int len = snprintf(line, LINE, "%s%zu.%.*s", shape->head, number, (int)name.len, name.ptr);

    if (len > 0 && len < LINE && shape->path) {
        len +=
            snprintf(line + len, LINE - (size_t)len, "%s%zu%s", shape->path, number, shape->tail);
    }
    if (len > 0 && len < LINE) {
        lines->list[lines->count++] = (struct span){line, (size_t)len};
    }
}

/* Listed and other URLs over the same names, in turn; one in so many with an international name. */
static struct bench_lines make_urls(const struct bench_lines *names, size_t each)
{
    static const struct shape plain[] = {
        {"https://x", "/p/", "/deeper?a=b#c"}, /* below a listed URL, where there is one */
        {"https://www.other", "/news/", "/article.html?from=mail&page=2"},
        {"http://Shop", "/", ""},
        {"https://user@cdn.s", ":443/a/../b%2Ejs/", ""}, /* below a listed domain */
    };
    static const struct shape foreign[] = {
        {"https://b\xc3\xbc\x63her", "/stra%C3%9Fe/", ""},
        {"https://\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80", "/", ""},
    };
    struct bench_lines lines = {calloc(URLS, sizeof(struct span)), 0};

    for (size_t i = 0; i < URLS; i++) {
        const struct shape *shape = i % each == each - 1 ? &foreign[i / each % COUNT_OF(foreign)]
                                                         : &plain[i % COUNT_OF(plain)];

        add(&lines, shape, i * 7, names->list[i * 31 % names->count]);
    }
    return lines;
}

static size_t ours_read(void *room, const struct span *texts, size_t count)
{
    size_t read = 0;

    for (size_t i = 0; i < count; i++) {
        struct url url;

        read += url_read(&url, texts[i], room);
    }
    return read;
}

static void time_urls(struct ours *ours, void *rival, const struct bench_lines *names, size_t each)
{
    struct bench_lines urls = make_urls(names, each);
    struct bench_engine lookups[2] = {
        {.name = "ours (match_set_scan)", .run = ours_run, .arg = ours, .texts = URLS},
        {.name = "libcurl, std::unordered_set",
         .run = rival_urls_run,
         .arg = rival,
         .texts = URLS}};
    struct bench_engine readers[2] = {
        {.name = "ours (url_read)", .run = ours_read, .arg = malloc(URL_ROOM), .texts = URLS},
        {.name = "libcurl", .run = rival_urls_read, .arg = rival, .texts = URLS}};
    char title[80];

    (void)snprintf(title, sizeof(title), "URLs read and looked up, 1 in %zu international", each);
    bench_run(title, lookups, rival ? 2 : 1, urls.list);
    (void)snprintf(title, sizeof(title), "URLs read only, 1 in %zu international", each);
    bench_run(title, readers, rival ? 2 : 1, urls.list);
    free(readers[0].arg);
}

void bench_urls(void)
{
    struct bench_values lists[2] = {{SIGNAL_DOMAIN, {calloc(DOMAINS, sizeof(struct span)), 0}},
                                    {SIGNAL_URL, {calloc(PREFIXES, sizeof(struct span)), 0}}};
    struct bench_lines names = real_names();
    size_t heap;
    struct ours *ours;
    double seconds = 0;
    void *rival;

    if (names.count == 0) {
        return;
    }
    for (size_t i = 0; i < DOMAINS; i++) {
        add(&lists[0].lines, i % 20 == 19 ? &foreign_domain : &domain, i * 7,
            names.list[i * 31 % names.count]);
    }
    for (size_t i = 0; i < PREFIXES; i++) {
        add(&lists[1].lines, &prefix, i * 7, names.list[i * 31 % names.count]);
    }
    (void)printf("\n");
    ours = ours_new(lists, COUNT_OF(lists));
    heap = bench_heap();
    rival = rival_urls_new(lists[0].lines, lists[1].lines, &seconds);
    if (rival) {
        (void)printf("  std::unordered_set: built in %.2f s, %.0f bytes an entry\n", seconds,
                     (double)(bench_heap() - heap) / (DOMAINS + PREFIXES));
    }
    time_urls(ours, rival, &names, 10);
    time_urls(ours, rival, &names, 1000);
    rival_urls_free(rival);
    ours_free(ours);
}
