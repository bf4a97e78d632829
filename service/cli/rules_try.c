/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur rules test: the examples of rule files, one line each. */
#include "service/cli/rules.h"
#include "service/runtime/file.h"

#include <stdio.h>

int rules_bundle(struct rule_bundle **ret, const struct settings *settings, char *const paths[], size_t count)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = count ? rule_bundle_new() : NULL;
    struct fault why;
    int r = count == 0 ? rules_folder_read(&bundle, settings->rules_dir, &why) : bundle ? 0 : -1;

    for (size_t i = 0; r == 0 && i < count; i++) {
        CLEANUP(buf_freep) struct buf *bytes = buf_new(RULE_FILE_MAX_BYTES);

        r = bytes ? file_read(paths[i], bytes, &why) : -1;
        r = r ? r : rule_bundle_add(bundle, span_of(paths[i]), buf_span(bytes), &why);
    }
    if (r == FAULT) {
        cli_say_fault(&why);
    } else if (r < 0) {
        cli_say("out of memory");
    } else {
        *ret = TAKE(bundle);
    }
    return r;
}

struct tried {
    json_t *all;                    /* NULL: print lines */
    size_t good, bad;
};

static void example_ran(void *arg, const struct rule_example *example)
{
    struct tried *tried = arg;
    const char *wanted = example->matches ? "matches" : "does not match";

    tried->good += example->good;
    tried->bad += !example->good;
    if (tried->all) {
        (void)json_array_append_new(
            tried->all, json_pack("{s:s%, s:i, s:b, s:b, s:s%, s:s, s:i}", "rule", example->rule.ptr, example->rule.len,
                                  "example", (int)example->index + 1, "matches", example->matches, "good", example->good,
                                  "about", example->about.len ? example->about.ptr : "", example->about.len, "file",
                                  example->file, "line", example->line));
        return;
    }
    (void)printf("%-4s %-32.*s %2zu %s%s%.*s\n", example->good ? "ok" : "BAD", (int)example->rule.len, example->rule.ptr,
                 example->index + 1, wanted, example->about.len ? ": " : "", (int)example->about.len,
                 example->about.len ? example->about.ptr : "");
}

int rules_test(const struct cli_options *options, char *const paths[], size_t count)
{
    int exit_code;
    CLEANUP(settings_unrefp) struct settings *settings = cli_settings(options, &exit_code);
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = NULL;
    CLEANUP(rule_set_freep) struct rule_set *set = NULL;
    CLEANUP(policy_set_freep) struct policy_set *policies = NULL;
    struct tried tried = {.all = options->json ? json_array() : NULL};
    struct rule_options rules;
    struct faults faults = {0};
    int r;

    if (!settings) {
        return exit_code;
    }
    r = build_policies(&policies, settings, &faults);
    if (r == 0 && rules_bundle(&bundle, settings, paths, count) != 0) {
        json_decref(tried.all);
        return CLI_CONFIG;
    }
    if (r == 0) {
        build_rule_options(settings, policies, &rules);
        rules.example_ran = example_ran;
        rules.example_arg = &tried;
        r = rule_set_build(&set, bundle->files, bundle->count, &rules, &faults);
    }
    cli_say_faults(&faults);
    if (options->json) {
        cli_print_json(json_pack("{s:I, s:I, s:b, s:o}", "passed", (json_int_t)tried.good, "failed", (json_int_t)tried.bad,
                                 "good", r == 0, "examples", tried.all));
    } else {
        (void)printf("%zu passed, %zu failed\n", tried.good, tried.bad);
    }
    return r == 0 ? CLI_DONE : r == FAULT ? CLI_CONFIG : CLI_FAILED;
}
