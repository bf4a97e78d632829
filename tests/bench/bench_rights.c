/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microseconds of the rights check alone, beside reading the record from its bytes and sealing it: a full removal record
 * and a quick one, as POST /v1/cases/{id}/decisions does it. bench_decide.py puts the check beside whole decisions.
 *     bench_rights SOURCE [COUNT]
 */
#include "lib/base/clock.h"
#include "lib/rights/justification.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void die(const char *what)
{
    (void)fprintf(stderr, "bench_rights: %s\n", what);
    exit(1);
}

static char *read_sample(const char *source, const char *name, size_t *len)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/config/%s", source, name);
    return test_read_file(path, len);
}

/* One step of a decision, or all of them: with every step the record is read, checked and sealed. */
enum step { STEP_READ, STEP_CHECK, STEP_SEAL, STEP_COUNT };
static const char *const step_words[STEP_COUNT] = {"read", "check", "seal"};

static void run_step(enum step step, struct span bytes, const json_t *record,
                     struct justification_check_result *result, const struct justification_context *context)
{
    struct justification_envelope envelope = {.decision_id = "dec_1", .item_id = "cas_1", .detection = "report"};
    struct faults faults = {0};
    json_t *made = NULL;
    int r = 0;

    switch (step) {
    case STEP_READ:
        made = json_loadb(bytes.ptr, bytes.len, JSON_REJECT_DUPLICATES, NULL);
        r = made ? 0 : -1;
        break;
    case STEP_CHECK:
        r = justification_check(result, record, context, &faults);
        break;
    default:
        r = justification_seal(&made, record, result, context, &envelope);
        break;
    }
    if (r) {
        die(faults.count ? faults.list[0].code : step_words[step]);
    }
    json_decref(made);
}

static void measure(const char *what, const char *source, const char *name,
                    const struct justification_context *context, long count)
{
    size_t len;
    char *text = read_sample(source, name, &len);
    json_t *record = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    struct justification_check_result result = {0};

    for (int step = 0; step < STEP_COUNT; step++) {
        double began = now_us();

        for (long i = 0; i < count; i++) {
            run_step((enum step)step, (struct span){text, len}, record, &result, context);
        }
        (void)printf("%s_%s_us %.1f\n", what, step_words[step], (now_us() - began) / (double)count);
    }
    json_decref(record);
    free(text);
}

int main(int argc, char **argv)
{
    long count = argc > 2 ? strtol(argv[2], NULL, 10) : 20000;
    struct faults faults = {0};
    struct policy *policy = NULL;
    struct justification_context context = {.category = HARM_RECRUITMENT, .origin = ORIGIN_USER_NOTICE,
                                            .reviewer_pid = "0123456789abcdef0123456789abcdef",
                                            .automated_decision = AUTOMATION_NONE};
    size_t len;
    char *yaml;

    if (argc < 2 || count < 1) {
        die("bench_rights SOURCE [COUNT]");
    }
    yaml = read_sample(argv[1], "policy/policy.yaml", &len);
    if (policy_read(&policy, (struct span){yaml, len}, "policy.yaml", &faults) != 0 ||
        !clock_read(SPAN("2026-11-23T10:00:00Z"), &context.opened_ms)) {
        die("the policy cannot be read");
    }
    context.policy = policy;
    context.decided_ms = context.opened_ms + 60000;
    measure("full", argv[1], "samples/01-clear-hit.decision.json", &context, count);
    measure("quick", argv[1], "samples/03-journalism.decision.json", &context, count);
    (void)policy_free(policy);
    free(yaml);
    return 0;
}
