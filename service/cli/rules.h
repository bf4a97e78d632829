/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_CLI_RULES_H
#define RAPPORTEUR_SERVICE_CLI_RULES_H

/* What the actions of `rapporteur rules` share. Each returns an exit code. */

#include "lib/flag/flag.h"
#include "service/cli/command.h"
#include "service/sync/build.h"

struct rules_asked {
    const char *reports;            /* --reports: JSON Lines of report bodies; NULL: the store */
    int64_t limit;                  /* --limit */
    struct flag_history history;    /* --history */
};

/* A snapshot of the settings' policy, rules and list files; NULL after saying why. */
struct build *rules_build_all(const struct cli_options *options, int *ret_exit);
/* The rule files named, or those of the settings' folder where count is 0. 0, FAULT (said) or -ENOMEM. */
int rules_bundle(struct rule_bundle **ret, const struct settings *settings, char *const paths[], size_t count);

/* Runs the examples of the files (rules_try.c) and prints each. */
int rules_test(const struct cli_options *options, char *const paths[], size_t count);
/* What the rules in the files would change (rules_backtest.c). */
int rules_backtest_files(const struct cli_options *options, const struct rules_asked *asked, char *const paths[],
                         size_t count);

#endif
