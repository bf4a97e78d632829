/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur lists check | test: a list file, its mistakes and grades, and what it finds in texts. */
#include "lib/flag/flag.h"
#include "lib/json/field.h"
#include "lib/match/grade.h"
#include "lib/signal/format.h"
#include "service/cli/command.h"
#include "service/runtime/file.h"
#include "service/runtime/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { OPTION_KIND = 100, OPTION_FORMAT, OPTION_BENCH, LIST_BYTES_MAX = 1 << 30, LINE_MAX_BYTES = REPORT_MAX_TEXT };

struct asked {
    int kind;
    const char *format;
    bool bench;
};

static bool take(void *arg, int option, const char *value)
{
    struct asked *asked = arg;

    switch (option) {
    case OPTION_KIND:
        asked->kind = word_index(signal_kind_words, SIGNAL_KIND_COUNT, span_of(value));
        return asked->kind >= 0;
    case OPTION_FORMAT:
        asked->format = value;
        return signal_format_named(span_of(value)) != NULL;
    case OPTION_BENCH:
        asked->bench = true;
        return true;
    default:
        return false;
    }
}

static int read_list(const char *path, const struct asked *asked, bool lenient, struct list **ret,
                     struct signal_report *report)
{
    CLEANUP(buf_freep) struct buf *bytes = buf_new(LIST_BYTES_MAX);
    struct signal_options options = signal_options_default;
    struct list_head head = {.id = SPAN("list"), .name = SPAN("list"), .version = SPAN("file"), .mode = LIST_LIVE};
    struct fault why;
    int r = bytes ? file_read(path, bytes, &why) : -1;

    if (r == FAULT) {
        cli_say_fault(&why);
        return r;
    }
    options.name = path;
    options.lenient = lenient;
    options.default_kind = asked->kind;
    options.max_bytes = LIST_BYTES_MAX;
    options.max_entries = LIST_MAX_ENTRIES;
    options.head = NULL;
    r = r ? r : signal_read(ret, asked->format ? signal_format_named(span_of(asked->format)) : NULL, buf_span(bytes),
                            &options, report);
    if (r == FAULT && report->faults.count && strcmp(report->faults.list[0].code, "LIST_ID") == 0) {
        /* A format without a head of its own: it gets one for this run. */
        *report = (struct signal_report){0};
        options.head = &head;
        r = signal_read(ret, asked->format ? signal_format_named(span_of(asked->format)) : NULL, buf_span(bytes),
                        &options, report);
    }
    return r;
}

static int64_t now_us(void *arg)
{
    struct timespec now;

    (void)arg;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The marks of one pattern, as sentences. */
static void say_marks(const struct list_entry *entry, const struct grade *grade, json_t *into)
{
    for (unsigned mark = 1; mark < GRADE_MARKS; mark <<= 1) {
        if (!(grade->marks & mark)) {
            continue;
        }
        if (into) {
            (void)json_array_append_new(into, json_pack("{s:s%, s:s}", "entry", entry->id.ptr, entry->id.len, "grade",
                                                        grade_mark_text((enum grade_mark)mark)));
        } else {
            (void)printf("%.*s: %s\n", (int)entry->id.len, entry->id.ptr, grade_mark_text((enum grade_mark)mark));
        }
    }
}

/* Patterns that cost more than they should, or hit nearly everything. Without a sample of ordinary
 * texts only their form is judged. *ret counts those with a mark. */
static int say_grades(const struct list *list, json_t *into, size_t *ret)
{
    CLEANUP(grader_freep) struct grader *grader = NULL;
    struct span *patterns = calloc(list_count(list) + 1, sizeof(*patterns));
    struct grade_options options = grade_options_default;
    size_t count = 0;
    int r;

    *ret = 0;
    for (size_t i = 0; patterns && i < list_count(list); i++) {
        if (list_entry(list, i)->kind == SIGNAL_REGEX) {
            patterns[count++] = list_entry(list, i)->value;
        }
    }
    options.match.now_us = now_us;
    r = patterns ? grader_new(&grader, &options, patterns, count) : -1;
    for (size_t i = 0; r == 0 && i < list_count(list); i++) {
        const struct list_entry *entry = list_entry(list, i);
        struct grade grade;
        struct fault why;

        if (entry->kind != SIGNAL_REGEX) {
            continue;
        }
        if (grade_pattern(grader, entry->value, NULL, 0, &grade, &why) != 0) {
            cli_say_fault(&why);
            (*ret)++;
        } else if (grade.marks) {
            say_marks(entry, &grade, into);
            (*ret)++;
        }
    }
    free(patterns);
    return r;
}

static int check(const char *path, const struct asked *asked, bool json)
{
    CLEANUP(list_unrefp) struct list *list = NULL;
    static struct signal_report report;
    json_t *grades = json_array();
    size_t counts[SIGNAL_KIND_COUNT] = {0}, worse;
    int r = read_list(path, asked, true, &list, &report);

    cli_say_faults(&report.faults);
    if (r) {
        json_decref(grades);
        return CLI_CONFIG;
    }
    for (size_t i = 0; i < list_count(list); i++) {
        counts[list_entry(list, i)->kind]++;
    }
    if (say_grades(list, json ? grades : NULL, &worse) != 0) {
        cli_say("out of memory");
    }
    if (json) {
        cli_print_json(json_pack("{s:s%, s:s, s:I, s:I, s:o}", "list", list_head(list)->id.ptr, list_head(list)->id.len,
                                 "digest", list_digest(list), "entries", (json_int_t)list_count(list), "skipped",
                                 (json_int_t)report.skipped, "grades", grades));
        return report.skipped ? CLI_CONFIG : CLI_DONE;
    }
    json_decref(grades);
    for (size_t kind = 0; kind < SIGNAL_KIND_COUNT; kind++) {
        if (counts[kind]) {
            (void)printf("%-8s %zu\n", signal_kind_words[kind], counts[kind]);
        }
    }
    (void)printf("%zu entries, %zu skipped, %zu patterns to look at, digest %s\n", list_count(list), report.skipped, worse,
                 list_digest(list));
    return report.skipped ? CLI_CONFIG : CLI_DONE;
}

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One text a line from stdin. */
static int test_lines(const struct match_set *set, struct match_scratch *scratch, bool quiet)
{
    static struct hits hits;
    char *line = NULL;
    size_t cap = 0, lines = 0, found = 0;
    ssize_t len;
    double spent = 0;

    while ((len = getline(&line, &cap, stdin)) > 0) {
        struct content content = {.id = SPAN("line"), .language = "und"};
        double from = seconds();

        len -= line[len - 1] == '\n';
        content.text = (struct span){line, len > LINE_MAX_BYTES ? LINE_MAX_BYTES : (size_t)len};
        if (match_set_scan(set, scratch, &content, loop_now_ms(), &hits) != 0) {
            break;
        }
        spent += seconds() - from;
        lines++;
        found += hits.count;
        for (size_t i = 0; !quiet && i < hits.count; i++) {
            const struct hit *hit = &hits.list[i];

            (void)printf("line %zu bytes %u-%u %s %.*s (%s): %.*s\n", lines, hit->start, hit->end,
                         signal_kind_words[hit->kind], (int)hit->entry.len, hit->entry.ptr, hit_form_words[hit->form],
                         (int)(hit->end - hit->start), content.text.ptr + hit->start);
        }
    }
    free(line);
    cli_say("%zu lines, %zu hits, %.1f us a line", lines, found, lines ? spent * 1e6 / (double)lines : 0.0);
    return CLI_DONE;
}

static int test(const char *path, const struct asked *asked)
{
    CLEANUP(list_unrefp) struct list *list = NULL;
    CLEANUP(match_set_freep) struct match_set *set = NULL;
    CLEANUP(match_scratch_freep) struct match_scratch *scratch = NULL;
    static struct signal_report report;
    struct faults notes = {0};
    double from;

    if (read_list(path, asked, true, &list, &report) != 0) {
        cli_say_faults(&report.faults);
        return CLI_CONFIG;
    }
    from = seconds();
    if (match_set_build(&set, &list, 1, &match_options_default, &notes) != 0 || match_scratch_new(&scratch, set) != 0) {
        cli_say_faults(&notes);
        return CLI_FAILED;
    }
    cli_say_faults(&notes);
    cli_say("%zu entries built in %.3f s, %zu bytes", list_count(list), seconds() - from, match_set_bytes(set));
    return test_lines(set, scratch, asked->bench);
}

static int run(int argc, char **argv)
{
    static const struct option own[] = {{"kind", required_argument, NULL, OPTION_KIND},
                                        {"format", required_argument, NULL, OPTION_FORMAT},
                                        {"bench", no_argument, NULL, OPTION_BENCH},
                                        {0}};
    struct asked asked = {.kind = -1};
    struct cli_options options;
    const char *action;
    int exit_code;

    if (!cli_options(argc, argv, &cli_command_lists, own, take, &asked, &options, &exit_code)) {
        return exit_code;
    }
    action = optind < argc ? argv[optind] : "";
    if (optind + 1 >= argc || (strcmp(action, "check") != 0 && strcmp(action, "test") != 0)) {
        return cli_usage(&cli_command_lists);
    }
    return strcmp(action, "check") == 0 ? check(argv[optind + 1], &asked, options.json) : test(argv[optind + 1], &asked);
}

const struct cli_command cli_command_lists = {
    "lists", "check a list file, or try it on texts",
    "usage: rapporteur lists check FILE [--format FORMAT] [--kind KIND]\n"
    "       rapporteur lists test FILE [--format FORMAT] [--kind KIND] [--bench] < texts\n"
    "check names each bad entry and grades patterns (no literal, slow, too broad). test reads one text a\n"
    "line and says what matches, where, and in which form; --bench prints the time only.\n"
    "FORMAT: yaml, json, lines, csv, misp-warninglist, misp-hashes, threatexchange; guessed when absent.\n"
    "KIND of bare values: literal, regex, url, domain, sha256, sha1, md5, pdq, tlsh.\n"
    "options: --json, --help\n"
    "exit: 0 good, 1 failed, 2 usage, 78 mistakes in the list\n",
    run};
