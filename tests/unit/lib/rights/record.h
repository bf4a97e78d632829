/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_UNIT_LIB_RIGHTS_RECORD_H
#define RAPPORTEUR_TESTS_UNIT_LIB_RIGHTS_RECORD_H

/*
 * What the tests of records share: the sample policy, a good quick record, a good full one, and a
 * way to change one member of it.
 */

#include "tests/support/support.h"

#include "lib/base/clock.h"
#include "lib/rights/justification.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_QUICK                                                                               \
    "{'schema':'just/"                                                                             \
    "1','tier':'quick','outcome':'no_action','harm':'none','ground':{'kind':'none'},"              \
    "'exemptions':{'journalistic':'met'},'lang_competence':'native_or_b2',"                        \
    "'why':'News report on the attack; no call to act, names condemned by the reporter.'}"

#define RECORD_FULL                                                                                \
    "{'schema':'just/1','tier':'full','outcome':'remove','harm':'recruitment',"                    \
    "'ground':{'kind':'terms','ref':'policy/4.2','explanation':'The post asks others to join a "   \
    "group "                                                                                       \
    "that uses terrorist violence and offers a way to contact its recruiters.'},"                  \
    "'aim':['rights_of_others'],'exemptions':{'none_present':true},'lang_competence':'native_or_"  \
    "b2',"                                                                                         \
    "'why':'The post invites readers into the group and names a channel to apply.',"               \
    "'facts':'A public post with an invitation and a contact channel of the listed group.',"       \
    "'threat':{'nature':'solicits readers to join a listed group','link':'direct_immediate'},"     \
    "'necessity':{'alternatives':[{'measure':'label','rejected_because':'contact channel stays "   \
    "usable'},"                                                                                    \
    "{'measure':'geo_limit','rejected_because':'call is not local'}]},"                            \
    "'proportionality':{'public_interest':'none','reach':'small','irreversible':false,"            \
    "'note':'nothing of public debate is lost'},'discrimination_check':{'result':'pass'},"         \
    "'scope':{'territory':['DE','FR'],'until':'indefinite','reason':'the call stays a call'},"     \
    "'rabat':{'not_applicable':'recruitment with contact details, not advocacy'},"                 \
    "'notice':{'lang':'de','redress':['internal_complaint','out_of_court','court']}}"

#define RABAT_SCORED(intent)                                                                       \
    "{'context':{'score':2,'note':'days after an attack'},'speaker':{'score':2,'note':'leads the " \
    "channel'},"                                                                                   \
    "'intent':{'score':" intent ",'note':'names day and place'},"                                  \
    "'content_form':{'score':3,'note':'a direct call'},'extent':{'score':2,'note':'forty "         \
    "thousand readers'},"                                                                          \
    "'likelihood':{'score':2,'note':'earlier calls were followed'}}"

static inline struct policy *sample_policy(void)
{
    struct faults faults = {0};
    struct policy *policy = NULL;
    char *path = test_source("config/policy/policy.yaml");
    size_t len;
    char *bytes = test_read_file(path, &len);
    int r = policy_read(&policy, (struct span){bytes, len}, "policy.yaml", &faults);

    for (size_t i = 0; i < faults.count; i++) {
        print_message("%s %s %s\n", faults.list[i].place, faults.list[i].code, faults.list[i].text);
    }
    assert_int_equal(r, 0);
    free(bytes);
    free(path);
    return policy;
}

static inline int64_t at_time(const char *text)
{
    int64_t ms = 0;

    assert_true(clock_read(span_of(text), &ms));
    return ms;
}

/* Sets the value at a pointer (parents must be there); "" as value deletes it. */
static inline void record_set(json_t *record, const char *pointer, const char *single_quoted)
{
    char name[128];
    json_t *at = record;
    const char *part = pointer + 1;

    for (const char *slash = strchr(part, '/'); slash; slash = strchr(part, '/')) {
        (void)snprintf(name, sizeof(name), "%.*s", (int)(slash - part), part);
        at = json_is_array(at) ? json_array_get(at, (size_t)strtoul(name, NULL, 10))
                               : json_object_get(at, name);
        part = slash + 1;
    }
    if (single_quoted[0] == '\0') {
        assert_int_equal(json_is_array(at) ? json_array_remove(at, (size_t)strtoul(part, NULL, 10))
                                           : json_object_del(at, part),
                         0);
    } else {
        char wrapped[8192];
        json_t *value;

        (void)snprintf(wrapped, sizeof(wrapped), "[%s]", single_quoted);
        value = test_json(wrapped);
        assert_int_equal(json_object_set(at, part, json_array_get(value, 0)), 0);
        json_decref(value);
    }
}

static inline void print_faults(const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        print_message("  %s %s: %s\n", faults->list[i].code, faults->list[i].place,
                      faults->list[i].text);
    }
}

#endif
