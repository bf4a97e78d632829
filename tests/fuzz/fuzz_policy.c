/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/personal_data.h"
#include "lib/rights/policy.h"

#include <stdint.h>
#include <stdlib.h>

/* Foreign bytes as a policy file; its texts, and the bytes themselves, through quoting and the
 * lint. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span bytes = {(const char *)data, len};
    CLEANUP(policy_freep) struct policy *policy = NULL;
    struct personal_data at;
    struct faults faults = {0};

    for (size_t from = 0; personal_data_find(bytes, from, &at); from = at.start + at.len) {
        if (at.len == 0 || at.start < from || at.start + at.len > len) {
            abort();
        }
    }
    if (policy_read(&policy, bytes, "policy.yaml", &faults) == 0) {
        for (size_t i = 0; i < policy_clause_count(policy); i++) {
            const struct policy_clause *clause = policy_clause_at(policy, i);

            if (!policy_clause_quoted(clause, clause->text)) {
                abort();
            }
        }
    }
    return 0;
}
