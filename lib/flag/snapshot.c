/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/digest.h"
#include "lib/flag/flag.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct snapshot {
    atomic_size_t references;
    struct match_set *matches;
    struct rule_set *rules;
    char digest[SHA256_HEX_LEN + 1];
};

int snapshot_new(struct snapshot **ret, struct match_set *matches, struct rule_set *rules)
{
    struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
    char both[2 * SHA256_HEX_LEN + 3];
    int len;

    if (!snapshot) {
        (void)match_set_free(matches);
        (void)rule_set_free(rules);
        return -ENOMEM;
    }
    atomic_init(&snapshot->references, 1);
    snapshot->matches = matches;
    snapshot->rules = rules;
    len =
        snprintf(both, sizeof(both), "%s\n%s\n", match_set_digest(matches), rule_set_digest(rules));
    assert(len > 0 && (size_t)len < sizeof(both));
    sha256_hex(both, (size_t)len, snapshot->digest);
    *ret = snapshot;
    return 0;
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
    (void)atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

struct snapshot *snapshot_unref(struct snapshot *snapshot)
{
    /* Release: what others wrote before letting go is seen by the one that frees (acquire). */
    if (snapshot &&
        atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_release) == 1) {
        atomic_thread_fence(memory_order_acquire);
        (void)match_set_free(snapshot->matches);
        (void)rule_set_free(snapshot->rules);
        free(snapshot);
    }
    return NULL;
}

const char *snapshot_digest(const struct snapshot *snapshot)
{
    return snapshot->digest;
}

const struct match_set *snapshot_matches(const struct snapshot *snapshot)
{
    return snapshot->matches;
}

const struct rule_set *snapshot_rules(const struct snapshot *snapshot)
{
    return snapshot->rules;
}
