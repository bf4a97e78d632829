/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur serve: everything in one serving, in the foreground. */
#include "service/cli/command.h"
#include "service/cli/serving.h"
#include "service/runtime/file.h"
#include "service/runtime/log.h"
#include "service/runtime/metrics.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#define tell_manager(state) (void)sd_notify(0, (state))
#else
#define tell_manager(state) ((void)(state))
#endif

enum { SETTINGS_FILE_MAX = 1 << 20 };

/* SIGHUP: settings, policy, rules and lists again; a mistake anywhere keeps what runs. */
static void reload(struct serving *serving)
{
    CLEANUP(buf_freep) struct buf *bytes = buf_new(SETTINGS_FILE_MAX);
    CLEANUP(settings_unrefp) struct settings *next = NULL;
    struct faults faults = {0};
    struct fault why;
    const char *fixed;
    int r = bytes ? file_read(serving->config_path, bytes, &why) : -1;

    if (r == FAULT) {
        (void)faults_add_one(&faults, &why);
    }
    r = r ? r : settings_read(&next, buf_span(bytes), serving->config_path, &faults);
    fixed = r == 0 ? settings_fixed_difference(serving->settings, next) : NULL;
    if (fixed) {
        r = faults_add(&faults, "SETTING_FIXED", serving->config_path,
                       "'%s' can only change with a restart; nothing was taken over", fixed);
    }
    for (size_t i = 0; r && i < faults.count; i++) {
        log_error("reload refused, keeping what runs", LOG_FAULT(&faults.list[i]));
    }
    if (r) {
        metrics_add(METRIC_RELOADS, 1, 1);
        return;
    }
    sync_reload(serving->sync, next);
}

static void caught(void *arg, int signal_number)
{
    struct serving *serving = arg;

    if (signal_number == SIGHUP) {
        log_info("reload asked for");
        tell_manager("RELOADING=1");
        reload(serving);
        tell_manager("READY=1");
        return;
    }
    log_info("stopping", LOG_INT("signal", signal_number));
    tell_manager("STOPPING=1");
    loop_stop(serving->loop);
}

/* Workers finish what is open; a second signal ends the process at once. */
static void drain(struct serving *serving)
{
    atomic_store(&serving->app.draining, true);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGINT, SIG_DFL);
    for (size_t i = 0; i < serving->worker_count; i++) {
        worker_drain(serving->workers[i], serving->settings->drain_ms);
    }
}

static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int serve(struct settings *settings, const char *config_path)
{
    static struct serving serving;
    struct faults faults = {0};
    bool failed;
    int r;

    log_set_level((enum log_level)settings->log_level);
    (void)signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    r = serving_start(&serving, settings, config_path, &faults);
    if (r == 0 && (loop_signal(serving.loop, SIGTERM, caught, &serving) != 0 ||
                   loop_signal(serving.loop, SIGINT, caught, &serving) != 0 ||
                   loop_signal(serving.loop, SIGHUP, caught, &serving) != 0)) {
        r = faults_add(&faults, "START_FAILED", "", "signals cannot be caught");
    }
    if (r) {
        cli_say_faults(&faults);
        drain(&serving);
        serving_stop(&serving);
        return CLI_FAILED;
    }
    log_info("serving", LOG_STR("address", settings->http_listen[0]), LOG_INT("port", worker_port(serving.workers[0])),
             LOG_INT("pid", getpid()));
    tell_manager("READY=1");
    r = loop_run(serving.loop);
    failed = serving.failed;
    drain(&serving);
    serving_stop(&serving);
    log_info("stopped");
    return failed ? CLI_LOG : r ? CLI_FAILED : CLI_DONE;
}

static int run(int argc, char **argv)
{
    CLEANUP(settings_unrefp) struct settings *settings = NULL;
    struct cli_options options;
    int exit_code;

    if (!cli_options(argc, argv, &cli_command_serve, NULL, NULL, NULL, &options, &exit_code)) {
        return exit_code;
    }
    settings = cli_settings(&options, &exit_code);
    return settings ? serve(settings, options.config) : exit_code;
}

const struct cli_command cli_command_serve = {
    "serve", "run the service in the foreground",
    "usage: rapporteur serve [--config FILE]\n"
    "Runs until SIGTERM or SIGINT, then lets open requests finish (service.drain). SIGHUP reads settings,\n"
    "policy, rules and lists again, all or nothing. Logs are JSON lines on stderr.\n"
    "The settings file is --config, else $RAPPORTEUR_CONFIG, else config/rapporteur.yaml, else\n"
    "/etc/rapporteur/rapporteur.yaml.\n"
    "exit: 0 stopped as asked, 1 failed, 2 usage, 74 the audit log stopped (a person has to look before\n"
    "the next start), 78 bad settings\n",
    run};
