/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur rules backtest: what the rules in some files would change, over the newest reports of the
 * store or over report bodies in a file. */
#include "lib/json/read.h"
#include "service/api/backtest_store.h"
#include "service/cli/rules.h"
#include "service/runtime/loop.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 256 << 10, DEADLINE_MS = 600000 };

struct sets {
    struct rule_set *candidate, *trial;
};

static void sets_done(struct sets *sets)
{
    (void)rule_set_free(sets->candidate);
    (void)rule_set_free(sets->trial);
}

static int build_sets(struct sets *sets, const struct build *build, const struct rule_bundle *bundle)
{
    struct rule_options options;
    struct faults faults = {0};
    int r;

    build_rule_options(build->settings, build->policies, &options);
    r = rule_set_build(&sets->candidate, bundle->files, bundle->count, &options, &faults);
    options.shadow_as_live = true;
    if (r == 0 && backtest_has_shadow(sets->candidate)) {
        r = rule_set_build(&sets->trial, bundle->files, bundle->count, &options, &faults);
    }
    cli_say_faults(&faults);
    return r;
}

/* ---- reports in a file: matched now, with the lists of the settings ---- */

static int add_line(struct backtest *test, struct flag_scratch *scratch, struct span line)
{
    CLEANUP(json_freep) json_t *body = NULL;
    CLEANUP(report_freep) struct report *report = NULL;
    struct backtest_report one = {.now_ms = loop_now_ms()};
    const struct verdict *verdict;
    struct faults faults = {0};
    struct fault why;
    int r = json_read(&body, line, &json_read_limits_default, &why);

    r = r ? r : report_read(&report, body, one.now_ms, &faults);
    if (r == FAULT) {
        backtest_skip(test, "unreadable");
        return 0;
    }
    r = r ? r : flag_evaluate(scratch, report, NULL, one.now_ms, &verdict, &one.hits);
    if (r) {
        return r;
    }
    one.report = report;
    return backtest_add(test, &one);
}

static int read_lines(struct backtest *test, const struct build *build, const struct rules_asked *asked)
{
    CLEANUP(flag_scratch_freep) struct flag_scratch *scratch = NULL;
    FILE *in = fopen(asked->reports, "re");
    char *line = malloc(LINE_MAX_BYTES + 2);
    int r = line ? flag_scratch_new(&scratch, build->snapshot) : -1;

    if (!in) {
        cli_say("cannot open %s", asked->reports);
        r = FAULT;
    }
    while (r == 0 && backtest_seen(test) < (size_t)asked->limit && fgets(line, LINE_MAX_BYTES + 2, in)) {
        size_t len = strlen(line);

        while (len && (line[len - 1] == '\n' || line[len - 1] == '\r')) {
            len--;
        }
        r = len ? add_line(test, scratch, (struct span){line, len}) : 0;
    }
    if (in) {
        (void)fclose(in);
    }
    free(line);
    return r;
}

/* ---- the store ---- */

static int read_store(struct backtest *test, const struct build *build, const struct rules_asked *asked)
{
    CLEANUP(store_sync_freep) struct store_sync *store = cli_store(build->settings);
    struct backtest_reading from = {.store = store, .limit = (size_t)asked->limit,
                                    .deadline_ms = loop_steady_ms() + DEADLINE_MS};

    if (!store) {
        return FAULT;
    }
    from.shards = store_sync_shards(store);
    return backtest_read_store(test, &from);
}

/* ---- printing ---- */

static void print_table(const char *title, const json_t *table, const char *first)
{
    const char *name;
    json_t *row;

    (void)printf("%s\n", title);
    json_object_foreach((json_t *)(uintptr_t)table, name, row)
    {
        const json_t *after = json_object_get(row, "after");

        (void)printf("  %-32s %6lld", name, (long long)json_integer_value(json_object_get(row, first)));
        if (after) {
            (void)printf(" -> %-6lld", (long long)json_integer_value(after));
        }
        (void)printf(" changed %lld\n", (long long)json_integer_value(json_object_get(row, "changed")));
    }
}

static void print_result(const json_t *result)
{
    const json_t *shadow = json_object_get(result, "shadow"), *changes = json_object_get(result, "changes");
    const char *word;
    json_t *count;

    (void)printf("%lld reports, %lld would be sorted otherwise\n",
                 (long long)json_integer_value(json_object_get(result, "reports")),
                 (long long)json_integer_value(json_object_get(result, "changed")));
    json_object_foreach((json_t *)(uintptr_t)changes, word, count)
    {
        (void)printf("  %-32s %6lld\n", word, (long long)json_integer_value(count));
    }
    print_table("rules: fired before -> after", json_object_get(result, "by_rule"), "before");
    print_table("languages: reports", json_object_get(result, "by_language"), "reports");
    print_table("origins: reports", json_object_get(result, "by_origin"), "reports");
    if (shadow) {
        (void)printf("if the rules in shadow were live, %lld more would change\n",
                     (long long)json_integer_value(json_object_get(shadow, "changed")));
    }
    (void)printf("examples: --json shows up to %d\n", BACKTEST_EXAMPLES);
}

int rules_backtest_files(const struct cli_options *options, const struct rules_asked *asked, char *const paths[],
                         size_t count)
{
    int exit_code, r;
    CLEANUP(build_freep) struct build *build = rules_build_all(options, &exit_code);
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = NULL;
    CLEANUP(backtest_freep) struct backtest *test = NULL;
    struct sets sets = {0};
    json_t *result;

    if (!build) {
        return exit_code;
    }
    if (rules_bundle(&bundle, build->settings, paths, count) != 0 || build_sets(&sets, build, bundle) != 0) {
        sets_done(&sets);
        return CLI_CONFIG;
    }
    r = backtest_new(&test, snapshot_rules(build->snapshot), sets.candidate, sets.trial,
                     span_of(build->settings->default_queue));
    r = r ? r : asked->reports ? read_lines(test, build, asked) : read_store(test, build, asked);
    if (r == 0) {
        result = backtest_result(test);
        if (options->json) {
            cli_print_json(result);
        } else {
            print_result(result);
            json_decref(result);
        }
    } else {
        cli_say("the reports could not be read");
    }
    test = backtest_free(test);
    sets_done(&sets);
    return r == 0 ? CLI_DONE : CLI_FAILED;
}
