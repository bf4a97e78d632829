/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a set of rules takes to load and to sort one case. Generated rules ask what real ones
 * ask: the category, hits by list and severity, claims, reach, history; one in eight matches the
 * case. meson test --benchmark rules --verbose          prints one line a set size
 */
#include "lib/json/read.h"
#include "lib/rules/rule_set.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 2000, HITS = 8 };

static const char *const conditions[] = {
    "report.category == \"recruitment\" && hits.exists(h, h.list == \"list-%zu\" && h.severity >= "
    "2)",
    "report.category in [\"incitement\", \"glorification\"] && hits.exists(h, h.severity >= 3)",
    "hits.exists(h, h.kind == \"pdq\" && h.distance <= 16 && h.list == \"list-%zu\")",
    "report.exemptions_claimed.exists(e, e in [\"journalistic\", \"research\"]) && hits.size() > 0",
    "has(content.reach.views) && content.reach.views > %zu && content.language in [\"ar\", \"de\"]",
    "history.reporters >= 3 && report.origin.kind != \"own_initiative\"",
    "now - content.created_at < duration(\"2h\") && content.type == \"stream\"",
    "hits.exists(h, h.list == \"list-3\") || report.urgency == \"urgent\" && content.text.size() > "
    "%zu",
};
static const char *const examples[] = {
    "report: {category: recruitment}, hits: [{list: list-%zu}]",
    "report: {category: incitement}, hits: [{list: a, severity: 4}]",
    "hits: [{list: list-%zu, kind: pdq, field: hashes}]",
    "report: {exemptions_claimed: [research]}, hits: [{list: a}]",
    "content: {language: ar, reach: {views: 100000}}",
    "history: {reports: 3, reporters: 3}",
    "content: {type: stream}",
    "hits: [{list: list-3}]",
};

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static char *rules_yaml(size_t count)
{
    char *yaml = malloc(count * 600 + 1);
    size_t len = 0;

    for (size_t i = 0; yaml && i < count; i++) {
        char when[256], example[256];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(when, sizeof(when), conditions[i % 8], i);
        (void)snprintf(example, sizeof(example), examples[i % 8], i);
#pragma GCC diagnostic pop
        len += (size_t)snprintf(
            yaml + len, 600,
            "- {id: r%zu, policy: policy/1, when: '%s', then: {queue: q%zu, severity: %zu, "
            "labels: [l%zu]}, examples: [{matches: true, %s}]}\n",
            i, when, i % 7, i % 5, i % 30, example);
    }
    return yaml;
}

static struct report *some_report(void)
{
    static const char body[] =
        "{\"content\":{\"id\":\"1\",\"type\":\"post\",\"text\":\"some words of a usual length, as "
        "people write them\","
        "\"language\":\"de\",\"created_at\":\"2026-11-18T10:00:00Z\",\"reach\":{\"views\":120}},"
        "\"category\":\"recruitment\",\"origin\":{\"kind\":\"user_notice\"},\"exemptions_claimed\":"
        "[\"satire\"]}";
    json_t *json = NULL;
    struct report *report = NULL;
    struct faults faults = {0};
    struct fault why;

    if (json_read(&json, SPAN(body), &json_read_limits_default, &why) != 0 ||
        report_read(&report, json, 1795000000000LL, &faults) != 0) {
        abort();
    }
    json_decref(json);
    return report;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static struct rule_set *load(size_t count, double *ret_ms)
{
    char *yaml = rules_yaml(count);
    const struct rule_file file = {"bench.yaml", span_of(yaml)};
    struct rule_set *set = NULL;
    struct faults faults = {0};
    int64_t start = now_ns();

    if (rule_set_build(&set, &file, 1, &rule_options_default, &faults) != 0) {
        (void)fprintf(stderr, "%s: %s\n", faults.list[0].place, faults.list[0].text);
        exit(1);
    }
    *ret_ms = (double)(now_ns() - start) / 1e6;
    free(yaml);
    return set;
}

static void measure(size_t count)
{
    static struct hits hits;
    static int64_t took[ROUNDS];
    struct report *report = some_report();
    struct rule_facts facts = {.report = report, .hits = &hits, .now_ms = 1795000000000LL};
    struct rule_scratch *scratch = NULL;
    struct verdict verdict;
    size_t heap_before, heap_after;
    double load_ms;
    struct rule_set *set = load(count, &load_ms);

    for (hits.count = 0; hits.count < HITS; hits.count++) {
        static const char *const lists[HITS] = {"list-1",  "list-2", "list-4", "slogans",
                                                "domains", "a",      "b",      "c"};

        hits.list[hits.count] = (struct hit){.list = span_of(lists[hits.count]), .severity = 2};
    }
    if (rule_scratch_new(&scratch, set) != 0 ||
        rule_set_evaluate(set, scratch, &facts, &verdict) != 0) {
        exit(1);
    }
    heap_before = mallinfo2().uordblks;
    for (size_t i = 0; i < ROUNDS; i++) {
        int64_t start = now_ns();

        (void)rule_set_evaluate(set, scratch, &facts, &verdict);
        took[i] = now_ns() - start;
    }
    heap_after = mallinfo2().uordblks;
    qsort(took, ROUNDS, sizeof(took[0]), by_value);
    (void)printf("%5zu rules: load %8.2f ms, a case p50 %8.2f us, p99 %8.2f us, a rule %6.1f ns, "
                 "fired %zu, heap %+zd\n",
                 count, load_ms, (double)took[ROUNDS / 2] / 1e3,
                 (double)took[ROUNDS * 99 / 100] / 1e3, (double)took[ROUNDS / 2] / (double)count,
                 verdict.rule_count + verdict.dropped, (ssize_t)(heap_after - heap_before));
    (void)rule_scratch_free(scratch);
    (void)rule_set_free(set);
    (void)report_free(report);
}

int main(void)
{
    static const size_t sizes[] = {8, 200, 1000, 5000};

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        measure(sizes[i]);
    }
    return 0;
}
