/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur check: every mistake in settings, policy, rules and lists; changes nothing. */
#include "service/cli/command.h"
#include "service/runtime/loop.h"
#include "service/store/where.h"
#include "service/sync/build.h"

#include <stdio.h>

enum { OPTION_REFERENCE = 100, OPTION_PRINT };

/* What to print instead of checking lists and rules. */
struct asked {
    bool reference, print;
};

static bool take(void *arg, int option, const char *value)
{
    struct asked *asked = arg;

    (void)value;
    asked->reference |= option == OPTION_REFERENCE;
    asked->print |= option == OPTION_PRINT;
    return true;
}

static int print_page(const struct settings *settings)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(1 << 20);

    if (!out || (settings ? settings_print(settings, out) : settings_reference(out)) != 0) {
        cli_say("out of memory");
        return CLI_FAILED;
    }
    (void)fwrite(out->data, 1, out->len, stdout);
    return CLI_DONE;
}

/* `exit_code`: of what was checked before. */
static int report(const struct build *build, bool json, int exit_code)
{
    const struct match_set *matches = snapshot_matches(build->snapshot);
    const struct policy *policy =
        policy_set_at(build->policies, (size_t)policy_set_in_force(build->policies, loop_now_ms()));
    json_t *lists = json_array();

    for (size_t i = 0; i < build->source_count; i++) {
        const struct build_source *source = &build->sources[i];

        if (source->refused) {
            cli_say_fault(&source->why);
            exit_code = CLI_CONFIG;
        } else if (source->setting->url) {
            cli_say("%s: a remote list; it is checked when it is fetched", source->setting->url);
        }
    }
    for (size_t i = 0; i < build->notes.count; i++) {
        cli_say_fault(&build->notes.list[i]);
        exit_code = CLI_CONFIG;
    }
    for (size_t i = 0; i < match_set_list_count(matches); i++) {
        const struct list_head *head = list_head(match_set_list(matches, i));
        size_t entries = list_count(match_set_list(matches, i));

        (void)json_array_append_new(lists, json_pack("{s:s%, s:s%, s:I}", "list", head->id.ptr, head->id.len, "version",
                                                     head->version.ptr, head->version.len, "entries", (json_int_t)entries));
        if (!json) {
            (void)printf("list %.*s version %.*s: %zu entries\n", (int)head->id.len, head->id.ptr,
                         (int)head->version.len, head->version.ptr, entries);
        }
    }
    if (json) {
        cli_print_json(json_pack(
            "{s:b, s:o, s:I, s:s, s:s}", "good", exit_code == CLI_DONE, "lists", lists, "rules",
            (json_int_t)rule_set_count(snapshot_rules(build->snapshot)), "policy",
            policy_digest(policy), "snapshot", snapshot_digest(build->snapshot)));
        return exit_code;
    }
    json_decref(lists);
    (void)printf("rules: %zu\npolicy version %.*s\nsnapshot %s\n",
                 rule_set_count(snapshot_rules(build->snapshot)), (int)policy_version(policy).len,
                 policy_version(policy).ptr, snapshot_digest(build->snapshot));
    return exit_code;
}

static int run(int argc, char **argv)
{
    CLEANUP(settings_unrefp) struct settings *settings = NULL;
    CLEANUP(build_freep) struct build *build = NULL;
    static const struct option own[] = {{"reference", no_argument, NULL, OPTION_REFERENCE},
                                        {"print-settings", no_argument, NULL, OPTION_PRINT},
                                        {0}};
    struct asked asked = {0};
    struct cli_options options;
    int exit_code, r, store_exit = CLI_DONE;
    struct store_where where;
    struct fault why;

    if (!cli_options(argc, argv, &cli_command_check, own, take, &asked, &options, &exit_code)) {
        return exit_code;
    }
    if (asked.reference) {
        return print_page(NULL);
    }
    settings = cli_settings(&options, &exit_code);
    if (!settings) {
        return exit_code;
    }
    if (asked.print) {
        return print_page(settings);
    }
    if (strcmp(settings->store_url, "embedded") != 0 && store_where_read(&where, span_of(settings->store_url), &why) != 0) {
        (void)snprintf(why.place, sizeof(why.place), "store.url");
        cli_say_fault(&why);
        store_exit = CLI_CONFIG;            /* and on: every mistake is named */
    }
    if (build_new(&build, settings, NULL) != 0) {
        cli_say("out of memory");
        return CLI_FAILED;
    }
    build_read_files(build);
    r = build_run(build);
    if (r == FAULT) {
        for (size_t i = 0; i < build->source_count; i++) {
            if (build->sources[i].refused) {
                cli_say_fault(&build->sources[i].why);
            }
        }
        cli_say_faults(&build->faults);
        return CLI_CONFIG;
    }
    if (r < 0) {
        cli_say("out of memory");
        return CLI_FAILED;
    }
    return report(build, options.json, store_exit);
}

const struct cli_command cli_command_check = {
    "check", "name every mistake in settings, policy, rules and lists",
    "usage: rapporteur check [--config FILE] [--json]\n"
    "       rapporteur check --print-settings [--config FILE]\n"
    "       rapporteur check --reference\n"
    "Reads the settings file and all it names, as `serve` would, and changes nothing.\n"
    "Each mistake is one line: file:line:column: sentence [CODE].\n"
    "--print-settings prints every setting as it would run; --reference what each means, as Markdown.\n"
    "exit: 0 all good, 78 mistakes found\n",
    run};
