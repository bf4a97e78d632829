/* SPDX-License-Identifier: Apache-2.0 */
#include "service/cli/command.h"

#include "service/runtime/file.h"
#include "service/runtime/loop.h"
#include "service/store/sync.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const default_configs[] = {"config/rapporteur.yaml", "/etc/rapporteur/rapporteur.yaml"};

enum { OWN_MAX = 24, SETTINGS_FILE_MAX = 1 << 20, STORE_WAIT_MS = 5000 };

void cli_say(const char *format, ...)
{
    va_list args;

    (void)fputs("rapporteur: ", stderr);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
}

void cli_say_fault(const struct fault *why)
{
    (void)fprintf(stderr, "%s%s%s [%s]\n", why->place, why->place[0] ? ": " : "", why->text, why->code);
}

void cli_say_faults(const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        cli_say_fault(&faults->list[i]);
    }
    if (faults->dropped) {
        (void)fprintf(stderr, "and %zu more\n", faults->dropped);
    }
}

void cli_print_json(json_t *value)
{
    (void)json_dumpf(value, stdout, JSON_INDENT(2));
    (void)fputc('\n', stdout);
    json_decref(value);
}

int cli_usage(const struct cli_command *command)
{
    (void)fputs(command->usage, stderr);
    return CLI_USAGE;
}

static const char *default_config(void)
{
    const char *named = getenv("RAPPORTEUR_CONFIG");

    if (named && named[0]) {
        return named;
    }
    for (size_t i = 0; i < COUNT_OF(default_configs); i++) {
        if (access(default_configs[i], R_OK) == 0) {
            return default_configs[i];
        }
    }
    return default_configs[COUNT_OF(default_configs) - 1];
}

bool cli_options(int argc, char **argv, const struct cli_command *command, const struct option *own,
                 bool (*take)(void *arg, int option, const char *value), void *arg,
                 struct cli_options *ret, int *ret_exit)
{
    static const struct option common[] = {
        {"config", required_argument, NULL, 1}, {"json", no_argument, NULL, 2}, {"help", no_argument, NULL, 3}};
    struct option all[OWN_MAX + COUNT_OF(common) + 1] = {0};
    size_t count = 0;
    int option;

    while (own && own[count].name && count < OWN_MAX) {
        all[count] = own[count];
        count++;
    }
    memcpy(&all[count], common, sizeof(common));
    *ret = (struct cli_options){.config = default_config()};
    optind = 0;
    while ((option = getopt_long(argc, argv, "", all, NULL)) != -1) {
        if (option == 1) {
            ret->config = optarg;
        } else if (option == 2) {
            ret->json = true;
        } else if (option == 3) {
            (void)fputs(command->usage, stdout);
            *ret_exit = CLI_DONE;
            return false;
        } else if (option == '?' || !take || !take(arg, option, optarg)) {
            *ret_exit = cli_usage(command);
            return false;
        }
    }
    return true;
}

struct settings *cli_settings(const struct cli_options *options, int *ret_exit)
{
    CLEANUP(buf_freep) struct buf *bytes = buf_new(SETTINGS_FILE_MAX);
    struct settings *settings = NULL;
    struct faults faults = {0};
    struct fault why;
    int r = bytes ? file_read(options->config, bytes, &why) : -1;

    *ret_exit = CLI_CONFIG;
    if (r == FAULT) {
        cli_say_fault(&why);
        cli_say("name a settings file with --config FILE");
        return NULL;
    }
    r = r ? r : settings_read(&settings, buf_span(bytes), options->config, &faults);
    if (r == FAULT) {
        cli_say_faults(&faults);
        return NULL;
    }
    if (r < 0) {
        cli_say("out of memory");
        *ret_exit = CLI_FAILED;
        return NULL;
    }
    return settings;
}

struct store_sync *cli_store(const struct settings *settings)
{
    struct store_sync *sync = NULL;
    char url[4200];
    unsigned shards;
    struct fault why;
    struct store_options options = {.url = settings->store_url, .timeout_ms = settings->store_deadline_ms};
    int r;

    if (strcmp(settings->store_url, "embedded") == 0) {
        (void)snprintf(url, sizeof(url), "unix:%s/redis/redis.sock", settings->state_dir);
        options.url = url;
    }
    r = store_sync_new(&sync, &options, &why);
    if (r == 0) {
        r = store_sync_prepare(sync, 1, loop_now_ms(), STORE_WAIT_MS, &shards, &why);
    }
    if (r == FAULT) {
        cli_say_fault(&why);
        if (strcmp(settings->store_url, "embedded") == 0) {
            cli_say("the embedded store runs while `rapporteur serve` does");
        }
    } else if (r < 0) {
        cli_say("out of memory");
    }
    if (r) {
        return store_sync_free(sync);
    }
    return sync;
}
