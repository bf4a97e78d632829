/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/witness_policy.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct witness_policy policy;
    struct fault why;

    if (witness_policy_read(&policy, (struct span){(const char *)data, len}, &why) != 0) {
        return 0;
    }
    /* All together are always enough, and the empty set only where nobody is asked for. */
    assert(witness_policy_met(&policy, UINT32_MAX));
    assert(witness_policy_met(&policy, 0) == (policy.quorum < 0));
    assert(witness_policy_quorum(&policy)[0]);
    return 0;
}
