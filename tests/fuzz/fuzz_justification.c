/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/clock.h"
#include "lib/json/read.h"
#include "lib/rights/justification.h"
#include "lib/rights/notice.h"
#include "lib/rights/orders.h"

#include <stdint.h>
#include <stdlib.h>

/*
 * A foreign record through check, gates, seal and notice, as decision and as draft, beside itself
 * as the record under appeal; and the same bytes as order and state actor.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct policy *policy;

static void load(void)
{
    static const char text[] = "policy: {version: '1', effective: 2026-11-01, publisher: p, url: "
                               "'https://p.example', language: en, "
                               "consultation: none}\n"
                               "clauses: [{id: policy/4.2, title: t, text: asks others to join, "
                               "ground: terms, harms: [any], "
                               "outcomes: [any], elements: [others to join]}]\n"
                               "law: [{id: law/x, title: t, text: asks others to join, ground: "
                               "law, country: DE, harms: [any], "
                               "outcomes: [any], elements: [others to join]}]\n";
    struct faults faults = {0};

    if (!policy && policy_read(&policy, SPAN(text), "p", &faults)) {
        abort();
    }
}

static void use(const json_t *record, const struct justification_context *context,
                const struct justification_check_result *result)
{
    CLEANUP(json_freep) json_t *sealed = NULL;
    CLEANUP(json_freep) json_t *notice = NULL;
    struct justification_envelope envelope = {.decision_id = "dec_1", .detection = "report"};
    struct faults faults = {0};
    bool agree;

    (void)!justification_effect_check(record, result, context, &faults);
    (void)!justification_second_check(&agree, record, context, &faults);
    if (justification_seal(&sealed, record, result, context, &envelope) == 0) {
        struct notice_input input = {
            .record = sealed, .policy = policy, .item = "x", .state_actor = record};

        (void)!notice_user(&notice, &input, &faults);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    CLEANUP(json_freep) json_t *record = NULL;
    struct justification_context context = {.origin = ORIGIN_TCO_REMOVAL_ORDER,
                                            .order_valid = true,
                                            .reviewer_pid = "1",
                                            .decided_ms = 1795000000000};
    struct justification_check_result result;
    struct fault why;

    load();
    context.policy = policy;
    if (json_read(&record, (struct span){(const char *)data, len}, &json_read_limits_default,
                  &why)) {
        return 0;
    }
    context.suggestions = record;
    for (int round = 0; round < 4; round++) {
        struct faults faults = {0};

        context.draft = round & 1;
        context.previous = round & 2 ? record : NULL;
        if (justification_check(&result, record, &context, &faults) == 0 && !context.draft) {
            use(record, &context, &result);
        }
    }
    for (int kind = 0; kind < ORIGIN_COUNT; kind++) {
        struct faults faults = {0};

        (void)!order_check(record, (enum origin_kind)kind, "/order", &faults);
        (void)!state_actor_check(record, (enum origin_kind)kind, true, "/state_actor", &faults);
    }
    return 0;
}
