/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_CLI_COMMAND_H
#define RAPPORTEUR_SERVICE_CLI_COMMAND_H

/*
 * What the commands of `rapporteur` share. One file a command; the table is in main.c.
 * Results go to stdout (JSON with --json), talk to stderr. Exit: 0 done, 1 failed, 2 usage, 74 the
 * audit log stopped for good, 78 bad settings, rules, lists or policy.
 */

#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "service/runtime/settings.h"

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_LOG = 74, CLI_CONFIG = 78 };

struct cli_command {
    const char *name, *summary, *usage;     /* usage: the whole --help text */
    int (*run)(int argc, char **argv);      /* argv[0] is the command's name */
};

extern const struct cli_command cli_command_serve, cli_command_check, cli_command_keys, cli_command_lists, cli_command_rules,
    cli_command_audit, cli_command_report, cli_command_hash, cli_command_version;

/* Options that every command knows; others come first in `own`. Returns false after saying why (then
 * exit code *ret_exit). `take` gets each own option; it returns false for a bad value. */
struct cli_options {
    const char *config;                     /* --config, $RAPPORTEUR_CONFIG, or the first default there is */
    bool json;
};
bool cli_options(int argc, char **argv, const struct cli_command *command, const struct option *own,
                 bool (*take)(void *arg, int option, const char *value), void *arg,
                 struct cli_options *ret, int *ret_exit);

/* Reads the settings file; says every mistake. NULL after an error: exit with *ret_exit. */
struct settings *cli_settings(const struct cli_options *options, int *ret_exit);

/* "place: sentence [CODE]", one a line on stderr. */
void cli_say_faults(const struct faults *faults);
void cli_say_fault(const struct fault *why);
/* "rapporteur: sentence" on stderr. */
void cli_say(const char *format, ...) PRINTF(1, 2);
/* A value as indented JSON on stdout; takes it. */
void cli_print_json(json_t *value);
int cli_usage(const struct cli_command *command);

/* A blocking connection to the store of the settings: a running embedded server's socket, or the URL.
 * NULL after saying why. */
struct store_sync;
struct store_sync *cli_store(const struct settings *settings);

#endif
