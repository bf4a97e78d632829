/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_UNIT_SERVICE_SYNC_HOUSE_H
#define RAPPORTEUR_TESTS_UNIT_SERVICE_SYNC_HOUSE_H

/*
 * A scratch folder with what a build reads: the sample policy, one rule, and lists that a test writes.
 *     house_start(&house);  house_write(&house, "a.txt", TEN);
 *     settings = house_settings(&house, "lists: [{file: a.txt, id: a, kind: domain, format: lines}]\n");
 */

#include "tests/support/support.h"

#include "service/runtime/file.h"
#include "service/runtime/log.h"
#include "service/runtime/settings.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXAMPLES "  examples:\n    - {matches: true, report: {category: none}, hits: [{list: a}]}\n    - {matches: false, report: {category: none}}\n"
#define RULE(policy, when)                                                                         \
    "- id: a\n  about: A rule.\n  policy: " policy "\n  when: " when "\n  then: {queue: general}\n" EXAMPLES
#define GOOD_RULE RULE("policy/4.3", "hits.size() > 0")
#define TEN "a.test\nb.test\nc.test\nd.test\ne.test\nf.test\ng.test\nh.test\ni.test\nj.test\n"
#define EIGHT "a.test\nb.test\nc.test\nd.test\ne.test\nf.test\ng.test\nh.test\n"
#define SEVEN "a.test\nb.test\nc.test\nd.test\ne.test\nf.test\ng.test\n"

struct house {
    char folder[40];
    int quiet;
};

static inline void house_write(const struct house *house, const char *name, const char *text)
{
    char path[200];
    struct fault why;

    (void)snprintf(path, sizeof(path), "%s/%s", house->folder, name);
    assert_int_equal(file_replace(path, span_of(text), 0600, &why), 0);
}

static inline void house_start(struct house *house)
{
    char *policy = test_source("config/policy/policy.yaml"), *text = test_read_file(policy, NULL), path[200];
    struct fault why;

    (void)snprintf(house->folder, sizeof(house->folder), "/tmp/rapporteur-sync-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    (void)snprintf(path, sizeof(path), "%s/policy", house->folder);
    assert_int_equal(folder_make(path, 0700, &why), 0);
    (void)snprintf(path, sizeof(path), "%s/rules", house->folder);
    assert_int_equal(folder_make(path, 0700, &why), 0);
    house_write(house, "policy/policy.yaml", text);
    house_write(house, "rules/a.yaml", GOOD_RULE);
    free(text);
    free(policy);
    house->quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
    log_set_fd(house->quiet);
}

static inline int house_remove(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about, (void)kind, (void)where;
    return remove(path);
}

static inline void house_stop(struct house *house)
{
    log_set_fd(2);
    (void)close(house->quiet);
    (void)nftw(house->folder, house_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static inline struct settings *house_settings(const struct house *house, const char *yaml)
{
    struct settings *settings = NULL;
    struct faults faults = {0};
    char path[200];

    (void)snprintf(path, sizeof(path), "%s/r.yaml", house->folder);
    if (settings_read(&settings, span_of(yaml), path, &faults) != 0) {
        fail_msg("%s: %s", faults.list[0].place, faults.list[0].text);
    }
    return settings;
}

#endif
