/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_UNIT_LIB_RULES_RULES_SUPPORT_H
#define RAPPORTEUR_TESTS_UNIT_LIB_RULES_RULES_SUPPORT_H

/* Rule sets and facts for tests, in a line each. */

#include "lib/rules/rule_set.h"
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#define RULES_NOW_MS 1795000000000LL

/* Builds one file under the default options; fails the test with the first fault. */
static inline struct rule_set *rules_of(const char *yaml)
{
    const struct rule_file file = {"rules/test.yaml", span_of(yaml)};
    struct rule_set *set = NULL;
    struct faults faults = {0};

    if (rule_set_build(&set, &file, 1, &rule_options_default, &faults) != 0) {
        fail_msg("%s %s: %s", faults.list[0].place, faults.list[0].code, faults.list[0].text);
    }
    return set;
}

/* A report out of a minimal one and members that replace its own; single quotes. */
static inline struct report *report_of(const char *members)
{
    json_t *body =
        test_json("{'content': {'id': '1', 'type': 'post', 'text': 'words', 'language': 'de'},"
                  " 'category': 'recruitment', 'origin': {'kind': 'user_notice'}}");
    json_t *more = test_json(members);
    struct report *report = NULL;
    struct faults faults = {0};

    assert_int_equal(json_object_update_recursive(body, more), 0);
    if (report_read(&report, body, RULES_NOW_MS, &faults) != 0) {
        fail_msg("%s %s: %s", faults.list[0].place, faults.list[0].code, faults.list[0].text);
    }
    json_decref(more);
    json_decref(body);
    return report;
}

static inline void add_hit(struct hits *hits, const char *list, int severity)
{
    hits->list[hits->count++] = (struct hit){.list = span_of(list),
                                             .list_version = SPAN("1"),
                                             .entry = SPAN("e1"),
                                             .severity = severity,
                                             .end = 5};
}

/* One rule in one line; its example matches by itself when the condition is true. */
#define RULE_IN(mode, id, when, then, examples)                                                    \
    "- {id: " id ", policy: policy/4.2, mode: " mode ", when: '" when "', then: {" then            \
    "}, examples: [" examples "]}\n"
#define RULE(id, when, then) RULE_IN("live", id, when, then, "{matches: true}")

#endif
