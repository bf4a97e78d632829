/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An invented year of a platform: `year COUNT FOLDER` writes FOLDER/log.jsonl with COUNT decisions
 * and what belongs to them, then reads it again line by line into the eleven parts
 * (FOLDER/N_name.csv) and FOLDER/numbers.json, and prints the time that the second half took and
 * its peak memory. recompute.py works out the same numbers from the log in another language and
 * compares.
 */
#include "lib/base/attr.h"
#include "lib/base/clock.h"
#include "lib/export/transparency.h"
#include "lib/json/read.h"
#include "lib/rights/taxonomy.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static uint64_t seed = 42;

static unsigned draw(unsigned below)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(seed >> 33) % below;
}

static const char *when(int64_t ms)
{
    static char texts[8][CLOCK_TEXT_LEN + 1];
    static unsigned next;
    char *text = texts[next++ % COUNT_OF(texts)];

    clock_text(ms, text);
    return text;
}

static const char *const countries[] = {"DE", "FR", "SE", "US"};
static const char *const languages[] = {"de", "fr", "ar", "en", "sv"};
static const char *const facts = "A public post in a channel of many readers, with an invitation, "
                                 "a picture of the group's sign and a way to apply, "
                                 "seen in its thread together with the answers of other readers, "
                                 "none of which reports or opposes it.";

static void write_reports(FILE *log, unsigned n, int64_t at, unsigned origin, unsigned harm)
{
    unsigned reports = 1 + (draw(5) == 0);

    for (unsigned r = 0; r < reports; r++) {
        (void)fprintf(
            log,
            "{\"v\":1,\"type\":\"report\",\"at\":\"%s\",\"report\":\"rpt_%u_%u\",\"case\":\"cas_%"
            "u\","
            "\"partner\":\"p%u\",\"category\":\"%s\",\"origin\":{\"kind\":\"%s\",\"good_faith\":%s",
            when(at + r * 600000), n, r, n, draw(9), harm_words[harm], origin_words[origin],
            draw(2) ? "true" : "false");
        if (origin_is_state((enum origin_kind)origin)) {
            (void)fprintf(
                log, ",\"state_actor\":{\"country\":\"%s\",\"authority\":\"A%u\",\"court\":false}",
                countries[n % 4], n % 3);
        }
        (void)fprintf(log, "},\"items\":%u", 1 + draw(3));
        if (origin_is_order((enum origin_kind)origin)) {
            (void)fprintf(log,
                          ",\"order\":{\"kind\":\"%s\",\"country\":\"%s\",\"items\":%u,\"confirmed_"
                          "at\":\"%s\"}",
                          n % 10 ? "act" : "information", countries[n % 4], 1 + draw(4),
                          when(at + 1000 * (int64_t)draw(900)));
        }
        (void)fprintf(log, "}\n");
    }
}

static void write_decision(FILE *log, unsigned n, int64_t at, unsigned origin, unsigned harm,
                           unsigned outcome, const char *extra)
{
    bool restriction = outcome_is_restriction((enum outcome)outcome);
    bool own = origin == ORIGIN_OWN_INITIATIVE || origin == ORIGIN_SHARED_SIGNAL;

    (void)fprintf(
        log,
        "{\"v\":1,\"type\":\"decision\",\"at\":\"%s\",\"decision\":\"dec_%u\",\"case\":\"cas_%u\","
        "\"reviewer\":\"%032u\",\"outcome\":\"%s\",\"first_try\":%s%s,\"justification\":{"
        "\"schema\":\"just/1\","
        "\"tier\":\"%s\",\"harm\":\"%s\",\"ground\":{\"kind\":\"%s\"},\"exemptions\":{"
        "\"journalistic\":\"%s\"},"
        "\"lang_competence\":\"%s\",\"content_lang\":\"%s\",\"automated_detection\":%s,"
        "\"opened_at\":\"%s\",\"decided_at\":\"%s\",\"origin\":{\"kind\":\"%s\"},"
        "\"rule_ids\":[\"rule-%u\",\"rule-%u\"],\"list_ids\":[\"list-%u\"],"
        "\"scope\":{\"territory\":\"global\",\"until\":\"%s\"},\"facts\":\"%s\"}}\n",
        when(at), n, n, draw(40), outcome_words[outcome], draw(10) ? "true" : "false", extra,
        restriction ? "full" : "quick", harm_words[harm],
        outcome == OUTCOME_ORDER_EXECUTED ? "order"
        : !restriction                    ? "none"
        : draw(3)                         ? "terms"
                                          : "law",
        draw(3) ? "present_not_met" : "met", draw(4) ? "native_or_b2" : "assisted_translation",
        languages[draw(5)], own ? "true" : "false", when(at - 1000 * (int64_t)(20 + draw(90))),
        when(at), origin_words[origin], draw(50), 50 + draw(5), draw(7),
        draw(2) ? "indefinite" : "2027-06-01", facts);
}

static void write_case(FILE *log, unsigned n, int64_t at)
{
    unsigned origin = draw(ORIGIN_COUNT), harm = draw(HARM_CSAE),
             outcome = draw(OUTCOME_ACCOUNT_TERMINATE + 1);
    bool waits = draw(20) == 0 && outcome_is_restriction((enum outcome)outcome);
    int64_t decided = at + 1200000 + 1000 * (int64_t)draw(200000);

    if (origin_is_order((enum origin_kind)origin)) {
        outcome = OUTCOME_ORDER_EXECUTED;
        waits = false;
    }
    write_reports(log, n, at, origin, harm);
    write_decision(log, n, decided, origin, harm, outcome,
                   waits ? ",\"state\":\"awaiting_second\"" : "");
    if (waits) {
        (void)fprintf(log,
                      "{\"v\":1,\"type\":\"second\",\"at\":\"%s\",\"decision\":\"dec_%u\",\"case\":"
                      "\"cas_%u\","
                      "\"reviewer\":\"s\",\"agree\":%s}\n",
                      when(decided + 60000), n, n, draw(4) ? "true" : "false");
    }
    if (outcome == OUTCOME_ORDER_EXECUTED) {
        (void)fprintf(
            log,
            "{\"v\":1,\"type\":\"effect\",\"at\":\"%s\",\"decision\":\"dec_%u\",\"partner\":\"p\","
            "\"effective_at\":\"%s\",\"measure\":\"removed\"}\n",
            when(decided + 120000), n, when(decided + 90000));
    }
    if (draw(12) == 0) {
        static const char *const results[] = {"upheld", "upheld", "reversed", "partially_reversed",
                                              "omitted"};
        const char *result = results[draw(5)];
        char extra[120];

        (void)fprintf(
            log,
            "{\"v\":1,\"type\":\"appeal\",\"at\":\"%s\",\"appeal\":\"app_%u\",\"case\":\"cas_%u\","
            "\"decision\":\"dec_%u\",\"partner\":\"p\"}\n",
            when(decided + 86400000), n, n, n);
        (void)snprintf(extra, sizeof(extra), ",\"appeal\":\"app_%u\",\"appeal_result\":\"%s\"", n,
                       result);
        write_decision(log, n + 10000000, decided + 86400000 + 1000 * (int64_t)draw(400000), origin,
                       harm, result[0] == 'u' ? outcome : OUTCOME_REINSTATE, extra);
    }
}

static int write_log(const char *path, unsigned count, int64_t from)
{
    FILE *log = fopen(path, "w");

    if (!log) {
        return -1;
    }
    for (unsigned n = 0; n < count; n++) {
        write_case(log, n, from - 5 * 86400000LL + (int64_t)n * (365LL * 86400000 / count));
    }
    return fclose(log);
}

static int read_log(const char *path, struct transparency *t)
{
    FILE *log = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int r = 0;

    while (r == 0 && log && (len = getline(&line, &cap, log)) > 0) {
        CLEANUP(json_freep) json_t *entry = json_loadb(line, (size_t)len, 0, NULL);
        struct fault why = {{0}, {0}, {0}};

        r = transparency_add(t, entry, &why);
        if (r) {
            (void)fprintf(stderr, "%s%s: %s\n", line, why.place, why.text);
        }
    }
    free(line);
    return log ? r | fclose(log) : -1;
}

static int write_results(const char *folder, struct transparency *t)
{
    CLEANUP(json_freep) json_t *numbers = NULL;
    char path[4096];

    for (int part = 1; part <= TRANSPARENCY_PARTS; part++) {
        CLEANUP(buf_freep) struct buf *out = buf_new(16 << 20);
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/%s", folder, transparency_part_name(part));
        file = fopen(path, "w");
        if (!file || transparency_part(t, part, out) ||
            fwrite(out->data, 1, out->len, file) != out->len || fclose(file)) {
            return -1;
        }
    }
    (void)snprintf(path, sizeof(path), "%s/numbers.json", folder);
    return transparency_json(&numbers, t) || json_dump_file(numbers, path, JSON_INDENT(1)) ? -1 : 0;
}

int main(int argc, char **argv)
{
    struct transparency_options options = {
        .provider = "Lindenplatz e.G.", .service = "Lindenplatz", .published = "2027-02-01"};
    CLEANUP(transparency_freep) struct transparency *t = NULL;
    char path[4096];
    struct timespec start, end;
    struct rusage usage;

    if (argc != 3) {
        return 2;
    }
    (void)clock_read(SPAN("2026-01-01T00:00:00Z"), &options.from_ms);
    (void)clock_read(SPAN("2027-01-01T00:00:00Z"), &options.to_ms);
    t = transparency_new(&options);
    (void)snprintf(path, sizeof(path), "%s/log.jsonl", argv[2]);
    if (!t || write_log(path, (unsigned)strtoul(argv[1], NULL, 10), options.from_ms)) {
        return 1;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    if (read_log(path, t) || write_results(argv[2], t)) {
        return 1;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)printf("%s decisions: %.2f s, peak %.1f MiB\n", argv[1],
                 (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9,
                 (double)usage.ru_maxrss / 1024);
    return 0;
}
