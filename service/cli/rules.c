/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur rules check | facts | explain: rule files, and what they say of a report. */
#include "lib/json/read.h"
#include "lib/report/report.h"
#include "lib/rules/rule_set.h"
#include "service/cli/command.h"
#include "service/runtime/file.h"
#include "service/runtime/loop.h"
#include "service/sync/build.h"

#include <stdio.h>

/* A snapshot of the settings' policy, rules and list files; NULL after saying why. */
static struct build *build_all(const struct cli_options *options, int *ret_exit)
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

static int explain(const struct build *build, const char *path)
{
    CLEANUP(report_freep) struct report *report = NULL;
    CLEANUP(flag_scratch_freep) struct flag_scratch *scratch = NULL;
    CLEANUP(rule_scratch_freep) struct rule_scratch *rule_scratch = NULL;
    const struct rule_set *rules = snapshot_rules(build->snapshot);
    static const struct flag_history history;
    const struct verdict *verdict;
    const struct hits *hits;
    json_t *why = NULL, *shown;
    int64_t now = loop_now_ms();

    if (read_report(path, &report) != 0 || flag_scratch_new(&scratch, build->snapshot) != 0 ||
        flag_evaluate(scratch, report, &history, now, &verdict, &hits) != 0 ||
        rule_scratch_new(&rule_scratch, rules) != 0) {
        return CLI_FAILED;
    }
    shown = verdict_json(verdict, hits);
    if (rule_explain(rules, rule_scratch, &(struct rule_facts){.report = report, .hits = hits, .now_ms = now}, &why) != 0) {
        json_decref(shown);
        return CLI_FAILED;
    }
    cli_print_json(json_pack("{s:o, s:o}", "verdict", shown, "rules", why));
    return CLI_DONE;
}

static int run(int argc, char **argv)
{
    CLEANUP(build_freep) struct build *build = NULL;
    struct cli_options options;
    const char *action;
    int exit_code;

    if (!cli_options(argc, argv, &cli_command_rules, NULL, NULL, NULL, &options, &exit_code)) {
        return exit_code;
    }
    action = optind < argc ? argv[optind] : "";
    if (strcmp(action, "facts") == 0) {
        cli_print_json(rule_facts_describe());
        return CLI_DONE;
    }
    if (strcmp(action, "check") != 0 && !(strcmp(action, "explain") == 0 && optind + 1 < argc)) {
        return cli_usage(&cli_command_rules);
    }
    build = build_all(&options, &exit_code);
    if (!build) {
        return exit_code;
    }
    return strcmp(action, "check") == 0 ? check(build, options.json) : explain(build, argv[optind + 1]);
}

const struct cli_command cli_command_rules = {
    "rules", "check rule files, show their facts, explain a verdict",
    "usage: rapporteur rules check\n"
    "       rapporteur rules facts\n"
    "       rapporteur rules explain REPORT.json\n"
    "check compiles every rule of the settings' folder and runs its examples. facts prints the names and\n"
    "types that conditions may use. explain gives a report's verdict and, rule by rule, why it fired or\n"
    "did not.\n"
    "options: --config FILE, --json, --help\n"
    "exit: 0 done, 1 failed, 2 usage, 78 mistakes in settings or rules\n",
    run};
