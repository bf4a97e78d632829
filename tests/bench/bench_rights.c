/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microseconds of the rights check alone: a full removal record and a quick one, read from their bytes, checked and
 * sealed, as POST /v1/cases/{id}/decisions does it. bench_decide.py puts them beside whole decisions.
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

static void check_once(struct span bytes, const struct justification_context *context)
{
    struct justification_check_result result;
    struct justification_envelope envelope = {.decision_id = "dec_1", .item_id = "cas_1", .detection = "report"};
    struct faults faults = {0};
    json_t *record = json_loadb(bytes.ptr, bytes.len, JSON_REJECT_DUPLICATES, NULL), *sealed = NULL;

    if (!record || justification_check(&result, record, context, &faults) != 0) {
        die(faults.count ? faults.list[0].code : "the record cannot be read");
    }
    if (justification_seal(&sealed, record, &result, context, &envelope) != 0) {
        die("no memory");
    }
    json_decref(record);
    json_decref(sealed);
}

static double measure(const char *source, const char *name, const struct justification_context *context, long count)
{
    size_t len;
    char *text = read_sample(source, name, &len);
    double began = now_us();

    for (long i = 0; i < count; i++) {
        check_once((struct span){text, len}, context);
    }
    free(text);
    return (now_us() - began) / (double)count;
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
    (void)printf("full_us %.1f\n", measure(argv[1], "samples/01-clear-hit.decision.json", &context, count));
    (void)printf("quick_us %.1f\n", measure(argv[1], "samples/03-journalism.decision.json", &context, count));
    (void)policy_free(policy);
    free(yaml);
    return 0;
}
