/* SPDX-License-Identifier: Apache-2.0 */
/* Picks the command. */
#include "service/cli/command.h"

#include <stdio.h>
#include <string.h>

static const struct cli_command *const commands[] = {
    &cli_command_serve, &cli_command_check, &cli_command_keys, &cli_command_lists, &cli_command_rules,
    &cli_command_audit, &cli_command_report, &cli_command_hash,  &cli_command_version,
};

static int usage(FILE *to, int exit_code)
{
    (void)fputs("usage: rapporteur COMMAND [options]\n\n", to);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        (void)fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    }
    (void)fputs("\n`rapporteur COMMAND --help` says more. Exit: 0 done, 1 failed, 2 usage, 78 bad settings.\n", to);
    return exit_code;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
        return usage(stdout, CLI_DONE);
    }
    if (strcmp(name, "--version") == 0) {
        name = "version";
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(name, commands[i]->name) == 0) {
            return commands[i]->run(argc - 1, argv + 1);
        }
    }
    if (name[0]) {
        (void)fprintf(stderr, "rapporteur: there is no command '%s'\n", name);
    }
    return usage(stderr, CLI_USAGE);
}
