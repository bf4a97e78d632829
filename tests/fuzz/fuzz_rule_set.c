/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a rule file: built and evaluated, or refused with a fault; never more, never long.
 */
#include "lib/json/read.h"
#include "lib/rules/rule_set.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct report *some_report(void)
{
    static const char body[] = "{\"content\":{\"id\":\"1\",\"type\":\"post\",\"text\":\"words\","
                               "\"urls\":[\"https://a.example\"]},\"category\":\"recruitment\","
                               "\"origin\":{\"kind\":\"user_notice\"}}";
    CLEANUP(json_freep) json_t *json = NULL;
    struct report *report = NULL;
    struct faults faults = {0};
    struct fault why;

    if (json_read(&json, SPAN(body), &json_read_limits_default, &why) != 0 ||
        report_read(&report, json, 1795000000000LL, &faults) != 0) {
        abort();
    }
    return report;
}

static void evaluate(const struct rule_set *set)
{
    static const struct hits hits = {.count = 1, .list = {{.list = {"a", 1}, .severity = 2}}};
    CLEANUP(report_freep) struct report *report = some_report();
    CLEANUP(rule_scratch_freep) struct rule_scratch *scratch = NULL;
    CLEANUP(json_freep) json_t *explained = NULL;
    const struct rule_facts facts = {.report = report, .hits = &hits, .now_ms = 1795000000000LL};
    struct verdict verdict;

    if (rule_scratch_new(&scratch, set) != 0) {
        return;
    }
    (void)rule_set_evaluate(set, scratch, &facts, &verdict);
    (void)rule_explain(set, scratch, &facts, &explained);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct rule_file file = {"r.yaml", {(const char *)data, len}};
    CLEANUP(rule_set_freep) struct rule_set *set = NULL;
    struct faults faults = {0};
    int r = rule_set_build(&set, &file, 1, &rule_options_default, &faults);

    if ((r == 0) != (faults.count == 0) || (r == 0) != (set != NULL)) {
        abort();
    }
    if (set) {
        evaluate(set);
    }
    return 0;
}
