/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur rules check | test | facts | explain | backtest: rule files, and what they say of reports. */
#include "lib/json/read.h"
#include "lib/report/report.h"
#include "lib/rules/rule_set.h"
#include "service/api/backtest_store.h"
#include "service/cli/rules.h"
#include "service/runtime/file.h"
#include "service/runtime/loop.h"

#include <stdio.h>

struct build *rules_build_all(const struct cli_options *options, int *ret_exit)
{
    CLEANUP(settings_unrefp) struct settings *settings = cli_settings(options, ret_exit);
    CLEANUP(build_freep) struct build *build = NULL;
    int r;

    if (!settings) {
        return NULL;
    }
    *ret_exit = CLI_FAILED;
    if (build_new(&build, settings, NULL) != 0) {
        cli_say("out of memory");
        return NULL;
    }
    build_read_files(build);
    r = build_run(build);
    if (r == FAULT) {
        cli_say_faults(&build->faults);
        *ret_exit = CLI_CONFIG;
    }
    return r == 0 ? TAKE(build) : NULL;
}

static int check(const struct build *build, bool json)
{
    const struct rule_set *rules = snapshot_rules(build->snapshot);

    if (json) {
        cli_print_json(json_pack("{s:s, s:o}", "digest", rule_set_digest(rules), "rules", rule_set_json(rules)));
        return CLI_DONE;
    }
    for (size_t i = 0; i < rule_set_count(rules); i++) {
        struct rule_info info = rule_set_rule(rules, i);

        (void)printf("%-32.*s %-6s %-14.*s cost %-6llu examples %zu  %s:%d\n", (int)info.id.len, info.id.ptr,
                     rule_mode_words[info.mode], (int)info.policy.len, info.policy.ptr, (unsigned long long)info.cost,
                     info.examples, info.file, info.line);
    }
    (void)printf("%zu rules, digest %s\n", rule_set_count(rules), rule_set_digest(rules));
    return CLI_DONE;
}

static int read_report(const char *path, struct report **ret)
{
    CLEANUP(buf_freep) struct buf *bytes = buf_new(json_read_limits_default.max_bytes);
    CLEANUP(json_freep) json_t *body = NULL;
    struct faults faults = {0};
    struct fault why;
    int r = bytes ? file_read(path, bytes, &why) : -1;

    r = r ? r : json_read(&body, buf_span(bytes), &json_read_limits_default, &why);
    if (r == FAULT) {
        cli_say_fault(&why);
        return r;
    }
    r = r ? r : report_read(ret, body, loop_now_ms(), &faults);
    if (r == FAULT) {
        cli_say_faults(&faults);
    }
    return r;
}

static int explain(const struct build *build, const char *path, const struct flag_history *history)
{
    CLEANUP(report_freep) struct report *report = NULL;
    CLEANUP(flag_scratch_freep) struct flag_scratch *scratch = NULL;
    CLEANUP(rule_scratch_freep) struct rule_scratch *rule_scratch = NULL;
    const struct rule_set *rules = snapshot_rules(build->snapshot);
    const struct verdict *verdict;
    const struct hits *hits;
    json_t *why = NULL, *shown;
    int64_t now = loop_now_ms();

    if (read_report(path, &report) != 0 || flag_scratch_new(&scratch, build->snapshot) != 0 ||
        flag_evaluate(scratch, report, history, now, &verdict, &hits) != 0 ||
        rule_scratch_new(&rule_scratch, rules) != 0) {
        return CLI_FAILED;
    }
    shown = verdict_json(verdict, hits);
    if (rule_explain(rules, rule_scratch,
                     &(struct rule_facts){.report = report, .hits = hits, .history_reports = history->reports,
                                          .history_reporters = history->reporters,
                                          .history_since_ms = history->since_ms, .now_ms = now}, &why) != 0) {
        json_decref(shown);
        return CLI_FAILED;
    }
    cli_print_json(json_pack("{s:o, s:o}", "verdict", shown, "rules", why));
    return CLI_DONE;
}

enum { OPTION_REPORTS = 10, OPTION_LIMIT, OPTION_HISTORY };

static bool read_count(const char *text, int64_t max, int64_t *ret)
{
    unsigned long long value;

    if (!span_to_u64(span_of(text), &value) || value > (unsigned long long)max) {
        return false;
    }
    *ret = (int64_t)value;
    return true;
}

static bool take(void *arg, int option, const char *value)
{
    struct rules_asked *asked = arg;
    unsigned long long said[3] = {0, 1, 0};     /* reports, reporters, minutes */
    struct span rest = span_of(value);

    switch (option) {
    case OPTION_REPORTS:
        asked->reports = value;
        return true;
    case OPTION_LIMIT:
        return read_count(value, BACKTEST_LIMIT_MAX, &asked->limit) && asked->limit > 0;
    default:
        for (size_t i = 0; rest.ptr; i++) {
            if (i == COUNT_OF(said) || !span_to_u64(span_cut(&rest, '/'), &said[i]) || said[i] > INT32_MAX) {
                return false;
            }
        }
        if (said[1] > said[0] && said[0]) {
            return false;
        }
        if (said[0]) {
            asked->history = (struct flag_history){(int64_t)said[0], (int64_t)said[1],
                                                   loop_now_ms() - (int64_t)said[2] * 60000};
        }
        return true;
    }
}

static int run(int argc, char **argv)
{
    static const struct option own[] = {{"reports", required_argument, NULL, OPTION_REPORTS},
                                        {"limit", required_argument, NULL, OPTION_LIMIT},
                                        {"history", required_argument, NULL, OPTION_HISTORY}, {0}};
    struct rules_asked asked = {.limit = BACKTEST_LIMIT};
    CLEANUP(build_freep) struct build *build = NULL;
    struct cli_options options;
    char *const *files;
    const char *action;
    size_t count;
    int exit_code;

    if (!cli_options(argc, argv, &cli_command_rules, own, take, &asked, &options, &exit_code)) {
        return exit_code;
    }
    action = optind < argc ? argv[optind] : "";
    files = argv + optind + 1;
    count = optind + 1 < argc ? (size_t)(argc - optind - 1) : 0;
    if (strcmp(action, "facts") == 0) {
        cli_print_json(rule_facts_describe());
        return CLI_DONE;
    }
    if (strcmp(action, "test") == 0) {
        return rules_test(&options, files, count);
    }
    if (strcmp(action, "backtest") == 0 && count > 0) {
        return rules_backtest_files(&options, &asked, files, count);
    }
    if (strcmp(action, "check") != 0 && !(strcmp(action, "explain") == 0 && count == 1)) {
        return cli_usage(&cli_command_rules);
    }
    build = rules_build_all(&options, &exit_code);
    if (!build) {
        return exit_code;
    }
    return strcmp(action, "check") == 0 ? check(build, options.json) : explain(build, files[0], &asked.history);
}

const struct cli_command cli_command_rules = {
    "rules", "check and test rule files, explain a verdict, try other rules",
    "usage: rapporteur rules check\n"
    "       rapporteur rules test [FILE...]\n"
    "       rapporteur rules facts\n"
    "       rapporteur rules explain REPORT.json [--history REPORTS[/REPORTERS[/MINUTES]]]\n"
    "       rapporteur rules backtest FILE... [--limit N] [--reports FILE]\n"
    "check compiles every rule of the settings' folder and runs its examples. test runs the examples of the\n"
    "files, or of that folder, and prints each. facts prints the names and types that conditions may use.\n"
    "explain gives a report's verdict and, rule by rule, why it fired or did not; --history says how many\n"
    "reports on the content came before, from how many, and how long ago the first. backtest says what the rules in the files, as\n"
    "one whole set, would change for the newest reports of the store (--limit, 1000 unless told, at most\n"
    "10000), or for the report bodies in a file, one JSON object a line; it changes nothing.\n"
    "options: --config FILE, --json, --help\n"
    "exit: 0 done, 1 failed, 2 usage, 78 mistakes in settings or rules\n",
    run};
