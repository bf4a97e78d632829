/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur report transparency | dsa: numbers and statements of reasons, from the log alone. */
#include "lib/base/clock.h"
#include "lib/export/dsa.h"
#include "lib/export/transparency.h"
#include "lib/json/field.h"
#include "lib/rights/policy.h"
#include "service/audit/numbers.h"
#include "service/audit/trail.h"
#include "service/audit/statements.h"
#include "service/cli/command.h"
#include "service/runtime/file.h"
#include "service/runtime/loop.h"
#include "service/sync/dsa_send.h"

#include <errno.h>
#include <stdio.h>

enum { OPTION_LOG = 100, OPTION_FROM, OPTION_TO, OPTION_OUT, OPTION_PROVIDER, OPTION_SERVICE, OPTION_SEND, OPTION_ENDPOINT,
       OPTION_TOKEN, OPTION_SENT, PART_MAX = 16 << 20, TOKEN_MAX = 4096, SEND_ATTEMPTS = 6, SEND_PAUSE_MS = 1000,
       SEND_DEADLINE_MS = 60000 };

struct asked {
    const char *log, *out, *provider, *service;
    const char *endpoint, *token_file, *sent;   /* of --send; NULL: the settings' */
    bool send;
    int64_t from_ms, to_ms;
};

static bool take(void *arg, int option, const char *value)
{
    struct asked *asked = arg;

    switch (option) {
    case OPTION_LOG:
        asked->log = value;
        return true;
    case OPTION_OUT:
        asked->out = value;
        return true;
    case OPTION_PROVIDER:
        asked->provider = value;
        return true;
    case OPTION_SERVICE:
        asked->service = value;
        return true;
    case OPTION_SEND:
        asked->send = true;
        return true;
    case OPTION_ENDPOINT:
        asked->endpoint = value;
        return true;
    case OPTION_TOKEN:
        asked->token_file = value;
        return true;
    case OPTION_SENT:
        asked->sent = value;
        return true;
    case OPTION_FROM:
        return clock_read(span_of(value), &asked->from_ms) || clock_read_date(span_of(value), &asked->from_ms);
    case OPTION_TO:
        return clock_read(span_of(value), &asked->to_ms) || clock_read_date(span_of(value), &asked->to_ms);
    default:
        return false;
    }
}

/* Hands every entry of the log to `each`, in order. 0, FAULT or -ENOMEM. */
static int walk(struct audit_trail *trail, int (*each)(void *arg, uint64_t index, json_t *entry, struct fault *why),
                void *arg, struct fault *why)
{
    int r = 0;

    for (uint64_t i = audit_trail_first(trail); i < audit_trail_end(trail) && r == 0; i++) {
        struct span bytes;
        json_error_t error;
        json_t *entry;

        r = audit_trail_entry(trail, i, &bytes, why);
        if (r) {
            break;
        }
        entry = json_loadb(bytes.ptr, bytes.len, JSON_REJECT_DUPLICATES, &error);
        r = entry ? each(arg, i, entry, why) : fault_set(why, "ENTRY_FORM", "", "entry %llu is not JSON", (unsigned long long)i);
        json_decref(entry);
    }
    return r;
}

/* ---- transparency ---- */

/* Written by an older version, say: named, not counted, and the report goes on. */
static void say_skipped(void *arg, uint64_t index, const struct fault *why)
{
    (void)arg;
    cli_say("entry %llu is not counted: %s [%s]", (unsigned long long)index, why->text, why->code);
}

static int write_parts(struct transparency *t, const char *folder)
{
    struct fault why;

    if (folder_make(folder, 0755, &why) != 0) {
        cli_say_fault(&why);
        return CLI_FAILED;
    }
    for (int part = 1; part <= TRANSPARENCY_PARTS; part++) {
        CLEANUP(buf_freep) struct buf *out = buf_new(PART_MAX);
        char path[4096];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, transparency_part_name(part));
        if (!out || transparency_part(t, part, out) != 0) {
            cli_say("out of memory");
            return CLI_FAILED;
        }
        if (file_replace(path, buf_span(out), 0644, &why) != 0) {
            cli_say_fault(&why);
            return CLI_FAILED;
        }
    }
    cli_say("%d parts written to %s", TRANSPARENCY_PARTS, folder);
    return CLI_DONE;
}

static int transparency(struct audit_trail *trail, const struct asked *asked)
{
    char today[CLOCK_TEXT_LEN + 1];
    struct transparency_options options = {.provider = asked->provider, .service = asked->service, .published = today,
                                           .from_ms = asked->from_ms,
                                           .to_ms = asked->to_ms ? asked->to_ms : CLOCK_MAX_MS};
    CLEANUP(transparency_freep) struct transparency *t = NULL;
    json_t *numbers = NULL;
    struct fault why;
    int r;

    clock_text(loop_now_ms(), today);
    today[10] = '\0';
    r = numbers_of_log(&t, trail, &options, NULL, say_skipped, NULL, &why);
    if (r == FAULT) {
        cli_say_fault(&why);
        return CLI_FAILED;
    }
    if (r || transparency_json(&numbers, t) != 0) {
        cli_say("out of memory");
        return CLI_FAILED;
    }
    cli_print_json(numbers);
    return asked->out ? write_parts(t, asked->out) : CLI_DONE;
}

/* ---- statements of reasons ---- */

struct writing {
    const struct asked *asked;
    struct statements *feed;
    json_t *collected;              /* to be sent; NULL: printed */
    size_t written, refused;
};

static bool within(const struct asked *asked, const json_t *entry)
{
    int64_t at_ms = 0;

    (void)clock_read(json_span(json_object_get(entry, "at")), &at_ms);
    return at_ms >= asked->from_ms && (!asked->to_ms || at_ms < asked->to_ms);
}

static int write_statement(void *arg, uint64_t index, json_t *entry, struct fault *why)
{
    struct writing *all = arg;
    struct faults faults = {0};
    json_t *statement = NULL;
    int r;

    (void)why;
    r = statements_take(all->feed, entry, &statement, &faults);
    if (!within(all->asked, entry)) {
        json_decref(statement);
        return r < 0 ? r : 0;
    }
    if (statement && all->collected) {
        all->written++;
        r = json_array_append_new(all->collected, statement) == 0 ? r : -ENOMEM;
    } else if (statement) {
        (void)json_dumpf(statement, stdout, JSON_COMPACT);
        (void)fputc('\n', stdout);
        json_decref(statement);
        all->written++;
    } else if (r == FAULT) {
        cli_say("entry %llu gives no statement:", (unsigned long long)index);
        cli_say_faults(&faults);
        all->refused++;
    }
    return r < 0 ? r : 0;
}

static void say_refused(void *arg, const char *puid, const char *detail)
{
    (void)arg;
    cli_say("%s was refused: %s", puid, detail);
}

static int send_collected(const json_t *statements, const struct asked *asked)
{
    CLEANUP(buf_freep) struct buf *token = buf_new(TOKEN_MAX);
    struct dsa_send_options options = {.endpoint = asked->endpoint, .sent_path = asked->sent, .attempts = SEND_ATTEMPTS,
                                       .first_pause_ms = SEND_PAUSE_MS, .deadline_ms = SEND_DEADLINE_MS,
                                       .refused = say_refused};
    struct dsa_send_result result = {0};
    struct fault why = {.code = "NO_MEMORY", .text = "out of memory"};
    int r = token ? file_read(asked->token_file, token, &why) : -ENOMEM;

    if (r == 0) {
        token->data[strcspn(token->data, "\r\n")] = '\0';
        options.token = token->data;
        r = dsa_send(&result, statements, &options, &why);
    }
    if (r) {
        cli_say_fault(&why);
    }
    cli_say("%llu sent, %llu there before, %llu refused by the receiver", (unsigned long long)result.sent,
            (unsigned long long)result.known, (unsigned long long)result.refused);
    return r == 0 && result.refused == 0 ? CLI_DONE : CLI_FAILED;
}

static int dsa(struct audit_trail *trail, const struct asked *asked)
{
    CLEANUP(statements_freep) struct statements *feed = statements_new();
    json_t *collected = asked->send ? json_array() : NULL;
    struct writing all = {.asked = asked, .feed = feed, .collected = collected};
    struct fault why;
    int r = feed ? walk(trail, write_statement, &all, &why) : -ENOMEM, code;

    if (r == FAULT) {
        cli_say_fault(&why);
    }
    cli_say("%zu statements, %zu refused", all.written, all.refused);
    code = r == 0 && all.refused == 0 ? CLI_DONE : CLI_FAILED;
    if (r == 0 && collected && send_collected(collected, asked) != CLI_DONE) {
        code = CLI_FAILED;
    }
    json_decref(collected);
    return code;
}

/* Where to send and what was sent: options first, then the settings. */
static bool complete_sending(struct asked *asked, const struct settings *settings, char sent[4096])
{
    if (settings) {
        (void)snprintf(sent, 4096, "%s/dsa-sent", settings->state_dir);
        asked->endpoint = asked->endpoint ? asked->endpoint : settings->dsa_endpoint;
        asked->token_file = asked->token_file ? asked->token_file : settings->dsa_token_file;
        asked->sent = asked->sent ? asked->sent : sent;
    }
    if (asked->endpoint && asked->endpoint[0] && asked->token_file && asked->token_file[0] && asked->sent) {
        return true;
    }
    cli_say("--send needs dsa.endpoint and dsa.token_file in the settings, or --endpoint, --token-file and, with --log, --sent");
    return false;
}

static int run(int argc, char **argv)
{
    static const struct option own[] = {
        {"log", required_argument, NULL, OPTION_LOG},           {"from", required_argument, NULL, OPTION_FROM},
        {"to", required_argument, NULL, OPTION_TO},             {"out", required_argument, NULL, OPTION_OUT},
        {"provider", required_argument, NULL, OPTION_PROVIDER}, {"service", required_argument, NULL, OPTION_SERVICE},
        {"send", no_argument, NULL, OPTION_SEND},               {"endpoint", required_argument, NULL, OPTION_ENDPOINT},
        {"token-file", required_argument, NULL, OPTION_TOKEN},  {"sent", required_argument, NULL, OPTION_SENT},
        {0}};
    CLEANUP(settings_unrefp) struct settings *settings = NULL;
    CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
    struct asked asked = {.provider = "", .service = ""};
    struct cli_options options;
    char folder[4096], sent[4096];
    struct fault why;
    const char *action;
    int exit_code, r;

    if (!cli_options(argc, argv, &cli_command_report, own, take, &asked, &options, &exit_code)) {
        return exit_code;
    }
    action = optind < argc ? argv[optind] : "";
    if (strcmp(action, "transparency") != 0 && strcmp(action, "dsa") != 0) {
        return cli_usage(&cli_command_report);
    }
    if (!asked.log) {
        settings = cli_settings(&options, &exit_code);
        if (!settings) {
            return exit_code;
        }
        (void)snprintf(folder, sizeof(folder), "%s/audit", settings->state_dir);
    }
    if (asked.send && !complete_sending(&asked, settings, sent)) {
        return CLI_USAGE;
    }
    r = audit_trail_open(&trail, asked.log ? asked.log : folder, &why);
    if (r) {
        if (r == FAULT) {
            cli_say_fault(&why);
        }
        return CLI_FAILED;
    }
    return strcmp(action, "dsa") == 0 ? dsa(trail, &asked) : transparency(trail, &asked);
}

const struct cli_command cli_command_report = {
    "report", "transparency numbers and statements of reasons, from the log",
    "usage: rapporteur report transparency [--from TIME] [--to TIME] [--out FOLDER] [--provider P] [--service S]\n"
    "       rapporteur report dsa [--from TIME] [--to TIME] [--send [--endpoint URL] [--token-file F] [--sent F]]\n"
    "transparency prints the numbers (TCO art. 7(3), Santa Clara Principles, rights indicators, rates per rule\n"
    "and list) as JSON; --out also writes the eleven CSV parts of the EU templates. dsa prints one statement of\n"
    "reasons a line, checked by the rules of the DSA Transparency Database; orders give none; --send\n"
    "sends them in batches of 100 (settings dsa.endpoint, dsa.token_file) and keeps what was sent, so that none goes\n"
    "twice. Both read the\n"
    "log only (--log FOLDER, else the settings' state folder): whoever has it gets the same.\n"
    "options: --config FILE, --help\n"
    "exit: 0 done, 1 failed or something refused, 2 usage, 78 bad settings\n",
    run};
