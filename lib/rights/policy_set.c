/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/policy_set.h"

#include <errno.h>
#include <stdlib.h>

struct version {
    struct policy *policy;
    int64_t since_ms;
    bool kept;      /* has been in force here */
    bool published; /* is among the files of today */
};

struct policy_set {
    struct version list[POLICY_SET_MAX]; /* by since_ms */
    size_t count;
};

struct policy_set *policy_set_new(void)
{
    return calloc(1, sizeof(struct policy_set));
}

struct policy_set *policy_set_free(struct policy_set *set)
{
    for (size_t i = 0; set && i < set->count; i++) {
        (void)policy_free(set->list[i].policy);
    }
    free(set);
    return NULL;
}

static void insert(struct policy_set *set, struct version version)
{
    size_t at = set->count++;

    while (at > 0 && set->list[at - 1].since_ms > version.since_ms) {
        set->list[at] = set->list[at - 1];
        at--;
    }
    set->list[at] = version;
}

int policy_set_keep(struct policy_set *set, struct policy *policy, int64_t since_ms)
{
    if (set->count == POLICY_SET_MAX) {
        (void)policy_free(policy);
        return -ENOMEM;
    }
    insert(set, (struct version){.policy = policy, .since_ms = since_ms, .kept = true});
    return 0;
}

static const struct version *last_kept(const struct policy_set *set)
{
    const struct version *last = NULL;

    for (size_t i = 0; i < set->count; i++) {
        last = set->list[i].kept ? &set->list[i] : last;
    }
    return last;
}

/* A file whose version is in the set already: the same, or a mistake. */
static int add_known(struct version *known, const struct policy *policy, const char *name,
                     struct faults *faults)
{
    char shown[FAULT_QUOTE_MAX];

    if (known->published) {
        return faults_add(faults, "POLICY_VERSION", name, "another file has version %s too",
                          fault_quote(shown, policy_version(policy)));
    }
    if (strcmp(policy_digest(known->policy), policy_digest(policy)) != 0) {
        return faults_add(
            faults, "POLICY_CHANGED", name,
            "version %s has been in force with another text; restore it, and publish the change "
            "under a new version with a later effective date",
            fault_quote(shown, policy_version(policy)));
    }
    known->published = true;
    return 0;
}

static int add_new(struct policy_set *set, struct policy *policy, const char *name, int64_t now_ms,
                   struct faults *faults)
{
    char shown[FAULT_QUOTE_MAX];
    const struct version *before = last_kept(set);
    int64_t since_ms = policy_effective_ms(policy);

    if (set->count == POLICY_SET_MAX) {
        return faults_add(faults, "POLICY_MANY", name, "version %s is one more than 256",
                          fault_quote(shown, policy_version(policy)));
    }
    if (before && since_ms <= policy_effective_ms(before->policy)) {
        return faults_add(faults, "POLICY_ORDER", name,
                          "a new version takes effect later than version %s, which is in force",
                          fault_quote(shown, policy_version(before->policy)));
    }
    for (size_t i = 0; i < set->count; i++) {
        if (policy_effective_ms(set->list[i].policy) == since_ms) {
            return faults_add(faults, "POLICY_ORDER", name,
                              "version %s takes effect at the same time",
                              fault_quote(shown, policy_version(set->list[i].policy)));
        }
    }
    if (before && since_ms < now_ms) {
        since_ms = now_ms; /* nothing reaches back before it was published */
    }
    insert(set, (struct version){.policy = policy, .since_ms = since_ms, .published = true});
    return 0;
}

int policy_set_add(struct policy_set *set, struct policy *policy, const char *name, int64_t now_ms,
                   struct faults *faults)
{
    int known = policy_set_version(set, policy_version(policy));
    int r;

    if (known < 0) {
        r = add_new(set, policy, name, now_ms, faults);
        if (r == 0) {
            return 0;
        }
    } else {
        r = add_known(&set->list[known], policy, name, faults);
    }
    (void)policy_free(policy);
    return r;
}

int policy_set_check(const struct policy_set *set, const char *place, int64_t now_ms,
                     struct faults *faults)
{
    char shown[FAULT_QUOTE_MAX];
    int now = policy_set_in_force(set, now_ms);

    if (now < 0) {
        return faults_add(faults, "POLICY_NONE", place,
                          "no version is in force yet; one must take effect today or before");
    }
    if (!set->list[now].published) {
        return faults_add(
            faults, "POLICY_WITHDRAWN", place,
            "version %s is in force, but no file has it; put it back, or publish a new version "
            "after it",
            fault_quote(shown, policy_version(set->list[now].policy)));
    }
    return 0;
}

size_t policy_set_count(const struct policy_set *set)
{
    return set->count;
}

const struct policy *policy_set_at(const struct policy_set *set, size_t i)
{
    return set->list[i].policy;
}

int64_t policy_set_since_ms(const struct policy_set *set, size_t i)
{
    return set->list[i].since_ms;
}

int policy_set_in_force(const struct policy_set *set, int64_t at_ms)
{
    int found = -1;

    for (size_t i = 0; i < set->count && set->list[i].since_ms <= at_ms; i++) {
        found = (int)i;
    }
    return found;
}

int policy_set_version(const struct policy_set *set, struct span version)
{
    for (size_t i = 0; i < set->count; i++) {
        if (span_equal(policy_version(set->list[i].policy), version)) {
            return (int)i;
        }
    }
    return -1;
}

bool policy_set_has(const struct policy_set *set, int64_t now_ms, struct span ref)
{
    int now = policy_set_in_force(set, now_ms);

    for (size_t i = now < 0 ? 0 : (size_t)now; i < set->count; i++) {
        if (!policy_find(set->list[i].policy, ref)) {
            return false;
        }
    }
    return set->count > 0;
}
